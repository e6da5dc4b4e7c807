/* seccomp.c: loading the filter. Refused calls are answered by the keeper, so the program must bring a listener;
 * a second one cannot be made below it (EBUSY). */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>

#include "base/sys.h"
#include "ops/ops.h"

/* linux/seccomp.h; older headers lack them */
#define SET_FLAGS _IOW('!', 4, uint64_t)
#define SYNC_WAKE_UP 1UL

/* Who asks sleeps until the keeper has answered, so that one may have the processor: a quarter of the time. Kernels
 * before 6.6 do not know it. */
static void answer_at_once(int listener) { (void)ioctl(listener, SET_FLAGS, SYNC_WAKE_UP); }

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
    if (mxc_plan_find(apply->plan, MXC_OP_SPARES))
        answer_at_once(apply->listener);
    return 0;
}
