/* sandbox.h: what running in a sandbox of its own, in an open one and in a pool's have in common. */
#ifndef MXC_API_SANDBOX_H
#define MXC_API_SANDBOX_H

#include "mxc/mxc.h"

/* MXC_E_INVALID_ARGUMENT where waiting would never end: with a pipe it would be for a command that waits for somebody at
 * its other end. */
mxc_status mxc_check_runnable(void *out, const mxc_command *command, mxc_error **err);
/* Waits for the result and frees the process. */
mxc_status mxc_process_end_with(mxc_result **out, mxc_process *process, mxc_error **err);

#endif
