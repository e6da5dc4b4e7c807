/* still.c: whether paths are what they were, with as few calls as can tell: far cheaper than finding it out again, which
 * is done where the answer is no. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/ghost.h"
#include "base/sys.h"
#include "probe/internal.h"
#include "probe/probe.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

static int open_exactly(const char *path, uint64_t more) {
    struct mxc_open_how how = {.flags = O_PATH | O_CLOEXEC | more, .resolve = MXC_RESOLVE_NO_SYMLINKS};
    return (int)mxc_sys(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* A path without links that was missing, in the same way; or there was an empty place that a sandbox held. */
static int still_missing(const struct mxc_path_fact *fact) {
    struct stat now;
    int was = fact->real ? ENOENT : fact->sys_errno;
    MXC_AUTO_FD int fd = open_exactly(fact->path, 0);
    if (fd >= 0)
        return fact->via_count == 0 && was == ENOENT && fstat(fd, &now) == 0 && mxc_probe_is_ghost(fd, &now);
    return fact->via_count == 0 && fd == -was;
}

static int still_link(const struct mxc_link *link) {
    char target[PATH_MAX];
    MXC_AUTO_FD int fd = open_exactly(link->path, O_NOFOLLOW);
    ssize_t length = fd < 0 ? -1 : readlinkat(fd, "", target, sizeof target);
    return length >= 0 && (size_t)length == strlen(link->target) && memcmp(target, link->target, (size_t)length) == 0;
}

static int still_there(const struct mxc_path_fact *fact) {
    struct stat now;
    MXC_AUTO_FD int fd = open_exactly(fact->real, 0);
    if (fd < 0 || fstat(fd, &now) != 0 || mxc_ghost_marked(&now))
        return 0;
    if (now.st_dev != fact->dev || now.st_ino != fact->ino || (now.st_mode & S_IFMT) != fact->type ||
        (now.st_mode & 07777) != fact->mode || now.st_uid != fact->owner ||
        (fact->type == S_IFREG && now.st_nlink != fact->links))
        return 0;
    for (size_t i = 0; i < fact->via_count; i++)
        if (!still_link(&fact->via[i]))
            return 0;
    return 1;
}

int mxc_host_still(const struct mxc_host *host) {
    if (geteuid() != host->uid || getegid() != host->gid)
        return 0;
    for (size_t i = 0; i < host->path_count; i++) {
        const struct mxc_path_fact *fact = &host->paths[i];
        if (!(fact->real && !fact->ghost ? still_there(fact) : still_missing(fact)))
            return 0;
    }
    return 1;
}

int mxc_path_unheld(const struct mxc_path_fact *fact) {
    struct stat now;
    return !fact->ghost && (fact->real || lstat(fact->path, &now) != 0 || !mxc_ghost_marked(&now));
}
