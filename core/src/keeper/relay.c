/* relay.c: the relay of a sandbox with network grants: a process of its own beside the keeper, started while the keeper
 * still may, fed with the sockets that were made inside. The keeper only listens to it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/timing.h"
#include "keeper/keeper.h"

/* Started by root it runs as what the workload is on the host: nobody. */
static int give_up_ids(const struct mxc_apply *apply) {
    if (!apply->session)
        return 0;
    if (mxc_sys(SYS_setgroups, 0, NULL) < 0 ||
        mxc_sys(SYS_setresgid, apply->host_gid, apply->host_gid, apply->host_gid) < 0)
        return -1;
    return mxc_sys(SYS_setresuid, apply->host_uid, apply->host_uid, apply->host_uid) < 0 ? -1 : 0;
}

static void __attribute__((noreturn)) become_relay(const struct mxc_apply *apply, int socket) {
    static const char *const argv[] = {"mxc-relay", NULL};
    static const char *const nothing[] = {NULL};
    mxc_keeper_yield_no_more(apply);
    if (dup2(socket, MXC_KEEPER_FD_CONTROL) == MXC_KEEPER_FD_CONTROL && give_up_ids(apply) == 0 &&
        fcntl(MXC_KEEPER_FD_RELAY, F_SETFD, FD_CLOEXEC) == 0 && fcntl(MXC_KEEPER_FD_PLAN, F_SETFD, 0) == 0)
        (void)mxc_sys(SYS_execveat, MXC_KEEPER_FD_RELAY, "", argv, nothing, AT_EMPTY_PATH);
    _exit(127);
}

/* Only the relay has them from now on. */
static int hand_over_published(struct mxc_keeper *keeper) {
    int result = 0;
    for (unsigned int i = 0; i < keeper->apply.published_count; i++) {
        struct mxc_published *published = &keeper->apply.published[i];
        const struct mxc_message message = {.kind = MXC_MSG_PUBLISHED, .a = published->port};
        if (result == 0)
            result = mxc_message_send(keeper->relay, &message, &published->fd, 1);
        mxc_close(&published->fd);
    }
    return result;
}

int mxc_relay_start(struct mxc_keeper *keeper) {
    int pair[2], pidfd = -1;
    if (!mxc_plan_find(&keeper->plan, MXC_OP_RELAY))
        return 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    long pid = mxc_sys(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL);
    if (pid == 0)
        become_relay(&keeper->apply, pair[1]);
    close(pair[1]);
    close(MXC_KEEPER_FD_RELAY);
    if (pid < 0) {
        close(pair[0]);
        return (int)pid;
    }
    (void)fcntl(pair[0], F_SETFL, O_NONBLOCK); /* the keeper waits for nobody */
    keeper->relay = pair[0];
    keeper->relay_pid = (pid_t)pid;
    keeper->relay_pidfd = pidfd;
    return hand_over_published(keeper);
}

int mxc_relay_hand_over(struct mxc_keeper *keeper, const struct mxc_message *message, const int *fds,
                        unsigned int count) {
    return keeper->relay < 0 ? -EPIPE : mxc_message_send(keeper->relay, message, fds, count);
}

/* Each command that it was for counts what is not in the log. */
static void count_unlogged(struct mxc_keeper *keeper, uint64_t changed, uint32_t count) {
    for (unsigned int i = 0; i < keeper->running_top; i++)
        if (keeper->running[i].id && changed > keeper->running[i].log_from)
            keeper->running[i].unlogged += count;
}

/* One packet: its kind; 0: none there now; -errno: the relay is gone. */
static int take_packet(struct mxc_keeper *keeper) {
    struct mxc_relay_packet packet;
    struct iovec part = {.iov_base = &packet, .iov_len = sizeof packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t got = recvmsg(keeper->relay, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got != sizeof packet) {
        mxc_close(&keeper->relay); /* with its sockets went every way out */
        return got < 0 ? -errno : -EPIPE;
    }
    packet.entry.name[sizeof packet.entry.name - 1] = 0;
    keeper->relay_ready |= packet.kind == MXC_RELAY_READY;
    if (packet.kind == MXC_RELAY_CONNECTION)
        count_unlogged(keeper, mxc_connections_note(&keeper->log, &packet.entry), 1);
    if (packet.kind == MXC_RELAY_SYNCED)
        count_unlogged(keeper, UINT64_MAX, packet.entry.times);
    return (int)packet.kind;
}

void mxc_relay_event(struct mxc_keeper *keeper) {
    for (int i = 0; i < 64 && take_packet(keeper) > 0; i++)
        ;
}

int mxc_relay_await(struct mxc_keeper *keeper, uint32_t kind, int patience_ms) {
    if (kind == MXC_RELAY_READY && keeper->relay_ready)
        return 0;
    uint64_t until = mxc_monotonic_ns() + (uint64_t)patience_ms * 1000000u;
    while (keeper->relay >= 0) {
        struct pollfd slot = {.fd = keeper->relay, .events = POLLIN};
        int got = take_packet(keeper);
        if (got == (int)kind)
            return 0;
        if (got != 0)
            continue;
        uint64_t now = mxc_monotonic_ns();
        if (now >= until)
            return -ETIMEDOUT;
        (void)poll(&slot, 1, (int)((until - now) / 1000000u) + 1);
    }
    return -EPIPE;
}

void mxc_relay_finish(struct mxc_keeper *keeper) {
    mxc_close(&keeper->relay);
    if (keeper->relay_pidfd < 0)
        return;
    (void)mxc_sys(SYS_pidfd_send_signal, keeper->relay_pidfd, SIGKILL, NULL, 0);
    while (waitpid(keeper->relay_pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
    mxc_close(&keeper->relay_pidfd);
}
