/* refuse.c: what this host or this version cannot do is said before anything starts, with the item and a remedy.
 * Parts of the network grants, terminal and display are later work: a sandbox that silently had less than its policy grants
 * would only fail in stranger ways. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/error.h"

static mxc_status unsupported(mxc_error **err, const char *origin, const char *hint, const char *what) {
    return mxc_fail(err, MXC_E_UNSUPPORTED, MXC_FAULT(.origin = origin, .hint = hint), "%s", what);
}

static mxc_status refuse_host(const struct mxc_lowering *from, mxc_error **err) {
    const struct mxc_host *host = from->host;
    if (!host->user_namespaces)
        return mxc_fail(
            err, MXC_E_UNSUPPORTED,
            MXC_FAULT(.origin = "/containment", .hint = "\"mxc doctor\" prints the command that enables them"),
            "user namespaces are not available here%s%s", host->user_namespaces_why ? ": " : "",
            host->user_namespaces_why ? host->user_namespaces_why : "");
    if (!host->mount_api)
        return unsupported(err, "/containment", "use Linux 5.12 or newer",
                           "this kernel lacks the mount calls of the process wall (open_tree, mount_setattr)");
    if (ns_session(from) && !host->idmapped_mounts && from->policy->filesystem.count)
        return unsupported(err, "/filesystem", "use Linux 5.12 or newer, or start as an ordinary user",
                           "this kernel cannot map the owners of granted paths, which a start by root needs");
    if (host->landlock_abi <= 0 && !from->policy->report_unsupported)
        return unsupported(err, "/filesystem",
                           "boot with \"landlock\" in the lsm= list (Linux 5.13 or newer), or set onUnsupported "
                           "to \"report\" to do without this second lock",
                           "Landlock is not available on this host");
    return MXC_OK;
}

static mxc_status refuse_network(const mxc_policy *policy, mxc_error **err) {
    static const char hint[] = "this version enforces rules of egress.allow for tcp; remove the field";
    static const char what[] = "the policy grants network access in a way that is not enforced";
    if (policy->network.egress_default != MXC_VERDICT_DENY)
        return unsupported(err, "/network/egress/default", hint, what);
    if (policy->network.ingress_default != MXC_VERDICT_DENY)
        return unsupported(err, "/network/ingress/default", hint, what);
    if (policy->network.host_loopback != MXC_VERDICT_DENY)
        return unsupported(err, "/network/ingress/hostLoopback", hint, what);
    if (policy->network.publish_count)
        return unsupported(err, "/network/publish", hint, what);
    if (policy->network.proxy)
        return unsupported(err, "/runtimeConfig/networkProxy", hint, what);
    return ns_network_refuse(policy, err);
}

static mxc_status refuse_ui(const mxc_policy *policy, mxc_error **err) {
    static const char hint[] = "display, clipboard and input grants are not enforced by this version yet; remove it";
    static const char what[] = "the policy grants access to the user's desktop";
    if (policy->ui.enable)
        return unsupported(err, "/ui/disable", hint, what);
    if (policy->ui.clipboard)
        return unsupported(err, "/ui/clipboard", hint, what);
    if (policy->ui.injection)
        return unsupported(err, "/ui/injection", hint, what);
    return MXC_OK;
}

static mxc_status refuse_process(const mxc_policy *policy, mxc_error **err) {
    if (policy->process.tty)
        return unsupported(err, "/process/tty", "leave it out: a terminal is not given by this version yet",
                           "the policy asks for a terminal");
    if (policy->process.user && strcmp(policy->process.user, "mapped") != 0)
        return unsupported(err, "/process/user", "use \"mapped\": the only user of this version",
                           "the policy asks for another user inside");
    return MXC_OK;
}

static mxc_status refuse_limits(const struct mxc_lowering *from, mxc_error **err) {
    const mxc_policy *policy = from->policy;
    const struct mxc_limits limits = mxc_limits_effective(policy);
    const struct ns_holds holds = ns_holds(from);
    if (policy->report_unsupported)
        return MXC_OK; /* the receipt says "none" */
    if (limits.millicpus && !holds.cpu)
        return unsupported(err, "/limits/cpus",
                           "start as root with a cpu cgroup, leave it out, or set onUnsupported to \"report\"",
                           "a share of the processors can only be held by a cgroup, and none can be had");
    if (policy->limits.swap_bytes != MXC_UNSET && !holds.memory)
        return unsupported(err, "/limits/swapBytes",
                           "start as root with a memory cgroup, leave it out, or set onUnsupported to \"report\"",
                           "swap can only be held by a cgroup, and none can be had");
    if (limits.disk_bytes)
        return unsupported(err, "/limits/diskBytes",
                           "leave it out (limits.fileBytes limits each file), or set onUnsupported to \"report\"",
                           "a limit on the disk space of writable paths is not enforced by this version yet");
    return MXC_OK;
}

mxc_status ns_refuse(const struct mxc_lowering *from, mxc_error **err) {
    mxc_status status = refuse_host(from, err);
    if (!status)
        status = refuse_process(from->policy, err);
    if (!status)
        status = refuse_network(from->policy, err);
    if (!status)
        status = refuse_ui(from->policy, err);
    return status ? status : refuse_limits(from, err);
}
