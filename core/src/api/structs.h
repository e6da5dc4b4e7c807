/* structs.h: reading the structs that the caller fills. The only place that knows of struct_size: behind it, every
 * field of this version is there. */
#ifndef MXC_API_STRUCTS_H
#define MXC_API_STRUCTS_H

#include "mxc/mxc.h"

/* Smaller than the first version: an error. Larger than ours: accepted when the part that we do not know is zero,
 * because an unknown field may be a restriction. */
mxc_status mxc_command_read(mxc_command *out, const mxc_command *given, mxc_error **err);
/* NULL gives the defaults. */
mxc_status mxc_options_read(mxc_sandbox_options *out, const mxc_sandbox_options *given, mxc_error **err);

/* The same, with the defaults filled in. */
mxc_status mxc_pool_options_read(mxc_pool_options *out, const mxc_pool_options *given, mxc_error **err);

/* MXC_E_INVALID_ARGUMENT: `what` must not be NULL. */
mxc_status mxc_fail_null(mxc_error **err, const char *what);

#endif
