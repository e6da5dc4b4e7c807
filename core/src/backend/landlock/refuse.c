/* refuse.c: what a host that forbids user namespaces must have all the same. */
#include "backend/landlock/wall.h"
#include "backend/refuse.h"
#include "base/error.h"

static mxc_status refuse_host(const struct mxc_host *host, mxc_error **err) {
    const struct mxc_path_fact *scratch = mxc_host_path(host, LL_SCRATCH_FOLDER);
    if (host->landlock_abi <= 0)
        return mxc_unsupported(err, "/containment", "\"mxc doctor\" prints the commands that enable one of them",
                               "neither user namespaces nor Landlock are available here");
    if (host->uid == 0 && !ll_session(host))
        return mxc_unsupported(err, "/process/user", "start mxc as another user, or enable user namespaces",
                               "without user namespaces root cannot become another user here, and would run the "
                               "command as root");
    if (!scratch || !scratch->real || scratch->type != MXC_OBJECT_FOLDER || !scratch->writable)
        return mxc_unsupported(err, LL_TMP, "make /tmp a folder that this user may write to",
                               "a private folder for temporary files cannot be made in /tmp");
    return mxc_refuse_calls(host, 0, err);
}

/* Without a network of its own there is nothing that could tell one connection from another. */
static mxc_status refuse_network(const mxc_policy *policy, mxc_error **err) {
    const char *origin = policy->network.allow.count      ? policy->network.allow.items[0].origin
                         : policy->network.proxy          ? "/runtimeConfig/networkProxy"
                         : policy->network.publish_count  ? "/network/publish"
                         : policy->network.egress_default ? "/network/egress/default"
                                                          : NULL;
    if (!origin)
        return MXC_OK;
    return mxc_unsupported(err, origin, "enable user namespaces (\"mxc doctor\" says how), or remove the rule",
                           "network grants need a network namespace, which this host does not allow");
}

mxc_status ll_refuse(const struct mxc_lowering *from, mxc_error **err) {
    const struct mxc_holds holds = mxc_holds_of(from, ll_session(from->host));
    mxc_status status = refuse_host(from->host, err);
    if (!status)
        status = mxc_refuse_later_work(from->policy, err);
    if (!status)
        status = refuse_network(from->policy, err);
    return status ? status : mxc_limits_refuse(from, &holds, err);
}
