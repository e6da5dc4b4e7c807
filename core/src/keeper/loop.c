/* loop.c: what the keeper does while the sandbox lives: one poll over host, init, commands and refused calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/timing.h"
#include "keeper/keeper.h"
#include "keeper/process_tree.h"

enum {
    SLOT_CONTROL,
    SLOT_HOST,
    SLOT_INIT,
    SLOT_LISTENER,
    SLOT_RELAY,
    SLOT_WORK,
    SLOT_PARKED_OUT,
    SLOT_PARKED_ERR,
    SLOTS_FIXED
};
enum { PART_CHANNEL, PART_OUT, PART_ERR, PARTS };
#define SLOTS (SLOTS_FIXED + MXC_MAX_COMMANDS * PARTS)
#define FAILED_PATIENCE_MS 2000
#define RELAY_PATIENCE_MS 5000
#define MAX_ROUNDS 4000 /* of 5 ms: what is still alive then hangs in the kernel */
#define END_PATIENCE_MS 1000

static void from_host(struct mxc_keeper *keeper) {
    static struct mxc_packet packet;
    const struct mxc_message *message = &packet.message;
    int fds[MXC_MAX_MESSAGE_FDS];
    unsigned int count;
    int got = mxc_packet_receive(keeper->control, &packet, fds, MXC_MAX_MESSAGE_FDS, &count);
    if (got == -EAGAIN)
        return;
    if (got <= 0 || message->kind == MXC_MSG_SHUTDOWN) {
        mxc_close(&keeper->control); /* the host is gone or wants the end */
        keeper->ending = 1;
    } else if (message->kind == MXC_MSG_SPAWN) {
        mxc_command_spawn(keeper, &packet, fds, count);
        return;
    } else if (message->kind == MXC_MSG_PARK) {
        mxc_park(keeper, message, fds, count);
        return;
    } else if (message->kind == MXC_MSG_SIGNAL || message->kind == MXC_MSG_STOP) {
        mxc_command_signal(keeper, message->id, message);
    } else if (message->kind == MXC_MSG_RULES) { /* whether the relay has taken them, it tells the host itself */
        (void)mxc_relay_hand_over(keeper, message, fds, count);
    }
    for (; got > 0 && count; count--)
        close(fds[count - 1]);
}

/* It has ended, or says nothing. */
static void relay_failed(struct mxc_keeper *keeper, int result) {
    keeper->failure = (struct mxc_message){.kind = MXC_MSG_FAILED, .a = MXC_STAGE_RELAY, .c = (uint64_t)-result};
}

static void tell_ports(const struct mxc_keeper *keeper, struct mxc_message *ready) {
    uint64_t *words[4] = {&ready->a, &ready->b, &ready->c, &ready->d};
    for (unsigned int i = 0; i < keeper->apply.published_count; i++)
        *words[i / 4] |= (uint64_t)keeper->apply.published[i].host_port << (i % 4 * 16);
}

static void init_built(struct mxc_keeper *keeper, const struct mxc_message *built, int *fds, unsigned int count) {
    const uint64_t times[4] = {built->a, built->b, built->c, built->d};
    struct mxc_message ready = {.kind = MXC_MSG_READY};
    int result = keeper->relay_pidfd < 0 ? 0 : mxc_relay_await(keeper, MXC_RELAY_READY, RELAY_PATIENCE_MS);
    keeper->proc = count > 0 ? fds[0] : -1;
    keeper->listener = count > 1 ? fds[1] : -1;
    if (result < 0) {
        relay_failed(keeper, result);
        return;
    }
    /* A /proc that hides the processes of others (hidepid) would leave nothing to watch and nobody to end. */
    if (keeper->apply.plain && mxc_process_parent(keeper->proc, keeper->init_pid) != getpid()) {
        keeper->failure = (struct mxc_message){.kind = MXC_MSG_FAILED, .a = MXC_STAGE_KEEPER, .c = EACCES};
        return;
    }
    keeper->ready = 1;
    keeper->built_ns = mxc_monotonic_ns();
    mxc_limits_begin(keeper, keeper->built_ns);
    mxc_times_unpack(&keeper->apply.times, times);
    tell_ports(keeper, &ready);
    if (!keeper->parks)
        (void)mxc_message_send(keeper->control, &ready, NULL, 0);
    if (count > 2)
        close(fds[2]); /* the outer mount namespace; now, because a ghost that is mounted on takes long to remove */
}

/* 0 when it says nothing now. */
static int from_init(struct mxc_keeper *keeper) {
    struct mxc_message message;
    int fds[MXC_MAX_MESSAGE_FDS];
    unsigned int count;
    int got = mxc_message_receive(keeper->init, &message, fds, MXC_MAX_MESSAGE_FDS, &count);
    if (got == -EAGAIN)
        return 0;
    if (got > 0 && message.kind == MXC_MSG_SPARES) {
        mxc_demand_take(keeper, fds, count);
        return 1;
    }
    if (got > 0 && !count && keeper->ready &&
        (mxc_park_from_init(keeper, &message) == 0 || mxc_command_from_init(keeper, &message) == 0))
        return 1;
    if (got > 0 && message.kind == MXC_MSG_BUILT && !keeper->ready) {
        init_built(keeper, &message, fds, count);
        return 1;
    }
    if (got > 0 && (message.kind == MXC_MSG_LISTENERS || message.kind == MXC_MSG_DIALERS) && !keeper->ready) {
        int result = mxc_relay_hand_over(keeper, &message, fds, count);
        if (result < 0)
            relay_failed(keeper, result);
        for (; count; count--)
            close(fds[count - 1]);
        return 1;
    }
    if (got > 0 && message.kind == MXC_MSG_FAILED && !keeper->ready)
        keeper->failure = message;
    else if (!keeper->ready) /* died while building, without a word: out of memory, or killed from outside */
        keeper->failure = (struct mxc_message){.kind = MXC_MSG_FAILED, .a = MXC_STAGE_CLONE, .c = ECHILD};
    for (; got > 0 && count; count--)
        close(fds[count - 1]);
    mxc_close(&keeper->init);
    if (keeper->ready)
        mxc_command_init_lost(keeper);
    return 1;
}

/* Before the walls stand all of it, whatever the poll has seen: its last word may be why nothing can start, and who looks
 * at a command next sees only that its tender is gone. */
static void hear_init(struct mxc_keeper *keeper, int has_words) {
    if (keeper->ready && has_words)
        (void)from_init(keeper);
    while (!keeper->ready && !keeper->failure.a && keeper->init >= 0 && from_init(keeper))
        ;
}

/* Fills the table and returns how much of it is used. */
static unsigned int fill_slots(const struct mxc_keeper *keeper, struct pollfd *slots) {
    unsigned int used = SLOTS_FIXED;
    slots[SLOT_CONTROL].fd = keeper->control;
    slots[SLOT_HOST].fd = keeper->host;
    slots[SLOT_INIT].fd = keeper->init;
    slots[SLOT_LISTENER].fd = keeper->demand.waiting ? -1 : keeper->listener;
    slots[SLOT_RELAY].fd = keeper->relay;
    slots[SLOT_WORK].fd = keeper->parked.work;
    slots[SLOT_PARKED_OUT].fd = keeper->parked.out.pipe;
    slots[SLOT_PARKED_ERR].fd = keeper->parked.err.pipe;
    for (unsigned int i = 0; i < keeper->running_top; i++) {
        const struct mxc_running *running = &keeper->running[i];
        struct pollfd *part = slots + SLOTS_FIXED + i * PARTS;
        part[PART_CHANNEL].fd = running->id ? running->channel : -1;
        part[PART_OUT].fd = running->id ? running->out.pipe : -1;
        part[PART_ERR].fd = running->id ? running->err.pipe : -1;
        if (running->id)
            used = SLOTS_FIXED + (i + 1) * PARTS;
    }
    for (unsigned int i = 0; i < SLOTS_FIXED + keeper->running_top * PARTS; i++) {
        slots[i].events = POLLIN;
        slots[i].revents = 0;
    }
    if (keeper->demand.waiting && keeper->demand.full)
        slots[SLOT_RELAY].events |= POLLOUT;
    return used;
}

static int wait_ms(struct mxc_keeper *keeper, uint64_t now) {
    uint64_t wait = mxc_limits_look(keeper, now);
    for (unsigned int i = 0; i < keeper->running_top; i++) {
        const struct mxc_running *running = &keeper->running[i];
        if (!running->id || !running->deadline_ns)
            continue;
        uint64_t left = running->deadline_ns > now ? running->deadline_ns - now : 1;
        wait = wait && wait < left ? wait : left;
    }
    if (keeper->idle_at_ns && !keeper->running_count) {
        uint64_t left = keeper->idle_at_ns > now ? keeper->idle_at_ns - now : 1;
        wait = wait && wait < left ? wait : left;
    }
    if (!wait)
        return -1;
    uint64_t ms = (wait + 500000u) / 1000000u; /* nearest: half a millisecond early or late does not matter */
    return ms > 3600000u ? 3600000 : ms ? (int)ms : 1;
}

static void serve_commands(struct mxc_keeper *keeper, const struct pollfd *slots) {
    uint64_t now = mxc_monotonic_ns();
    for (unsigned int i = 0; i < keeper->running_top; i++) {
        struct mxc_running *running = &keeper->running[i];
        const struct pollfd *part = slots + SLOTS_FIXED + i * PARTS;
        if (running->id && part[PART_OUT].revents)
            mxc_capture_read(&running->out);
        if (running->id && part[PART_ERR].revents)
            mxc_capture_read(&running->err);
        if (running->id && part[PART_CHANNEL].revents)
            mxc_command_from_tender(keeper, running);
        mxc_command_deadline(keeper, running, now);
    }
}

static volatile sig_atomic_t told_to_end;

static void note_signal(int signal) {
    (void)signal;
    told_to_end = 1;
}

int mxc_keeper_told_to_end(void) { return told_to_end; }

/* Whoever asks the keeper to end, a service manager for instance, gets the whole end: nothing alive, no ghost. The
 * signals are let in while it waits only: none cuts a start short, or is missed between the look and the wait. */
void mxc_keeper_signals(void) {
    static const int endings[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = note_signal};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (unsigned int i = 0; i < sizeof endings / sizeof *endings; i++) {
        sigaddset(&blocked, endings[i]);
        sigaction(endings[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &blocked, NULL);
}

/* One turn; 0 when the sandbox is over. */
static int turn(struct mxc_keeper *keeper) {
    static struct pollfd slots[SLOTS];
    static const sigset_t none;
    unsigned int used = fill_slots(keeper, slots);
    if (keeper->ready && !keeper->groups_open) /* while init starts a command, or nobody waits */
        mxc_limits_open(keeper);
    int ms = wait_ms(keeper, mxc_monotonic_ns());
    const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    int got = ppoll(slots, used, ms < 0 ? NULL : &wait, &none);
    keeper->woken = got > 0;
    if (told_to_end || (got < 0 && errno != EINTR))
        return 0;
    if (slots[SLOT_LISTENER].revents & POLLIN)
        mxc_notify_answer(keeper);
    else if (slots[SLOT_LISTENER].revents)
        mxc_close(&keeper->listener); /* nobody is left under the filter */
    if (slots[SLOT_RELAY].revents)
        mxc_relay_event(keeper);
    hear_init(keeper, slots[SLOT_INIT].revents);
    mxc_demand_again(keeper, slots[SLOT_RELAY].revents & ~POLLIN);
    if (keeper->parked.id)
        mxc_park_event(keeper);
    else if (slots[SLOT_WORK].revents)
        mxc_command_done(keeper);
    serve_commands(keeper, slots);
    if (slots[SLOT_HOST].revents)
        mxc_close(&keeper->control);
    else if (slots[SLOT_CONTROL].revents)
        from_host(keeper);
    if (keeper->control < 0 || mxc_keeper_unused(keeper, mxc_monotonic_ns()))
        return 0;
    return keeper->init >= 0 || keeper->running_count;
}

/* The start failed: say so to the host and to every command that it has already asked for. */
static void report_failure(struct mxc_keeper *keeper) {
    struct pollfd host = {.fd = keeper->control, .events = POLLIN};
    mxc_inside_end(keeper, 1);
    mxc_ghosts_remove(&keeper->apply);
    mxc_command_abandon(keeper);
    (void)mxc_message_send(keeper->control, &keeper->failure, NULL, 0);
    while (keeper->control >= 0 && poll(&host, 1, FAILED_PATIENCE_MS) > 0)
        from_host(keeper);
}

void mxc_keeper_serve(struct mxc_keeper *keeper) {
    while (!keeper->failure.a && keeper->control >= 0 && turn(keeper))
        ;
    if (keeper->failure.a && keeper->control >= 0)
        report_failure(keeper);
}

/* Its pidfd becomes readable only when pid 1 and with it all others inside are dead. */
void mxc_inside_end(struct mxc_keeper *keeper, int by_force) {
    struct pollfd init = {.fd = keeper->init_pidfd, .events = POLLIN};
    if (keeper->init_pidfd < 0)
        return;
    if (by_force)
        (void)mxc_sys(SYS_pidfd_send_signal, keeper->init_pidfd, SIGKILL, NULL, 0);
    (void)poll(&init, 1, END_PATIENCE_MS);
}

/* All that lost its parent inside is a child of the keeper's by now, or will be when its own parent has died. */
static void end_orphans(void) {
    struct timespec pause = {.tv_nsec = 100000};
    MXC_AUTO_FD int proc = openat(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int round = 0; round < MAX_ROUNDS; round++) {
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
            ;
        if (pid < 0 && errno != EINTR)
            return;
        mxc_process_tree_signal(proc, getpid(), NULL, SIGKILL);
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000)
            pause.tv_nsec *= 2;
    }
}

static void end_init(struct mxc_keeper *keeper) {
    if (keeper->init_pidfd < 0)
        return;
    (void)mxc_sys(SYS_pidfd_send_signal, keeper->init_pidfd, SIGKILL, NULL, 0);
    while (waitpid(keeper->init_pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
}

void mxc_plain_end(struct mxc_keeper *keeper) {
    if (!keeper->apply.plain)
        return;
    end_init(keeper);
    end_orphans();
    mxc_scratch_remove(&keeper->apply);
}

void mxc_keeper_finish(struct mxc_keeper *keeper) {
    end_init(keeper);
    mxc_plain_end(keeper);
    mxc_ghosts_remove(&keeper->apply);
    /* Still running now: the sandbox was ended from outside, in the middle. */
    mxc_command_abandon(keeper);
    mxc_relay_finish(keeper);
    mxc_close(&keeper->listener);
    mxc_close(&keeper->proc);
    mxc_cgroups_remove(&keeper->apply);
}
