/* paths.h: path rules: how a path is spelt, which rule holds for it, and what the baseline adds. */
#ifndef MXC_POLICY_PATHS_H
#define MXC_POLICY_PATHS_H

#include "policy/policy.h"

/* What a policy gives at a path. `view` is the curated /etc of the baseline: less than reading the real one. */
enum mxc_reach { MXC_REACH_NONE, MXC_REACH_VIEW, MXC_REACH_READ, MXC_REACH_WRITE };

/* Absolute and lexically normal: no "//", "/./", trailing "/". Relative paths start at `base_dir` (absolute).
 * Refused with `origin`: empty, "..", "~", "$", patterns, other systems' forms, too long. */
mxc_status mxc_path_normalise(char **out, const char *path, const char *base_dir, const char *origin, mxc_error **err);

/* Adds a rule for `path`, normalised; refuses grants that would undo the walls (writable "/", /proc, ...). */
mxc_status mxc_policy_add_path(mxc_policy *policy, const struct mxc_path_rule *rule, const char *base_dir,
                               mxc_error **err);
/* Sorts by path and keeps the strictest rule of each path. */
void mxc_rules_unite(mxc_policy *policy);

int mxc_path_is_below(const char *path, const char *folder); /* or equal; both normal */
enum mxc_reach mxc_baseline_reach(enum mxc_baseline baseline, const char *path);
enum mxc_reach mxc_policy_reach(const mxc_policy *policy, const char *path);
/* NULL-terminated: the places where the system baseline begins. */
const char *const *mxc_baseline_points(void);

#endif
