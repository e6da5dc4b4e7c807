/* yield.c: the weight with which a sandbox is built ahead. */
#define _GNU_SOURCE
#include <sched.h>

#include "base/sys.h"
#include "keeper/keeper.h"

/* Batch work does not push aside what is running. A nice value would do more, but nobody without privileges can take it
 * back, and the workload would inherit it; this can be taken back. */
void mxc_keeper_yield(struct mxc_apply *apply) {
    const struct sched_param none = {0};
    if (mxc_sys(SYS_sched_getscheduler, 0) == SCHED_OTHER)
        apply->yields = mxc_sys(SYS_sched_setscheduler, 0, SCHED_BATCH, &none) == 0;
}

void mxc_keeper_yield_no_more(const struct mxc_apply *apply) {
    const struct sched_param none = {0};
    if (apply->yields)
        (void)mxc_sys(SYS_sched_setscheduler, 0, SCHED_OTHER, &none);
}
