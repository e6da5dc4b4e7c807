/* modes.c: every way known to leave a setuid or setgid file behind, and plain mode changes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef __O_TMPFILE
#define __O_TMPFILE 020000000
#endif

static void chmod_path(int argc, char **argv) {
    (void)argc;
    line_result(chmod(argv[0], (mode_t)number_of(argv[1])));
}

static int left_with_bits;

static const char *in_folder(const char *folder, const char *name) {
    static char path[4300];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static const char *plain_file(const char *folder, const char *name) {
    const char *path = in_folder(folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    if (fd >= 0)
        close(fd);
    return path;
}

/* What was said, and what is there afterwards: the second one counts. */
static void note(const char *key, long rc, const char *path) {
    struct stat st;
    line_outcome(key, rc);
    if (!lstat(path, &st) && S_ISREG(st.st_mode) && st.st_mode & (S_ISUID | S_ISGID))
        left_with_bits++;
}

static void by_chmod(const char *folder, mode_t bits) {
    mode_t mode = bits | 0755;
    const char *path = plain_file(folder, "by-chmod");
    note("chmod", syscall(SYS_fchmodat, AT_FDCWD, path, mode), path);
#ifdef SYS_chmod
    path = plain_file(folder, "by-old-chmod");
    note("chmod (old call)", syscall(SYS_chmod, path, mode), path);
#endif
    path = plain_file(folder, "by-fchmod");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    note("fchmod", syscall(SYS_fchmod, fd, mode), path);
    close(fd);
    path = plain_file(folder, "by-fchmodat2");
    note("fchmodat2", syscall(SYS_fchmodat2, AT_FDCWD, path, mode, 0), path);
    path = plain_file(folder, "by-high-bits");
    note("chmod (high bits set)", syscall(SYS_fchmodat, AT_FDCWD, path, 0xabcd00000000L | mode), path);
}

static void by_open(const char *folder, mode_t bits) {
    mode_t mode = bits | 0755;
    const char *path = in_folder(folder, "by-openat");
    note("openat", syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, mode), path);
#ifdef SYS_open
    path = in_folder(folder, "by-open");
    note("open", syscall(SYS_open, path, O_CREAT | O_WRONLY, mode), path);
#endif
#ifdef SYS_creat
    path = in_folder(folder, "by-creat");
    note("creat", syscall(SYS_creat, path, mode), path);
#endif
    struct {
        uint64_t flags, mode, resolve;
    } how = {O_CREAT | O_WRONLY, mode, 0};
    path = in_folder(folder, "by-openat2");
    note("openat2", syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)), path);
    path = in_folder(folder, "by-mknodat");
    note("mknodat", syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | mode, 0), path);
    long fd = syscall(SYS_openat, AT_FDCWD, folder, __O_TMPFILE | O_DIRECTORY | O_RDWR, mode);
    char self[64];
    snprintf(self, sizeof(self), "/proc/self/fd/%ld", fd);
    path = in_folder(folder, "by-tmpfile");
    if (fd >= 0)
        (void)!linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
    note("open (O_TMPFILE)", fd, path);
}

static void leave_setuid(int argc, char **argv) {
    mode_t bits = argc > 1 ? (mode_t)number_of(argv[1]) : S_ISUID;
    umask(0);
    line_object("ways");
    by_chmod(argv[0], bits);
    by_open(argv[0], bits);
    line_object_end();
    line_number("left", left_with_bits);
}

static void chmod_setuid(int argc, char **argv) {
    (void)argc;
    line_result(chmod(argv[0], 04755));
}

static void umask_now(int argc, char **argv) {
    char text[8];
    (void)argc;
    (void)argv;
    mode_t mask = umask(022);
    umask(mask);
    snprintf(text, sizeof(text), "%04o", mask);
    line_text("umask", text);
}

const struct probe_act probe_modes[] = {
    {"chmod", "PATH MODE", 2, chmod_path},
    {"chmod-setuid", "PATH", 1, chmod_setuid},
    {"setuid-left-behind", "FOLDER [BITS]", 1, leave_setuid},
    {"umask", "", 0, umask_now},
    {NULL, NULL, 0, NULL},
};
