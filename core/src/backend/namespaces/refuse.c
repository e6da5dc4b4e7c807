/* refuse.c: what this host cannot do is said before anything starts, with the item and a remedy. */
#include "backend/limits.h"
#include "backend/namespaces/wall.h"
#include "backend/refuse.h"
#include "base/error.h"

static mxc_status refuse_host(const struct mxc_lowering *from, mxc_error **err) {
    const struct mxc_host *host = from->host;
    if (!host->user_namespaces)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = "/containment",
                                  .hint = "\"mxc doctor\" says what to do about it; onUnsupported \"report\" takes a "
                                          "weaker wall"),
                        "user namespaces are not available here%s%s", host->user_namespaces_why ? ": " : "",
                        host->user_namespaces_why ? host->user_namespaces_why : "");
    if (mxc_refuse_calls(host, 1, err))
        return MXC_E_UNSUPPORTED;
    if (ns_session(from) && !host->idmapped_mounts && from->policy->filesystem.count)
        return mxc_unsupported(err, "/filesystem", "use Linux 5.12 or newer, or start as an ordinary user",
                               "this kernel cannot map the owners of granted paths, which a start by root needs");
    if (host->landlock_abi <= 0 && !from->policy->report_unsupported)
        return mxc_unsupported(err, "/filesystem",
                               "boot with \"landlock\" in the lsm= list (Linux 5.13 or newer), or set onUnsupported "
                               "to \"report\" to do without this second lock",
                               "Landlock is not available on this host");
    return MXC_OK;
}

mxc_status ns_refuse(const struct mxc_lowering *from, mxc_error **err) {
    const struct mxc_holds holds = mxc_holds_of(from, ns_session(from));
    mxc_status status = refuse_host(from, err);
    if (!status)
        status = mxc_refuse_later_work(from->policy, err);
    if (!status)
        status = ns_network_refuse(from->policy, err);
    return status ? status : mxc_limits_refuse(from, &holds, err);
}
