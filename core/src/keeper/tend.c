/* tend.c: looking after one command from inside: start it, pass signals on, and when it has ended, end all that it
 * left behind. Done by init for a command that was alone when it came: what becomes a child of pid 1 is that command's
 * then. Else by a child of init that is a subreaper, so that also daemons of the command stay its descendants. */
#define _GNU_SOURCE
#include "keeper/tend.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/timing.h"
#include "keeper/exec.h"
#include "keeper/keeper.h"

#define FIRST_PAUSE_NS 50000u
#define FIRST_PLAIN_PAUSE_NS 1000000u
#define LONGEST_PAUSE_NS 5000000u
#define MAX_ROUNDS 400 /* of LONGEST_PAUSE_NS: then the keeper has lost patience and ended the sandbox */

void mxc_spawn_close(const struct mxc_spawn *spawn) {
    const int fds[] = {spawn->block, spawn->in, spawn->out, spawn->err, spawn->work, spawn->files[0], spawn->files[1]};
    for (unsigned int i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

void mxc_signals_drain(int signals) {
    struct signalfd_siginfo info[4]; /* what does not fit wakes the next wait */
    (void)!read(signals, info, sizeof info);
}

/* ---- the tree ---- */

static void signal_below(const struct mxc_tend *tend, int signal) {
    MXC_AUTO_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc >= 0)
        (void)mxc_process_tree_signal(proc, getpid(), tend->others, signal);
}

static void signal_tree(const struct mxc_tend *tend, int signal) {
    const struct mxc_message ask = {.kind = MXC_MSG_TREE, .id = tend->id, .a = (uint64_t)signal};
    if (tend->everything && !(tend->others && tend->others->count))
        kill(-1, signal); /* all but init itself, atomically */
    else if (tend->plain)
        (void)mxc_message_send(tend->channel, &ask, NULL, 0); /* who cannot see the processes asks who can */
    else
        signal_below(tend, signal);
}

/* How many processes there are inside, for the keeper: a limit that was reached shows best before they are ended. */
static uint32_t count_processes(const struct mxc_tend *tend) {
    const struct mxc_tree_process *list;
    MXC_AUTO_FD int proc = tend->plain ? -1 : open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return proc < 0 ? 0 : mxc_process_tree(proc, getpid(), NULL, &list);
}

/* ---- the end ---- */

static uint64_t microseconds(const struct timeval *time) {
    return (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
}

/* Reaps what there is, but no tender: those are not waited for like this. Sets `ended` when the command was among it. 0
 * when no child is left. */
static int reap(struct mxc_tend *tend) {
    for (;;) {
        struct rusage usage;
        int status;
        pid_t pid = wait4(-1, &status, WNOHANG, &usage);
        if (pid == 0)
            return 1;
        if (pid < 0)
            return errno == EINTR;
        tend->cpu_us += microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime);
        if ((uint64_t)usage.ru_maxrss > tend->max_rss_kib)
            tend->max_rss_kib = (uint64_t)usage.ru_maxrss;
        if (pid == tend->command) {
            tend->status = status;
            tend->ended = 1;
        }
    }
}

/* One more round of ending what is left, if it is time for one; 1 when nothing is. The signal is sent again and again,
 * because a process may fork between the look and the signal. */
static int end_the_rest(struct mxc_tend *tend) {
    uint64_t now = mxc_monotonic_ns();
    if (!reap(tend))
        return 1;
    if (now < tend->next_ns)
        return 0;
    if (tend->rounds++ == MAX_ROUNDS)
        return 1;
    signal_tree(tend, SIGKILL);
    if (!reap(tend))
        return 1;
    if (!tend->pause_ns)
        tend->pause_ns = tend->plain ? FIRST_PLAIN_PAUSE_NS : FIRST_PAUSE_NS;
    tend->next_ns = now + tend->pause_ns;
    tend->pause_ns = tend->pause_ns * 2 < LONGEST_PAUSE_NS ? tend->pause_ns * 2 : LONGEST_PAUSE_NS;
    return 0;
}

/* Without turns: nobody else is to be listened to. */
static void end_all_of(struct mxc_tend *tend) {
    while (!end_the_rest(tend)) {
        const struct timespec *wait = mxc_tend_wait(tend);
        if (wait)
            nanosleep(wait, NULL);
    }
}

static void report_end(const struct mxc_tend *tend) {
    const struct mxc_message message = {.kind = MXC_MSG_ENDED,
                                        .id = tend->id,
                                        .flags = tend->processes,
                                        .a = (uint64_t)tend->status,
                                        .b = tend->cpu_us,
                                        .c = tend->started_ns,
                                        .d = tend->max_rss_kib};
    (void)mxc_message_send(tend->channel, &message, NULL, 0);
}

const struct timespec *mxc_tend_wait(struct mxc_tend *tend) {
    uint64_t now = tend->next_ns ? mxc_monotonic_ns() : 0;
    uint64_t left = tend->next_ns > now ? tend->next_ns - now : 0;
    if (!tend->id || !tend->next_ns)
        return NULL;
    tend->wait = (struct timespec){.tv_nsec = (long)left};
    return &tend->wait;
}

int mxc_tend_turn(struct mxc_tend *tend) {
    int had_ended = tend->ended, left = reap(tend);
    if (!tend->ended)
        return 0;
    if (!had_ended)
        tend->processes = left ? count_processes(tend) : 0;
    if (left && !end_the_rest(tend))
        return 0;
    report_end(tend);
    return 1;
}

/* ---- the command ---- */

int mxc_tend_begin(struct mxc_tend *tend, const struct mxc_message *request, const struct mxc_spawn *spawn, int kind,
                   const struct mxc_except *others) {
    struct mxc_program command = {.in = spawn->in, .out = spawn->out, .err = spawn->err, .work = spawn->work};
    memcpy(command.files, spawn->files, sizeof command.files);
    enum mxc_stage stage = MXC_STAGE_COMMAND;
    *tend = (struct mxc_tend){.id = request->id,
                              .channel = spawn->channel,
                              .everything = (kind & MXC_TEND_EVERYTHING) != 0,
                              .plain = (kind & MXC_TEND_PLAIN) != 0,
                              .others = others,
                              .started_ns = mxc_monotonic_ns()};
    int result = spawn->block < 0 ? mxc_command_take(&command, spawn->within, spawn->within_bytes)
                                  : mxc_command_load(&command, spawn->block);
    if (result == 0)
        result = tend->command = mxc_command_exec(&command, &stage);
    mxc_command_unload(&command);
    mxc_spawn_close(spawn); /* the command has its own; ours would keep its pipes open */
    if (result > 0)
        return 1;
    const struct mxc_message message = {
        .kind = MXC_MSG_NO_EXEC, .id = request->id, .a = (uint64_t)-result, .b = (uint64_t)stage};
    (void)mxc_message_send(spawn->channel, &message, NULL, 0);
    return 0;
}

void mxc_tend_signal(struct mxc_tend *tend, const struct mxc_message *message) {
    if (message->b)
        signal_tree(tend, (int)message->a);
    else if (!tend->ended)
        kill(tend->command, (int)message->a);
}

/* ---- a tender ---- */

static void obey(struct mxc_tend *tend) {
    struct mxc_message message;
    unsigned int count;
    int got = mxc_message_receive(tend->channel, &message, NULL, 0, &count);
    if (got <= 0) { /* the keeper is gone */
        if (!tend->ended)
            kill(tend->command, SIGKILL);
        if (tend->plain)
            end_all_of(tend);
        else
            signal_tree(tend, SIGKILL);
        _exit(1);
    }
    if (message.kind == MXC_MSG_SIGNAL)
        mxc_tend_signal(tend, &message);
}

void mxc_end_all(void) {
    struct mxc_tend all = {.id = UINT32_MAX, .channel = -1, .everything = 1, .plain = 1};
    end_all_of(&all);
}

void mxc_tend(const struct mxc_message *request, const struct mxc_spawn *spawn, int kind, int signals) {
    struct mxc_tend tend;
    const struct mxc_message started = {.kind = MXC_MSG_STARTED, .id = request->id, .a = (uint64_t)getpid()};
    struct pollfd slots[2] = {{.fd = spawn->channel, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    (void)mxc_message_send(spawn->channel, &started, NULL, 0);
    if (!mxc_tend_begin(&tend, request, spawn, kind, NULL))
        return;
    for (;;) {
        int got = ppoll(slots, 2, mxc_tend_wait(&tend), NULL);
        if (got < 0 && errno != EINTR)
            return;
        if (got > 0 && slots[1].revents)
            mxc_signals_drain(signals);
        if (mxc_tend_turn(&tend))
            return;
        if (got > 0 && slots[0].revents)
            obey(&tend);
    }
}
