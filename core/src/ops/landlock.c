/* landlock.c: the second lock on files: rules on what the mounts left visible, and no signals or abstract sockets
 * to anything outside. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/sys.h"
#include "ops/ops.h"

/* Rights that make sense on something that is not a folder (linux/landlock.h: the kernel says EINVAL else). */
#define FILE_RIGHTS \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | 1ull << 14 | \
     1ull << 15)

struct ruleset_attr { /* as of ABI 6; older kernels take the front part */
    uint64_t handled_access_fs, handled_access_net, scoped;
};

static size_t attr_size(uint64_t abi) { return abi >= 6 ? 24 : abi >= 4 ? 16 : 8; }

static int open_ruleset(struct mxc_apply *apply) {
    for (uint32_t i = 0; i < apply->plan->op_count; i++) {
        const struct mxc_op *op = &apply->plan->ops[i];
        if (op->kind != MXC_OP_LANDLOCK)
            continue;
        struct ruleset_attr attr = {
            .handled_access_fs = op->a, .handled_access_net = op->b >> 32, .scoped = op->b & UINT32_MAX};
        apply->ruleset = (int)mxc_sys(SYS_landlock_create_ruleset, &attr, attr_size(op->d), 0);
        return apply->ruleset < 0 ? apply->ruleset : 0;
    }
    return -EINVAL; /* rules without the op that enforces them */
}

int mxc_op_landlock_rule(struct mxc_apply *apply, const struct mxc_op *op) {
    struct stat found;
    int result = apply->ruleset < 0 ? open_ruleset(apply) : 0;
    if (result < 0)
        return result;
    MXC_AUTO_FD int object = open(mxc_plan_text_at(apply->plan, op->text), O_PATH | O_CLOEXEC);
    if (object < 0 || fstat(object, &found) != 0)
        return -errno;
    if (op->d && (found.st_dev != op->b || found.st_ino != op->c || (found.st_mode & S_IFMT) != op->d))
        return -ESTALE;
    struct landlock_path_beneath_attr rule = {.allowed_access = op->a, .parent_fd = object};
    if (!S_ISDIR(found.st_mode))
        rule.allowed_access &= FILE_RIGHTS;
    if (!rule.allowed_access)
        return 0;
    return (int)mxc_sys(SYS_landlock_add_rule, apply->ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

int mxc_op_landlock(struct mxc_apply *apply, const struct mxc_op *op) {
    int result = apply->ruleset < 0 ? open_ruleset(apply) : 0;
    if (result == 0)
        result = (int)mxc_sys(SYS_landlock_restrict_self, apply->ruleset, op->c);
    mxc_close(&apply->ruleset);
    return result;
}
