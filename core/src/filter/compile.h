/* compile.h: decisions -> one BPF program. Used at build time for the two profiles (gen.c) and at run time for
 * a policy with its own lists. */
#ifndef MXC_FILTER_COMPILE_H
#define MXC_FILTER_COMPILE_H

#include "filter/filter.h"
#include "filter/tables.h"

struct mxc_decision {
    int number; /* native */
    enum mxc_call_verdict verdict;
    enum mxc_call_check check; /* with MXC_CALL_CHECK */
};

/* The decisions of a profile for the native machine: calls that it does not have are left out, and so are those
 * that get ENOSYS. At most mxc_call_count() are written. */
size_t mxc_decisions_of(int profile, struct mxc_decision *out);

/* At most one decision per number. The program is owned by `out`. */
mxc_status mxc_filter_compile(struct mxc_filter *out, const struct mxc_decision *decisions, size_t count,
                              mxc_error **err);

#endif
