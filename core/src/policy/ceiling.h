/* ceiling.h: another network within what a policy grants: what an open sandbox may be changed to. */
#ifndef MXC_POLICY_CEILING_H
#define MXC_POLICY_CEILING_H

#include "policy/policy.h"

/* `ceiling` with the network of `wanted`; what `ceiling` denies stays denied. MXC_E_POLICY_CONFLICT with the pointer of
 * what `wanted` grants and `ceiling` does not. */
mxc_status mxc_policy_with_network(mxc_policy **out, const mxc_policy *ceiling, const mxc_policy *wanted,
                                   mxc_error **err);

#endif
