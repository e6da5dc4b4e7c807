/* scan.c: a bounded walk over a tree of folders, breadth first, so that what is cut off is the deepest. The tree may
 * hold whatever a workload has put there, also while it is read: everything is opened below the root by descriptor,
 * nothing is followed, and the bounds hold whatever it looks like. Reading a folder is what costs (17 us for 100 names
 * on ext4, and 2 us for looking two names up), so it is not done where the folder itself tells what is in it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/sys.h"
#include "probe/internal.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif
#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif
#define OLD_SECONDS 2 /* some file systems keep whole seconds */
#define NAMES_AHEAD 16

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- what a folder tells about what is in it --------------------------------------------------------------------- */

/* Only of file systems that are known, and of the root's own: others count and date as they like. */
static void know_file_system(struct mxc_scan *scan) {
    struct statfs fs;
    struct stat info;
    struct timespec now;
    if (fstatfs(scan->root, &fs) != 0 || fstat(scan->root, &info) != 0)
        return;
    const unsigned long type = (unsigned long)fs.f_type;
    scan->dev = info.st_dev;
    scan->counts = type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC || type == TMPFS_MAGIC;
    scan->dates = scan->counts || type == BTRFS_SUPER_MAGIC;
    clock_gettime(CLOCK_REALTIME_COARSE, &now); /* the clock that st_ctim is taken from */
    scan->began = now.tv_sec;
}

/* 1 when there is no folder in it: each has a link "..". (More than the file system can count are 1, not 2.) */
static int links_tell(const struct mxc_scan *scan, const struct stat *info) {
    return scan->counts && info->st_dev == scan->dev && info->st_nlink == 2;
}

/* 1 when whatever is changed in it from now on shows in st_ctim, which nobody can set, root's programs neither. */
static int dates_tell(const struct mxc_scan *scan, const struct stat *info) {
    return scan->dates && info->st_dev == scan->dev && info->st_ctim.tv_sec + OLD_SECONDS <= scan->began;
}

/* ---- the queue --------------------------------------------------------------------------------------------------- */

static int push(struct mxc_scan *scan, size_t above, const char *name, size_t was) {
    const struct mxc_scan_folder *parent = &scan->queue[above];
    const unsigned depth = parent->depth + 1;
    char path[PATH_MAX];
    if (depth > MXC_TREE_DEPTH || (size_t)snprintf(path, sizeof path, "%s/%s", parent->path, name) >= sizeof path) {
        scan->cut = scan->cut ? scan->cut : MXC_CUT_DEPTH;
        return 0;
    }
    if (mxc_reserve(&scan->queue, &scan->capacity, scan->count + 1, sizeof *scan->queue) < 0)
        return -1;
    char *copy = mxc_strdup(path);
    if (!copy)
        return -1;
    scan->queue[scan->count++] = (struct mxc_scan_folder){.path = copy, .depth = depth, .parent = above, .was = was};
    return 0;
}

/* The earlier walk's index + 1 of the folder of this name. They are listed in the same order but for what came and
 * went, so it is near the last one that was found; who is not found is read again. */
static size_t find_was(const struct mxc_scan *scan, const struct mxc_scan_folder *folder, size_t *near,
                       const char *name) {
    const struct mxc_scan_folder *was = folder->was ? &scan->was[folder->was - 1] : NULL;
    for (size_t i = 0; was && i < NAMES_AHEAD && i < was->count; i++) {
        size_t at = was->first + (*near + i) % was->count;
        if (scan->was[at].path && strcmp(strrchr(scan->was[at].path, '/') + 1, name) == 0) {
            *near = (*near + i + 1) % was->count;
            return at + 1;
        }
    }
    return 0;
}

/* ---- one folder -------------------------------------------------------------------------------------------------- */

static uint32_t type_of(int fd, const struct mxc_dirent *entry) {
    struct stat info;
    if (entry->type) /* DT_* are the upper bits of S_IF*; 0 is unknown */
        return (uint32_t)entry->type << 12;
    return fstatat(fd, entry->name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? info.st_mode & S_IFMT : 0;
}

static int read_entry(struct mxc_scan *scan, size_t index, int fd, size_t *near, const struct mxc_dirent *entry) {
    const struct mxc_scan_folder folder = scan->queue[index]; /* a copy: the queue grows */
    if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
        return 0;
    uint32_t type = type_of(fd, entry);
    scan->entries++;
    if (scan->entry(scan, &folder, fd, entry->name, type))
        return -1;
    return type == S_IFDIR ? push(scan, index, entry->name, find_was(scan, &folder, near, entry->name)) : 0;
}

/* 1 when it was read to its end. */
static int read_entries(struct mxc_scan *scan, size_t index, int fd) {
    _Alignas(8) char entries[16384];
    size_t near = 0;
    long got;
    while ((got = mxc_sys(SYS_getdents64, fd, entries, sizeof entries)) > 0)
        for (long at = 0; at < got;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            at += entry->length;
            if (scan->entries >= MXC_TREE_ENTRIES) {
                scan->cut = MXC_CUT_ENTRIES;
                scan->whole = scan->queue[index].depth;
                return 0;
            }
            if (read_entry(scan, index, fd, &near, entry))
                return -1;
        }
    return got == 0;
}

static int has_names(const struct mxc_scan *scan, int fd) {
    struct stat info;
    for (const char *const *name = scan->names; *name; name++)
        if (fstatat(fd, *name, &info, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
            return 1;
    return 0;
}

static void remember(struct mxc_scan *scan, size_t index, const struct stat *info, size_t first, unsigned entries) {
    struct mxc_scan_folder *folder = &scan->queue[index];
    folder->first = first;
    folder->count = scan->count - first;
    folder->entries = scan->entries - entries;
    folder->plain = !scan->noted && !scan->cut && dates_tell(scan, info);
    folder->dev = info->st_dev;
    folder->ino = info->st_ino;
    folder->changed = info->st_ctim;
}

static const uint64_t within = MXC_RESOLVE_BENEATH | MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS;

/* The folder above it, opened once for all that are in it. */
static int open_above(struct mxc_scan *scan, const struct mxc_scan_folder *folder) {
    const char *path = scan->queue[folder->parent].path;
    if (scan->above >= 0 && scan->above_index == folder->parent)
        return scan->above;
    mxc_close(&scan->above);
    scan->above = mxc_openat2(scan->root, path[0] ? path + 1 : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, within);
    scan->above_index = folder->parent;
    return scan->above;
}

static int open_folder(struct mxc_scan *scan, size_t index) {
    const struct mxc_scan_folder *folder = &scan->queue[index];
    return mxc_openat2(scan->root, folder->depth ? folder->path + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, within);
}

static int read_folder(struct mxc_scan *scan, size_t index) {
    const struct mxc_scan_folder folder = scan->queue[index]; /* copies: the queue grows */
    const unsigned entries = scan->entries;
    const size_t first = scan->count;
    struct stat info;
    MXC_AUTO_FD int fd = open_folder(scan, index);
    if (fd < 0 || fstat(fd, &info) != 0)
        return 0;
    scan->noted = 0;
    if (scan->names && scan->entries + MXC_TREE_LEAF <= MXC_TREE_ENTRIES && links_tell(scan, &info) &&
        !has_names(scan, fd)) {
        scan->entries += MXC_TREE_LEAF;
        remember(scan, index, &info, first, entries);
        return 0;
    }
    int whole = read_entries(scan, index, fd);
    if (whole < 0 || (scan->whole > MXC_TREE_DEPTH && scan->done && scan->done(scan, &folder, fd, first)))
        return -1;
    if (whole)
        remember(scan, index, &info, first, entries);
    return 0;
}

/* 1 when it is the folder that the earlier walk read, and nothing has come into it or gone. */
static int is_as_it_was(struct mxc_scan *scan, size_t index, const struct mxc_scan_folder *was) {
    struct stat info;
    if (!was->plain || scan->entries + was->entries > MXC_TREE_ENTRIES)
        return 0;
    const struct mxc_scan_folder *folder = &scan->queue[index];
    int above = open_above(scan, folder);
    return above >= 0 &&
           fstatat(above, folder->depth ? strrchr(folder->path, '/') + 1 : ".", &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           info.st_dev == was->dev && info.st_ino == was->ino && info.st_ctim.tv_sec == was->changed.tv_sec &&
           info.st_ctim.tv_nsec == was->changed.tv_nsec;
}

static int take_over(struct mxc_scan *scan, size_t index, const struct mxc_scan_folder *was) {
    const size_t first = scan->count;
    for (size_t i = was->first; i < was->first + was->count; i++)
        if (scan->was[i].path && push(scan, index, strrchr(scan->was[i].path, '/') + 1, i + 1))
            return -1;
    struct mxc_scan_folder *folder = &scan->queue[index];
    scan->entries += was->entries;
    folder->plain = 1;
    folder->entries = was->entries;
    folder->first = first;
    folder->count = scan->count - first;
    folder->dev = was->dev;
    folder->ino = was->ino;
    folder->changed = was->changed;
    return 0;
}

static int look_at(struct mxc_scan *scan, size_t index) {
    const size_t at = scan->queue[index].was;
    const struct mxc_scan_folder *was = at ? &scan->was[at - 1] : NULL;
    return was && is_as_it_was(scan, index, was) ? take_over(scan, index, was) : read_folder(scan, index);
}

static int run(struct mxc_scan *scan) {
    uint64_t deadline = now_ms() + MXC_TREE_MS;
    scan->whole = MXC_TREE_DEPTH + 1;
    for (; scan->next < scan->count && scan->whole > MXC_TREE_DEPTH; scan->next++) {
        if (!scan->queue[scan->next].path)
            continue;
        if (now_ms() > deadline) {
            scan->cut = MXC_CUT_TIME;
            scan->whole = scan->queue[scan->next].depth;
        } else if (look_at(scan, scan->next)) {
            return -1;
        }
    }
    return 0;
}

int mxc_scan_run(struct mxc_scan *scan, const char *folder) {
    MXC_AUTO_FD int root = mxc_openat2(AT_FDCWD, folder, O_PATH | O_DIRECTORY | O_CLOEXEC,
                                       MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
    if (root < 0)
        return 0;
    scan->root = root;
    scan->above = -1;
    know_file_system(scan);
    if (mxc_reserve(&scan->queue, &scan->capacity, 64, sizeof *scan->queue) < 0 ||
        !(scan->queue[0].path = mxc_strdup("")))
        return -1;
    scan->queue[0] = (struct mxc_scan_folder){.path = scan->queue[0].path, .was = scan->was ? 1 : 0};
    scan->count = 1;
    int result = run(scan);
    mxc_close(&scan->above);
    return result;
}

void mxc_scan_clear(struct mxc_scan_folder *queue, size_t count) {
    for (size_t i = 0; i < count; i++)
        mxc_free(queue[i].path);
    mxc_free(queue);
}
