/* mount.c: file systems made for the sandbox: root, private tmpfs, proc, devpts, device nodes, masks, pivot.
 * Everything is configured while detached (fsopen, fsmount, open_tree), so there is no moment at which a mount is
 * visible with weaker flags. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "ops/ops.h"

#define MASK_FOLDER "/.mask"
#define MASK_ATTRIBUTES (MXC_ATTR_RDONLY | MXC_ATTR_NOSUID | MXC_ATTR_NODEV | MXC_ATTR_NOEXEC)
#define EMPTY_BYTES 4096
#define EMPTY_INODES 2

static int set_number(int fs, const char *key, uint64_t value, int octal) {
    char digits[24];
    struct mxc_text text = MXC_TEXT(digits);
    if (octal) {
        char mode[5] = {(char)('0' + (value >> 9 & 7)), (char)('0' + (value >> 6 & 7)), (char)('0' + (value >> 3 & 7)),
                        (char)('0' + (value & 7)), 0};
        mxc_text_add(&text, mode);
    } else {
        mxc_text_add_number(&text, value);
    }
    return (int)mxc_sys(SYS_fsconfig, fs, MXC_FSCONFIG_STRING, key, digits, 0);
}

static int finish_fs(int fs, unsigned int attributes) {
    int result = (int)mxc_sys(SYS_fsconfig, fs, MXC_FSCONFIG_CREATE, NULL, NULL, 0);
    return result < 0 ? result : (int)mxc_sys(SYS_fsmount, fs, MXC_FSMOUNT_CLOEXEC, attributes);
}

static int new_tmpfs(uint64_t bytes, uint64_t inodes, uint64_t mode, unsigned int attributes) {
    MXC_AUTO_FD int fs = (int)mxc_sys(SYS_fsopen, "tmpfs", MXC_FSOPEN_CLOEXEC);
    if (fs < 0)
        return mxc_take_fd(&fs);
    int result = set_number(fs, "size", bytes, 0);
    if (result == 0)
        result = set_number(fs, "nr_inodes", inodes, 0);
    if (result == 0)
        result = set_number(fs, "mode", mode, 1);
    return result < 0 ? result : finish_fs(fs, attributes);
}

static int attach_dir(struct mxc_apply *apply, int mount, const char *path) {
    MXC_AUTO_FD int target = mxc_target_dir(apply, path, 0755);
    return target < 0 ? target : mxc_move_mount(mount, target);
}

int mxc_op_root(struct mxc_apply *apply, const struct mxc_op *op) {
    apply->root = new_tmpfs(op->a, op->b, 0755, MXC_ATTR_NOSUID | MXC_ATTR_NODEV);
    if (apply->root < 0)
        return apply->root;
    /* Attached on top of "/": lookups of host paths start below it and do not see it, unlike on any other folder. */
    MXC_AUTO_FD int here = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return here < 0 ? -errno : mxc_move_mount(apply->root, here);
}

int mxc_op_tmpfs(struct mxc_apply *apply, const struct mxc_op *op) {
    unsigned int attributes = MXC_ATTR_NOSUID | MXC_ATTR_NODEV;
    if (op->d & MXC_BIND_NOEXEC)
        attributes |= MXC_ATTR_NOEXEC;
    MXC_AUTO_FD int mount = new_tmpfs(op->a, op->b, op->c, attributes);
    return mount < 0 ? mount : attach_dir(apply, mount, mxc_plan_text_at(apply->plan, op->text));
}

int mxc_op_devpts(struct mxc_apply *apply, const struct mxc_op *op) {
    MXC_AUTO_FD int fs = (int)mxc_sys(SYS_fsopen, "devpts", MXC_FSOPEN_CLOEXEC);
    if (fs < 0)
        return mxc_take_fd(&fs);
    int result = (int)mxc_sys(SYS_fsconfig, fs, MXC_FSCONFIG_FLAG, "newinstance", NULL, 0);
    if (result == 0)
        result = set_number(fs, "ptmxmode", 0666, 1);
    if (result == 0)
        result = set_number(fs, "mode", 0620, 1);
    MXC_AUTO_FD int mount = result < 0 ? result : finish_fs(fs, MXC_ATTR_NOSUID | MXC_ATTR_NOEXEC);
    return mount < 0 ? mount : attach_dir(apply, mount, mxc_plan_text_at(apply->plan, op->text));
}

int mxc_op_proc(struct mxc_apply *apply, const struct mxc_op *op) {
    MXC_AUTO_FD int fs = (int)mxc_sys(SYS_fsopen, "proc", MXC_FSOPEN_CLOEXEC);
    if (fs < 0)
        return mxc_take_fd(&fs);
    MXC_AUTO_FD int mount = finish_fs(fs, MXC_ATTR_NOSUID | MXC_ATTR_NODEV | MXC_ATTR_NOEXEC);
    int result = mount < 0 ? mount : attach_dir(apply, mount, mxc_plan_text_at(apply->plan, op->text));
    if (result < 0)
        return result;
    /* The visible one becomes read-only at PIVOT; LOCK still has to write its maps, through this copy. */
    apply->proc = mxc_open_tree(mount, "", MXC_AT_EMPTY);
    return apply->proc < 0 ? apply->proc : 0;
}

int mxc_op_device(struct mxc_apply *apply, const struct mxc_op *op) {
    struct stat found;
    MXC_AUTO_FD int source = open(mxc_plan_text_at(apply->plan, op->text2), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0 || fstat(source, &found) != 0)
        return -errno;
    if (!S_ISCHR(found.st_mode) || found.st_rdev != makedev((unsigned int)op->a, (unsigned int)op->b))
        return -ENODEV;
    MXC_AUTO_FD int tree = mxc_open_tree(source, "", MXC_AT_EMPTY);
    if (tree < 0)
        return mxc_take_fd(&tree);
    struct mxc_mount_attr attr = {.attr_set = MXC_ATTR_NOSUID | MXC_ATTR_NOEXEC};
    int result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY, &attr);
    if (result < 0)
        return result;
    MXC_AUTO_FD int target = mxc_target_file(apply, mxc_plan_text_at(apply->plan, op->text));
    return target < 0 ? target : mxc_move_mount(tree, target);
}

/* One unreadable folder and one unreadable file in the root tmpfs are the source of all masks; their names are
 * removed at PIVOT, the mounts stay. */
static int make_mask_sources(struct mxc_apply *apply) {
    apply->mask_dir = mxc_target_dir(apply, MASK_FOLDER, 0700);
    if (apply->mask_dir < 0)
        return apply->mask_dir;
    if (mkdirat(apply->mask_dir, "dir", 0) != 0)
        return -errno;
    MXC_AUTO_FD int file = openat(apply->mask_dir, "file", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    return file < 0 ? -errno : 0;
}

/* What covers ghosts is a file system of its own, because in a folder whose name was removed making a file fails with
 * ENOENT instead of EROFS. It stands on the first ghost and is cloned for the others: a place of its own would have to be
 * unmounted, which waits for all processors (60 us). */
int mxc_cover_with_empty(struct mxc_apply *apply, int target) {
    if (apply->empty < 0) {
        apply->empty = new_tmpfs(EMPTY_BYTES, EMPTY_INODES, 0555, MASK_ATTRIBUTES);
        return apply->empty < 0 ? apply->empty : mxc_move_mount(apply->empty, target);
    }
    MXC_AUTO_FD int tree = mxc_open_tree(apply->empty, "", MXC_AT_EMPTY);
    return tree < 0 ? mxc_take_fd(&tree) : mxc_move_mount(tree, target);
}

static int cover_with(struct mxc_apply *apply, const char *source, int target) {
    const struct mxc_mount_attr attr = {.attr_set = MASK_ATTRIBUTES};
    int result = apply->mask_dir < 0 ? make_mask_sources(apply) : 0;
    if (result < 0)
        return result;
    MXC_AUTO_FD int tree = mxc_open_tree(apply->mask_dir, source, 0);
    if (tree < 0)
        return mxc_take_fd(&tree);
    result = mxc_mount_setattr(tree, "", MXC_AT_EMPTY, &attr);
    return result < 0 ? result : mxc_move_mount(tree, target);
}

int mxc_op_mask(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *path = mxc_plan_text_at(apply->plan, op->text);
    int is_dir = (op->a & S_IFMT) == S_IFDIR;
    MXC_AUTO_FD int target = mxc_openat2(apply->root, path, O_PATH | O_CLOEXEC | O_NOFOLLOW,
                                         MXC_RESOLVE_IN_ROOT | MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    struct stat found;
    if (target < 0)
        return target == -ENOENT && op->b ? 0 : target;
    if (fstat(target, &found) != 0)
        return -errno;
    if (!op->b && !S_ISLNK(found.st_mode) != (op->a != S_IFLNK)) /* only a mask that is for a link covers one */
        return -ESTALE;
    if (!S_ISDIR(found.st_mode) != !is_dir) {
        if (!op->b) /* optional masks are of /proc entries, which differ in kind between kernels */
            return -ESTALE;
        is_dir = S_ISDIR(found.st_mode);
    }
    return cover_with(apply, is_dir ? "dir" : "file", target);
}

static void forget_mask_sources(struct mxc_apply *apply) {
    mxc_close(&apply->empty);
    if (apply->mask_dir < 0)
        return;
    unlinkat(apply->mask_dir, "dir", AT_REMOVEDIR);
    unlinkat(apply->mask_dir, "file", 0);
    mxc_close(&apply->mask_dir);
    unlinkat(apply->root, &MASK_FOLDER[1], AT_REMOVEDIR);
}

/* A read-only tmpfs holds mount points of later ops, so it is closed only now, when all of them stand. */
static int close_tmpfs(const struct mxc_apply *apply, const struct mxc_mount_attr *readonly) {
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < apply->plan->op_count; i++) {
        const struct mxc_op *op = &apply->plan->ops[i];
        if (op->kind != MXC_OP_TMPFS || !(op->d & MXC_BIND_READONLY))
            continue;
        MXC_AUTO_FD int mount =
            mxc_openat2(AT_FDCWD, mxc_plan_text_at(apply->plan, op->text), O_PATH | O_DIRECTORY | O_CLOEXEC,
                        MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
        result = mount < 0 ? mount : mxc_mount_setattr(mount, "", MXC_AT_EMPTY, readonly);
    }
    return result;
}

int mxc_op_pivot(struct mxc_apply *apply, const struct mxc_op *op) {
    struct mxc_mount_attr readonly = {.attr_set = MXC_ATTR_RDONLY};
    char here[8];
    (void)op;
    forget_mask_sources(apply);
    if (fchdir(apply->root) != 0)
        return -errno;
    /* Old root stacked on the new one, then taken away: no folder for it is needed (pivot_root(2), "NOTES"). */
    int result = (int)mxc_sys(SYS_pivot_root, ".", ".");
    if (result < 0)
        return result;
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        return -errno;
    result = (int)mxc_sys(SYS_getcwd, here, sizeof here);
    if (result < 0 || here[0] != '/') /* "(unreachable)": we are not where we think (CVE-2024-21626) */
        return result < 0 ? result : -ENOTDIR;
    result = close_tmpfs(apply, &readonly);
    if (result == 0)
        result = mxc_mount_setattr(AT_FDCWD, "/proc", 0, &readonly);
    return result < 0 ? result : mxc_mount_setattr(AT_FDCWD, "/", 0, &readonly);
}
