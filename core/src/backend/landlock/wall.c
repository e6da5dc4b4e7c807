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
    unsigned int narrow = MXC_NARROW_SOCKETS | MXC_NARROW_OBJECTS | MXC_NARROW_UNSEEN;
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

/* Denied folders are searched for files that have another name. */
static int want_links(struct mxc_wants *out, const mxc_policy *policy, const struct mxc_host *host) {
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        const struct mxc_path_rule *rule = &policy->filesystem.rules[i];
        const struct mxc_path_fact *fact = mxc_host_path(host, rule->path);
        if (rule->access == MXC_ACCESS_DENY && fact && fact->real && fact->type == MXC_OBJECT_FOLDER &&
            mxc_strings_add(&out->denied, fact->real))
            return -1;
    }
    return 0;
}

mxc_status ll_wants(struct mxc_wants *out, unsigned round, const mxc_policy *policy, const struct mxc_host *host,
                    mxc_error **err) {
    if (round)
        return round == 1 && want_links(out, policy, host) ? mxc_fail_memory(err) : MXC_OK;
    int failed = mxc_strings_add(&out->paths, LL_SCRATCH_FOLDER);
    for (size_t i = 0; !failed && i < policy->filesystem.count; i++)
        failed = mxc_strings_add(&out->paths, policy->filesystem.rules[i].path);
    if (policy->filesystem.baseline == MXC_BASELINE_SYSTEM) {
        for (size_t i = 0; !failed && i < MXC_SYSTEM_FOLDERS; i++)
            failed = mxc_strings_add(&out->paths, mxc_system_folders[i]);
        for (size_t i = 0; !failed && i < MXC_ETC_PARTS; i++)
            failed = mxc_strings_add(&out->paths, mxc_etc_parts[i]);
    }
    if (failed)
        return mxc_fail_memory(err);
    mxc_strings_sort_unique(&out->paths);
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
