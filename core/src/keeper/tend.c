/* tend.c: looking after one command from inside: start it, pass signals on, and when it has ended, end all that it
 * left behind. Done by init itself for the last command of a sandbox (then "all" is everything inside), else by a
 * child of init that is a subreaper, so that also daemons of the command stay its descendants. */
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
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/timing.h"
#include "base/text.h"
#include "keeper/exec.h"
#include "keeper/keeper.h"
#include "keeper/process_tree.h"

#define MAX_ROUNDS 400 /* times 5 ms: then the keeper loses patience and ends the sandbox */

struct tend {
    uint32_t id;
    int channel;
    int everything; /* this is init: "the tree" is all processes inside */
    int plain;      /* without a pid namespace, and without a /proc to look at */
    pid_t command;
    int status; /* of the command, once `ended` */
    int ended;
};

/* ---- the tree ---- */

static unsigned int in_own_proc(unsigned int (*look)(int proc, pid_t self, int signal), int signal) {
    MXC_AUTO_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return proc < 0 ? 0 : look(proc, getpid(), signal);
}

static void signal_tree(const struct tend *tend, int signal) {
    const struct mxc_message ask = {.kind = MXC_MSG_TREE, .id = tend->id, .a = (uint64_t)signal};
    if (tend->everything)
        kill(-1, signal); /* all but init itself, atomically */
    else if (tend->plain)
        (void)mxc_message_send(tend->channel, &ask, NULL, 0); /* who cannot see the processes asks who can */
    else
        (void)in_own_proc(mxc_process_tree_signal, signal);
}

/* ---- events ---- */

/* Reaps what there is. Sets `ended` when the command was among it. 0 when no child is left. */
static int reap(struct tend *tend) {
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0)
            return 1;
        if (pid < 0)
            return errno == EINTR;
        if (pid == tend->command) {
            tend->status = status;
            tend->ended = 1;
        }
    }
}

/* The signal is sent again and again, because a process may fork between the look and the signal. */
static void end_the_rest(struct tend *tend) {
    struct timespec pause = {.tv_nsec = tend->plain ? 1000000 : 50000};
    for (int round = 0; reap(tend) && round < MAX_ROUNDS; round++) {
        signal_tree(tend, SIGKILL);
        if (reap(tend) == 0)
            return;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000)
            pause.tv_nsec *= 2;
    }
}

static unsigned int count_all(int proc, pid_t self, int signal) {
    const struct mxc_tree_process *list;
    (void)signal;
    return mxc_process_tree(proc, self, &list);
}

/* How many processes there are inside, for the keeper: a limit that was reached shows best before they are ended. */
static uint32_t count_processes(const struct tend *tend) { return tend->plain ? 0 : in_own_proc(count_all, 0); }

static uint64_t microseconds(const struct timeval *time) {
    return (uint64_t)time->tv_sec * 1000000u + (uint64_t)time->tv_usec;
}

static void report_end(const struct tend *tend, uint32_t processes) {
    struct rusage usage;
    struct mxc_message message = {
        .kind = MXC_MSG_ENDED, .id = tend->id, .flags = processes, .a = (uint64_t)tend->status};
    getrusage(RUSAGE_CHILDREN, &usage);
    message.b = microseconds(&usage.ru_utime);
    message.c = microseconds(&usage.ru_stime);
    message.d = (uint64_t)usage.ru_maxrss;
    (void)mxc_message_send(tend->channel, &message, NULL, 0);
}

static void obey(struct tend *tend) {
    struct mxc_message message;
    unsigned int count;
    int got = mxc_message_receive(tend->channel, &message, NULL, 0, &count);
    if (got <= 0) { /* the keeper is gone */
        if (!tend->ended)
            kill(tend->command, SIGKILL);
        if (tend->plain)
            end_the_rest(tend);
        else
            signal_tree(tend, SIGKILL);
        _exit(1);
    }
    if (message.kind != MXC_MSG_SIGNAL)
        return;
    if (message.b)
        signal_tree(tend, (int)message.a);
    else if (!tend->ended)
        kill(tend->command, (int)message.a);
}

static void wait_for_end(struct tend *tend, int signals) {
    struct pollfd slots[2] = {{.fd = tend->channel, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    struct signalfd_siginfo info;
    while (!tend->ended) {
        if (poll(slots, 2, -1) < 0 && errno != EINTR)
            return;
        if (slots[0].revents)
            obey(tend);
        if (slots[1].revents) {
            while (read(signals, &info, sizeof info) > 0)
                ;
            reap(tend);
        }
    }
}

void mxc_end_all(void) {
    struct tend all = {.channel = -1, .everything = 1, .plain = 1};
    end_the_rest(&all);
}

void mxc_tend(const struct mxc_message *request, const struct mxc_spawn *spawn, int kind, int signals) {
    struct mxc_program command = {.in = spawn->in, .out = spawn->out, .err = spawn->err, .work = spawn->work};
    struct tend tend = {.id = request->id,
                        .channel = spawn->channel,
                        .everything = (kind & MXC_TEND_EVERYTHING) != 0,
                        .plain = (kind & MXC_TEND_PLAIN) != 0};
    struct mxc_message message = {.kind = MXC_MSG_STARTED, .id = request->id, .a = (uint64_t)getpid()};
    enum mxc_stage stage = MXC_STAGE_COMMAND;
    message.b = mxc_monotonic_ns();
    (void)mxc_message_send(spawn->channel, &message, NULL, 0);
    int result = mxc_command_load(&command, spawn->block);
    if (result == 0)
        result = tend.command = mxc_command_exec(&command, &stage);
    mxc_spawn_close(spawn); /* the command has its own; ours would keep its pipes open */
    if (result < 0) {
        message = (struct mxc_message){
            .kind = MXC_MSG_NO_EXEC, .id = request->id, .a = (uint64_t)-result, .b = (uint64_t)stage};
        (void)mxc_message_send(spawn->channel, &message, NULL, 0);
        return;
    }
    wait_for_end(&tend, signals);
    uint32_t processes = reap(&tend) ? count_processes(&tend) : 0;
    end_the_rest(&tend);
    report_end(&tend, processes);
}
