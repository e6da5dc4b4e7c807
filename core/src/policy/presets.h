/* presets.h: policies by name. */
#ifndef MXC_POLICY_PRESETS_H
#define MXC_POLICY_PRESETS_H

#include "policy/policy.h"

/* `dir` is absolute. */
mxc_status mxc_policy_from_preset(mxc_policy **out, const char *name, const char *dir, mxc_error **err);

#endif
