/* table.c: which function applies which op, in which stage, and the one loop over a plan. */
#include <errno.h>

#include "ops/ops.h"

static const struct {
    enum mxc_apply_stage stage;
    mxc_op_function apply;
} table[MXC_OP_KINDS] = {
    [MXC_OP_IDENTITY] = {MXC_APPLY_KEEPER, mxc_op_identity},
    [MXC_OP_CGROUP] = {MXC_APPLY_KEEPER, mxc_op_cgroup},
    [MXC_OP_CGROUP_SET] = {MXC_APPLY_KEEPER, mxc_op_cgroup_set},
    [MXC_OP_WATCH] = {MXC_APPLY_KEEPER, mxc_op_watch},
    [MXC_OP_RELAY] = {MXC_APPLY_NONE, NULL}, /* keeper/relay.c */
    [MXC_OP_SCRATCH] = {MXC_APPLY_KEEPER, mxc_op_scratch},
    [MXC_OP_NAMESPACES] = {MXC_APPLY_NONE, NULL}, /* the clone itself: keeper/start.c */
    [MXC_OP_LOOPBACK] = {MXC_APPLY_BUILDER, mxc_op_loopback},
    [MXC_OP_HOSTNAME] = {MXC_APPLY_BUILDER, mxc_op_hostname},
    [MXC_OP_ROUTES] = {MXC_APPLY_BUILDER, mxc_op_routes},
    [MXC_OP_LISTEN] = {MXC_APPLY_BUILDER, mxc_op_listen},
    [MXC_OP_ROOT] = {MXC_APPLY_BUILDER, mxc_op_root},
    [MXC_OP_DIR] = {MXC_APPLY_BUILDER, mxc_op_dir},
    [MXC_OP_FILE] = {MXC_APPLY_BUILDER, mxc_op_file},
    [MXC_OP_SYMLINK] = {MXC_APPLY_BUILDER, mxc_op_symlink},
    [MXC_OP_BIND] = {MXC_APPLY_BUILDER, mxc_op_bind},
    [MXC_OP_TMPFS] = {MXC_APPLY_BUILDER, mxc_op_tmpfs},
    [MXC_OP_DEVPTS] = {MXC_APPLY_BUILDER, mxc_op_devpts},
    [MXC_OP_PROC] = {MXC_APPLY_BUILDER, mxc_op_proc},
    [MXC_OP_DEVICE] = {MXC_APPLY_BUILDER, mxc_op_device},
    [MXC_OP_MASK] = {MXC_APPLY_BUILDER, mxc_op_mask},
    [MXC_OP_GHOST] = {MXC_APPLY_BUILDER, mxc_op_ghost},
    [MXC_OP_SEAL_NAMESPACES] = {MXC_APPLY_BUILDER, mxc_op_seal_namespaces},
    [MXC_OP_PIVOT] = {MXC_APPLY_BUILDER, mxc_op_pivot},
    [MXC_OP_LOCK] = {MXC_APPLY_BUILDER, mxc_op_lock},
    [MXC_OP_CHILD] = {MXC_APPLY_BUILDER, mxc_op_child},
    [MXC_OP_RLIMIT] = {MXC_APPLY_INIT, mxc_op_rlimit},
    [MXC_OP_CAPS] = {MXC_APPLY_INIT, mxc_op_caps},
    [MXC_OP_NNP] = {MXC_APPLY_INIT, mxc_op_nnp},
    [MXC_OP_LANDLOCK_RULE] = {MXC_APPLY_INIT, mxc_op_landlock_rule},
    [MXC_OP_LANDLOCK] = {MXC_APPLY_INIT, mxc_op_landlock},
    [MXC_OP_SECCOMP] = {MXC_APPLY_INIT, mxc_op_seccomp},
    [MXC_OP_VERIFY] = {MXC_APPLY_INIT, mxc_op_verify},
};

/* A bind that is ID-mapped is opened by the keeper, on the host, while it still may; every other one by the
 * builder, because a descriptor from before the new mount namespace cannot be cloned in it (EINVAL). */
static int apply_in_keeper(struct mxc_apply *apply, const struct mxc_op *op) {
    if (op->kind == MXC_OP_BIND)
        return apply->session && (op->a & MXC_BIND_IDMAP) ? mxc_op_bind_acquire(apply, op) : 0;
    if (op->kind == MXC_OP_GHOST) /* a folder on the host, and then a mount on it */
        return mxc_op_ghost_make(apply, op);
    return table[op->kind].stage == MXC_APPLY_KEEPER ? table[op->kind].apply(apply, op) : 0;
}

int mxc_apply_stage(struct mxc_apply *apply, enum mxc_apply_stage stage, uint32_t *failed) {
    for (uint32_t i = 0; i < apply->plan->op_count; i++) {
        const struct mxc_op *op = &apply->plan->ops[i];
        int result = 0;
        if (op->kind == 0 || op->kind >= MXC_OP_KINDS)
            result = -EINVAL;
        else if (stage == MXC_APPLY_KEEPER)
            result = apply_in_keeper(apply, op);
        else if (table[op->kind].stage == stage)
            result = table[op->kind].apply(apply, op);
        if (result < 0) {
            *failed = i;
            return result;
        }
    }
    return 0;
}
