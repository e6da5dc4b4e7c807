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
    for (const char *const *name = ns_protected_names(policy); *name; name++)
        if (want_name(out, folder, *name))
            return -1;
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        const char *path = policy->filesystem.rules[i].path;
        if (ns_below(path, folder) && want_between(out, folder, path))
            return -1;
    }
    return 0;
}

mxc_status ns_wants(struct mxc_strings *out, const mxc_policy *policy, mxc_error **err) {
    int failed = policy->filesystem.baseline == MXC_BASELINE_SYSTEM ? ns_baseline_wants(out) != MXC_OK
                                                                    : mxc_strings_add(out, "/var/tmp");
    for (size_t i = 0; !failed && i < policy->filesystem.count; i++) {
        const struct mxc_path_rule *rule = &policy->filesystem.rules[i];
        failed = mxc_strings_add(out, rule->path) ||
                 (rule->access == MXC_ACCESS_WRITE && want_below(out, policy, rule->path));
    }
    if (failed)
        return mxc_fail_memory(err);
    mxc_strings_sort_unique(out);
    return MXC_OK;
}
