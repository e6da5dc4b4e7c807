/* table.c: which function applies which op, in which stage, and the one loop over a plan. */
#include <errno.h>

#include "ops/ops.h"

static const struct {
    enum mxc_apply_stage stage;
    mxc_op_function apply;
    enum mxc_time time;
} table[MXC_OP_KINDS] = {
    [MXC_OP_IDENTITY] = {MXC_APPLY_KEEPER, mxc_op_identity},
    [MXC_OP_CGROUP] = {MXC_APPLY_KEEPER, mxc_op_cgroup, MXC_TIME_CGROUPS},
    [MXC_OP_CGROUP_SET] = {MXC_APPLY_KEEPER, mxc_op_cgroup_set, MXC_TIME_CGROUPS},
    [MXC_OP_WATCH] = {MXC_APPLY_KEEPER, mxc_op_watch, MXC_TIME_CGROUPS},
    [MXC_OP_RELAY] = {MXC_APPLY_NONE, NULL}, /* keeper/relay.c */
    [MXC_OP_PUBLISH] = {MXC_APPLY_KEEPER, mxc_op_publish, MXC_TIME_RELAY},
    [MXC_OP_DIALERS] = {MXC_APPLY_BUILDER, mxc_op_dialers, MXC_TIME_NETWORK},
    [MXC_OP_SPARES] = {MXC_APPLY_BUILDER, mxc_op_spares, MXC_TIME_NETWORK},
    [MXC_OP_SCRATCH] = {MXC_APPLY_KEEPER, mxc_op_scratch, MXC_TIME_LOAD},
    [MXC_OP_NAMESPACES] = {MXC_APPLY_NONE, NULL}, /* the clone itself: keeper/start.c */
    [MXC_OP_LOOPBACK] = {MXC_APPLY_BUILDER, mxc_op_loopback, MXC_TIME_NETWORK},
    [MXC_OP_HOSTNAME] = {MXC_APPLY_BUILDER, mxc_op_hostname, MXC_TIME_NETWORK},
    [MXC_OP_ROUTES] = {MXC_APPLY_BUILDER, mxc_op_routes, MXC_TIME_NETWORK},
    [MXC_OP_LISTEN] = {MXC_APPLY_BUILDER, mxc_op_listen, MXC_TIME_NETWORK},
    [MXC_OP_ROOT] = {MXC_APPLY_BUILDER, mxc_op_root, MXC_TIME_TREE},
    [MXC_OP_DIR] = {MXC_APPLY_BUILDER, mxc_op_dir, MXC_TIME_TREE},
    [MXC_OP_FILE] = {MXC_APPLY_BUILDER, mxc_op_file, MXC_TIME_TREE},
    [MXC_OP_SYMLINK] = {MXC_APPLY_BUILDER, mxc_op_symlink, MXC_TIME_TREE},
    [MXC_OP_BIND] = {MXC_APPLY_BUILDER, mxc_op_bind, MXC_TIME_BINDS},
    [MXC_OP_TMPFS] = {MXC_APPLY_BUILDER, mxc_op_tmpfs, MXC_TIME_MOUNTS},
    [MXC_OP_DEVPTS] = {MXC_APPLY_BUILDER, mxc_op_devpts, MXC_TIME_MOUNTS},
    [MXC_OP_PROC] = {MXC_APPLY_BUILDER, mxc_op_proc, MXC_TIME_MOUNTS},
    [MXC_OP_DEVICE] = {MXC_APPLY_BUILDER, mxc_op_device, MXC_TIME_DEVICES},
    [MXC_OP_MASK] = {MXC_APPLY_BUILDER, mxc_op_mask, MXC_TIME_MASKS},
    [MXC_OP_GHOST] = {MXC_APPLY_BUILDER, mxc_op_ghost, MXC_TIME_COVERS},
    [MXC_OP_SEAL_NAMESPACES] = {MXC_APPLY_BUILDER, mxc_op_seal_namespaces, MXC_TIME_CLOSE},
    [MXC_OP_PIVOT] = {MXC_APPLY_BUILDER, mxc_op_pivot, MXC_TIME_CLOSE},
    [MXC_OP_LOCK] = {MXC_APPLY_BUILDER, mxc_op_lock, MXC_TIME_CLOSE},
    [MXC_OP_CHILD] = {MXC_APPLY_BUILDER, mxc_op_child, MXC_TIME_IDS},
    [MXC_OP_RLIMIT] = {MXC_APPLY_INIT, mxc_op_rlimit, MXC_TIME_RIGHTS},
    [MXC_OP_CAPS] = {MXC_APPLY_INIT, mxc_op_caps, MXC_TIME_RIGHTS},
    [MXC_OP_NNP] = {MXC_APPLY_INIT, mxc_op_nnp, MXC_TIME_RIGHTS},
    [MXC_OP_LANDLOCK_RULE] = {MXC_APPLY_INIT, mxc_op_landlock_rule, MXC_TIME_LANDLOCK},
    [MXC_OP_LANDLOCK] = {MXC_APPLY_INIT, mxc_op_landlock, MXC_TIME_LANDLOCK},
    [MXC_OP_SECCOMP] = {MXC_APPLY_INIT, mxc_op_seccomp, MXC_TIME_SECCOMP},
    [MXC_OP_VERIFY] = {MXC_APPLY_INIT, mxc_op_verify, MXC_TIME_VERIFY},
};

/* A bind that is ID-mapped is opened by the keeper, on the host, while it still may (handover.c); every other one by the
 * builder, because a descriptor from before the new mount namespace cannot be cloned in it (EINVAL). A ghost is a folder
 * on the host, and then a mount on it. NULL: nothing to do in this stage. */
static mxc_op_function function_for(const struct mxc_apply *apply, enum mxc_apply_stage stage, const struct mxc_op *op,
                                    enum mxc_time *time) {
    *time = table[op->kind].time;
    if (stage == MXC_APPLY_GRANTS) {
        *time = MXC_TIME_GRANTS;
        return op->kind == MXC_OP_BIND && apply->session && (op->a & MXC_BIND_IDMAP) ? mxc_op_bind_acquire : NULL;
    }
    if (stage == MXC_APPLY_GHOSTS) {
        *time = MXC_TIME_GHOSTS;
        return op->kind == MXC_OP_GHOST ? mxc_op_ghost_make : NULL;
    }
    return table[op->kind].stage == stage ? table[op->kind].apply : NULL;
}

int mxc_apply_stage(struct mxc_apply *apply, enum mxc_apply_stage stage, uint32_t *failed) {
    enum mxc_time before = MXC_TIMES, now;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < apply->plan->op_count; i++) {
        const struct mxc_op *op = &apply->plan->ops[i];
        *failed = i;
        if (op->kind == 0 || op->kind >= MXC_OP_KINDS)
            return -EINVAL;
        mxc_op_function function = function_for(apply, stage, op, &now);
        if (!function)
            continue;
        if (now != before && before != MXC_TIMES)
            mxc_time_spent(&apply->times, before);
        before = now;
        result = function(apply, op);
    }
    if (before != MXC_TIMES)
        mxc_time_spent(&apply->times, before);
    return result < 0 ? result : 0;
}
