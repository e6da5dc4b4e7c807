/* scratch.c: the private folder of a sandbox that cannot have file systems of its own. Made by the keeper in the
 * host's folder for temporary files, locked while it lives, removed by it at the end with all that is in it: by
 * descriptor, following nothing. Those of keepers that were killed are removed by the next one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "ops/ops.h"

#define PREFIX "mxc-scratch-"
#define NAME_ROOM 64
#define RANDOM_DIGITS 32
#define MAX_DEPTH 256       /* descriptors held on the way down; deeper folders are moved up first */
#define LEFTOVER_SECONDS 60 /* a keeper makes its folder and locks it in far less */
#define MAX_LEFTOVERS 64    /* removed by one start */
#define MAX_TRIES 100000

/* ---- removing ---- */

static int open_as_it_is(int parent, const char *name) {
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The workload may have made a folder that even its owner cannot read or change. */
static int open_folder(int parent, const char *name) {
    struct stat info;
    int fd = open_as_it_is(parent, name);
    if (fd < 0 && errno == EACCES && fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode) &&
        fchmodat(parent, name, 0700, 0) == 0)
        fd = open_as_it_is(parent, name);
    if (fd >= 0)
        (void)fchmod(fd, 0700);
    return fd;
}

/* Empties a folder but for the folders in it; the name of the first of those, or "" when none is left. */
static void empty_of_files(int folder, char first[NAME_MAX + 1]) {
    char entries[4096];
    long got;
    *first = 0;
    lseek(folder, 0, SEEK_SET);
    while ((got = mxc_sys(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            const char *name = entry->name;
            at += entry->length;
            if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || unlinkat(folder, name, 0) == 0)
                continue;
            if (unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno == ENOTEMPTY && !*first)
                memcpy(first, name, strnlen(name, NAME_MAX) + 1);
        }
    }
}

/* A folder that is deeper than the table goes to the top, where a later round finds it. */
static int move_up(int from, const char *name, int top) {
    static uint64_t moved;
    char place[NAME_ROOM];
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        struct mxc_text text = MXC_TEXT(place);
        mxc_text_add(&text, ".deep-");
        mxc_text_add_number(&text, moved++);
        long result = mxc_sys(SYS_renameat2, from, name, top, place, 0);
        if (result == 0)
            return 0;
        if (result != -ENOTEMPTY && result != -EEXIST && result != -ENOTDIR)
            break;
    }
    return -1;
}

/* Depth first without recursion. 0 when the folder is empty. */
static int empty_folder(int top) {
    static int path[MAX_DEPTH];
    static char names[MAX_DEPTH][NAME_MAX + 1];
    unsigned int depth = 0;
    int result = 0;
    path[0] = top;
    while (result == 0) {
        empty_of_files(path[depth], names[depth]);
        if (!*names[depth]) {
            if (depth == 0)
                break;
            close(path[depth--]);
            result = unlinkat(path[depth], names[depth], AT_REMOVEDIR);
        } else if (depth + 1 == MAX_DEPTH) {
            result = move_up(path[depth], names[depth], top);
        } else {
            path[depth + 1] = open_folder(path[depth], names[depth]);
            result = path[depth + 1] < 0 ? -1 : 0;
            depth += result == 0;
        }
    }
    while (depth)
        close(path[depth--]);
    return result;
}

static void remove_folder(int parent, const char *name) {
    MXC_AUTO_FD int folder = open_folder(parent, name);
    if (folder >= 0 && empty_folder(folder) == 0)
        (void)unlinkat(parent, name, AT_REMOVEDIR);
}

void mxc_scratch_remove(struct mxc_apply *apply) {
    if (apply->scratch.parent < 0)
        return;
    remove_folder(apply->scratch.parent, apply->scratch.name);
    mxc_close(&apply->scratch.parent);
    mxc_close(&apply->scratch.lock);
}

/* ---- leftovers ---- */

static int is_leftover(const struct mxc_apply *apply, uint64_t first_uid, int parent, const char *name) {
    struct timespec now;
    struct stat info;
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || strlen(name) != strlen(PREFIX) + RANDOM_DIGITS ||
        fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    clock_gettime(CLOCK_REALTIME, &now);
    int ours = apply->session ? info.st_uid >= first_uid : info.st_uid == apply->host_uid;
    if (!S_ISDIR(info.st_mode) || !ours || now.tv_sec - info.st_mtime < LEFTOVER_SECONDS)
        return 0;
    MXC_AUTO_FD int folder = open_folder(parent, name);
    return folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) == 0; /* its keeper is dead: the lock went with it */
}

static void sweep(const struct mxc_apply *apply, uint64_t first_uid, int parent) {
    MXC_AUTO_FD int folder = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char entries[4096];
    unsigned int found = 0;
    long got;
    while (folder >= 0 && (got = mxc_sys(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got && found < MAX_LEFTOVERS;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            at += entry->length;
            if (!is_leftover(apply, first_uid, parent, entry->name))
                continue;
            remove_folder(parent, entry->name);
            found++;
        }
    }
}

/* ---- making ---- */

static int make_folder(struct mxc_apply *apply, int parent, const char *name) {
    struct stat info;
    if (mkdirat(parent, name, 0700) != 0)
        return -errno;
    MXC_AUTO_FD int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0 || flock(folder, LOCK_EX | LOCK_NB) != 0 || fstat(folder, &info) != 0)
        return -errno;
    if (info.st_uid != geteuid() || (info.st_mode & 0777) != 0700)
        return -EPERM;
    if (apply->session && fchown(folder, apply->host_uid, apply->host_gid) != 0)
        return -errno;
    apply->scratch.lock = mxc_take_fd(&folder);
    return 0;
}

int mxc_op_scratch(struct mxc_apply *apply, const struct mxc_op *op) {
    const char *path = mxc_plan_text_at(apply->plan, op->text);
    const char *name = strrchr(path, '/') + 1;
    char above[4096];
    size_t length = (size_t)(name - 1 - path);
    if (length >= sizeof above || strlen(name) >= NAME_ROOM)
        return -ENAMETOOLONG;
    memcpy(above, length ? path : "/", length ? length : 1);
    above[length ? length : 1] = 0;
    MXC_AUTO_FD int parent = open(above, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (parent < 0)
        return -errno;
    sweep(apply, mxc_plan_find(apply->plan, MXC_OP_IDENTITY)->b, parent);
    int result = make_folder(apply, parent, name);
    if (result == -EEXIST)
        return result; /* somebody else's */
    apply->scratch.name = name;
    apply->scratch.parent = mxc_take_fd(&parent);
    return result;
}
