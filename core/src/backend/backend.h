/* backend.h: the contract of a wall: pure functions of policy x host. No system call, no knowledge of other walls. */
#ifndef MXC_BACKEND_BACKEND_H
#define MXC_BACKEND_BACKEND_H

#include <linux/filter.h>

#include "plan/builder.h"
#include "policy/policy.h"
#include "probe/probe.h"
#include "report/receipt.h"

/* Host uids of workloads started by root: this + pid of the keeper. */
#define MXC_SESSION_BASE UINT64_C(1879048192)

struct mxc_lowering { /* what a backend lowers from; all borrowed */
    const mxc_policy *policy;
    const struct mxc_host *host;
    const struct sock_filter *filter; /* made by the filter room */
    size_t filter_count;
    unsigned int filter_told; /* bits of enum mxc_told_call: calls that the keeper is told of */
    const char *scratch;      /* of a wall with `scratch`: name of its private folder, fresh for every sandbox */
};

/* What a backend needs to know of the host, asked for in rounds: each may use the facts of those before. */
struct mxc_wants {
    struct mxc_strings paths;  /* looked up (mxc_host_look) */
    struct mxc_strings trees;  /* walked (mxc_host_walk) */
    struct mxc_strings denied; /* searched for hard links (mxc_host_look_links) */
};
#define MXC_WANTS_ROUNDS 3u
void mxc_wants_clear(struct mxc_wants *wants);

struct mxc_backend {
    const char *name;
    enum mxc_containment containment;
    /* What the filter has to refuse besides (bits of enum mxc_filter_narrow); NULL: nothing. */
    unsigned int (*narrows)(const mxc_policy *policy, const struct mxc_host *host);
    /* Folder of the host in which the wall makes a private one for each sandbox; NULL: it has file systems of its own. */
    const char *scratch;
    /* Appends what check and lower need to know: the caller looks, and asks again for the next round. */
    mxc_status (*wants)(struct mxc_wants *out, unsigned round, const mxc_policy *policy, const struct mxc_host *host,
                        mxc_error **err);
    /* How each item of the policy will be enforced here; MXC_E_UNSUPPORTED, MXC_E_PATH with origin and hint for the
     * first that cannot be. */
    mxc_status (*check)(struct mxc_receipt *receipt, const struct mxc_lowering *from, mxc_error **err);
    /* The plan; only after check succeeded. */
    mxc_status (*lower)(struct mxc_plan *plan, const struct mxc_lowering *from, mxc_error **err);
};

/* The wall for a policy on this host: by name, or for `auto` the weakest with enough assurance.
 * MXC_E_UNSUPPORTED (/containment) when there is none. */
mxc_status mxc_backend_choose(const struct mxc_backend **out, const mxc_policy *policy, const struct mxc_host *host,
                              mxc_error **err);

extern const struct mxc_backend mxc_backend_namespaces; /* containment "process" */
/* The same containment on a host that forbids user namespaces, for policies with onUnsupported "report". */
extern const struct mxc_backend mxc_backend_landlock;

#endif
