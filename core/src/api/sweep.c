/* sweep.c: see sweep.h. The folders hold what a workload has just put there: they are walked as at the start (bounded,
 * nothing followed), and the findings are names only, nothing in a file is read. */
#include "api/sweep.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/ghost.h"
#include "base/sys.h"
#include "policy/model.h"

struct mxc_before {
    atomic_int references;
    struct mxc_tree_fact *trees;
    size_t tree_count;
    struct mxc_strings absent; /* paths that did not exist */
    struct mxc_strings hollow; /* links that led to nothing */
};

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif
#define GIT ".git"

static int is_in_git(const char *name) { return strncmp(name, GIT "/", strlen(GIT "/")) == 0; }

/* ---- before ------------------------------------------------------------------------------------------------------ */

static int is_link(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

static int add_if_absent(struct mxc_before *before, const struct mxc_host *host, const char *looked_up,
                         const char *folder, const char *name) {
    MXC_AUTO_BUF struct mxc_buf asked = {0};
    MXC_AUTO_BUF struct mxc_buf path = {0};
    mxc_buf_format(&asked, "%s/%s", looked_up, name);
    mxc_buf_format(&path, "%s/%s", folder, name);
    if (asked.failed || path.failed)
        return -1;
    const struct mxc_path_fact *fact = mxc_host_path(host, asked.data);
    if (!fact || (fact->real && !fact->ghost))
        return 0;
    return mxc_strings_add(fact->via_count && is_link(path.data) ? &before->hollow : &before->absent, path.data);
}

static int absent_in_folder(struct mxc_before *before, const struct mxc_prepared *prepared,
                            const struct mxc_path_rule *rule) {
    const struct mxc_path_fact *fact = mxc_host_path(&prepared->host, rule->path);
    if (rule->access != MXC_ACCESS_WRITE || !fact || !fact->real || !mxc_host_tree(&prepared->host, fact->real))
        return 0;
    for (const char *const *name = mxc_policy_protected_names(prepared->policy); *name; name++)
        if (!is_in_git(*name) && add_if_absent(before, &prepared->host, rule->path, fact->real, *name))
            return -1;
    return 0;
}

static int absent_in_git(struct mxc_before *before, const struct mxc_prepared *prepared, const struct mxc_git *git) {
    for (const char *const *name = mxc_policy_protected_names(prepared->policy); *name; name++)
        if (is_in_git(*name) && add_if_absent(before, &prepared->host, git->path, git->path, *name + strlen(GIT "/")))
            return -1;
    for (const char *const *name = mxc_repository_names(); *name; name++)
        if (add_if_absent(before, &prepared->host, git->path, git->path, *name))
            return -1;
    return 0;
}

static int list_absent(struct mxc_before *before, const struct mxc_prepared *prepared) {
    const mxc_policy *policy = prepared->policy;
    for (size_t i = 0; i < policy->filesystem.count; i++)
        if (absent_in_folder(before, prepared, &policy->filesystem.rules[i]))
            return -1;
    for (size_t i = 0; i < prepared->host.tree_count; i++)
        for (size_t j = 0; j < prepared->host.trees[i].git_count; j++)
            if (prepared->host.trees[i].gits[j].type == S_IFDIR &&
                absent_in_git(before, prepared, &prepared->host.trees[i].gits[j]))
                return -1;
    return 0;
}

mxc_status mxc_before_take(struct mxc_before **out, struct mxc_prepared *prepared, mxc_error **err) {
    *out = NULL;
    if (!prepared->host.tree_count)
        return MXC_OK;
    struct mxc_before *before = mxc_alloc(sizeof *before);
    if (before)
        atomic_init(&before->references, 1);
    if (!before || list_absent(before, prepared)) {
        mxc_before_unref(before);
        return mxc_fail_memory(err);
    }
    before->trees = prepared->host.trees;
    before->tree_count = prepared->host.tree_count;
    prepared->host.trees = NULL;
    prepared->host.tree_count = prepared->host.tree_capacity = 0;
    *out = before;
    return MXC_OK;
}

struct mxc_before *mxc_before_ref(struct mxc_before *before) {
    if (before)
        atomic_fetch_add_explicit(&before->references, 1, memory_order_relaxed);
    return before;
}

int mxc_before_still(const struct mxc_before *before) {
    for (size_t i = 0; before && i < before->tree_count; i++)
        if (!mxc_tree_still(&before->trees[i]))
            return 0;
    return 1;
}

void mxc_before_unref(struct mxc_before *before) {
    if (!before || atomic_fetch_sub_explicit(&before->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < before->tree_count; i++)
        mxc_tree_clear(&before->trees[i]);
    mxc_free(before->trees);
    mxc_strings_clear(&before->absent);
    mxc_strings_clear(&before->hollow);
    mxc_free(before);
}

/* ---- after ------------------------------------------------------------------------------------------------------- */

struct folder { /* that the path before was in: most names follow others of the same one */
    const char *path;
    size_t length;
    int fd;
};

static void open_folder_of(struct folder *folder, const char *path, size_t length) {
    char name[PATH_MAX];
    if (folder->path && folder->length == length && memcmp(folder->path, path, length) == 0)
        return;
    mxc_close(&folder->fd);
    *folder = (struct folder){.path = path, .length = length, .fd = -1};
    if (length + 2 > sizeof name)
        return; /* no path is that long */
    memcpy(name, path, length);
    memcpy(name + length, length ? "" : "/", length ? 1 : 2);
    folder->fd = mxc_openat2(AT_FDCWD, name, O_PATH | O_DIRECTORY | O_CLOEXEC,
                             MXC_RESOLVE_NO_SYMLINKS | MXC_RESOLVE_NO_MAGICLINKS);
}

/* The place that another sandbox, or this one while it lives, keeps empty is not something new. */
static int exists(struct folder *folder, const char *path) {
    struct stat info;
    const char *name = strrchr(path, '/') + 1;
    open_folder_of(folder, path, (size_t)(name - path) - 1);
    return folder->fd >= 0 && fstatat(folder->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && !mxc_ghost_marked(&info);
}

static int leads_somewhere(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

static const struct mxc_git *find_git(const struct mxc_tree_fact *tree, const char *path) {
    for (size_t i = 0; i < tree->git_count; i++)
        if (strcmp(tree->gits[i].path, path) == 0)
            return &tree->gits[i];
    return NULL;
}

/* Where the first walk was cut off, only what it had seen wholly can be compared. */
static int is_new(const struct mxc_tree_fact *was, const struct mxc_git *git) {
    const struct mxc_git *known = find_git(was, git->path);
    if (known)
        return known->ino != git->ino || known->dev != git->dev || known->type != git->type;
    return git->depth < was->whole;
}

static int compare_gits(struct mxc_findings *out, const struct mxc_tree_fact *was, const struct mxc_tree_fact *now) {
    for (size_t i = 0; i < now->git_count; i++)
        if (is_new(was, &now->gits[i]) && mxc_findings_add(out, MXC_FINDING_REPOSITORY, now->gits[i].path))
            return -1;
    return 0;
}

static int has_hook(const struct mxc_tree_fact *tree, const char *path) {
    for (size_t i = 0; i < tree->hook_count; i++)
        if (strcmp(tree->hooks[i], path) == 0)
            return 1;
    return 0;
}

/* "/w/.git/hooks/x" belongs to "/w/.git" */
static int of_git(const char *hook, const struct mxc_git *git) {
    size_t length = strlen(git->path);
    return strncmp(hook, git->path, length) == 0 && strncmp(hook + length, "/hooks/", strlen("/hooks/")) == 0 &&
           !strchr(hook + length + strlen("/hooks/"), '/');
}

static int compare_hooks(struct mxc_findings *out, const struct mxc_tree_fact *was, const struct mxc_tree_fact *now) {
    for (size_t i = 0; i < now->hook_count; i++)
        for (size_t j = 0; j < now->git_count; j++)
            if (of_git(now->hooks[i], &now->gits[j]) && !has_hook(was, now->hooks[i]) &&
                (find_git(was, now->gits[j].path) || is_new(was, &now->gits[j])) &&
                mxc_findings_add(out, MXC_FINDING_HOOK, now->hooks[i]))
                return -1;
    return 0;
}

static mxc_status compare_tree(struct mxc_findings *out, const struct mxc_tree_fact *was, mxc_error **err) {
    __attribute__((cleanup(mxc_tree_clear))) struct mxc_tree_fact now = {0};
    mxc_status status = mxc_tree_look_again(&now, was, err);
    if (status)
        return status;
    int failed = compare_gits(out, was, &now) || compare_hooks(out, was, &now);
    if (!failed && now.whole < was->whole)
        failed = mxc_findings_add(out, MXC_FINDING_INCOMPLETE, was->folder);
    return failed ? mxc_fail_memory(err) : MXC_OK;
}

mxc_status mxc_before_compare(struct mxc_findings *out, const struct mxc_before *before, mxc_error **err) {
    struct folder folder = {.fd = -1};
    mxc_status status = MXC_OK;
    for (size_t i = 0; !status && i < before->tree_count; i++)
        status = compare_tree(out, &before->trees[i], err);
    for (size_t i = 0; !status && i < before->absent.count; i++)
        if (exists(&folder, before->absent.items[i]) &&
            mxc_findings_add(out, MXC_FINDING_NAME, before->absent.items[i]))
            status = mxc_fail_memory(err);
    mxc_close(&folder.fd);
    for (size_t i = 0; !status && i < before->hollow.count; i++)
        if (leads_somewhere(before->hollow.items[i]) &&
            mxc_findings_add(out, MXC_FINDING_NAME, before->hollow.items[i]))
            status = mxc_fail_memory(err);
    return status;
}

mxc_status mxc_sweep_result(struct mxc_result *result, const void *before, mxc_error **err) {
    return mxc_before_compare(&result->findings, before, err);
}

void mxc_sweep_release(void *before) { mxc_before_unref(before); }
