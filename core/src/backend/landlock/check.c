/* check.c: the receipt of a sandbox without namespaces. What is weaker than in one with namespaces has a line of its own
 * with the level "none" and the reason. */
#include <string.h>

#include "backend/landlock/wall.h"
#include "backend/lines.h"
#include "base/error.h"
#include "policy/model.h"

static void containment_lines(struct mxc_receipt *receipt, const struct mxc_host *host) {
    MXC_AUTO_BUF struct mxc_buf why = {0};
    mxc_buf_format(&why, "user namespaces are not available here: %s",
                   host->user_namespaces       ? "the mount calls of the kernel are missing or refused"
                   : host->user_namespaces_why ? host->user_namespaces_why
                                               : "refused");
    LINE(receipt, .item = "/containment", .rule = "process wall without namespaces: files, sockets, system calls",
         .mechanism = "landlock, seccomp", .level = MXC_LEVEL_KERNEL, .note = mxc_receipt_text(receipt, &why));
    LINE(receipt, .item = "/containment", .rule = "own view of processes, host name and clocks", .mechanism = "",
         .level = MXC_LEVEL_NONE,
         .note = "needs namespaces: the host's name is seen, and which process ids exist; /proc is closed");
    LINE(receipt, .item = "/containment", .rule = "no ipc objects of the host", .mechanism = "seccomp",
         .level = MXC_LEVEL_KERNEL, .note = "System V and POSIX ipc are refused altogether");
}

static void signal_lines(struct mxc_receipt *receipt, const struct mxc_host *host) {
    int session = ll_session(host), bounded = session || ll_scopes_signals(host);
    LINE(receipt, .item = "/containment", .rule = "no signals to processes outside",
         .mechanism = !bounded  ? ""
                      : session ? "capabilities"
                                : "landlock",
         .level = bounded ? MXC_LEVEL_KERNEL : MXC_LEVEL_NONE,
         .note = bounded ? NULL
                         : "needs a user namespace, or Landlock ABI 6: processes of the same user can be ended, the "
                           "keeper too");
    LINE(receipt, .item = "/containment", .rule = "nothing is left when the sandbox ends", .mechanism = "keeper, init",
         .level = bounded ? MXC_LEVEL_SUPERVISOR : MXC_LEVEL_NONE,
         .note = bounded ? "needs a pid namespace to be sure at once: processes are found and killed in rounds"
                         : "who ends the keeper and init first can stay, as confined as before");
    LINE(receipt, .item = "/containment", .rule = "no change of other processes' limits and priorities",
         .mechanism = session ? "capabilities" : "seccomp", .level = MXC_LEVEL_KERNEL);
}

static void process_lines(struct mxc_receipt *receipt, const struct mxc_lowering *from) {
    const mxc_policy *policy = from->policy;
    int session = ll_session(from->host);
    LINE(receipt, .item = "/process/user", .rule = "unprivileged user without any capability",
         .mechanism = "capabilities, no_new_privs", .level = MXC_LEVEL_KERNEL,
         .note = session ? "on the host: a user id of its own, which only may what everybody may and owns what it makes"
                         : "on the host and inside: the caller's user id and groups");
    LINE(receipt, .item = "/process/env",
         .rule = policy->process.has_env ? "the environment that the policy lists" : "clean default environment",
         .mechanism = "init", .level = MXC_LEVEL_SUPERVISOR);
    LINE(receipt, .item = "/process/tty", .rule = "no terminal, own session, empty keyring",
         .mechanism = "session, keyring, seccomp", .level = MXC_LEVEL_KERNEL);
    LINE(receipt, .item = "/process", .rule = "only the descriptors 0, 1 and 2", .mechanism = "close_range",
         .level = MXC_LEVEL_KERNEL);
    if (policy->lifecycle.keep_on_exit || policy->lifecycle.preserve_policy)
        LINE(receipt, .item = "/lifecycle", .rule = "keep the sandbox", .mechanism = "", .level = MXC_LEVEL_NONE,
             .note = "a process sandbox leaves nothing that could be kept");
}

static void path_line(struct mxc_receipt *receipt, const struct ll_place *place) {
    static const char *const words[] = {"no access to", "read-only", "read and write"};
    MXC_AUTO_BUF struct mxc_buf rule = {0};
    MXC_AUTO_BUF struct mxc_buf note = {0};
    mxc_buf_format(&rule, "%s %s", words[place->access], place->rule->path);
    if (place->fact->real && strcmp(place->fact->real, place->rule->path) != 0)
        mxc_buf_format(&note, "leads to %s", place->fact->real);
    if (place->access == MXC_ACCESS_DENY)
        mxc_buf_format(&note, "%sother names of its files, hard links, are not covered where they are visible",
                       note.length ? "; " : "");
    if (place->overruled)
        mxc_buf_format(&note, "%sthe same object as another rule of this policy, which is stricter",
                       note.length ? "; " : "");
    LINE(receipt, .item = place->origin, .rule = mxc_receipt_text(receipt, &rule), .level = MXC_LEVEL_KERNEL,
         .mechanism = "landlock", .note = note.length || note.failed ? mxc_receipt_text(receipt, &note) : NULL);
}

static void metadata_lines(struct mxc_receipt *receipt, const struct mxc_lowering *from) {
    const struct mxc_host *host = from->host;
    const char *how = ll_grants_reading(from->policy)
                          ? "cannot be changed at all, also inside writable paths; what syscalls.allow lists of these "
                            "calls reaches every file of the user"
                          : "cannot be changed by path, only through an open descriptor; what syscalls.allow lists of "
                            "these calls reaches every file of the user";
    LINE(receipt, .item = "/filesystem", .rule = "names, sizes and times of files that are not granted",
         .mechanism = "", .level = MXC_LEVEL_NONE,
         .note = "needs a mount namespace: stat and readlink work wherever the user may go on the host");
    if (ll_session(host))
        LINE(receipt, .item = "/filesystem", .rule = "mode, owner, times and attributes of files outside",
             .mechanism = "capabilities", .level = MXC_LEVEL_KERNEL,
             .note =
                 "the user id of the sandbox owns nothing outside; times and attributes of what everybody may write "
                 "can be changed");
    else
        LINE(receipt, .item = "/filesystem", .rule = "mode, owner, times and attributes of files",
             .mechanism = "seccomp", .level = MXC_LEVEL_KERNEL, .note = how);
}

static void protected_lines(struct mxc_receipt *receipt, const struct ll_places *places) {
    int is_writable = 0;
    for (size_t i = 0; i < places->count; i++)
        is_writable |= places->items[i].access == MXC_ACCESS_WRITE && !places->items[i].overruled;
    if (is_writable)
        LINE(receipt, .item = LL_PROTECTED, .rule = "protected names inside writable paths", .mechanism = "",
             .level = MXC_LEVEL_NONE,
             .note = "needs a mount namespace: Landlock cannot take away below a granted path");
    else
        LINE(receipt, .item = LL_PROTECTED, .rule = "protected names: there is no writable path to hold them in",
             .mechanism = "landlock", .level = MXC_LEVEL_KERNEL);
}

static void filesystem_lines(struct mxc_receipt *receipt, const struct ll_places *places) {
    const struct mxc_lowering *from = places->from;
    int none = from->policy->filesystem.baseline == MXC_BASELINE_NONE;
    LINE(receipt, .item = LL_BASELINE,
         .rule = none ? "nothing of the host's system" : "read-only system view, harmless files of the host's /etc",
         .mechanism = "landlock", .level = MXC_LEVEL_KERNEL,
         .note = "without /proc, /sys and /dev/shm; of /dev: null, zero, full, random, urandom");
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i].rule)
            path_line(receipt, &places->items[i]);
    protected_lines(receipt, places);
    LINE(receipt, .item = LL_TMP, .rule = "private folder for temporary files, named by TMPDIR",
         .mechanism = "landlock", .level = MXC_LEVEL_KERNEL, .note = "on the host in /tmp, removed by the keeper");
    NUMBER_LINE(receipt, mxc_tmp_bytes_effective(from->policy), "bytes", .item = LL_TMP,
                .rule = "temporary files together at most", .mechanism = "", .level = MXC_LEVEL_NONE,
                .note = "needs a mount namespace: limits.fileBytes bounds each file");
    metadata_lines(receipt, from);
}

static void network_lines(struct mxc_receipt *receipt, const struct mxc_host *host) {
    const char *mechanism = host->landlock_abi >= 4 ? "seccomp, landlock" : "seccomp";
    LINE(receipt, .item = "/network/egress/default", .rule = "no connection leaves the sandbox", .mechanism = mechanism,
         .level = MXC_LEVEL_KERNEL, .note = "there are no sockets but connected pairs");
    LINE(receipt, .item = "/network/ingress/default", .rule = "no connection reaches the sandbox",
         .mechanism = mechanism, .level = MXC_LEVEL_KERNEL);
    LINE(receipt, .item = "/network/ingress/hostLoopback", .rule = "the host's loopback is not reachable",
         .mechanism = mechanism, .level = MXC_LEVEL_KERNEL);
    LINE(receipt, .item = "/ui/disable", .rule = "no display, clipboard or input", .mechanism = "seccomp, landlock",
         .level = MXC_LEVEL_KERNEL);
}

mxc_status ll_check(struct mxc_receipt *receipt, const struct mxc_lowering *from, mxc_error **err) {
    LL_AUTO_PLACES struct ll_places places = {0};
    const struct mxc_holds holds = mxc_holds_of(from, ll_session(from->host));
    mxc_status status = ll_refuse(from, err);
    if (!status)
        status = ll_places_build(&places, from, err);
    if (status)
        return status;
    containment_lines(receipt, from->host);
    signal_lines(receipt, from->host);
    process_lines(receipt, from);
    filesystem_lines(receipt, &places);
    network_lines(receipt, from->host);
    mxc_limits_lines(receipt, from, &holds, !ll_session(from->host));
    mxc_syscall_lines(receipt, from);
    return receipt->failed ? mxc_fail_memory(err) : MXC_OK;
}
