/* intersect.h: what two policies both allow. */
#ifndef MXC_POLICY_INTERSECT_H
#define MXC_POLICY_INTERSECT_H

#include "policy/policy.h"

mxc_status mxc_policy_meet(mxc_policy **out, const mxc_policy *a, const mxc_policy *b, mxc_error **err);

#endif
