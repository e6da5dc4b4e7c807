/* sys.h: system calls newer than the C libraries that we build with (musl 1.2.3, glibc 2.36) and the constants
 * newer than the kernel headers of Debian 12. Used by the keeper's side; nothing here needs more than syscall(2).
 * Every wrapper returns a value >= 0, or -errno: a vfork child shares errno with its parent, so errno is not used. */
#ifndef MXC_BASE_SYS_H
#define MXC_BASE_SYS_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* linux/mount.h, linux/openat2.h: defined here because they clash with the C library's sys/mount.h. */
#define MXC_OPEN_TREE_CLONE 1u
#define MXC_OPEN_TREE_CLOEXEC 02000000u
#define MXC_MOVE_FROM_EMPTY 0x00000004u
#define MXC_MOVE_TO_EMPTY 0x00000040u
#define MXC_FSOPEN_CLOEXEC 1u
#define MXC_FSMOUNT_CLOEXEC 1u
#define MXC_FSCONFIG_STRING 1u
#define MXC_FSCONFIG_FLAG 0u
#define MXC_FSCONFIG_CREATE 6u
#define MXC_ATTR_RDONLY 0x1u
#define MXC_ATTR_NOSUID 0x2u
#define MXC_ATTR_NODEV 0x4u
#define MXC_ATTR_NOEXEC 0x8u
#define MXC_ATTR_IDMAP 0x100000u
#define MXC_AT_EMPTY 0x1000u
#define MXC_AT_RECURSIVE 0x8000u
#define MXC_RESOLVE_NO_MAGICLINKS 0x02u
#define MXC_RESOLVE_NO_SYMLINKS 0x04u
#define MXC_RESOLVE_BENEATH 0x08u
#define MXC_RESOLVE_IN_ROOT 0x10u

struct mxc_open_how {
    uint64_t flags, mode, resolve;
};

struct mxc_mount_attr {
    uint64_t attr_set, attr_clr, propagation, userns_fd;
};

struct mxc_dirent { /* struct linux_dirent64 of getdents64(2), which has no header */
    uint64_t ino;
    int64_t off;
    unsigned short length;
    unsigned char type;
    char name[];
};

/* Turns libc's -1 and errno into -errno. */
static inline long mxc_sys_result(long value) { return value < 0 ? -(long)errno : value; }
#define mxc_sys(...) mxc_sys_result(syscall(__VA_ARGS__))

/* Of a send: the other side has ended, perhaps with packets of ours unread. It may have said why. */
static inline int mxc_peer_gone(int result) { return result == -EPIPE || result == -ECONNRESET; }

static inline int mxc_openat2(int dir, const char *path, uint64_t flags, uint64_t resolve) {
    struct mxc_open_how how = {.flags = flags, .resolve = resolve};
    long fd = -EAGAIN;
    /* EAGAIN: a rename happened during a scoped walk; a few tries, then it is somebody's race and an error. */
    for (int i = 0; i < 16 && fd == -EAGAIN; i++)
        fd = mxc_sys(SYS_openat2, dir, path, &how, sizeof how);
    return (int)fd;
}

static inline int mxc_open_tree(int dir, const char *path, unsigned int flags) {
    return (int)mxc_sys(SYS_open_tree, dir, path, flags | MXC_OPEN_TREE_CLONE | MXC_OPEN_TREE_CLOEXEC);
}

static inline int mxc_move_mount(int from, int to) {
    return (int)mxc_sys(SYS_move_mount, from, "", to, "", MXC_MOVE_FROM_EMPTY | MXC_MOVE_TO_EMPTY);
}

static inline int mxc_mount_setattr(int dir, const char *path, unsigned int flags, const struct mxc_mount_attr *attr) {
    return (int)mxc_sys(SYS_mount_setattr, dir, path, flags, attr, sizeof *attr);
}

#endif
