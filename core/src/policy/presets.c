/* presets.c: the three presets, and the read grants that an interpreter's own tree needs. */
#include "policy/presets.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "policy/model.h"
#include "policy/paths.h"

static const struct preset {
    const char *name;
    mxc_access access; /* to the folder; DENY: no rule */
} presets[] = {
    {"strict", MXC_ACCESS_DENY},
    {"read-only", MXC_ACCESS_READ},
    {"workspace", MXC_ACCESS_WRITE},
};

static const struct preset *find(const char *name) {
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

mxc_status mxc_policy_from_preset(mxc_policy **out, const char *name, const char *dir, mxc_error **err) {
    const struct preset *preset = find(name);
    if (!preset)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT,
                        MXC_FAULT(.hint = "the presets are \"strict\", \"read-only\" and \"workspace\""),
                        "there is no preset of this name");
    MXC_AUTO_POLICY mxc_policy *policy = mxc_policy_new();
    if (!policy)
        return mxc_fail_memory(err);
    struct mxc_path_rule rule = {.access = preset->access, .path = (char *)dir, .origin = (char *)"/preset"};
    mxc_status status = MXC_OK;
    if (preset->access != MXC_ACCESS_DENY)
        status = mxc_policy_add_path(policy, &rule, "/", err);
    if (!status)
        status = mxc_policy_freeze(policy, err);
    if (!status)
        *out = mxc_take(policy);
    return status;
}

/* A path that can be read already gets no rule of its own: that would make part of a writable folder read-only.
 * One that is denied stays denied. */
static int needs_rule(const mxc_policy *policy, const char *path) {
    return !mxc_policy_rule_for(policy, path) && mxc_policy_reach(policy, path) < MXC_REACH_READ;
}

static mxc_status add_runtime(mxc_policy *policy, const char *path, mxc_error **err) {
    MXC_AUTO_FREE char *normal = NULL;
    if (*path != '/')
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.origin = "/runtime"),
                        "a runtime path must be absolute");
    mxc_status status = mxc_path_normalise(&normal, path, "/", "/runtime", err);
    struct mxc_path_rule rule = {MXC_ACCESS_READ, normal, (char *)"/runtime"};
    if (!status && needs_rule(policy, normal))
        status = mxc_policy_add_path(policy, &rule, "/", err);
    if (!status)
        mxc_rules_unite(policy); /* the next path is looked up in sorted rules */
    return status;
}

mxc_status mxc_policy_with_runtime(mxc_policy **out, const mxc_policy *policy, const char *const *paths,
                                   mxc_error **err) {
    MXC_AUTO_POLICY mxc_policy *copy = NULL;
    mxc_status status = mxc_policy_copy(&copy, policy, err);
    for (; !status && paths && *paths; paths++)
        status = add_runtime(copy, *paths, err);
    if (!status)
        status = mxc_policy_freeze(copy, err);
    if (!status)
        *out = mxc_take(copy);
    return status;
}
