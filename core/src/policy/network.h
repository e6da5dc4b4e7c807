/* network.h: egress rules as sets. */
#ifndef MXC_POLICY_NETWORK_H
#define MXC_POLICY_NETWORK_H

#include "policy/policy.h"

/* Appends the rule that egress.default "allow" stands for. 0, or -1: out of memory. */
int mxc_net_everything(struct mxc_net_rules *out);
/* Appends to `out` what both `a` and `b` grant. An empty list grants nothing. 0, or -1: out of memory. */
int mxc_net_meet(struct mxc_net_rules *out, const struct mxc_net_rules *a, const struct mxc_net_rules *b);
/* Appends to `out` what `a` or `b` deny, in the same normal form. */
int mxc_net_join(struct mxc_net_rules *out, const struct mxc_net_rules *a, const struct mxc_net_rules *b);
/* Of grants: 1 when each peer and range of `inner` lies within one of `outer`; 0 and the origin of a rule that does not; -1: out of
 * memory. */
int mxc_net_within(const struct mxc_net_rules *inner, const struct mxc_net_rules *outer, const char **origin);
int mxc_net_publish_meet(struct mxc_policy *out, const mxc_policy *a, const mxc_policy *b);

#endif
