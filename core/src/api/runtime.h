/* runtime.h: which parts of the host an interpreter needs, and whether a policy shows them or lets them be shown. */
#ifndef MXC_API_RUNTIME_H
#define MXC_API_RUNTIME_H

#include "api/interpreter.h"

/* Fills venv and tree. */
mxc_status mxc_runtime_survey(struct mxc_interpreter *interpreter, mxc_error **err);

/* The policy with these host paths readable besides, wherever it says nothing about them itself. A path that it
 * denies stays denied. Both lists may be NULL. */
mxc_status mxc_runtime_policy(mxc_policy **out, const mxc_policy *policy, const char *const *paths,
                              const struct mxc_strings *more, mxc_error **err);

#endif
