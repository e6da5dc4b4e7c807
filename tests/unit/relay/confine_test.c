/* confine_test.c: under the relay's own filter what its loop needs works, and what a taken-over relay would want ends it.
 * Each case is a child that confines itself. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "relay/relay.h"

static struct mxc_relay relay;

/* The signal that ended it, or minus its exit status. */
static int confined(void (*body)(void)) {
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (mxc_relay_confine(&relay) != 0)
            _exit(100);
        body();
        syscall(SYS_exit_group, 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

/* One of the size it wants; there is nothing to be had from it, but asking is allowed. */
static int pipes(void) {
    int end[2];
    return pipe2(end, O_NONBLOCK | O_CLOEXEC) == 0 && syscall(SYS_fcntl, end[1], F_SETPIPE_SZ, 65536) == 65536 &&
           splice(end[0], NULL, end[1], NULL, 1, SPLICE_F_NONBLOCK) < 0;
}

static void needs(void) {
    int wrong = 0;
    for (int i = 0; i < 4; i++) {
        int fd = socket(i & 1 ? AF_INET : AF_INET6, (i & 2 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
        wrong += fd < 0 && i & 1; /* a host may be without IPv6 */
        close(fd);
    }
    syscall(SYS_exit_group, wrong + !pipes());
}

static void opens(void) { (void)syscall(SYS_openat, AT_FDCWD, "/etc/hosts", O_RDONLY); }
static void opens_up(void) { (void)syscall(SYS_fcntl, 0, F_SETFL, 0); }
static void doubles(void) { (void)syscall(SYS_fcntl, 0, F_DUPFD, 3); }
static void owns(void) { (void)syscall(SYS_fcntl, 0, F_SETOWN, getppid()); }
static void executes(void) { (void)syscall(SYS_execve, "/bin/true", NULL, NULL); }
static void forks(void) { (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static void kills(void) { (void)syscall(SYS_kill, getppid(), 0); }
static void traces(void) { (void)syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0); }
static void joins(void) { (void)syscall(SYS_setns, 0, 0); }
static void listens(void) { (void)syscall(SYS_listen, 0, 1); }
static void binds(void) { (void)syscall(SYS_bind, 0, NULL, 0); }
static void maps_code(void) {
    (void)syscall(SYS_mmap, NULL, 4096, PROT_EXEC | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void raw(void) { (void)socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static void packets(void) { (void)socket(AF_PACKET, SOCK_DGRAM, 0); }
static void local(void) { (void)socket(AF_UNIX, SOCK_STREAM, 0); }
static void netlink(void) { (void)socket(AF_NETLINK, SOCK_RAW, 0); }

static void what_it_needs(void **state) {
    (void)state;
    assert_int_equal(confined(needs), 0);
}

static void what_it_does_not(void **state) {
    static void (*const all[])(void) = {opens, executes,  forks, kills,   traces,  joins,    listens, binds,
                                        raw,   maps_code, local, packets, netlink, opens_up, doubles, owns};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_int_equal(confined(all[i]), SIGSYS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_it_needs), cmocka_unit_test(what_it_does_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
