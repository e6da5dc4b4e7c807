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

#define FOLDERS 8 /* that stay open: most paths are in one of a few */

struct folders {
    struct folder {
        const char *path; /* begins with it; NULL: not opened */
        size_t length;
        int fd; /* or -errno */
    } of[FOLDERS];
    unsigned next;
};

static void leave(const struct folder *folder) {
    if (folder->path && folder->fd >= 0)
        close(folder->fd);
}

static int open_folder(const char *path, size_t length) {
    char name[PATH_MAX];
    if (length + 1 > sizeof name)
        return -ENAMETOOLONG;
    memcpy(name, length ? path : "/", length ? length : 1);
    name[length ? length : 1] = 0;
    return mxc_openat2(AT_FDCWD, name, O_PATH | O_DIRECTORY | O_CLOEXEC, MXC_RESOLVE_NO_SYMLINKS);
}

/* The folder of `path`, opened without following any link, and in *name the last name; "." of "/". */
static int folder_of(struct folders *folders, const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (!slash)
        return -EINVAL;
    *name = slash[1] ? slash + 1 : ".";
    for (unsigned i = 0; i < FOLDERS; i++) {
        const struct folder *folder = &folders->of[i];
        if (folder->path && folder->length == length && memcmp(folder->path, path, length) == 0)
            return folder->fd;
    }
    struct folder *folder = &folders->of[folders->next++ % FOLDERS];
    leave(folder);
    *folder = (struct folder){.path = path, .length = length, .fd = open_folder(path, length)};
    return folder->fd;
}

/* A path without links that was missing, in the same way; or there was an empty place that a sandbox held. */
static int still_missing(const struct mxc_path_fact *fact, struct folders *folders) {
    struct stat now;
    const char *name;
    int was = fact->real ? ENOENT : fact->sys_errno, dir = folder_of(folders, fact->path, &name);
    int is = dir < 0 ? dir : fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 ? 0 : -errno;
    if (fact->via_count || is < 0)
        return !fact->via_count && is == -was;
    return was == ENOENT && mxc_probe_is_ghost(dir, name, &now);
}

static int still_link(const struct mxc_link *link, struct folders *folders) {
    char target[PATH_MAX];
    const char *name;
    int dir = folder_of(folders, link->path, &name);
    ssize_t length = dir < 0 ? -1 : readlinkat(dir, name, target, sizeof target);
    return length >= 0 && (size_t)length == strlen(link->target) && memcmp(target, link->target, (size_t)length) == 0;
}

static int still_there(const struct mxc_path_fact *fact, struct folders *folders) {
    struct stat now;
    const char *name;
    int dir = folder_of(folders, fact->real, &name);
    if (dir < 0 || fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0 || mxc_ghost_marked(&now))
        return 0;
    if (now.st_dev != fact->dev || now.st_ino != fact->ino || (now.st_mode & S_IFMT) != fact->type ||
        (now.st_mode & 07777) != fact->mode || now.st_uid != fact->owner ||
        (fact->type == S_IFREG && now.st_nlink != fact->links))
        return 0;
    for (size_t i = 0; i < fact->via_count; i++)
        if (!still_link(&fact->via[i], folders))
            return 0;
    return 1;
}

static int all_still(const struct mxc_host *host, struct folders *folders) {
    for (size_t i = 0; i < host->path_count; i++) {
        const struct mxc_path_fact *fact = &host->paths[i];
        if (!(fact->real && !fact->ghost ? still_there(fact, folders) : still_missing(fact, folders)))
            return 0;
    }
    return 1;
}

int mxc_host_still(const struct mxc_host *host) {
    struct folders folders = {0};
    if (geteuid() != host->uid || getegid() != host->gid)
        return 0;
    int still = all_still(host, &folders);
    for (unsigned i = 0; i < FOLDERS; i++)
        leave(&folders.of[i]);
    return still;
}

int mxc_path_unheld(const struct mxc_path_fact *fact) {
    struct stat now;
    return !fact->ghost && (fact->real || lstat(fact->path, &now) != 0 || !mxc_ghost_marked(&now));
}
