/* tree.c: the repositories in a folder. A folder is a repository's own when git itself would say so: it has a HEAD,
 * and objects and refs, or a commondir that names another one's. Files called ".git" (working trees, submodules) lead
 * to one. What is in it is never read: where it leads is inside a writable folder, and found there, or does not
 * matter. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/sys.h"
#include "probe/internal.h"

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

enum { HAS_HEAD = 1, HAS_OBJECTS = 2, HAS_REFS = 4, HAS_COMMONDIR = 8 };
#define MAX_HOOKS 1000

struct state {
    struct mxc_tree_fact *tree;
    unsigned has; /* of the folder that is being read */
};

/* "" when it does not fit. */
static const char *full_path(char *out, const struct mxc_tree_fact *tree, const char *below, const char *name) {
    int length = snprintf(out, PATH_MAX, "%s%s%s%s", strcmp(tree->folder, "/") ? tree->folder : "", below,
                          *name ? "/" : "", name);
    if (length < 0 || length >= PATH_MAX)
        out[0] = 0;
    return out;
}

static int add_git(struct mxc_tree_fact *tree, const char *path, const struct stat *info, unsigned depth) {
    if (mxc_reserve(&tree->gits, &tree->git_capacity, tree->git_count + 1, sizeof *tree->gits) < 0)
        return -1;
    struct mxc_git *git = &tree->gits[tree->git_count];
    *git = (struct mxc_git){.path = mxc_strdup(path),
                            .type = info->st_mode & S_IFMT,
                            .depth = depth,
                            .dev = info->st_dev,
                            .ino = info->st_ino};
    tree->git_count += git->path != NULL;
    return git->path ? 0 : -1;
}

static int is_sample(const char *name) {
    static const char sample[] = ".sample";
    size_t length = strlen(name);
    return length > sizeof sample && strcmp(name + length + 1 - sizeof sample, sample) == 0;
}

static int add_hook(struct mxc_tree_fact *tree, const char *below, const char *name) {
    char hooks[PATH_MAX], path[PATH_MAX];
    if ((size_t)snprintf(hooks, sizeof hooks, "%s/hooks", below) >= sizeof hooks || tree->hook_count == MAX_HOOKS)
        return 0;
    if (mxc_reserve(&tree->hooks, &tree->hook_capacity, tree->hook_count + 1, sizeof *tree->hooks) < 0)
        return -1;
    tree->hooks[tree->hook_count] = mxc_strdup(full_path(path, tree, hooks, name));
    return tree->hooks[tree->hook_count++] ? 0 : -1;
}

static int read_hooks(struct mxc_scan *scan, const char *below, int git) {
    struct state *state = scan->context;
    _Alignas(8) char entries[4096];
    long got;
    MXC_AUTO_FD int fd = openat(git, "hooks", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    while (fd >= 0 && (got = mxc_sys(SYS_getdents64, fd, entries, sizeof entries)) > 0)
        for (long at = 0; at < got && scan->entries < MXC_TREE_ENTRIES;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            at += entry->length;
            scan->entries++;
            if (!strcmp(entry->name, ".") || !strcmp(entry->name, "..") || is_sample(entry->name))
                continue;
            if (add_hook(state->tree, below, entry->name))
                return -1;
        }
    return 0;
}

static int see_entry(struct mxc_scan *scan, const struct mxc_scan_folder *folder, int fd, const char *name,
                     uint32_t type) {
    static const struct {
        const char *name;
        unsigned bit;
    } parts[] = {{"HEAD", HAS_HEAD}, {"objects", HAS_OBJECTS}, {"refs", HAS_REFS}, {"commondir", HAS_COMMONDIR}};
    struct state *state = scan->context;
    struct stat info;
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(name, parts[i].name) == 0)
            state->has |= parts[i].bit;
    if (type == S_IFDIR || strcmp(name, ".git") != 0)
        return 0;
    scan->noted = 1;
    if (fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    return add_git(state->tree, full_path(path, state->tree, folder->path, name), &info, folder->depth);
}

/* Where git keeps its data, there are thousands of folders and no working tree. */
static int is_data(const char *path) {
    static const char *const names[] = {"objects", "refs", "logs", "hooks", "info", "lfs"};
    const char *name = strrchr(path, '/') + 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return 1;
    return 0;
}

static int folder_done(struct mxc_scan *scan, const struct mxc_scan_folder *folder, int fd, size_t first) {
    struct state *state = scan->context;
    char path[PATH_MAX];
    struct stat info;
    unsigned has = state->has;
    state->has = 0;
    if (!(has & HAS_HEAD) || !((has & HAS_COMMONDIR) || ((has & HAS_OBJECTS) && (has & HAS_REFS))))
        return 0;
    scan->noted = 1;
    for (size_t i = first; i < scan->count; i++)
        if (is_data(scan->queue[i].path)) {
            mxc_free(scan->queue[i].path);
            scan->queue[i].path = NULL;
        }
    if (fstat(fd, &info) != 0)
        return 0;
    if (add_git(state->tree, full_path(path, state->tree, folder->path, ""), &info, folder->depth))
        return -1;
    return read_hooks(scan, folder->path, fd);
}

static mxc_status look(struct mxc_tree_fact *tree, const char *folder, const struct mxc_tree_fact *was,
                       mxc_error **err) {
    static const char *const names[] = {".git", "HEAD", NULL};
    struct state state = {.tree = tree};
    struct mxc_scan scan = {.entry = see_entry,
                            .done = folder_done,
                            .names = names,
                            .was = was && was->folder_count ? was->folders : NULL,
                            .context = &state};
    *tree = (struct mxc_tree_fact){.folder = mxc_strdup(folder)};
    int failed = !tree->folder || mxc_scan_run(&scan, folder);
    tree->folders = scan.queue;
    tree->folder_count = scan.count;
    if (failed) {
        mxc_tree_clear(tree);
        return mxc_fail_memory(err);
    }
    tree->cut = scan.cut;
    tree->whole = scan.whole;
    tree->entries = scan.entries;
    return MXC_OK;
}

mxc_status mxc_tree_look(struct mxc_tree_fact *tree, const char *folder, mxc_error **err) {
    return look(tree, folder, NULL, err);
}

mxc_status mxc_tree_look_again(struct mxc_tree_fact *tree, const struct mxc_tree_fact *was, mxc_error **err) {
    return look(tree, was->folder, was, err);
}

static int same_gits(const struct mxc_tree_fact *one, const struct mxc_tree_fact *other) {
    int same = one->git_count == other->git_count;
    for (size_t i = 0; same && i < one->git_count; i++) {
        const struct mxc_git *a = &one->gits[i], *b = &other->gits[i];
        same = a->type == b->type && a->depth == b->depth && a->dev == b->dev && a->ino == b->ino &&
               strcmp(a->path, b->path) == 0;
    }
    return same;
}

static int same_hooks(const struct mxc_tree_fact *one, const struct mxc_tree_fact *other) {
    int same = one->hook_count == other->hook_count;
    for (size_t i = 0; same && i < one->hook_count; i++)
        same = strcmp(one->hooks[i], other->hooks[i]) == 0;
    return same;
}

int mxc_tree_still(const struct mxc_tree_fact *was) {
    __attribute__((cleanup(mxc_tree_clear))) struct mxc_tree_fact now = {0};
    return mxc_tree_look_again(&now, was, NULL) == MXC_OK && now.cut == was->cut && now.whole == was->whole &&
           same_gits(was, &now) && same_hooks(was, &now) && mxc_probe_is_home(was->folder) == was->home;
}

void mxc_tree_clear(struct mxc_tree_fact *tree) {
    for (size_t i = 0; i < tree->git_count; i++)
        mxc_free(tree->gits[i].path);
    for (size_t i = 0; i < tree->hook_count; i++)
        mxc_free(tree->hooks[i]);
    mxc_free(tree->gits);
    mxc_free(tree->hooks);
    mxc_scan_clear(tree->folders, tree->folder_count);
    mxc_free(tree->folder);
    *tree = (struct mxc_tree_fact){0};
}

mxc_status mxc_host_walk(struct mxc_host *host, const char *folder, mxc_error **err) {
    struct mxc_tree_fact tree = {0};
    if (mxc_host_tree(host, folder))
        return MXC_OK;
    if (mxc_reserve(&host->trees, &host->tree_capacity, host->tree_count + 1, sizeof *host->trees) < 0)
        return mxc_fail_memory(err);
    mxc_status status = mxc_tree_look(&tree, folder, err);
    if (status)
        return status;
    tree.home = mxc_probe_is_home(folder);
    host->trees[host->tree_count++] = tree;
    return MXC_OK;
}

const struct mxc_tree_fact *mxc_host_tree(const struct mxc_host *host, const char *folder) {
    for (size_t i = 0; i < host->tree_count; i++)
        if (!strcmp(host->trees[i].folder, folder))
            return &host->trees[i];
    return NULL;
}
