/* wall.c: what the wall takes from the host description, and the wall itself. */
#include "backend/landlock/wall.h"

#include "backend/system_view.h"
#include "base/error.h"
#include "filter/filter.h"
#include "policy/model.h"

#define ABI_TRUNCATE 3
#define ABI_SCOPES 6

int ll_session(const struct mxc_host *host) { return host->uid == 0 && host->own_uids; }

int ll_scopes_signals(const struct mxc_host *host) { return host->landlock_abi >= ABI_SCOPES; }

int ll_grants_reading(const mxc_policy *policy) {
    for (size_t i = 0; i < policy->filesystem.count; i++)
        if (policy->filesystem.rules[i].access == MXC_ACCESS_READ)
            return 1;
    return 0;
}

/* A uid of its own owns nothing on the host and has no other process, so what needs an owner is harmless. Through a
 * descriptor an owner changes what is granted, which must not be read-only then. */
unsigned int ll_narrows(const mxc_policy *policy, const struct mxc_host *host) {
    unsigned int narrow = MXC_NARROW_SOCKETS | MXC_NARROW_OBJECTS;
    if (host->landlock_abi < ABI_TRUNCATE)
        narrow |= MXC_NARROW_TRUNCATE;
    if (!ll_session(host))
        narrow |= MXC_NARROW_METADATA | MXC_NARROW_OTHERS;
    if (!ll_session(host) && ll_grants_reading(policy))
        narrow |= MXC_NARROW_OPENED;
    if (!ll_session(host) && !ll_scopes_signals(host))
        narrow |= MXC_NARROW_KILL;
    return narrow;
}

mxc_status ll_wants(struct mxc_strings *out, const mxc_policy *policy, mxc_error **err) {
    int failed = mxc_strings_add(out, LL_SCRATCH_FOLDER);
    for (size_t i = 0; !failed && i < policy->filesystem.count; i++)
        failed = mxc_strings_add(out, policy->filesystem.rules[i].path);
    if (policy->filesystem.baseline == MXC_BASELINE_SYSTEM) {
        for (size_t i = 0; !failed && i < MXC_SYSTEM_FOLDERS; i++)
            failed = mxc_strings_add(out, mxc_system_folders[i]);
        for (size_t i = 0; !failed && i < MXC_ETC_PARTS; i++)
            failed = mxc_strings_add(out, mxc_etc_parts[i]);
    }
    if (failed)
        return mxc_fail_memory(err);
    mxc_strings_sort_unique(out);
    return MXC_OK;
}

const struct mxc_backend mxc_backend_landlock = {
    .name = "landlock",
    .containment = MXC_CONTAINMENT_PROCESS,
    .narrows = ll_narrows,
    .scratch = LL_SCRATCH_FOLDER,
    .wants = ll_wants,
    .check = ll_check,
    .lower = ll_lower,
};
