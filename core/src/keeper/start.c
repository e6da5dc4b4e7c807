/* start.c: from a plan to a running init: the host side of the plan, then one clone into all new namespaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "keeper/keeper.h"

static int failed(struct mxc_keeper *keeper, enum mxc_stage stage, uint32_t op, int result) {
    keeper->failure = (struct mxc_message){.kind = MXC_MSG_FAILED,
                                           .a = result == -ESTALE ? MXC_STAGE_IDENTITY : stage,
                                           .b = op,
                                           .c = (uint64_t)-result,
                                           .d = keeper->apply.detail};
    return result;
}

/* A call of the keeper itself, which no op of the plan asks for; the host side names it. */
static int call_failed(struct mxc_keeper *keeper, long number, int result) {
    keeper->apply.detail = (uint32_t)number;
    return failed(keeper, MXC_STAGE_KEEPER, UINT32_MAX, result);
}

/* The kernel takes the effective ids of the one who makes a user namespace as its owner and lets only them map
 * themselves. So root lends its effective ids for the moment of the clone; saved ids stay, to come back. */
static int borrow_ids(const struct mxc_apply *apply, int on) {
    if (!apply->session || apply->plain)
        return 0;
    uint32_t uid = on ? apply->host_uid : 0, gid = on ? apply->host_gid : 0;
    long result;
    if (on) {
        result = mxc_sys(SYS_setresgid, -1, gid, -1);
        if (result == 0)
            result = mxc_sys(SYS_setresuid, -1, uid, -1);
    } else {
        result = mxc_sys(SYS_setresuid, -1, uid, -1);
        if (result == 0)
            result = mxc_sys(SYS_setresgid, -1, gid, -1);
    }
    /* Changing ids cleared it; the child must be dumpable to write its own maps. */
    return result < 0 ? (int)result : prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) ? -errno : 0;
}

static int clone_init(struct mxc_keeper *keeper, uint64_t flags, int socket) {
    int pidfd = -1;
    int result = borrow_ids(&keeper->apply, 1);
    if (result < 0) {
        (void)borrow_ids(&keeper->apply, 0); /* as root again: its groups are still to be removed */
        return result;
    }
    /* The cgroup namespace is made by the builder, after it has entered its groups. */
    flags &= ~(uint64_t)(CLONE_NEWCGROUP | CLONE_NEWNET);
    long pid = mxc_sys(SYS_clone, flags | CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL);
    if (pid == 0) {
        close(keeper->control);
        close(keeper->host);
        close(keeper->init); /* held by init itself, its socket would never end, whatever becomes of the keeper */
        mxc_close(&keeper->relay);
        mxc_close(&keeper->relay_pidfd);
        mxc_init_main(&keeper->apply, socket);
    }
    result = borrow_ids(&keeper->apply, 0);
    if (result < 0) /* without its own ids it could not even clean up */
        (void)borrow_ids(&keeper->apply, 0);
    if (pid < 0)
        return (int)pid;
    keeper->init_pid = (pid_t)pid;
    keeper->init_pidfd = pidfd;
    return result;
}

static void close_acquired(struct mxc_apply *apply) {
    for (unsigned int i = 0; i < apply->cgroup_count; i++)
        mxc_close(&apply->cgroups[i].procs);
}

/* From now on root's keeper needs to signal what runs inside, and to remove its groups from folders that nobody has
 * the write bit for (cgroup v1), and without namespaces what the workload left in its folder: nothing else. An ordinary
 * caller's keeper has no capability to begin with. */
static int shed_rights(const struct mxc_apply *apply) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct keep[2] = {{0}, {0}};
    if (apply->session)
        keep[0].effective = keep[0].permitted =
            1u << CAP_KILL | 1u << CAP_DAC_OVERRIDE | (apply->plain ? 1u << CAP_FOWNER : 0);
    long result = mxc_sys(SYS_capset, &header, keep);
    if (result == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0))
        result = -errno;
    return (int)result;
}

/* The host is our parent; when it is gone already, the control socket says so. Without this a fork of the host that
 * has the socket too would keep the sandbox alive, so it must not fail for another reason. */
static int watch_host(struct mxc_keeper *keeper) {
    const pid_t host = getppid();
    if (host > 0)
        keeper->host = (int)mxc_sys(SYS_pidfd_open, host, 0);
    return keeper->host < 0 && keeper->host != -ESRCH && host > 0 ? keeper->host : 0;
}

/* What the builder waits for, made while it is at its first acts, and while the keeper has its rights still. */
static int make_grants(struct mxc_keeper *keeper) {
    uint32_t index = 0;
    if (!mxc_trees_wanted(&keeper->apply))
        return 0;
    int result = mxc_apply_stage(&keeper->apply, MXC_APPLY_GRANTS, &index);
    if (result == 0)
        result = mxc_trees_tell(&keeper->apply, keeper->init);
    return result < 0 ? failed(keeper, MXC_STAGE_BUILD, index, result) : 0;
}

static int make_ghosts(struct mxc_keeper *keeper) {
    uint32_t index = 0;
    int result = mxc_apply_stage(&keeper->apply, MXC_APPLY_GHOSTS, &index);
    if (result == 0)
        result = mxc_ghosts_tell(&keeper->apply, keeper->init);
    return result < 0 ? failed(keeper, MXC_STAGE_BUILD, index, result) : 0;
}

/* Nobody waits for this. */
static int settle(struct mxc_keeper *keeper) {
    int result = shed_rights(&keeper->apply);
    if (result < 0)
        return call_failed(keeper, SYS_capset, result);
    result = mxc_keeper_confine(keeper->apply.plain, keeper->demand.told != 0);
    return result < 0 ? call_failed(keeper, SYS_seccomp, result) : 0;
}

int mxc_keeper_start(struct mxc_keeper *keeper) {
    uint32_t index = 0;
    int pair[2];
    long result = mxc_keyring_leave();
    if (result < 0 && result != -ENOSYS)
        return call_failed(keeper, SYS_keyctl, (int)result);
    result = watch_host(keeper);
    if (result < 0)
        return call_failed(keeper, SYS_pidfd_open, (int)result);
    if (keeper->ahead) {
        if (mxc_keeper_hold(keeper) < 0) { /* nothing was asked of it and nothing is built: nobody is told */
            mxc_close(&keeper->control);
            return -ECANCELED;
        }
        mxc_keeper_yield(&keeper->apply);
    }
    keeper->apply.plain = mxc_plan_find(&keeper->plan, MXC_OP_CHILD) != NULL;
    mxc_time_spent(&keeper->apply.times, MXC_TIME_LOAD);
    result = mxc_apply_stage(&keeper->apply, MXC_APPLY_KEEPER, &index);
    if (result < 0)
        return failed(keeper, MXC_STAGE_BUILD, index, (int)result);
    const struct mxc_op *how = mxc_plan_find(&keeper->plan, keeper->apply.plain ? MXC_OP_CHILD : MXC_OP_NAMESPACES);
    if (!how)
        return failed(keeper, MXC_STAGE_PLAN, 0, -EINVAL);
    result = mxc_relay_start(keeper);
    if (result < 0)
        return failed(keeper, MXC_STAGE_RELAY, 0, (int)result);
    if (keeper->relay_pidfd >= 0)
        mxc_time_spent(&keeper->apply.times, MXC_TIME_RELAY);
    close(MXC_KEEPER_FD_PLAN); /* it is mapped, the relay has its own, and init is to hold nothing of it */
    /* Without a pid namespace: whoever loses its parent, init included, comes to the keeper. */
    if (keeper->apply.plain && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        return call_failed(keeper, SYS_prctl, -errno);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return call_failed(keeper, SYS_socketpair, -errno);
    keeper->init = pair[0];
    (void)fcntl(keeper->init, F_SETFL, O_NONBLOCK); /* ours alone: whatever init does, it cannot hold us up */
    result = clone_init(keeper, keeper->apply.plain ? 0 : how->a, pair[1]);
    close(pair[1]);
    close_acquired(&keeper->apply);
    if (result < 0)
        return failed(keeper, MXC_STAGE_CLONE, (uint32_t)(how - keeper->plan.ops), (int)result);
    result = mxc_demand_begin(keeper);
    if (result < 0)
        return call_failed(keeper, SYS_process_vm_readv, (int)result);
    mxc_keeper_yield_no_more(&keeper->apply);
    keeper->apply.times.since = mxc_monotonic_ns();
    result = make_grants(keeper);
    if (result == 0)
        result = make_ghosts(keeper);
    if (result < 0)
        return (int)result;
    result = keeper->demand.told ? mxc_spares_allow(keeper->init) : 0; /* the builder hears of ghosts first */
    return result < 0 ? call_failed(keeper, SYS_sendto, (int)result) : settle(keeper);
}
