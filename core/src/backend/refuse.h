/* refuse.h: what no wall of this version does, and the checks of a granted path that do not depend on the wall. */
#ifndef MXC_BACKEND_REFUSE_H
#define MXC_BACKEND_REFUSE_H

#include "backend/backend.h"

mxc_status mxc_unsupported(mxc_error **err, const char *origin, const char *hint, const char *what);
/* MXC_E_UNSUPPORTED, naming them, when system calls are not there that the wall needs. */
mxc_status mxc_refuse_calls(const struct mxc_host *host, int needs_mounts, mxc_error **err);
/* MXC_E_UNSUPPORTED for network, terminal, user and desktop grants. */
mxc_status mxc_refuse_later_work(const mxc_policy *policy, mxc_error **err);
/* MXC_E_PATH, MXC_E_UNSUPPORTED when the granted object is not there, of a kind that nobody grants, the kernel's own,
 * or nothing that the caller may hand on. */
mxc_status mxc_refuse_grant(const struct mxc_path_rule *rule, const struct mxc_path_fact *fact, mxc_error **err);

#endif
