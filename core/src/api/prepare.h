/* prepare.h: from a policy to a plan: everything that can be found out before a process exists. A step that fails
 * stops here, and nothing was started. */
#ifndef MXC_API_PREPARE_H
#define MXC_API_PREPARE_H

#include "base/buf.h"
#include "base/timing.h"
#include "policy/policy.h"
#include "probe/probe.h"

struct mxc_prepared {
    mxc_policy *policy; /* with the runtime paths */
    struct mxc_host host;
    char *receipt; /* JSON */
    void *plan;    /* wire form */
    size_t plan_length;
    int has_namespaces;  /* the wall is the one that needs them */
    unsigned int narrow; /* what its filter refuses besides: enum mxc_filter_narrow */
    struct mxc_times times;
    char *scratch; /* private folder for temporary files, where it is not /tmp; else NULL */
};

mxc_status mxc_prepare(struct mxc_prepared *out, const mxc_policy *policy, const mxc_sandbox_options *options,
                       const struct mxc_strings *more_paths, mxc_error **err);
/* The kernel refused the namespaces although the host's settings allow them: the same once more without, when the
 * policy says so (onUnsupported "report") and the host can. 0: it does not; *err stays as it is. */
int mxc_prepare_without_namespaces(struct mxc_prepared *prepared, mxc_status *status, mxc_error **err);
/* For a sandbox that was prepared so: the relay's rules (plan/network.h) and the receipt of the same policy with another
 * network. Changes nothing of it; *receipt is freed with mxc_free. */
mxc_status mxc_prepare_network(struct mxc_buf *rules, char **receipt, const struct mxc_prepared *prepared,
                               const mxc_policy *policy, mxc_error **err);
void mxc_prepared_clear(struct mxc_prepared *prepared);
/* The plan as text, as mxc_plan_text() gives it. */
mxc_status mxc_prepared_text(char **out, const struct mxc_prepared *prepared, mxc_error **err);

#endif
