/* child.c: init without namespaces: an ordinary child of the keeper that keeps orphans, has a session of its own and,
 * started by root, a uid of its own. Whoever is below it is found and ended by the keeper. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "ops/ops.h"

#define STATUS_ROOM 8192

/* For good: also the saved ids. CAP_SETPCAP stays for the op CAPS, which empties the bounding set and then all. */
static int become_own_uid(const struct mxc_apply *apply) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct keep[2] = {{0}, {0}};
    keep[0].effective = keep[0].permitted = 1u << CAP_SETPCAP;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
        return -errno;
    long result = mxc_sys(SYS_setresgid, apply->host_gid, apply->host_gid, apply->host_gid);
    if (result == 0)
        result = mxc_sys(SYS_setresuid, apply->host_uid, apply->host_uid, apply->host_uid);
    return (int)(result ? result : mxc_sys(SYS_capset, &header, keep));
}

int mxc_op_child(struct mxc_apply *apply, const struct mxc_op *op) {
    apply->kill_everyone = (int)op->a;
    apply->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    apply->status = apply->proc < 0 ? -1 : openat(apply->proc, "self/status", O_RDONLY | O_CLOEXEC);
    /* CONFIG_PROC_CHILDREN: without it init knows its own command alone, */
    apply->children = apply->kill_everyone ? -1 : openat(apply->proc, "thread-self/children", O_RDONLY | O_CLOEXEC);
    if (apply->status < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 || chdir("/") != 0)
        return -errno;
    return apply->session ? become_own_uid(apply) : 0;
}

static uint64_t tasks_of(int proc, const char *pid, uint64_t uid) {
    char path[48], status[STATUS_ROOM];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, pid);
    mxc_text_add(&text, "/status");
    if (text.overflow || mxc_file_read(proc, path, status, sizeof status) <= 0)
        return 0;
    const char *owner = mxc_text_field(status, "Uid"), *threads = mxc_text_field(status, "Threads");
    return owner && threads && mxc_text_number(&owner) == uid ? mxc_text_number(&threads) : 0;
}

uint64_t mxc_tasks_of_own_uid(int proc) {
    char entries[8192];
    uint64_t count = 0, uid = getuid();
    MXC_AUTO_FD int folder = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long got;
    while (folder >= 0 && (got = mxc_sys(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            at += entry->length;
            if (entry->name[0] >= '1' && entry->name[0] <= '9')
                count += tasks_of(proc, entry->name, uid);
        }
    }
    return count;
}
