/* inject.c: runs `mxc run ...` and makes the n-th system call of the set-up fail: all calls of the keeper and of init
 * are counted, from the keeper's exec until the workload's. `inject N[:CALL] ERRNO -- COMMAND...`: N 0 only counts, CALL
 * is the number of the only call that counts. ERRNO 0 is a lie: the call is not made and says that it was. Prints on
 * descriptor 2, as its last line, "inject: COUNT calls, failed: NAME-NUMBER". Exit status: the command's.
 * Knows nothing of mxc but that the first exec below the command is the keeper's and the next the workload's. */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_TRACEES 64

enum phase { BEFORE, SETUP, AFTER };

struct tracee {
    pid_t pid;
    int inside;  /* between entry and exit of a call */
    int replace; /* this call's result becomes -error */
    int counted; /* keeper or init */
};

static struct tracee tracees[MAX_TRACEES];
static enum phase phase;
static unsigned long count, wanted;
static long failed_call = -1;
static long only = -1; /* -1: every call */
static int error_number, execs;

static struct tracee *find(pid_t pid) {
    for (int i = 0; i < MAX_TRACEES; i++)
        if (tracees[i].pid == pid)
            return &tracees[i];
    for (int i = 0; i < MAX_TRACEES; i++)
        if (!tracees[i].pid) {
            tracees[i] = (struct tracee){.pid = pid};
            return &tracees[i];
        }
    exit(3);
}

#if defined(__x86_64__)
static void skip_call(pid_t pid, long *number) {
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    *number = (long)regs.orig_rax;
    regs.orig_rax = (unsigned long long)-1;
    ptrace(PTRACE_SETREGS, pid, 0, &regs);
}

static long call_of(pid_t pid) {
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    return (long)regs.orig_rax;
}

static void set_result(pid_t pid, long value) {
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    regs.rax = (unsigned long long)value;
    ptrace(PTRACE_SETREGS, pid, 0, &regs);
}
#else
#error "inject: x86-64 only"
#endif

static void at_call(struct tracee *tracee) {
    tracee->inside = !tracee->inside;
    if (tracee->inside) {
        if (phase != SETUP || !tracee->counted || (only >= 0 && call_of(tracee->pid) != only))
            return;
        if (++count == wanted) {
            skip_call(tracee->pid, &failed_call);
            tracee->replace = 1;
        }
    } else if (tracee->replace) {
        set_result(tracee->pid, -error_number);
        tracee->replace = 0;
    }
}

static void at_event(struct tracee *tracee, int event) {
    unsigned long child = 0;
    if (event == PTRACE_EVENT_EXEC) {
        execs++;
        phase = execs == 1 ? BEFORE : execs == 2 ? SETUP : AFTER;
        tracee->counted = execs == 2;
    } else if (event) {
        ptrace(PTRACE_GETEVENTMSG, tracee->pid, 0, &child);
        find((pid_t)child)->counted = tracee->counted;
    }
}

/* Lets a stopped tracee go on; returns the signal that it has to be given. */
static int handle_stop(struct tracee *tracee, int status) {
    int signal = WSTOPSIG(status), event = status >> 16;
    if (signal == (SIGTRAP | 0x80))
        at_call(tracee);
    else if (event)
        at_event(tracee, event);
    else if (signal != SIGSTOP && signal != SIGTRAP)
        return signal;
    return 0;
}

static int trace(pid_t command) {
    int result = 3;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0)
            return result;
        struct tracee *tracee = find(pid);
        if (WIFSTOPPED(status)) {
            int signal = handle_stop(tracee, status);
            ptrace(PTRACE_SYSCALL, pid, 0, signal);
            continue;
        }
        tracee->pid = 0;
        if (pid == command)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}

int main(int argc, char **argv) {
    if (argc < 5 || strcmp(argv[3], "--") != 0) {
        dprintf(2, "usage: inject N[:CALL] ERRNO -- COMMAND...\n");
        return 3;
    }
    char *rest;
    wanted = strtoul(argv[1], &rest, 10);
    if (*rest == ':')
        only = strtol(rest + 1, NULL, 10);
    error_number = atoi(argv[2]);
    pid_t command = fork();
    if (command == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(argv[4], argv + 4);
        _exit(3);
    }
    waitpid(command, NULL, 0);
    ptrace(PTRACE_SETOPTIONS, command, 0,
           PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
               PTRACE_O_EXITKILL);
    find(command);
    ptrace(PTRACE_SYSCALL, command, 0, 0);
    int result = trace(command);
    dprintf(2, "\ninject: %lu calls, failed: %ld\n", count, failed_call);
    return result;
}
