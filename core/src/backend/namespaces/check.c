/* check.c: the receipt: for every item of the policy, defaults included, which mechanism holds it and at which
 * level. It is written from the same layout that is lowered, and says "none" where nothing holds. */
#include <string.h>

#include "backend/lines.h"
#include "backend/limits.h"
#include "backend/namespaces/wall.h"
#include "base/error.h"

static void process_lines(struct mxc_receipt *receipt, const struct mxc_lowering *from) {
    const mxc_policy *policy = from->policy;
    LINE(receipt, .item = "/containment", .rule = "process wall: own processes, mounts, ipc, host name and cgroup view",
         .mechanism = "user namespace, mount namespace, pid namespace, ipc namespace, uts namespace, cgroup namespace",
         .level = MXC_LEVEL_KERNEL);
    LINE(receipt, .item = "/process/user", .rule = "unprivileged user 1000 without any capability",
         .mechanism = "user namespace, capabilities, no_new_privs", .level = MXC_LEVEL_KERNEL,
         .note = ns_session(from) ? "on the host: a user id of its own" : "on the host: the caller's user id");
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

static const char *mount_mechanism(const struct mxc_lowering *from) {
    return from->host->landlock_abi > 0 ? "mount, landlock" : "mount";
}

static void path_line(struct mxc_receipt *receipt, const struct ns_layout *layout, const struct ns_item *item) {
    static const char *const words[] = {"no access to", "read-only", "read and write"};
    MXC_AUTO_BUF struct mxc_buf rule = {0};
    MXC_AUTO_BUF struct mxc_buf note = {0};
    const char *real = item->fact->real;
    mxc_buf_format(&rule, "%s %s", words[item->access], item->rule->path);
    if (real && strcmp(real, item->rule->path) != 0)
        mxc_buf_format(&note, "leads to %s%s", real, item->note ? "; " : "");
    if (item->note)
        mxc_buf_text(&note, item->note);
    LINE(receipt, .item = item->origin, .rule = mxc_receipt_text(receipt, &rule), .level = MXC_LEVEL_KERNEL,
         .mechanism = item->access == MXC_ACCESS_DENY ? "mount" : mount_mechanism(layout->from),
         .note = note.length || note.failed ? mxc_receipt_text(receipt, &note) : NULL);
}

static void names_rule(struct mxc_receipt *receipt, const struct mxc_buf *names, const char *words,
                       enum mxc_level level, const char *note) {
    MXC_AUTO_BUF struct mxc_buf rule = {0};
    if (!names->length && !names->failed)
        return;
    mxc_buf_format(&rule, "%s: %s", words, mxc_receipt_text(receipt, names));
    LINE(receipt, .item = NS_PROTECTED, .rule = mxc_receipt_text(receipt, &rule),
         .mechanism = level == MXC_LEVEL_KERNEL ? "mount" : "", .level = level, .note = note);
}

static void join(struct mxc_buf *out, const char *separator, const char *text) {
    mxc_buf_text(out, out->length ? separator : "");
    mxc_buf_text(out, text);
}

/* The names that are protected by one action; returns whether there are any. */
static int action_line(struct mxc_receipt *receipt, const struct ns_layout *layout, enum ns_action action,
                       const char *words, const char *note) {
    MXC_AUTO_BUF struct mxc_buf names = {0};
    for (size_t i = 0; i < layout->item_count; i++)
        if (layout->items[i].role == NS_PROTECTED_NAME && layout->items[i].action == action)
            join(&names, ", ", layout->items[i].path);
    names_rule(receipt, &names, words, MXC_LEVEL_KERNEL, note);
    return names.length > 0;
}

static int gap_line(struct mxc_receipt *receipt, const struct mxc_strings *gaps, const char *words, const char *note) {
    MXC_AUTO_BUF struct mxc_buf names = {0};
    for (size_t i = 0; i < gaps->count; i++)
        join(&names, "; ", gaps->items[i]);
    names_rule(receipt, &names, words, MXC_LEVEL_NONE, note);
    return gaps->count > 0;
}

static void protected_lines(struct mxc_receipt *receipt, const struct ns_layout *layout) {
    const struct ns_gaps *gaps = &layout->gaps;
    int any =
        action_line(receipt, layout, NS_BIND, "read-only inside writable paths", NULL) |
        action_line(receipt, layout, NS_GHOST, "kept from being made inside writable paths",
                    "empty folders on the host hold these places while the sandbox lives") |
        action_line(receipt, layout, NS_LINK_BIND, "links that stay as they are, read-only", NULL) |
        action_line(receipt, layout, NS_LINK_MASK, "links that stay as they are",
                    "covered: they lead to a folder, to nothing, or to what is not granted") |
        gap_line(receipt, &gaps->unborn, "protected names of repositories that have none of it",
                 "a repository that is made inside is its own; it is found and reported afterwards") |
        gap_line(receipt, &gaps->homes, "protected names that do not exist and mean something in home folders only",
                 "made in another folder they are reported afterwards") |
        gap_line(receipt, &gaps->links, "protected names behind links, not held",
                 "a link on the way, or one to nothing: what is made there is reported afterwards") |
        gap_line(
            receipt, &gaps->loose, "folders above protected names, not held in place",
            "they have another owner, or cannot be looked at; a repository in their place is reported afterwards") |
        gap_line(receipt, &gaps->cut, "repositories may have been missed in",
                 "name the folders of repositories that are deep in it as writable paths of their own");
    if (!any)
        LINE(receipt, .item = NS_PROTECTED, .rule = "protected names: there is no writable path to hold them in",
             .mechanism = "mount", .level = MXC_LEVEL_KERNEL);
}

static void landlock_line(struct mxc_receipt *receipt, const struct mxc_host *host) {
    MXC_AUTO_BUF struct mxc_buf rule = {0};
    const char *note = NULL;
    mxc_buf_format(&rule, "a second lock on the file system (Landlock ABI %d)", host->landlock_abi);
    if (host->landlock_abi <= 0)
        note = "Landlock is not available on this host; the mounts hold alone";
    else if (host->landlock_abi < 2)
        note = "moving a file to another folder fails before ABI 2";
    LINE(receipt, .item = "/filesystem", .rule = mxc_receipt_text(receipt, &rule),
         .mechanism = host->landlock_abi > 0 ? "landlock" : "",
         .level = host->landlock_abi > 0 ? MXC_LEVEL_KERNEL : MXC_LEVEL_NONE, .note = note);
}

static void filesystem_lines(struct mxc_receipt *receipt, const struct ns_layout *layout) {
    const struct mxc_lowering *from = layout->from;
    int none = from->policy->filesystem.baseline == MXC_BASELINE_NONE;
    LINE(receipt, .item = NS_BASELINE,
         .rule = none ? "nothing of the host's system" : "read-only system view with a curated /etc",
         .mechanism = mount_mechanism(from), .level = MXC_LEVEL_KERNEL);
    for (size_t i = 0; i < layout->item_count; i++)
        if (layout->items[i].role == NS_RULE)
            path_line(receipt, layout, &layout->items[i]);
    protected_lines(receipt, layout);
    NUMBER_LINE(receipt, mxc_tmp_bytes_effective(from->policy), "bytes", .item = NS_TMP,
                .rule = "private /tmp, /var/tmp and /dev/shm, each at most", .mechanism = "mount",
                .level = MXC_LEVEL_KERNEL);
    landlock_line(receipt, from->host);
}

mxc_status ns_check(struct mxc_receipt *receipt, const struct mxc_lowering *from, mxc_error **err) {
    NS_AUTO_LAYOUT struct ns_layout layout = {0};
    const struct mxc_holds holds = mxc_holds_of(from, ns_session(from));
    mxc_status status = ns_refuse(from, err);
    if (!status)
        status = ns_layout_build(&layout, from, err);
    if (status)
        return status;
    process_lines(receipt, from);
    filesystem_lines(receipt, &layout);
    ns_network_lines(receipt, from->policy);
    mxc_limits_lines(receipt, from, &holds, 0);
    mxc_syscall_lines(receipt, from);
    return receipt->failed ? mxc_fail_memory(err) : MXC_OK;
}
