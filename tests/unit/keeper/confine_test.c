/* confine_test.c: under the keeper's own filter what it needs works, and what a taken-over keeper would want does
 * not. Each case is a child that confines itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/keeper.h"

/* How many of the calls did not give what they should: the child's exit status. */
static int wrong;
static int spare;  /* a socket from before */
static pid_t self; /* the child */

static void refused(long result) { wrong += result >= 0 || errno != EPERM; }
static void works(long result) { wrong += result < 0; }

static int confined(void (*body)(void), int on_demand) {
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        self = getpid();
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || mxc_keeper_confine(0, on_demand) != 0)
            _exit(100);
        body();
        syscall(SYS_exit_group, wrong); /* not through what a sanitizer does at the end, which needs more calls */
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void needs(void) {
    struct stat info;
    int pair[2], ends[2];
    char byte;
    works(pipe2(ends, O_CLOEXEC));
    works(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
    works(send(pair[0], "x", 1, MSG_NOSIGNAL));
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
    works(recvmsg(pair[1], &packet, MSG_CMSG_CLOEXEC));
    struct pollfd slot = {.fd = pair[1], .events = POLLIN};
    works(poll(&slot, 1, 0));
    int proc = openat(AT_FDCWD, "/proc/self/stat", O_RDONLY | O_CLOEXEC);
    works(proc);
    works(read(proc, &byte, 1));
    works(fstatat(AT_FDCWD, "/proc", &info, 0));
    works(fcntl(ends[0], F_SETFL, O_NONBLOCK));
    works(fchmod(ends[0], 0600));
    void *area = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    works(area == MAP_FAILED ? -1 : munmap(area, 4096));
    works(kill(0, 0));
}

static void wants(void) {
    char *const argv[] = {(char *)"true", NULL};
    refused(openat(AT_FDCWD, "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    refused(openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC));
    refused(openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC));
    refused(openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
    refused(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    refused(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    refused(execve("/bin/true", argv, argv + 1));
    refused(syscall(SYS_clone, 17L, 0L, 0L, 0L, 0L));
    refused(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    refused(syscall(SYS_mprotect, 4096L, 4096L, PROT_EXEC));
    refused(ioctl(0, 0x5412 /* TIOCSTI */, "x"));
    refused(syscall(SYS_ptrace, 0L, 0L, 0L, 0L));
    refused(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0L, NULL));
    refused(syscall(SYS_unshare, 0x10000000L));
    refused(syscall(SYS_linkat, AT_FDCWD, "/a", AT_FDCWD, "/b", 0L));
    refused(syscall(SYS_renameat2, AT_FDCWD, "/a", AT_FDCWD, "/b", 0L));
    refused(syscall(SYS_mkdirat, AT_FDCWD, "/tmp/mxc-no", 0700L));
    refused(syscall(SYS_fchmodat, AT_FDCWD, "/tmp", 0777L));
    refused(fchmod(0, 04755));
    refused(fchmod(0, 01755));
    refused(syscall(SYS_process_vm_writev, 1L, NULL, 0L, NULL, 0L, 0L));
    refused(syscall(SYS_bpf, 0L, NULL, 0L));
    refused(connect(0, NULL, 0));
    refused(syscall(SYS_accept4, 0L, NULL, NULL, 0L));
    refused(syscall(SYS_setresgid, 0L, 0L, 0L));
}

/* Only where listeners are made on demand. */
static void wants_listeners(void) {
    refused(syscall(SYS_process_vm_readv, 1L, NULL, 0L, NULL, 0L, 0L));
    refused(syscall(SYS_setresuid, -1L, -1L, -1L));
    refused(setsockopt(0, SOL_SOCKET, SO_REUSEADDR, NULL, 0));
    refused(bind(0, NULL, 0));
    refused(listen(0, 1));
}

static void makes_listeners(void) {
    static const uint8_t loopback[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
    char byte = 0;
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    works(syscall(SYS_process_vm_readv, self, &part, 1L, &part, 1L, 0L));
    works(syscall(SYS_setresuid, -1L, -1L, -1L));
    works(mxc_spare_bind(spare, loopback, 0));
    works(mxc_spare_listen(spare));
}

static void test_what_it_needs_works(void **state) {
    (void)state;
    assert_int_equal(confined(needs, 0), 0);
    assert_int_equal(confined(needs, 1), 0);
}

static void test_what_it_does_not_need_is_refused(void **state) {
    (void)state;
    assert_int_equal(confined(wants, 0), 0);
    assert_int_equal(confined(wants, 1), 0);
    assert_int_equal(confined(wants_listeners, 0), 0);
}

static void test_listeners_on_demand(void **state) {
    (void)state;
    spare = mxc_spare_make();
    assert_true(spare >= 0);
    assert_int_equal(confined(makes_listeners, 1), 0);
    close(spare);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_needs_works),
        cmocka_unit_test(test_what_it_does_not_need_is_refused),
        cmocka_unit_test(test_listeners_on_demand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
