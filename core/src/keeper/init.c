/* init.c: pid 1 of the sandbox. Builds it, confines itself, verifies, tells the keeper, then starts commands. From
 * the filter on it has no more rights than the workload, holds no descriptor of use, and cannot be traced. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "keeper/keeper.h"
#include "keeper/tend.h"

/* What a tender says at its end. Not SIGCHLD, so that the kernel keeps tenders apart from everybody who becomes a child
 * of pid 1 without being asked (wait(2): __WCLONE). */
#define TENDER_ENDED SIGUSR1

struct init {
    int keeper, signals;
    int plain;                 /* without a pid namespace: its end does not end the others */
    int kill_everyone;         /* kill(-1) reaches the sandbox and nothing else: VERIFY has tried it */
    int children;              /* else: the list of init's children */
    struct mxc_except tenders; /* that are not reaped yet */
    struct mxc_tend own;       /* the command that init tends itself; id 0: none */
    int own_is_last;
};

static void __attribute__((noreturn))
give_up(int keeper, enum mxc_stage stage, uint32_t op, int error, uint32_t detail) {
    const struct mxc_message message = {
        .kind = MXC_MSG_FAILED, .a = stage, .b = op, .c = (uint64_t)-error, .d = detail};
    (void)mxc_message_send(keeper, &message, NULL, 0);
    _exit(1);
}

static enum mxc_stage stage_of(const struct mxc_apply *apply, uint32_t op, int error, enum mxc_stage otherwise) {
    if (error == -ESTALE)
        return MXC_STAGE_IDENTITY;
    return apply->plan->ops[op].kind == MXC_OP_VERIFY ? MXC_STAGE_VERIFY : otherwise;
}

/* Without a network namespace of its own the rest does not matter, and may have failed for it. */
static void __attribute__((noreturn)) build_failed(struct mxc_apply *apply, int keeper, uint32_t op, int error) {
    const struct mxc_op *how = mxc_plan_find(apply->plan, MXC_OP_NAMESPACES);
    if (mxc_network_join(apply) < 0 && apply->network.refused)
        give_up(keeper, MXC_STAGE_CLONE, (uint32_t)(how - apply->plan->ops), apply->network.refused, 0);
    give_up(keeper, stage_of(apply, op, error, MXC_STAGE_BUILD), op, error, apply->detail);
}

static void build(struct mxc_apply *apply, int keeper) {
    uint32_t op = 0;
    apply->keeper = keeper;
    int result = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) ? -errno : mxc_builder_begin(apply);
    if (result < 0)
        give_up(keeper, MXC_STAGE_CLONE, 0, result, 0);
    mxc_time_spent(&apply->times, MXC_TIME_IDS);
    result = mxc_apply_stage(apply, MXC_APPLY_BUILDER, &op);
    if (result < 0)
        build_failed(apply, keeper, op, result);
    /* A new user namespace cleared the first; the second closes this process to everyone inside. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setsid() < 0)
        give_up(keeper, MXC_STAGE_CONFINE, 0, -errno, 0);
    mxc_close(&apply->root);
}

static void hand_over(uint32_t kind, const int *sockets, unsigned int count, int keeper) {
    const struct mxc_message message = {.kind = kind};
    for (unsigned int at = 0; at < count; at += MXC_MAX_MESSAGE_FDS) {
        unsigned int left = count - at;
        if (mxc_message_send(keeper, &message, sockets + at, left < MXC_MAX_MESSAGE_FDS ? left : MXC_MAX_MESSAGE_FDS) !=
            0)
            _exit(1);
    }
    while (count)
        close(sockets[--count]);
}

/* The sockets made inside go out while init may still hold them. */
static void hand_over_sockets(struct mxc_apply *apply, int keeper) {
    hand_over(MXC_MSG_LISTENERS, apply->listeners, apply->listen_count, keeper);
    hand_over(MXC_MSG_DIALERS, apply->dialers, apply->dialer_count, keeper);
    hand_over(MXC_MSG_LISTENERS, apply->refused, apply->refused_count, keeper);
    hand_over(MXC_MSG_SPARES, apply->spares, apply->spare_count, keeper);
    apply->listen_count = apply->dialer_count = apply->refused_count = apply->spare_count = 0;
}

/* Without namespaces. Until Landlock holds there is no child that could outlive init, so it may die with the keeper;
 * from then on it must end the others first (serve). */
static void build_child(struct mxc_apply *apply, int keeper) {
    uint32_t op = 0;
    int result = setsid() < 0 ? -errno : mxc_child_begin(apply);
    if (result == 0)
        result = mxc_apply_stage(apply, MXC_APPLY_BUILDER, &op);
    if (result < 0)
        give_up(keeper, stage_of(apply, op, result, MXC_STAGE_BUILD), op, result, apply->detail);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        give_up(keeper, MXC_STAGE_CONFINE, 0, -errno, 0);
}

static void confine(struct mxc_apply *apply, int keeper) {
    uint32_t op = 0;
    mxc_keeper_yield_no_more(apply);
    int result = mxc_apply_stage(apply, MXC_APPLY_INIT, &op);
    if (result < 0)
        give_up(keeper, stage_of(apply, op, result, MXC_STAGE_CONFINE), op, result, apply->detail);
    struct mxc_message built = {.kind = MXC_MSG_BUILT};
    uint64_t times[4] = {0};
    mxc_times_pack(times, &apply->times);
    built.a = times[0];
    built.b = times[1];
    built.c = times[2];
    built.d = times[3];
    const int all[] = {apply->proc, apply->listener, apply->outer};
    int fds[3];
    unsigned int count = 0;
    for (unsigned int i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= 0) /* without namespaces there is no outer one */
            fds[count++] = all[i];
    if (mxc_message_send(keeper, &built, fds, count) != 0)
        _exit(1);
    mxc_close(&apply->outer);
    mxc_close(&apply->proc);
    mxc_close(&apply->listener);
}

static int sort_spawn(struct mxc_spawn *spawn, struct mxc_packet *packet, const int *fds, unsigned int count) {
    uint32_t flags = packet->message.flags;
    unsigned int used = 0;
    *spawn = (struct mxc_spawn){-1, -1, -1, -1, -1, -1, {-1, -1}, packet->block, mxc_packet_block(&packet->message)};
    unsigned int by_fd = !(flags & MXC_SPAWN_WITHIN), by_tender = !(flags & MXC_SPAWN_BY_INIT);
    if (count < by_fd + by_tender)
        return -1;
    if (by_fd)
        spawn->block = fds[used++];
    if (by_tender)
        spawn->channel = fds[used++];
    if ((flags & MXC_SPAWN_STDIN) && used < count)
        spawn->in = fds[used++];
    if ((flags & MXC_SPAWN_STDOUT) && used < count)
        spawn->out = fds[used++];
    if ((flags & MXC_SPAWN_STDERR) && used < count)
        spawn->err = fds[used++];
    return used == count ? 0 : -1;
}

/* [block, socket, stdout, stderr, files] of a program that is given its work later. */
static int sort_park(struct mxc_spawn *spawn, const int *fds, unsigned int count) {
    if (count < 5 || count > 4 + MXC_PARKED_FILES)
        return -1;
    *spawn = (struct mxc_spawn){.block = fds[0], .in = -1, .out = fds[2], .err = fds[3], .work = fds[1]};
    for (unsigned int i = 0; i < MXC_PARKED_FILES; i++)
        spawn->files[i] = 4 + i < count ? fds[4 + i] : -1;
    return 0;
}

static int sort_request(struct mxc_spawn *spawn, struct mxc_packet *packet, const int *fds, unsigned int count) {
    if (packet->message.kind == MXC_MSG_PARK)
        return sort_park(spawn, fds, count);
    return packet->message.kind == MXC_MSG_SPAWN ? sort_spawn(spawn, packet, fds, count) : -1;
}

/* Another command runs already: this one gets a tender of its own, a fork of init, as confined as init. */
static void fork_tender(struct init *init, const struct mxc_message *request, const struct mxc_spawn *spawn) {
    long pid = -EAGAIN;
    if (init->tenders.count < MXC_MAX_EXCEPT)
        pid = mxc_sys(SYS_clone, TENDER_ENDED, 0, 0, 0, 0); /* all after the flags 0: the order differs by machine */
    if (pid == 0) {
        close(init->keeper);
        if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0)
            mxc_tend(request, spawn, init->plain ? MXC_TEND_PLAIN : 0, init->signals);
        _exit(0);
    }
    if (pid > 0) {
        init->tenders.pid[init->tenders.count++] = (pid_t)pid;
    } else {
        const struct mxc_message refused = {
            .kind = MXC_MSG_NO_EXEC, .id = request->id, .a = (uint64_t)-pid, .b = MXC_STAGE_COMMAND};
        (void)mxc_message_send(spawn->channel, &refused, NULL, 0);
    }
    mxc_spawn_close(spawn);
    close(spawn->channel);
}

static void reap_tenders(struct mxc_except *tenders) {
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG | __WCLONE)) > 0)
        for (unsigned int i = 0; i < tenders->count; i++)
            if (tenders->pid[i] == pid)
                tenders->pid[i] = tenders->pid[--tenders->count];
}

/* The keeper is gone. With pid 1 the kernel ends everything inside; without a pid namespace init has to. */
static void __attribute__((noreturn)) end_with_keeper(const struct init *init) {
    if (init->own.id && !init->own.ended)
        kill(init->own.command, SIGKILL);
    if (init->plain && init->kill_everyone)
        mxc_end_all();
    else if (init->plain && init->children >= 0)
        mxc_process_children_end(init->children);
    _exit(1);
}

static int tend_kind(const struct init *init) {
    if (!init->plain)
        return MXC_TEND_EVERYTHING;
    return MXC_TEND_PLAIN | (init->kill_everyone ? MXC_TEND_EVERYTHING : 0);
}

/* The last one has ended, and with pid 1 the kernel ends whatever there still is. */
static void own_is_over(struct init *init) {
    init->own.id = 0;
    if (init->own_is_last)
        _exit(0);
}

static void spawn_own(struct init *init, const struct mxc_message *request, struct mxc_spawn *spawn) {
    spawn->channel = init->keeper;
    init->own_is_last = !!(request->flags & MXC_SPAWN_LAST);
    if (!mxc_tend_begin(&init->own, request, spawn, tend_kind(init), &init->tenders))
        own_is_over(init);
}

/* As many as were asked for, or fewer; one answer in any case. */
static void make_spares(const struct init *init, uint64_t wanted) {
    const struct mxc_message message = {.kind = MXC_MSG_SPARES};
    int spares[MXC_MAX_MESSAGE_FDS];
    unsigned int count = 0;
    for (; count < wanted && count < MXC_MAX_MESSAGE_FDS; count++) {
        spares[count] = mxc_spare_make();
        if (spares[count] < 0)
            break;
    }
    if (mxc_message_send(init->keeper, &message, spares, count) != 0)
        end_with_keeper(init);
    while (count)
        close(spares[--count]);
}

static void from_keeper(struct init *init) {
    static struct mxc_packet packet; /* what a tender is started from is its own copy */
    const struct mxc_message *message = &packet.message;
    struct mxc_spawn spawn;
    int fds[MXC_MAX_MESSAGE_FDS];
    unsigned int count;
    int got = mxc_packet_receive(init->keeper, &packet, fds, MXC_MAX_MESSAGE_FDS, &count);
    if (got > 0 && message->kind == MXC_MSG_SIGNAL && !count) {
        if (message->id && message->id == init->own.id) /* else it has just ended */
            mxc_tend_signal(&init->own, message);
        return;
    }
    if (got > 0 && message->kind == MXC_MSG_SPARES && !count) {
        make_spares(init, message->a);
        return;
    }
    if (got <= 0 || sort_request(&spawn, &packet, fds, count) != 0)
        end_with_keeper(init);
    if (!(message->flags & MXC_SPAWN_BY_INIT))
        fork_tender(init, message, &spawn);
    else if (!init->own.id)
        spawn_own(init, message, &spawn);
    else /* the keeper gives one at a time */
        end_with_keeper(init);
}

/* Orphans come to pid 1: those of its own command are reaped with that, others are what a killed tender has left. */
static void children_ended(struct init *init) {
    mxc_signals_drain(init->signals);
    reap_tenders(&init->tenders);
    while (!init->own.id && waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

static void __attribute__((noreturn)) serve(struct init *init) {
    struct pollfd slots[2] = {{.fd = init->keeper, .events = POLLIN}, {.fd = init->signals, .events = POLLIN}};
    for (;;) {
        int got = ppoll(slots, 2, mxc_tend_wait(&init->own), NULL);
        if (got < 0 && errno != EINTR)
            end_with_keeper(init);
        if (got > 0 && slots[1].revents)
            children_ended(init);
        if (init->own.id && mxc_tend_turn(&init->own))
            own_is_over(init);
        if (got > 0 && slots[0].revents)
            from_keeper(init);
    }
}

void mxc_init_main(struct mxc_apply *apply, int keeper) {
    static struct init init;
    sigset_t child;
    init.keeper = keeper;
    init.plain = apply->plain;
    mxc_time_spent(&apply->times, MXC_TIME_NAMESPACES);
    sigemptyset(&child);
    sigprocmask(SIG_SETMASK, &child, NULL); /* what the keeper holds back does not concern pid 1 */
    if (apply->plain)
        build_child(apply, keeper);
    else
        build(apply, keeper);
    hand_over_sockets(apply, keeper);
    confine(apply, keeper);
    init.kill_everyone = apply->kill_everyone;
    init.children = apply->children;
    sigaddset(&child, SIGCHLD);
    sigaddset(&child, TENDER_ENDED);
    sigprocmask(SIG_BLOCK, &child, NULL);
    init.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (init.signals < 0)
        _exit(1);
    serve(&init);
}
