/* wants.c: which host paths the process wall needs to know: the policy's own, the folders that may have to be held
 * in place between a writable path and a stricter one, protected names with their folders, and the baseline. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/model.h"

/* Every folder strictly between `folder` and `path`. */
static int want_between(struct mxc_strings *out, const char *folder, const char *path) {
    for (size_t end = strlen(folder) + 1; path[end]; end++) {
        if (path[end] != '/')
            continue;
        MXC_AUTO_FREE char *part = mxc_strndup(path, end);
        if (!part || mxc_strings_add(out, part))
            return -1;
    }
    return 0;
}

static int want_name(struct mxc_strings *out, const char *folder, const char *name) {
    MXC_AUTO_BUF struct mxc_buf path = {0};
    mxc_buf_format(&path, "%s/%s", folder, name);
    return path.failed || want_between(out, folder, path.data) || mxc_strings_add(out, path.data) ? -1 : 0;
}

static int want_below(struct mxc_strings *out, const mxc_policy *policy, const char *folder) {
    for (const char *const *name = mxc_policy_protected_names(policy); *name; name++)
        if (want_name(out, folder, *name))
            return -1;
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        const char *path = policy->filesystem.rules[i].path;
        if (ns_below(path, folder) && want_between(out, folder, path))
            return -1;
    }
    return 0;
}

static int want_paths(struct mxc_strings *out, const mxc_policy *policy) {
    int failed = policy->filesystem.baseline == MXC_BASELINE_SYSTEM ? ns_baseline_wants(out) != MXC_OK
                                                                    : mxc_strings_add(out, "/var/tmp");
    for (size_t i = 0; !failed && i < policy->filesystem.count; i++) {
        const struct mxc_path_rule *rule = &policy->filesystem.rules[i];
        failed = mxc_strings_add(out, rule->path) ||
                 (rule->access == MXC_ACCESS_WRITE && want_below(out, policy, rule->path));
    }
    return failed;
}

static const struct mxc_path_fact *folder_of(const struct mxc_path_rule *rule, const struct mxc_host *host) {
    const struct mxc_path_fact *fact = mxc_host_path(host, rule->path);
    return fact && fact->real && fact->type == MXC_OBJECT_FOLDER ? fact : NULL;
}

/* A hard link cannot lead to another file system. */
static int shown_of_device(const mxc_policy *policy, const struct mxc_host *host, uint64_t device) {
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        const struct mxc_path_rule *rule = &policy->filesystem.rules[i];
        const struct mxc_path_fact *fact = mxc_host_path(host, rule->path);
        if (rule->access != MXC_ACCESS_DENY && fact && fact->real && fact->dev == device)
            return 1;
    }
    return 0;
}

static int want_walks(struct mxc_wants *out, const mxc_policy *policy, const struct mxc_host *host) {
    int names = *mxc_policy_protected_names(policy) != NULL, failed = 0;
    for (size_t i = 0; !failed && i < policy->filesystem.count; i++) {
        const struct mxc_path_rule *rule = &policy->filesystem.rules[i];
        const struct mxc_path_fact *folder = folder_of(rule, host);
        if (folder && names && rule->access == MXC_ACCESS_WRITE)
            failed = mxc_strings_add(&out->trees, folder->real);
        if (folder && rule->access == MXC_ACCESS_DENY && shown_of_device(policy, host, folder->dev))
            failed = mxc_strings_add(&out->denied, folder->real);
    }
    return failed;
}

static int want_repository(struct mxc_strings *out, const mxc_policy *policy, const struct mxc_git *git) {
    if (mxc_strings_add(out, git->path))
        return -1;
    for (const char *const *name = mxc_policy_protected_names(policy); *name; name++)
        if (strncmp(*name, NS_GIT "/", strlen(NS_GIT "/")) == 0 &&
            want_name(out, git->path, *name + strlen(NS_GIT "/")))
            return -1;
    for (const char *const *name = mxc_repository_names(); *name; name++)
        if (want_name(out, git->path, *name))
            return -1;
    return 0;
}

/* Folders on the way to what a link leads to, so that they can be held in place as well. */
static int want_behind_links(struct mxc_strings *out, const struct mxc_host *host, const char *folder) {
    for (size_t i = 0; i < host->path_count; i++) {
        const struct mxc_path_fact *fact = &host->paths[i];
        if (fact->via_count && fact->real && ns_below(fact->real, folder) && want_between(out, folder, fact->real))
            return -1;
    }
    return 0;
}

static int want_repositories(struct mxc_strings *out, const mxc_policy *policy, const struct mxc_host *host) {
    for (size_t i = 0; i < host->tree_count; i++) {
        if (want_behind_links(out, host, host->trees[i].folder))
            return -1;
        for (size_t j = 0; j < host->trees[i].git_count && j < NS_MAX_GITS; j++)
            if (want_between(out, host->trees[i].folder, host->trees[i].gits[j].path) ||
                want_repository(out, policy, &host->trees[i].gits[j]))
                return -1;
    }
    return 0;
}

mxc_status ns_wants(struct mxc_wants *out, unsigned round, const mxc_policy *policy, const struct mxc_host *host,
                    mxc_error **err) {
    int failed = round == 0   ? want_paths(&out->paths, policy)
                 : round == 1 ? want_walks(out, policy, host)
                              : want_repositories(&out->paths, policy, host);
    if (failed)
        return mxc_fail_memory(err);
    mxc_strings_sort_unique(&out->paths);
    return MXC_OK;
}
