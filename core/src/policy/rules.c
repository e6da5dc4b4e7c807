/* rules.c: which rule holds for a path. Most specific wins; at the same path denied before readonly before
 * readwrite. Where no rule speaks, the baseline does. Works on frozen, sorted rules; opens nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "policy/paths.h"

static int compare_rules(const void *left, const void *right) {
    const struct mxc_path_rule *a = left, *b = right;
    int order = strcmp(a->path, b->path);
    if (order)
        return order;
    if (a->access != b->access)
        return a->access < b->access ? -1 : 1;
    return strcmp(a->origin, b->origin);
}

void mxc_rules_unite(mxc_policy *policy) {
    struct mxc_path_rule *rules = policy->filesystem.rules;
    size_t kept = 0;
    if (!policy->filesystem.count)
        return;
    qsort(rules, policy->filesystem.count, sizeof *rules, compare_rules);
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        if (kept && strcmp(rules[kept - 1].path, rules[i].path) == 0) {
            mxc_free(rules[i].path);
            mxc_free(rules[i].origin);
        } else {
            rules[kept++] = rules[i];
        }
    }
    policy->filesystem.count = kept;
}

/* The rule whose path is exactly the first `length` bytes of `path`. */
static const struct mxc_path_rule *find(const mxc_policy *policy, const char *path, size_t length) {
    size_t low = 0, high = policy->filesystem.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mxc_path_rule *rule = &policy->filesystem.rules[middle];
        int order = strncmp(path, rule->path, length);
        if (order == 0 && rule->path[length] == 0)
            return rule;
        if (order > 0)
            low = middle + 1;
        else
            high = middle; /* equal so far and longer: it sorts after */
    }
    return NULL;
}

const struct mxc_path_rule *mxc_policy_rule_for(const struct mxc_policy *policy, const char *path) {
    size_t length = strlen(path);
    while (length > 1) {
        const struct mxc_path_rule *rule = find(policy, path, length);
        if (rule)
            return rule;
        do
            length--;
        while (length > 1 && path[length] != '/');
    }
    return find(policy, "/", 1);
}

const char *const *mxc_baseline_points(void) {
    static const char *const points[] = {"/bin", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/sbin", "/usr", NULL};
    return points;
}

enum mxc_reach mxc_baseline_reach(enum mxc_baseline baseline, const char *path) {
    if (baseline == MXC_BASELINE_NONE)
        return MXC_REACH_NONE;
    for (const char *const *point = mxc_baseline_points(); *point; point++)
        if (mxc_path_is_below(path, *point))
            return strcmp(*point, "/etc") == 0 ? MXC_REACH_VIEW : MXC_REACH_READ;
    return MXC_REACH_NONE;
}

enum mxc_reach mxc_policy_reach(const mxc_policy *policy, const char *path) {
    const struct mxc_path_rule *rule = mxc_policy_rule_for(policy, path);
    if (!rule)
        return mxc_baseline_reach(policy->filesystem.baseline, path);
    if (rule->access == MXC_ACCESS_DENY)
        return MXC_REACH_NONE;
    return rule->access == MXC_ACCESS_READ ? MXC_REACH_READ : MXC_REACH_WRITE;
}
