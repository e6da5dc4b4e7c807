/* peers.c: acts on other processes and on the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static void trace(int argc, char **argv) {
    pid_t pid = (pid_t)number_of(argv[0]);
    (void)argc;
    long rc = ptrace(PTRACE_SEIZE, pid, NULL, NULL);
    line_outcome("seize", rc);
    if (rc < 0) {
        rc = ptrace(PTRACE_ATTACH, pid, NULL, NULL);
        line_outcome("attach", rc);
    }
    line_result(rc);
}

static void memory_of(int argc, char **argv) {
    char path[64], bytes[16];
    pid_t pid = (pid_t)number_of(argv[0]);
    struct iovec here = {bytes, sizeof(bytes)}, there = {bytes, sizeof(bytes)};
    (void)argc;
    snprintf(path, sizeof(path), "/proc/%d/mem", pid);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    line_outcome("mem", fd);
    line_outcome("process_vm_readv", syscall(SYS_process_vm_readv, pid, &here, 1L, &there, 1L, 0L));
    line_outcome("process_vm_writev", syscall(SYS_process_vm_writev, pid, &here, 1L, &there, 1L, 0L));
    snprintf(path, sizeof(path), "/proc/%d/maps", pid);
    line_outcome("maps", read_text(path, bytes, sizeof(bytes)));
    snprintf(path, sizeof(path), "/proc/%d/environ", pid);
    line_outcome("environ", read_text(path, bytes, sizeof(bytes)));
    line_result(fd);
}

static void take_fd(int argc, char **argv) {
    pid_t pid = (pid_t)number_of(argv[0]);
    long pidfd = syscall(434 /* pidfd_open */, pid, 0L), taken = -1;
    (void)argc;
    line_outcome("pidfd_open", pidfd);
    for (int fd = 0; fd < 16 && taken < 0; fd++)
        taken = syscall(438 /* pidfd_getfd */, pidfd, (long)fd, 0L);
    line_result(taken);
}

static void exe_of(int argc, char **argv) {
    char path[64];
    (void)argc;
    snprintf(path, sizeof(path), "/proc/%s/exe", argv[0]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    line_result(fd);
}

static volatile sig_atomic_t signalled;

static void note_signal(int number) { signalled = number; }

/* By the ways that have no number of their own: as the owner of a descriptor, by a timer, through a queue. */
static void signals_aside(int argc, char **argv) {
    pid_t pid = (pid_t)number_of(argv[0]);
    int ends[2] = {-1, -1};
    (void)argc;
    (void)!pipe2(ends, O_CLOEXEC);
    line_outcome("F_SETOWN", fcntl(ends[0], F_SETOWN, pid));
    line_outcome("F_SETSIG", fcntl(ends[0], F_SETSIG, SIGUSR1));
    line_outcome("O_ASYNC", fcntl(ends[0], F_SETFL, O_ASYNC));
    (void)!write(ends[1], "x", 1);
    struct {
        union sigval value;
        int signal, notify, thread;
        char room[44];
    } event = {.signal = SIGUSR1, .notify = 4 /* SIGEV_THREAD_ID */, .thread = pid};
    int timer;
    line_outcome("timer_create", syscall(SYS_timer_create, 1L, &event, &timer));
    line_outcome("pidfd_send_signal", syscall(424, -1L, (long)SIGUSR1, NULL, 0L));
    sleep_ms(50);
}

/* A process that says whether a signal ever came. */
static void victim(int argc, char **argv) {
    (void)argc;
    signal(SIGUSR1, note_signal);
    dprintf(1, "here\n");
    for (long long left = number_of(argv[0]); left > 0 && access("/dev/null", F_OK) == 0; left -= 10) {
        char byte;
        sleep_ms(10);
        if (read(0, &byte, 1) == 0)
            break;
    }
    line_number("signalled", signalled);
}

/* Signals to a process by every call that takes a number. */
static void signals_at(int argc, char **argv) {
    pid_t pid = (pid_t)number_of(argv[0]);
    siginfo_t info = {0};
    (void)argc;
    info.si_signo = SIGUSR1;
    info.si_code = SI_QUEUE;
    line_outcome("kill", kill(pid, 0));
    line_outcome("tkill", syscall(SYS_tkill, pid, 0L));
    line_outcome("tgkill", syscall(SYS_tgkill, pid, pid, 0L));
    line_outcome("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, pid, (long)SIGUSR1, &info));
    line_outcome("pidfd_open", syscall(434, pid, 0L));
}

static void insert_input(int argc, char **argv) {
    int fd = argc > 0 ? open(argv[0], O_RDWR | O_CLOEXEC | O_NOCTTY) : 0;
    line_outcome("open", fd);
    line_outcome("TIOCSTI", syscall(SYS_ioctl, fd, (unsigned long)TIOCSTI, "x"));
    line_outcome("TIOCSTI (high bits set)", syscall(SYS_ioctl, fd, 0xabcd00000000UL | TIOCSTI, "x"));
    char paste = 3;
    line_outcome("TIOCLINUX", syscall(SYS_ioctl, fd, (unsigned long)TIOCLINUX, &paste));
    line_outcome("TIOCSCTTY", syscall(SYS_ioctl, fd, (unsigned long)TIOCSCTTY, 1L));
}

const struct probe_act probe_peers[] = {
    {"ptrace", "PID", 1, trace},
    {"memory-of", "PID", 1, memory_of},
    {"take-fd", "PID", 1, take_fd},
    {"exe-write", "PID|self", 1, exe_of},
    {"signals-at", "PID", 1, signals_at},
    {"signals-aside", "PID", 1, signals_aside},
    {"victim", "MS", 1, victim},
    {"tiocsti", "[PATH]", 0, insert_input},
    {NULL, NULL, 0, NULL},
};
