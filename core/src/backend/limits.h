/* limits.h: what walls of processes share about limits: which a cgroup holds, their part of the plan, their lines in
 * the receipt, and those that nothing here can hold. */
#ifndef MXC_BACKEND_LIMITS_H
#define MXC_BACKEND_LIMITS_H

#include "backend/backend.h"

struct mxc_holds { /* which limits a cgroup holds */
    const struct mxc_cgroup_place *memory, *pids, *cpu, *cpuacct;
};

/* `session`: started by root. An ordinary user has only groups of v2, delegated to him: elsewhere the kernel lets nobody
 * else move a process. */
struct mxc_holds mxc_holds_of(const struct mxc_lowering *from, int session);
void mxc_limits_lower_keeper(struct mxc_plan *plan, const struct mxc_lowering *from, const struct mxc_holds *holds);
/* `shared_uid`: RLIMIT_NPROC counts what the caller runs on the host too. */
void mxc_limits_lower_init(struct mxc_plan *plan, const struct mxc_lowering *from, const struct mxc_holds *holds,
                           int shared_uid);
/* MXC_E_UNSUPPORTED for a limit that needs a cgroup, unless the policy asks for a report. */
mxc_status mxc_limits_refuse(const struct mxc_lowering *from, const struct mxc_holds *holds, mxc_error **err);
void mxc_limits_lines(struct mxc_receipt *receipt, const struct mxc_lowering *from, const struct mxc_holds *holds,
                      int shared_uid);

#endif
