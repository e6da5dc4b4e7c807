/* ghost.c: see ghost.h. Freestanding but for the C library's wrappers: part of the keeper. Whoever joins checks after
 * locking that the name still leads to the folder that it has locked, because another one may just be removing it. */
#define _GNU_SOURCE
#include "base/ghost.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "base/fd.h"

#define TRIES 50
#define PAUSE_NS 200000

static int open_ghost(int parent, const char *name) {
    struct stat info;
    MXC_AUTO_FD int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOTDIR || errno == ELOOP ? -ESTALE : -errno;
    if (fstat(fd, &info) != 0)
        return -errno;
    return mxc_ghost_marked(&info) ? mxc_take_fd(&fd) : -ESTALE;
}

static int is_still(int parent, const char *name, int fd) {
    struct stat named, held;
    return fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && fstat(fd, &held) == 0 &&
           named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

/* 1 unless another one holds a lock against it; a file system without locks has none. */
static int lock(int fd, int kind) { return flock(fd, kind | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

int mxc_ghost_take(int parent, const char *name) {
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    for (int i = 0; i < TRIES; i++) {
        int made = mkdirat(parent, name, MXC_GHOST_MODE) == 0;
        if (!made && errno != EEXIST)
            return -errno;
        MXC_AUTO_FD int fd = open_ghost(parent, name);
        if (fd == -ENOENT) /* removed in between */
            continue;
        if (fd < 0 && made) /* no descriptor left, for instance: nobody else would remove it */
            (void)unlinkat(parent, name, AT_REMOVEDIR);
        if (fd < 0)
            return mxc_take_fd(&fd);
        if (lock(fd, LOCK_SH) && is_still(parent, name, fd))
            return mxc_take_fd(&fd);
        nanosleep(&pause, NULL);
    }
    return -EAGAIN;
}

int mxc_ghost_is_ours_alone(int fd) {
    if (!lock(fd, LOCK_EX)) /* the kernel takes the shared one away before it looks */
        return 0;
    (void)lock(fd, LOCK_SH); /* others may join until it is removed */
    return 1;
}

void mxc_ghost_drop(int parent, const char *name, int fd) {
    struct stat info;
    if (lock(fd, LOCK_EX) && is_still(parent, name, fd) && unlinkat(parent, name, AT_REMOVEDIR) != 0 &&
        (errno == ENOTEMPTY || errno == EEXIST) && fstat(fd, &info) == 0)
        (void)fchmod(fd, info.st_mode & 0777);
    (void)flock(fd, LOCK_UN);
}

int mxc_ghost_sweep(int parent, const char *name) {
    MXC_AUTO_FD int fd = open_ghost(parent, name);
    if (fd < 0)
        return 0;
    mxc_ghost_drop(parent, name, fd);
    return is_still(parent, name, fd);
}
