/* sweep.h: what a run has left in writable folders that some program of the host would trust: compared with what was
 * there before. */
#ifndef MXC_API_SWEEP_H
#define MXC_API_SWEEP_H

#include "api/prepare.h"
#include "report/result.h"

struct mxc_before;

/* Takes the walked trees out of `prepared`. NULL in `out` when there is nothing to compare. */
mxc_status mxc_before_take(struct mxc_before **out, struct mxc_prepared *prepared, mxc_error **err);
struct mxc_before *mxc_before_ref(struct mxc_before *before); /* NULL is fine */
void mxc_before_unref(struct mxc_before *before);
/* 1 when the walked folders have in them what they had. */
int mxc_before_still(const struct mxc_before *before);
/* Looks again and adds what is new. */
mxc_status mxc_before_compare(struct mxc_findings *out, const struct mxc_before *before, mxc_error **err);

/* The two above as a keeper wants them. */
mxc_status mxc_sweep_result(struct mxc_result *result, const void *before, mxc_error **err);
void mxc_sweep_release(void *before);

#endif
