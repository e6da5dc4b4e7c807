/* identity.c: who the workload is: the session's own host uid, ID maps, capabilities, no_new_privs, rlimits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/text.h"
#include "ops/ops.h"

#define LAST_CAPABILITY 63 /* the bounding set ends earlier: PR_CAPBSET_DROP says EINVAL there */

#define FIRST_PID_NAMESPACE 0xeffffffcu /* PROC_PID_INIT_INO: the same number on every host */
#define PIDS (1u << 22)                 /* PID_MAX_LIMIT */
#define PARTS 64u                       /* of the range of host ids, which ends at 2^31 */

/* A pid is unique in its namespace only, and two containers may share users and control groups. 0: the first one, or
 * unknown because there is no /proc. */
static uint64_t pid_namespace(void) {
    struct stat info;
    if (stat("/proc/self/ns/pid", &info) != 0 || info.st_ino == FIRST_PID_NAMESPACE)
        return 0;
    return info.st_ino;
}

int mxc_op_identity(struct mxc_apply *apply, const struct mxc_op *op) {
    struct mxc_text name = MXC_TEXT(apply->group_name);
    uint64_t space = pid_namespace();
    mxc_text_add(&name, "mxc-");
    mxc_text_add_number(&name, (uint64_t)getpid());
    if (space) {
        mxc_text_add(&name, "-");
        mxc_text_add_number(&name, space);
    }
    apply->session = op->a == MXC_IDENTITY_SESSION;
    if (!apply->session) {
        apply->host_uid = geteuid();
        apply->host_gid = getegid();
        return 0;
    }
    /* One host uid per sandbox that is alive: the range starts behind all that systemd and useradd hand out
     * (docs/architecture.md), and a pid is not shared by two keepers. */
    uint64_t part = space ? 1 + space % (PARTS - 1) : 0;
    apply->host_uid = (uint32_t)(op->b + part * PIDS + (uint64_t)getpid());
    apply->host_gid = apply->host_uid;
    return (int)mxc_sys(SYS_setgroups, 0, NULL);
}

static int write_map(int proc, const char *file, uint32_t inside, uint32_t outside) {
    char line[40];
    struct mxc_text text = MXC_TEXT(line);
    mxc_text_add_number(&text, inside);
    mxc_text_add(&text, " ");
    mxc_text_add_number(&text, outside);
    mxc_text_add(&text, " 1");
    return mxc_file_write(proc, file, line, text.length);
}

int mxc_write_own_maps(int proc, uint32_t inside_uid, uint32_t outside_uid, uint32_t inside_gid, uint32_t outside_gid) {
    int result = mxc_file_write(proc, "self/setgroups", "deny", 4);
    if (result == 0)
        result = write_map(proc, "self/gid_map", inside_gid, outside_gid);
    return result ? result : write_map(proc, "self/uid_map", inside_uid, outside_uid);
}

int mxc_op_rlimit(struct mxc_apply *apply, const struct mxc_op *op) {
    uint64_t value = op->b + (op->c ? mxc_tasks_of_own_uid(apply->proc) : 0);
    struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
    struct rlimit now;
    if (getrlimit((int)op->a, &now) != 0)
        return -errno;
    /* The caller's own hard limit is the ceiling: never an error, never raised. */
    if (now.rlim_max < limit.rlim_max)
        limit.rlim_cur = limit.rlim_max = now.rlim_max;
    return setrlimit((int)op->a, &limit) ? -errno : 0;
}

int mxc_op_caps(struct mxc_apply *apply, const struct mxc_op *op) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}, {0}};
    (void)apply;
    if (op->a) { /* the rest needs a capability to begin with; with no_new_privs nothing can be gained by exec */
        long result = mxc_sys(SYS_capset, &header, none);
        return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) ? -errno : (int)result;
    }
    for (int cap = 0; cap <= LAST_CAPABILITY; cap++) {
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
            continue;
        if (errno != EINVAL || cap == 0)
            return -errno;
        break; /* the first number that this kernel does not know; VERIFY reads all sets back */
    }
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        return -errno;
    if (prctl(PR_SET_SECUREBITS,
              SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
                  SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
              0, 0, 0) != 0)
        return -errno;
    return (int)mxc_sys(SYS_capset, &header, none);
}

int mxc_op_nnp(struct mxc_apply *apply, const struct mxc_op *op) {
    (void)apply;
    (void)op;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int mxc_op_seal_namespaces(struct mxc_apply *apply, const struct mxc_op *op) {
    (void)op;
    /* One more user namespace (LOCK) may be made below this one, none after it: ENOSPC. 0 would refuse LOCK too. */
    return mxc_file_write(apply->proc, "sys/user/max_user_namespaces", "1", 1);
}

int mxc_op_lock(struct mxc_apply *apply, const struct mxc_op *op) {
    /* Who lets a mount namespace go waits for all processors (60 us): not init, while everybody waits for it. */
    apply->outer = openat(apply->proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (apply->outer < 0)
        return -errno;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return -errno;
    /* A new user namespace makes the process undumpable again only on exec, but clears PDEATHSIG and resets
     * dumpability in some kernels: /proc/self/uid_map must be ours to write. */
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
        return -errno;
    return mxc_write_own_maps(apply->proc, (uint32_t)op->a, 0, (uint32_t)op->b, 0);
}
