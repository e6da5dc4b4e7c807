/* contract.h: JSON text <-> policy. Knows the language's spelling; what values mean is the policy room's business. */
#ifndef MXC_CONTRACT_CONTRACT_H
#define MXC_CONTRACT_CONTRACT_H

#include <stddef.h>

#include "policy/policy.h"

#define MXC_POLICY_TEXT_MAX ((size_t)1 << 20)

/* Reads one policy, frozen. `base_dir` is absolute. */
mxc_status mxc_contract_parse(mxc_policy **out, const char *json, size_t length, const char *base_dir, mxc_error **err);
/* Canonical JSON, freed with mxc_free. */
mxc_status mxc_contract_print(char **out, const mxc_policy *policy, mxc_error **err);
/* JSON Schema (2020-12) of what mxc_contract_parse reads; made from the table of fields during the build. */
const char *mxc_contract_schema(void);

#endif
