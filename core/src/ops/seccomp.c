/* seccomp.c: loading the filter. Refused calls are answered by the keeper, so the program must bring a listener;
 * a second one cannot be made below it (EBUSY). */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/sys.h"
#include "ops/ops.h"

int mxc_op_seccomp(struct mxc_apply *apply, const struct mxc_op *op) {
    struct sock_fprog program = {
        .len = (unsigned short)(op->blob_length / sizeof(struct sock_filter)),
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): the field is not const, the kernel only reads */
        .filter = (struct sock_filter *)(uintptr_t)(apply->plan->blobs + op->blob),
    };
    if (!program.len || op->blob_length % sizeof(struct sock_filter) ||
        op->blob_length / sizeof(struct sock_filter) > BPF_MAXINSNS)
        return -EINVAL;
    long result = mxc_sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, op->a | SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (result < 0)
        return (int)result;
    apply->listener = (int)result;
    return 0;
}
