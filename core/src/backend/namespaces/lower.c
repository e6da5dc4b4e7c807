/* lower.c: the order of the walls (docs/architecture.md, kernel rules): identity and groups on the host, new
 * namespaces, the new root from parents to children, then what closes the way back, then init confining itself. */
#include <sched.h>

#include "backend/limits.h"
#include "backend/namespaces/wall.h"
#include "base/error.h"

#define ROOT_BYTES (4u << 20) /* folders, links and the written files of /etc */
#define ROOT_INODES 4096u
#define MAX_MAPPED 512u /* detached mounts that the keeper holds open at once (ops.h) */
#define MAX_GHOSTS 256u /* names that do not exist (ops.h) */

/* seccomp(2); older headers lack the second one */
#define FILTER_NEW_LISTENER (1u << 3)
#define FILTER_WAIT_KILLABLE_RECV (1u << 5)

static void lower_keeper(struct mxc_plan *plan, const struct mxc_lowering *from) {
    int session = ns_session(from);
    const struct mxc_holds holds = mxc_holds_of(from, session);
    MXC_PLAN_ADD(plan, MXC_OP_IDENTITY, .origin = "/process/user",
                 .a = session ? MXC_IDENTITY_SESSION : MXC_IDENTITY_CALLER, .b = session ? MXC_SESSION_BASE : 0,
                 .c = NS_INNER_ID);
    mxc_limits_lower_keeper(plan, from, &holds);
    ns_network_lower_keeper(plan, from);
}

static void lower_namespaces(struct mxc_plan *plan) {
    const uint64_t all =
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    MXC_PLAN_ADD(plan, MXC_OP_NAMESPACES, .origin = "/containment", .a = all);
    MXC_PLAN_ADD(plan, MXC_OP_HOSTNAME, .origin = "/containment", .text = "sandbox");
    MXC_PLAN_ADD(plan, MXC_OP_ROOT, .origin = NS_BASELINE, .a = ROOT_BYTES, .b = ROOT_INODES);
}

static void lower_closing(struct mxc_plan *plan, const struct mxc_lowering *from) {
    MXC_PLAN_ADD(plan, MXC_OP_LOOPBACK, .origin = "/network/egress/default");
    ns_network_lower_builder(plan, from);
    MXC_PLAN_ADD(plan, MXC_OP_SEAL_NAMESPACES, .origin = "/containment");
    MXC_PLAN_ADD(plan, MXC_OP_PIVOT, .origin = "/containment");
    MXC_PLAN_ADD(plan, MXC_OP_LOCK, .origin = "/process/user", .a = NS_INNER_ID, .b = NS_INNER_ID);
}

static void lower_init(struct mxc_plan *plan, const struct ns_layout *layout) {
    const struct mxc_lowering *from = layout->from;
    const struct mxc_holds holds = mxc_holds_of(from, ns_session(from));
    mxc_limits_lower_init(plan, from, &holds, 0);
    MXC_PLAN_ADD(plan, MXC_OP_CAPS, .origin = "/process/user");
    MXC_PLAN_ADD(plan, MXC_OP_NNP, .origin = "/process/user");
    ns_landlock_lower(plan, layout);
    MXC_PLAN_ADD(plan, MXC_OP_SECCOMP, .origin = "/syscalls/profile", .blob = from->filter,
                 .blob_length = from->filter_count * sizeof *from->filter,
                 .a = FILTER_NEW_LISTENER | FILTER_WAIT_KILLABLE_RECV);
    MXC_PLAN_ADD(plan, MXC_OP_VERIFY, .origin = "/containment");
}

static mxc_status check_size(const struct mxc_plan *plan, mxc_error **err) {
    size_t mapped = 0, ghosts = 0;
    for (size_t i = 0; i < plan->count; i++) {
        mapped += plan->ops[i].kind == MXC_OP_BIND && (plan->ops[i].a & MXC_BIND_IDMAP);
        ghosts += plan->ops[i].kind == MXC_OP_GHOST;
    }
    if (plan->failed)
        return mxc_fail_memory(err);
    if (plan->count <= MXC_PLAN_MAX_OPS && mxc_plan_encoded_length(plan) <= MXC_PLAN_MAX_BYTES &&
        mapped <= MAX_MAPPED && ghosts <= MAX_GHOSTS)
        return MXC_OK;
    return mxc_fail(err, MXC_E_UNSUPPORTED,
                    MXC_FAULT(.origin = "/filesystem", .hint = "grant a folder instead of the many paths in it"),
                    "the policy needs more mounts than one sandbox can have");
}

mxc_status ns_lower(struct mxc_plan *plan, const struct mxc_lowering *from, mxc_error **err) {
    NS_AUTO_LAYOUT struct ns_layout layout = {0};
    mxc_status status = ns_layout_build(&layout, from, err);
    if (status)
        return status;
    lower_keeper(plan, from);
    lower_namespaces(plan);
    ns_baseline_lower(plan, &layout);
    if (ns_grants_lower(plan, &layout))
        return mxc_fail_memory(err);
    lower_closing(plan, from);
    lower_init(plan, &layout);
    return check_size(plan, err);
}

const struct mxc_backend mxc_backend_namespaces = {
    .name = "namespaces",
    .containment = MXC_CONTAINMENT_PROCESS,
    .narrows = ns_narrows,
    .wants = ns_wants,
    .check = ns_check,
    .lower = ns_lower,
};
