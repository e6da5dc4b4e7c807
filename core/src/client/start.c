/* start.c: clone, arrange descriptors, execute. The child shares the memory of a program with many threads until it
 * executes, so it makes system calls and nothing else: no allocation, no lock, no libc state. */
#include "client/start.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan/channel.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif

#define STACK_BYTES (64u << 10)
#define SIGNALS 64
#define FIRST_FREE (MXC_KEEPER_FD_RELAY + 1)

/* Sanitizers keep books of the thread they believe to be in; the child is in another process with the same memory. */
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined"), noinline))

struct child {
    int image, control, plan, relay, ahead;
    int failed; /* errno; written by the child, read by the parent after CLONE_VFORK let it go on */
    const char *step;
};

IN_CHILD static long give_up(struct child *child, const char *step) {
    child->failed = errno;
    child->step = step;
    return -1;
}

/* A source that lies on one of the numbers to be filled moves out of the way first. */
IN_CHILD static int out_of_the_way(int fd) {
    if (fd < 0 || fd >= FIRST_FREE)
        return fd;
    return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, FIRST_FREE);
}

/* Handlers of the program are reset by execveat; what it ignores would stay ignored in the sandbox. */
IN_CHILD static void default_signals(void) {
    static const unsigned long action[8]; /* struct sigaction of the kernel: all zero is SIG_DFL */
    for (int signal = 1; signal <= SIGNALS; signal++)
        syscall(SYS_rt_sigaction, signal, action, NULL, SIGNALS / 8);
}

IN_CHILD static long arrange(struct child *child) {
    int control = out_of_the_way(child->control);
    int plan = out_of_the_way(child->plan);
    int relay = out_of_the_way(child->relay);
    child->image = out_of_the_way(child->image);
    int nothing = out_of_the_way((int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC));
    if (nothing < 0)
        return give_up(child, "open /dev/null");
    if (control < 0 || plan < 0 || child->image < 0 || (relay < 0 && child->relay >= 0))
        return give_up(child, "fcntl(F_DUPFD)");
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (syscall(SYS_dup3, nothing, fd, 0) < 0)
            return give_up(child, "dup3");
    if (syscall(SYS_dup3, control, MXC_KEEPER_FD_CONTROL, 0) < 0 || syscall(SYS_dup3, plan, MXC_KEEPER_FD_PLAN, 0) < 0)
        return give_up(child, "dup3");
    if (relay < 0)
        syscall(SYS_close, MXC_KEEPER_FD_RELAY);
    else if (syscall(SYS_dup3, relay, MXC_KEEPER_FD_RELAY, 0) < 0)
        return give_up(child, "dup3");
    /* no loop instead of it: the limit may be below descriptors that were opened before it was lowered */
    if (syscall(SYS_close_range, FIRST_FREE, ~0u, CLOSE_RANGE_CLOEXEC) != 0)
        return give_up(child, "close_range");
    return 0;
}

IN_CHILD static int child_main(void *opaque) {
    static const char *const argv[] = {"mxc-keeper", NULL};
    static const char *const ahead[] = {"mxc-keeper", MXC_KEEPER_ARGUMENT, NULL};
    static const char *const nothing[] = {NULL};
    static const uint64_t no_signals;
    struct child *child = opaque;
    default_signals();
    if (arrange(child) == 0) {
        syscall(SYS_setsid);
        syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof no_signals);
        syscall(SYS_execveat, child->image, "", child->ahead ? ahead : argv, nothing, AT_EMPTY_PATH);
        give_up(child, "execveat");
    }
    return 127; /* clone() makes this exit(2), without the exit handlers of the program */
}

/* All signals, also the two that the C library keeps from sigprocmask(): a handler must not run in the child, on the
 * program's memory. */
static pid_t clone_blocked(struct child *child, char *stack, int *pidfd) {
    const uint64_t all = ~(uint64_t)0;
    uint64_t before;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    pid_t pid = clone(child_main, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, child, pidfd);
    int failed = errno;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    errno = failed;
    return pid;
}

static void reap_now(int pidfd) {
    siginfo_t info;
    while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) != 0 && errno == EINTR)
        ;
}

/* As mxc_fd_above_stdio(), but without a failure: the keeper runs already and has to be reaped through this. */
static int above_stdio(int pidfd) {
    int moved = pidfd > STDERR_FILENO ? -1 : fcntl(pidfd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0)
        return pidfd;
    close(pidfd);
    return moved;
}

int mxc_start_process(struct mxc_start *start, const char **step) {
    struct child child = {start->image, start->control, start->plan, start->relay, start->ahead, 0, "clone"};
    int pidfd = -1, result = 0;
    /* not on the caller's stack: threads of some programs have very little of it */
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    *step = "mmap";
    if (stack == MAP_FAILED)
        return -errno;
    pid_t pid = clone_blocked(&child, stack, &pidfd);
    if (pid < 0)
        child.failed = errno;
    munmap(stack, STACK_BYTES);
    if (child.failed) {
        *step = child.step;
        result = -child.failed;
        if (pid > 0) {
            reap_now(pidfd);
            close(pidfd);
        }
        return result;
    }
    start->pid = pid;
    start->pidfd = above_stdio(pidfd);
    return 0;
}
