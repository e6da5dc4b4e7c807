/* memfd.c: see memfd.h. */
#include "client/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"

/* Linux 6.3; without them a host with vm.memfd_noexec set refuses the file or its execution. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#define MFD_EXEC 0x0010u
#endif

#define SEALED (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define SIZED (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)

static int memfd_new(const char *name, int executable) {
    unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    int fd = memfd_create(name, flags | (executable ? MFD_EXEC : MFD_NOEXEC_SEAL));
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create(name, flags);
    return fd < 0 ? -errno : fd;
}

static int write_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        data += written;
        length -= (size_t)written;
    }
    return 0;
}

int mxc_memfd_sealed(const char *name, const void *data, size_t length, int executable) {
    MXC_AUTO_FD int fd = memfd_new(name, executable);
    if (fd < 0)
        return fd;
    int failed = write_all(fd, data, length);
    if (failed)
        return failed;
    /* input is read through this very descriptor when it cannot be opened again */
    if (lseek(fd, 0, SEEK_SET) < 0 || fcntl(fd, F_ADD_SEALS, SEALED) != 0)
        return -errno;
    return mxc_take_fd(&fd);
}

int mxc_memfd_growing(const char *name, int *read_only) {
    MXC_AUTO_FD int fd = memfd_new(name, 0);
    if (fd < 0)
        return fd;
    *read_only = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (*read_only < 0)
        return -errno;
    *read_only = mxc_memfd_read_only(*read_only);
    return mxc_take_fd(&fd);
}

int mxc_memfd_fill(int fd, const void *data, size_t length, int seal) {
    int failed = write_all(fd, data, length);
    if (failed || !seal)
        return failed;
    return lseek(fd, 0, SEEK_SET) < 0 || fcntl(fd, F_ADD_SEALS, SEALED) != 0 ? -errno : 0;
}

int mxc_memfd_sized(const char *name, size_t length) {
    MXC_AUTO_FD int fd = memfd_new(name, 0);
    if (fd < 0)
        return fd;
    if (ftruncate(fd, (off_t)length) != 0 || fcntl(fd, F_ADD_SEALS, SIZED) != 0)
        return -errno;
    return mxc_take_fd(&fd);
}

int mxc_memfd_read_only(int fd) {
    MXC_AUTO_FD int owned = fd;
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY | O_CLOEXEC);
    /* no /proc here: the seals alone keep the content from being changed */
    return again >= 0 ? again : mxc_take_fd(&owned);
}

int mxc_fd_above_stdio(int fd) {
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int failed = errno;
    close(fd);
    return moved < 0 ? -failed : moved;
}
