/* scan.c: a bounded walk over a tree of folders, breadth first, so that what is cut off is the deepest. The tree may
 * hold whatever a workload has put there, also while it is read: everything is opened below the root by descriptor,
 * nothing is followed, and the bounds hold whatever it looks like. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/sys.h"
#include "probe/internal.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int push(struct mxc_scan *scan, const struct mxc_scan_folder *parent, const char *name) {
    char path[PATH_MAX];
    if (parent->depth + 1 > MXC_TREE_DEPTH ||
        (size_t)snprintf(path, sizeof path, "%s/%s", parent->path, name) >= sizeof path) {
        scan->cut = scan->cut ? scan->cut : MXC_CUT_DEPTH;
        return 0;
    }
    if (mxc_reserve(&scan->queue, &scan->capacity, scan->count + 1, sizeof *scan->queue) < 0)
        return -1;
    char *copy = mxc_strdup(path);
    if (!copy)
        return -1;
    scan->queue[scan->count++] = (struct mxc_scan_folder){.path = copy, .depth = parent->depth + 1};
    return 0;
}

static uint32_t type_of(int fd, const struct mxc_dirent *entry) {
    struct stat info;
    if (entry->type) /* DT_* are the upper bits of S_IF*; 0 is unknown */
        return (uint32_t)entry->type << 12;
    return fstatat(fd, entry->name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? info.st_mode & S_IFMT : 0;
}

static int read_entry(struct mxc_scan *scan, const struct mxc_scan_folder *folder, int fd,
                      const struct mxc_dirent *entry) {
    if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
        return 0;
    uint32_t type = type_of(fd, entry);
    scan->entries++;
    if (scan->entry(scan, folder, fd, entry->name, type))
        return -1;
    return type == S_IFDIR ? push(scan, folder, entry->name) : 0;
}

static int read_folder(struct mxc_scan *scan, const struct mxc_scan_folder *folder) {
    _Alignas(8) char entries[16384];
    size_t first = scan->count;
    long got;
    MXC_AUTO_FD int fd =
        mxc_openat2(scan->root, folder->path[0] ? folder->path + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                    MXC_RESOLVE_BENEATH | MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    while (fd >= 0 && (got = mxc_sys(SYS_getdents64, fd, entries, sizeof entries)) > 0)
        for (long at = 0; at < got;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            at += entry->length;
            if (scan->entries >= MXC_TREE_ENTRIES) {
                scan->cut = MXC_CUT_ENTRIES;
                scan->whole = folder->depth;
                return 0;
            }
            if (read_entry(scan, folder, fd, entry))
                return -1;
        }
    return fd >= 0 && scan->done ? scan->done(scan, folder, fd, first) : 0;
}

static int run(struct mxc_scan *scan) {
    uint64_t deadline = now_ms() + MXC_TREE_MS;
    scan->whole = MXC_TREE_DEPTH + 1;
    while (scan->next < scan->count && scan->whole > MXC_TREE_DEPTH) {
        struct mxc_scan_folder folder = scan->queue[scan->next++]; /* a copy: the queue grows */
        if (!folder.path)
            continue;
        if (now_ms() > deadline) {
            scan->cut = MXC_CUT_TIME;
            scan->whole = folder.depth;
        } else if (read_folder(scan, &folder)) {
            return -1;
        }
    }
    return 0;
}

int mxc_scan_run(struct mxc_scan *scan, const char *folder) {
    int result = -1;
    MXC_AUTO_FD int root = mxc_openat2(AT_FDCWD, folder, O_PATH | O_DIRECTORY | O_CLOEXEC,
                                       MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    if (root < 0)
        return 0;
    scan->root = root;
    if (mxc_reserve(&scan->queue, &scan->capacity, 64, sizeof *scan->queue) == 0 &&
        (scan->queue[0].path = mxc_strdup("")) != NULL) {
        scan->queue[0].depth = 0;
        scan->count = 1;
        result = run(scan);
    }
    for (size_t i = 0; i < scan->count; i++)
        mxc_free(scan->queue[i].path);
    mxc_free(scan->queue);
    return result;
}
