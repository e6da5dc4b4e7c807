/* refuse.c: see refuse.h. Parts of the network grants, terminal and display are later work: a sandbox that silently had less than
 * its policy grants would only fail in stranger ways. */
#include "backend/refuse.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "policy/checks.h"
#include "policy/paths.h"

mxc_status mxc_unsupported(mxc_error **err, const char *origin, const char *hint, const char *what) {
    return mxc_fail(err, MXC_E_UNSUPPORTED, MXC_FAULT(.origin = origin, .hint = hint), "%s", what);
}

mxc_status mxc_refuse_calls(const struct mxc_host *host, int needs_mounts, mxc_error **err) {
    if ((needs_mounts && !host->mount_api) || !host->process_api)
        return mxc_fail(
            err, MXC_E_UNSUPPORTED,
            MXC_FAULT(.origin = "/containment",
                      .hint = "use Linux 5.12 or newer; in a container, let its system-call filter pass them"),
            "system calls that the process wall needs are not there: %s", host->lacking);
    if (!host->seccomp_notify)
        return mxc_unsupported(err, "/syscalls/profile",
                               "use Linux 5.19 or newer; in a container, let its system-call filter pass seccomp",
                               "seccomp cannot ask a supervisor (user notification) on this host");
    return MXC_OK;
}

static mxc_status refuse_network(const mxc_policy *policy, mxc_error **err) {
    if (policy->network.ingress_default != MXC_VERDICT_DENY)
        return mxc_unsupported(err, "/network/ingress/default",
                               "network.publish names the ports inside that the host may reach; remove the field",
                               "the policy grants network access in a way that is not enforced");
    if (policy->network.host_loopback != MXC_VERDICT_DENY)
        return mxc_unsupported(
            err, "/network/ingress/hostLoopback",
            "name what is wanted: network.publish for ports inside that the host may reach, "
            "an egress rule for 127.0.0.1 and a port for a service of the host",
            "the host's loopback as a whole, in both directions, cannot be granted: its services trust whoever "
            "reaches them, and the sandbox could stand in for those that are not running");
    return MXC_OK;
}

static mxc_status refuse_ui(const mxc_policy *policy, mxc_error **err) {
    static const char hint[] = "display, clipboard and input grants are not enforced by this version yet; remove it";
    static const char what[] = "the policy grants access to the user's desktop";
    if (policy->ui.enable)
        return mxc_unsupported(err, "/ui/disable", hint, what);
    if (policy->ui.clipboard)
        return mxc_unsupported(err, "/ui/clipboard", hint, what);
    if (policy->ui.injection)
        return mxc_unsupported(err, "/ui/injection", hint, what);
    return MXC_OK;
}

static mxc_status refuse_process(const mxc_policy *policy, mxc_error **err) {
    if (policy->process.tty)
        return mxc_unsupported(err, "/process/tty", "leave it out: a terminal is not given by this version yet",
                               "the policy asks for a terminal");
    if (policy->process.user && strcmp(policy->process.user, "mapped") != 0)
        return mxc_unsupported(err, "/process/user", "use \"mapped\": the only user of this version",
                               "the policy asks for another user inside");
    return MXC_OK;
}

mxc_status mxc_refuse_later_work(const mxc_policy *policy, mxc_error **err) {
    mxc_status status = refuse_process(policy, err);
    if (!status)
        status = refuse_network(policy, err);
    return status ? status : refuse_ui(policy, err);
}

/* ---- granted paths ---------------------------------------------------------------------------------------------- */

static mxc_status path_error(mxc_error **err, const struct mxc_path_rule *rule, const char *hint, const char *what) {
    struct mxc_quote quote;
    return mxc_fail(err, MXC_E_PATH, MXC_FAULT(.origin = rule->origin, .hint = hint), "%s %s",
                    mxc_quoted(&quote, rule->path), what);
}

/* What the sandbox makes itself is not to be had from the host. */
static mxc_status check_place(const struct mxc_path_rule *rule, const char *real, mxc_error **err) {
    static const char *const own[] = {"/proc", "/dev"};
    if (strcmp(real, "/") == 0)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = rule->origin, .hint = "grant the folders that are needed, one by one"),
                        "the whole host cannot be granted to a process sandbox");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (mxc_path_is_below(real, own[i]))
            return path_error(err, rule, "remove the rule: the sandbox has its own /proc and /dev",
                              "belongs to the kernel's own view of the host and cannot be granted");
    if (rule->access == MXC_ACCESS_WRITE && mxc_path_is_below(real, "/sys"))
        return path_error(err, rule, "use readonlyPaths", "would let the sandbox write to the kernel");
    return MXC_OK;
}

static const char *why_not(int sys_errno) {
    if (sys_errno == EACCES || sys_errno == EPERM)
        return "permission denied";
    return sys_errno == ELOOP ? "too many symbolic links, or one that is no text" : "the host refuses it";
}

mxc_status mxc_refuse_grant(const struct mxc_path_rule *rule, const struct mxc_path_fact *fact, mxc_error **err) {
    struct mxc_quote quote;
    if (!fact->real && fact->sys_errno != ENOENT && fact->sys_errno != ENOTDIR)
        return mxc_fail(err, MXC_E_PATH,
                        MXC_FAULT(.origin = rule->origin, .sys_errno = fact->sys_errno,
                                  .hint = "a policy can only hand on what the caller itself may open"),
                        "%s cannot be reached: %s", mxc_quoted(&quote, rule->path), why_not(fact->sys_errno));
    if (!fact->real)
        return path_error(err, rule, "create it first, or remove the rule", "does not exist");
    if (fact->type != MXC_OBJECT_FOLDER && fact->type != MXC_OBJECT_FILE)
        return path_error(err, rule, "grant a folder or a regular file",
                          "is a socket, pipe or device, and only folders and regular files can be granted");
    if (!fact->readable)
        return path_error(err, rule, "a policy can only hand on what the caller itself may do",
                          "may not be read by the caller");
    if (rule->access == MXC_ACCESS_WRITE && !fact->writable)
        return path_error(err, rule, "use readonlyPaths, or start as a user who may write there",
                          "may not be written by the caller");
    return check_place(rule, fact->real, err);
}
