/* builder.h: changing a policy one value at a time. `mxc_policy_builder` of the public header is this. */
#ifndef MXC_POLICY_BUILDER_H
#define MXC_POLICY_BUILDER_H

#include "policy/policy.h"

/* Refused input leaves the builder as it was. `base_dir` is absolute. */
mxc_status mxc_builder_new(mxc_policy_builder **out, const mxc_policy *base, mxc_error **err);
mxc_status mxc_builder_path(mxc_policy_builder *builder, const struct mxc_path_rule *rule, const char *base_dir,
                            mxc_error **err);
mxc_status mxc_builder_allow(mxc_policy_builder *builder, const char *target, mxc_error **err);
mxc_status mxc_builder_limit(mxc_policy_builder *builder, mxc_limit limit, uint64_t value, mxc_error **err);
mxc_status mxc_builder_env(mxc_policy_builder *builder, const char *entry, mxc_error **err);
mxc_status mxc_builder_set(mxc_policy_builder *builder, const char *pointer, const char *value, const char *base_dir,
                           mxc_error **err);
mxc_status mxc_builder_build(mxc_policy **out, const mxc_policy_builder *builder, mxc_error **err);
void mxc_builder_free(mxc_policy_builder *builder);

#endif
