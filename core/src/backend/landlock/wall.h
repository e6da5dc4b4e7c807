/* wall.h: inside the process wall for hosts that forbid user namespaces: files by Landlock, system calls and sockets by
 * seccomp, everything on the host's own tree. Landlock only ever adds up: what is granted above a path cannot be taken
 * away below it, so a policy that needs that is refused. Pure: facts come from the host description. */
#ifndef MXC_BACKEND_LANDLOCK_WALL_H
#define MXC_BACKEND_LANDLOCK_WALL_H

#include "backend/backend.h"
#include "backend/limits.h"

#define LL_BASELINE "/filesystem/baseline"
#define LL_PROTECTED "/filesystem/protectedNames"
#define LL_TMP "/filesystem/tmpBytes"
#define LL_SCRATCH_FOLDER "/tmp"

struct ll_place {     /* a path with rights; the rules of the policy and the parts of the baseline */
    const char *path; /* without symbolic links */
    const char *origin;
    const struct mxc_path_fact *fact;
    const struct mxc_path_rule *rule; /* NULL: a part of the baseline */
    mxc_access access;                /* of a rule */
    int overruled;                    /* a stricter rule has the same object: no rights from this one */
};

struct ll_places {
    const struct mxc_lowering *from;
    struct ll_place *items; /* in the order of the policy, then the baseline */
    size_t count, capacity;
};
#define LL_AUTO_PLACES __attribute__((cleanup(ll_places_clear)))

/* wall.c: what the host gives. */
int ll_session(const struct mxc_host *host);        /* the workload gets a uid of its own */
int ll_scopes_signals(const struct mxc_host *host); /* by Landlock */
unsigned int ll_narrows(const mxc_policy *policy, const struct mxc_host *host);
int ll_grants_reading(const mxc_policy *policy); /* of paths that the caller may own */
mxc_status ll_wants(struct mxc_wants *out, unsigned round, const mxc_policy *policy, const struct mxc_host *host,
                    mxc_error **err);

/* places.c: MXC_E_PATH, MXC_E_UNSUPPORTED for what Landlock cannot express or the workload could not use. */
mxc_status ll_places_build(struct ll_places *places, const struct mxc_lowering *from, mxc_error **err);
void ll_places_clear(struct ll_places *places);

/* refuse.c: what this host cannot do even so */
mxc_status ll_refuse(const struct mxc_lowering *from, mxc_error **err);

/* check.c, lower.c: the functions of struct mxc_backend */
mxc_status ll_check(struct mxc_receipt *receipt, const struct mxc_lowering *from, mxc_error **err);
mxc_status ll_lower(struct mxc_plan *plan, const struct mxc_lowering *from, mxc_error **err);

#endif
