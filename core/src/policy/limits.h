/* limits.h: the limits by number: where each stands in a policy, its range and its default. */
#ifndef MXC_POLICY_LIMITS_H
#define MXC_POLICY_LIMITS_H

#include "policy/policy.h"

struct mxc_limit_rule {
    mxc_limit limit;
    const char *pointer; /* JSON pointer of its field */
    size_t offset;       /* of its uint64_t in struct mxc_policy */
    uint64_t low, high;  /* the range of what may be said; 0 too when `zero_is_none` */
    uint64_t fallback;   /* what holds when nothing is said */
    int zero_is_none;    /* 0 means no limit */
    const char *unit;    /* for messages and documentation */
};

const struct mxc_limit_rule *mxc_limit_rule(mxc_limit limit);       /* NULL: no such limit */
uint64_t mxc_limit_said(const mxc_policy *policy, mxc_limit limit); /* raw, MXC_UNSET when not said */
mxc_status mxc_policy_set_limit(mxc_policy *policy, mxc_limit limit, uint64_t value, mxc_error **err);

/* Limits that only repeat the default become MXC_UNSET. */
void mxc_limits_normalise(mxc_policy *policy);
/* Into `out` the smaller of each; "none" is larger than everything. */
void mxc_limits_meet(mxc_policy *out, const mxc_policy *a, const mxc_policy *b);

#endif
