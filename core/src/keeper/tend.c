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
#include "base/text.h"
#include "keeper/exec.h"
#include "keeper/keeper.h"

#define MAX_SNAPSHOT 8192
#define MAX_ROUNDS 400 /* times 5 ms: then the keeper loses patience and ends the sandbox */

struct tend {
    uint32_t id;
    int channel;
    int everything; /* this is init: "the tree" is all processes inside */
    pid_t command;
    int status; /* of the command, once `ended` */
    int ended;
};

struct process {
    pid_t pid, parent;
    int ours;
};

/* ---- the tree ---- */

static pid_t parent_of(int proc, const char *pid) {
    char path[32], stat[512];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, pid);
    mxc_text_add(&text, "/stat");
    if (text.overflow || mxc_file_read(proc, path, stat, sizeof stat) <= 0)
        return 0;
    const char *cursor = strrchr(stat, ')');
    if (!cursor || strlen(cursor) < 5)
        return 0;
    cursor += 4;
    return (pid_t)mxc_text_number(&cursor);
}

static unsigned int snapshot(struct process *list) {
    char entries[8192];
    unsigned int count = 0;
    MXC_AUTO_FD int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long got;
    while (proc >= 0 && (got = mxc_sys(SYS_getdents64, proc, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got && count < MAX_SNAPSHOT;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            const char *name = entry->name;
            at += entry->length;
            if (*name < '1' || *name > '9')
                continue;
            list[count].parent = parent_of(proc, name);
            list[count].pid = (pid_t)mxc_text_number(&name);
            list[count++].ours = 0;
        }
    }
    return count;
}

static int is_ours(const struct process *list, unsigned int count, pid_t parent, pid_t self) {
    if (parent == self)
        return 1;
    for (unsigned int i = 0; i < count; i++)
        if (list[i].ours && list[i].pid == parent)
            return 1;
    return 0;
}

static void signal_descendants(int signal) {
    static struct process list[MAX_SNAPSHOT];
    unsigned int count = snapshot(list);
    pid_t self = getpid();
    for (int found = 1; found;) {
        found = 0;
        for (unsigned int i = 0; i < count; i++) {
            if (list[i].ours || !is_ours(list, count, list[i].parent, self))
                continue;
            list[i].ours = found = 1;
            kill(list[i].pid, signal);
        }
    }
}

static void signal_tree(const struct tend *tend, int signal) {
    if (tend->everything)
        kill(-1, signal); /* all but init itself, atomically */
    else
        signal_descendants(signal);
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
    struct timespec pause = {.tv_nsec = 50000};
    for (int round = 0; reap(tend) && round < MAX_ROUNDS; round++) {
        signal_tree(tend, SIGKILL);
        if (reap(tend) == 0)
            return;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000)
            pause.tv_nsec *= 2;
    }
}

/* How many processes there are inside, for the keeper: a limit that was reached shows best before they are ended. */
static uint32_t count_processes(void) {
    static struct process list[MAX_SNAPSHOT];
    return snapshot(list);
}

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

void mxc_tend(const struct mxc_message *request, const struct mxc_spawn *spawn, int everything, int signals) {
    struct mxc_program command = {.in = spawn->in, .out = spawn->out, .err = spawn->err};
    struct tend tend = {.id = request->id, .channel = spawn->channel, .everything = everything};
    struct mxc_message message = {.kind = MXC_MSG_STARTED, .id = request->id, .a = (uint64_t)getpid()};
    enum mxc_stage stage = MXC_STAGE_COMMAND;
    message.b = mxc_now_ns();
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
    uint32_t processes = reap(&tend) ? count_processes() : 0;
    end_the_rest(&tend);
    report_end(&tend, processes);
}
