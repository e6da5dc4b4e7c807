/* tree.c: folders, files and links of the new root, and the mount points that other ops need. Every path is
 * resolved inside the new root without following a single symbolic link (openat2), so nothing that a policy
 * grants can redirect a later op. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/sys.h"
#include "ops/ops.h"

#define PATH_ROOM 4096
#define NO_LINKS (MXC_RESOLVE_IN_ROOT | MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS)

static int open_inside(const struct mxc_apply *apply, const char *path, uint64_t flags) {
    return mxc_openat2(apply->root, path, flags | O_PATH | O_CLOEXEC, NO_LINKS);
}

/* Opens the folder that `path` is in, making missing ones; *name becomes the last component. */
static int open_parent(const struct mxc_apply *apply, const char *path, const char **name) {
    char folder[PATH_ROOM];
    const char *slash = strrchr(path, '/');
    if (!slash || !slash[1] || (size_t)(slash - path) >= sizeof folder)
        return -EINVAL;
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    *name = slash + 1;
    return mxc_target_dir(apply, slash == path ? "/" : folder, 0755);
}

/* Makes `path` one component at a time, so that every step is checked by openat2. Missing parents get mode 0755. */
int mxc_target_dir(const struct mxc_apply *apply, const char *path, unsigned int mode) {
    char partial[PATH_ROOM];
    size_t length = strlen(path);
    MXC_AUTO_FD int at = open_inside(apply, path, O_DIRECTORY);
    if (at != -ENOENT)
        return mxc_take_fd(&at);
    if (length >= sizeof partial)
        return -ENAMETOOLONG;
    at = open_inside(apply, "/", O_DIRECTORY);
    for (size_t end = 1; at >= 0 && end <= length; end++) {
        if (path[end] != '/' && path[end] != 0)
            continue;
        memcpy(partial, path, end);
        partial[end] = 0;
        const char *name = strrchr(partial, '/') + 1;
        if (mkdirat(at, name, path[end] ? 0755 : mode) != 0 && errno != EEXIST)
            return -errno;
        mxc_close(&at);
        at = open_inside(apply, partial, O_DIRECTORY);
    }
    return mxc_take_fd(&at);
}

int mxc_target_file(const struct mxc_apply *apply, const char *path) {
    const char *name;
    MXC_AUTO_FD int at = open_inside(apply, path, 0);
    if (at != -ENOENT)
        return mxc_take_fd(&at);
    MXC_AUTO_FD int parent = open_parent(apply, path, &name);
    if (parent < 0)
        return mxc_take_fd(&parent);
    MXC_AUTO_FD int made = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
    if (made < 0)
        return -errno;
    return open_inside(apply, path, 0);
}

int mxc_op_dir(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *path = mxc_plan_text_at(apply->plan, op->text);
    MXC_AUTO_FD int made = mxc_target_dir(apply, path, (unsigned int)op->a);
    return made < 0 ? made : 0;
}

int mxc_op_file(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *name, *path = mxc_plan_text_at(apply->plan, op->text);
    MXC_AUTO_FD int parent = open_parent(apply, path, &name);
    if (parent < 0)
        return mxc_take_fd(&parent);
    MXC_AUTO_FD int file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)op->a);
    if (file < 0)
        return -errno;
    ssize_t done = write(file, apply->plan->blobs + op->blob, op->blob_length);
    return done == (ssize_t)op->blob_length ? 0 : done < 0 ? -errno : -ENOSPC;
}

int mxc_op_symlink(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *name, *path = mxc_plan_text_at(apply->plan, op->text);
    MXC_AUTO_FD int parent = open_parent(apply, path, &name);
    if (parent < 0)
        return mxc_take_fd(&parent);
    if (symlinkat(mxc_plan_text_at(apply->plan, op->text2), parent, name) != 0)
        return errno == EEXIST ? 0 : -errno;
    return 0;
}
