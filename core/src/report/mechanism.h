/* mechanism.h: the names of what enforces rules, as receipts print them: the MXC_MECHANISM_ list of mxc.h. A new
 * name in a receipt begins there. */
#ifndef MXC_REPORT_MECHANISM_H
#define MXC_REPORT_MECHANISM_H

#include "mxc/mxc.h"

/* "mount", "cgroup memory", ...; "unknown" outside the list. */
const char *mxc_mechanism_text(mxc_mechanism mechanism);

#endif
