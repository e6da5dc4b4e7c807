/* ghost.c: places for protected names that do not exist: the keeper makes them on the host (base/ghost.h) while init builds, the builder
 * mounts an empty read-only folder on each, the keeper removes them when nothing inside is alive any more. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/ghost.h"
#include "base/sys.h"
#include "ops/ops.h"

static const char *name_of(const struct mxc_apply *apply, const struct mxc_op *op) {
    return strrchr(mxc_plan_text_at(apply->plan, op->text), '/') + 1;
}

/* The folder that the ghost is made in, which must be the one that the policy's author saw. */
static int open_folder(const struct mxc_apply *apply, const struct mxc_op *op) {
    char path[4096];
    struct stat found;
    const char *whole = mxc_plan_text_at(apply->plan, op->text);
    size_t length = (size_t)(name_of(apply, op) - whole) - 1;
    if (length == 0 || length >= sizeof path)
        return -EINVAL;
    memcpy(path, whole, length);
    path[length] = 0;
    MXC_AUTO_FD int folder = mxc_openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC,
                                         MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    if (folder < 0)
        return folder == -ENOENT || folder == -ELOOP || folder == -ENOTDIR ? -ESTALE : mxc_take_fd(&folder);
    if (fstat(folder, &found) != 0)
        return -errno;
    return found.st_dev == op->b && found.st_ino == op->c ? mxc_take_fd(&folder) : -ESTALE;
}

/* Ghosts of one folder follow each other in the plan and share its descriptor. */
static int folder_for(const struct mxc_apply *apply, const struct mxc_op *op, int *shared) {
    const struct mxc_ghost *last = apply->ghost_count ? &apply->ghosts[apply->ghost_count - 1] : NULL;
    const struct mxc_op *before = last ? &apply->plan->ops[last->op] : NULL;
    *shared = before && before->b == op->b && before->c == op->c;
    return *shared ? last->folder : open_folder(apply, op);
}

int mxc_op_ghost_make(struct mxc_apply *apply, const struct mxc_op *op) {
    int shared = 0;
    if (apply->ghost_count == MXC_MAX_GHOSTS)
        return -E2BIG;
    int folder = folder_for(apply, op, &shared);
    if (folder < 0)
        return folder;
    int fd = mxc_ghost_take(folder, name_of(apply, op));
    if (fd < 0) {
        if (!shared)
            close(folder);
        return fd;
    }
    apply->ghosts[apply->ghost_count++] =
        (struct mxc_ghost){.op = (uint32_t)(op - apply->plan->ops), .folder = folder, .owns_folder = !shared, .fd = fd};
    return 0;
}

int mxc_ghosts_tell(const struct mxc_apply *apply, int builder) {
    static struct mxc_made made[MXC_MAX_GHOSTS];
    struct stat info;
    for (unsigned int i = 0; i < apply->ghost_count; i++) {
        if (fstat(apply->ghosts[i].fd, &info) != 0)
            return -errno;
        made[i] = (struct mxc_made){apply->ghosts[i].op, info.st_dev, info.st_ino};
    }
    if (!apply->ghost_count)
        return 0;
    /* A builder that has given up already has said why. */
    int result = send(builder, made, apply->ghost_count * sizeof *made, MSG_NOSIGNAL) < 0 ? -errno : 0;
    return mxc_peer_gone(result) ? 0 : result;
}

/* Waits for the keeper once, at the first ghost: making them on the host takes as long as a part of the building. */
static int hear_of_ghosts(struct mxc_apply *apply) {
    ssize_t got;
    do
        got = recv(apply->keeper, apply->made, sizeof apply->made, 0);
    while (got < 0 && errno == EINTR);
    if (got <= 0 || (size_t)got % sizeof *apply->made)
        return got < 0 ? -errno : -ECHILD;
    apply->made_count = (unsigned int)((size_t)got / sizeof *apply->made);
    return 0;
}

static const struct mxc_made *find_made(const struct mxc_apply *apply, const struct mxc_op *op) {
    for (unsigned int i = 0; i < apply->made_count; i++)
        if (apply->plan->ops + apply->made[i].op == op)
            return &apply->made[i];
    return NULL;
}

int mxc_op_ghost(struct mxc_apply *apply, const struct mxc_op *op) {
    struct stat shown;
    int result = apply->made_count ? 0 : hear_of_ghosts(apply);
    const struct mxc_made *made = result < 0 ? NULL : find_made(apply, op);
    if (!made)
        return result < 0 ? result : -EINVAL;
    MXC_AUTO_FD int target =
        mxc_openat2(apply->root, mxc_plan_text_at(apply->plan, op->text), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                    MXC_RESOLVE_IN_ROOT | MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    if (target < 0)
        return target == -ENOENT || target == -ENOTDIR ? -ESTALE : mxc_take_fd(&target);
    if (fstat(target, &shown) != 0)
        return -errno;
    if (shown.st_ino != made->ino || shown.st_dev != made->dev)
        return -ESTALE;
    return mxc_cover_with_empty(apply, target);
}

int mxc_ghosts_are_ours(const struct mxc_apply *apply) {
    int ours = 0;
    for (unsigned int i = 0; !apply->ghosts_removed && i < apply->ghost_count; i++)
        ours |= mxc_ghost_is_ours_alone(apply->ghosts[i].fd);
    return ours;
}

void mxc_ghosts_remove(struct mxc_apply *apply) {
    for (unsigned int i = 0; !apply->ghosts_removed && i < apply->ghost_count; i++) {
        const struct mxc_ghost *ghost = &apply->ghosts[i];
        mxc_ghost_drop(ghost->folder, name_of(apply, &apply->plan->ops[ghost->op]), ghost->fd);
    }
    apply->ghosts_removed = 1;
}
