/* still.c: whether paths are what they were, with as few calls as can tell: far cheaper than finding it out again, which
 * is done where the answer is no. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ghost.h"
#include "base/sys.h"
#include "probe/internal.h"
#include "probe/probe.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

/* The folder that the path before was in: most paths follow others of the same one. */
struct folder {
    char path[PATH_MAX];
    size_t length;
    int fd; /* or -errno */
};

static void leave(struct folder *folder) {
    if (folder->fd >= 0)
        close(folder->fd);
}

/* The name of `path` in its folder, which is opened without following any link; "." for "/". */
static const char *enter_folder_of(struct folder *folder, const char *path) {
    const char *name = strrchr(path, '/');
    size_t length = name ? (size_t)(name - path) : 0;
    if (!name || length >= sizeof folder->path)
        return NULL;
    if (folder->length == length && folder->path[0] && memcmp(folder->path, path, length ? length : 1) == 0)
        return name[1] ? name + 1 : ".";
    leave(folder);
    memcpy(folder->path, path, length ? length : 1);
    folder->path[length ? length : 1] = 0;
    folder->length = length;
    folder->fd = mxc_openat2(AT_FDCWD, folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC, MXC_RESOLVE_NO_SYMLINKS);
    return name[1] ? name + 1 : ".";
}

/* The facts of the path itself, were it a link; 0 or -errno. */
static int look_in(struct folder *folder, const char *path, const char **name, struct stat *now) {
    *name = enter_folder_of(folder, path);
    if (!*name)
        return -ENAMETOOLONG;
    if (folder->fd < 0)
        return folder->fd;
    return fstatat(folder->fd, *name, now, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 ? 0 : -errno;
}

/* A path without links that was missing, in the same way; or there was an empty place that a sandbox held. */
static int still_missing(const struct mxc_path_fact *fact, struct folder *folder) {
    struct stat now;
    const char *name;
    int was = fact->real ? ENOENT : fact->sys_errno, is = look_in(folder, fact->path, &name, &now);
    if (fact->via_count || is < 0)
        return !fact->via_count && is == -was;
    return was == ENOENT && mxc_probe_is_ghost(folder->fd, name, &now);
}

static int still_link(const struct mxc_link *link, struct folder *folder) {
    char target[PATH_MAX];
    const char *name = enter_folder_of(folder, link->path);
    ssize_t length = !name || folder->fd < 0 ? -1 : readlinkat(folder->fd, name, target, sizeof target);
    return length >= 0 && (size_t)length == strlen(link->target) && memcmp(target, link->target, (size_t)length) == 0;
}

static int still_there(const struct mxc_path_fact *fact, struct folder *folder, struct folder *of_links) {
    struct stat now;
    const char *name;
    if (look_in(folder, fact->real, &name, &now) < 0 || mxc_ghost_marked(&now))
        return 0;
    if (now.st_dev != fact->dev || now.st_ino != fact->ino || (now.st_mode & S_IFMT) != fact->type ||
        (now.st_mode & 07777) != fact->mode || now.st_uid != fact->owner ||
        (fact->type == S_IFREG && now.st_nlink != fact->links))
        return 0;
    for (size_t i = 0; i < fact->via_count; i++)
        if (!still_link(&fact->via[i], of_links))
            return 0;
    return 1;
}

static int all_still(const struct mxc_host *host, struct folder *folder, struct folder *of_links) {
    for (size_t i = 0; i < host->path_count; i++) {
        const struct mxc_path_fact *fact = &host->paths[i];
        if (!(fact->real && !fact->ghost ? still_there(fact, folder, of_links) : still_missing(fact, folder)))
            return 0;
    }
    return 1;
}

int mxc_host_still(const struct mxc_host *host) {
    struct folder folder = {.fd = -1}, of_links = {.fd = -1};
    if (geteuid() != host->uid || getegid() != host->gid)
        return 0;
    int still = all_still(host, &folder, &of_links);
    leave(&folder);
    leave(&of_links);
    return still;
}

int mxc_path_unheld(const struct mxc_path_fact *fact) {
    struct stat now;
    return !fact->ghost && (fact->real || lstat(fact->path, &now) != 0 || !mxc_ghost_marked(&now));
}
