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

/* Makes the folder at path[0..length) and every missing one above it (mode 0755), each in a parent that was opened
 * without following a link. The text is changed on the way and put back. */
static int make_dir(const struct mxc_apply *apply, char *path, size_t length, unsigned int mode) {
    size_t slash = length;
    while (slash && path[slash - 1] != '/')
        slash--;
    if (slash == 0 || slash == length)
        return length == 1 && path[0] == '/' ? open_inside(apply, "/", O_DIRECTORY) : -EINVAL;
    path[slash - 1] = 0;
    MXC_AUTO_FD int parent = open_inside(apply, slash > 1 ? path : "/", O_DIRECTORY);
    if (parent == -ENOENT)
        parent = make_dir(apply, path, slash - 1, 0755);
    path[slash - 1] = '/';
    if (parent < 0)
        return mxc_take_fd(&parent);
    if (mkdirat(parent, path + slash, mode) != 0)
        return errno == EEXIST ? open_inside(apply, path, O_DIRECTORY) : -errno;
    int made = openat(parent, path + slash, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return made < 0 ? -errno : made;
}

int mxc_target_dir(const struct mxc_apply *apply, const char *path, unsigned int mode) {
    char copy[PATH_ROOM];
    size_t length = strlen(path);
    if (length >= sizeof copy)
        return -ENAMETOOLONG;
    memcpy(copy, path, length + 1);
    return make_dir(apply, copy, length, mode);
}

/* Opens the folder that `path` is in, making missing ones; *name becomes the last component. */
static int open_parent(const struct mxc_apply *apply, const char *path, const char **name) {
    char folder[PATH_ROOM];
    const char *slash = strrchr(path, '/');
    if (!slash || !slash[1] || (size_t)(slash - path) >= sizeof folder)
        return -EINVAL;
    *name = slash + 1;
    if (slash == path)
        return open_inside(apply, "/", O_DIRECTORY);
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    int parent = open_inside(apply, folder, O_DIRECTORY);
    return parent == -ENOENT ? make_dir(apply, folder, (size_t)(slash - path), 0755) : parent;
}

int mxc_target_file(const struct mxc_apply *apply, const char *path) {
    const char *name;
    MXC_AUTO_FD int parent = open_parent(apply, path, &name);
    if (parent < 0)
        return mxc_take_fd(&parent);
    int made = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
    if (made >= 0)
        return made;
    return errno == EEXIST || errno == EROFS ? open_inside(apply, path, 0) : -errno;
}

int mxc_target_link(const struct mxc_apply *apply, const char *path) {
    struct stat found;
    MXC_AUTO_FD int link = open_inside(apply, path, O_NOFOLLOW);
    if (link < 0)
        return link == -ENOENT || link == -ENOTDIR ? -ESTALE : mxc_take_fd(&link);
    if (fstat(link, &found) != 0)
        return -errno;
    return S_ISLNK(found.st_mode) ? mxc_take_fd(&link) : -ESTALE;
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
