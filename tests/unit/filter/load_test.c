/* load_test.c: the kernel takes the programs, gives the answers that the evaluator foretells, and ordinary programs
 * run under them. There is no keeper here, so what it would answer with EPERM is ENOSYS. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "filter/filter.h"

#ifdef MXC_SANITIZE
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static int confine(int profile) {
    struct mxc_policy policy = {.syscalls = {.profile = profile}};
    struct mxc_filter filter;
    if (mxc_filter_for(&filter, &policy, 0, NULL) != MXC_OK)
        return -1;
    struct sock_fprog program = {(unsigned short)filter.count, (struct sock_filter *)filter.program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* Runs `body` in a confined child; its value is the exit status. */
static int in_child(int profile, int (*body)(void)) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(confine(profile) < 0 ? 120 : body());
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_program(int profile, const char *const *argv) {
    pid_t pid = fork();
    if (pid == 0) {
        if (confine(profile) < 0)
            _exit(120);
        execv(argv[0], (char *const *)argv);
        _exit(121);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int error_of(long result) { return result == -1 ? errno : 0; }

/* 1-based number of the first call that was not stopped, 0 when all were. Without the filter none gives ENOSYS. */
static int denied_calls(void) {
    const int errors[] = {
        error_of(syscall(SYS_unshare, 0x10000000)),
        error_of(syscall(SYS_setns, -1, 0)),
        error_of(syscall(SYS_ptrace, 0, 0, 0, 0)),
        error_of(syscall(SYS_clone, 0x10000011, 0, 0, 0, 0)),
        error_of(syscall(SYS_mount, 0, 0, 0, 0, 0)),
        error_of(syscall(SYS_bpf, 0, 0, 0)),
        error_of(syscall(SYS_keyctl, 0, 0, 0, 0, 0)),
        error_of(syscall(SYS_fchmod, -1, 04755)),
        error_of(syscall(SYS_fchmod, -1, 0xabcd00000000 | 02755)),
        error_of(syscall(SYS_openat, -1, "x", O_CREAT | O_WRONLY, 06755)),
        error_of(syscall(SYS_mknodat, -1, "x", S_IFBLK | 0600, 0)),
        error_of(syscall(SYS_ioctl, -1, 0xabcd00000000 | 0x5412, 0)),
        error_of(syscall(SYS_socket, 40, SOCK_STREAM, 0)),
        error_of(syscall(SYS_socket, AF_INET, SOCK_RAW, 1)),
        error_of(syscall(SYS_clone3, 0, 0)),
        error_of(syscall(SYS_openat2, -1, "x", 0, 0)),
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i] != ENOSYS)
            return (int)i + 1;
    }
    return 0;
}

/* The same calls with other arguments go through to the kernel. */
static int allowed_siblings(void) {
    if (error_of(syscall(SYS_fchmod, -1, 0755)) != EBADF)
        return 1;
    if (error_of(syscall(SYS_openat, -1, "x", O_RDONLY, 06755)) != EBADF)
        return 2;
    if (error_of(syscall(SYS_mknodat, -1, "x", S_IFIFO | 0600, 0)) != EBADF)
        return 3;
    if (error_of(syscall(SYS_ioctl, -1, TIOCSWINSZ, 0)) != EBADF)
        return 4;
    if (error_of(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0)) != 0)
        return 5;
    return 0;
}

static int multipath_socket(void) { return error_of(syscall(SYS_socket, AF_INET, SOCK_STREAM, 262)); }

static void test_kernel_gives_these_answers(void **state) {
    (void)state;
    assert_int_equal(in_child(MXC_SYSCALLS_DEFAULT, denied_calls), 0);
    assert_int_equal(in_child(MXC_SYSCALLS_STRICT, denied_calls), 0);
    assert_int_equal(in_child(MXC_SYSCALLS_DEFAULT, allowed_siblings), 0);
    assert_int_equal(in_child(MXC_SYSCALLS_STRICT, allowed_siblings), 0);
    assert_int_equal(in_child(MXC_SYSCALLS_DEFAULT, multipath_socket), EPERM);
}

static void *nothing(void *arg) { return arg; }

static int ordinary_calls(void) {
    pthread_t thread;
    int pair[2], fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        return 1;
    if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 2;
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7)
        return 3;
    return syscall(SYS_personality, 0xffffffff) < 0 ? 4 : 0;
}

static void test_ordinary_calls_work(void **state) {
    (void)state;
    if (SANITIZED) /* its run time needs more than ordinary programs do */
        skip();
    assert_int_equal(in_child(MXC_SYSCALLS_DEFAULT, ordinary_calls), 0);
    assert_int_equal(in_child(MXC_SYSCALLS_STRICT, ordinary_calls), 0);
}

#if defined __x86_64__
static int foreign_call(void) {
    long result = 20; /* getpid of i386 */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return 0;
}

static int x32_call(void) {
    syscall(0x40000000 | SYS_getpid);
    return 0;
}

static void test_foreign_calls_kill(void **state) {
    (void)state;
    assert_int_equal(in_child(MXC_SYSCALLS_DEFAULT, foreign_call), 128 + 31);
    assert_int_equal(in_child(MXC_SYSCALLS_DEFAULT, x32_call), 128 + 31);
}
#endif

static const char python_program[] =
    "import asyncio, json, multiprocessing, socket, sqlite3, subprocess, tempfile, threading\n"
    "t = threading.Thread(target=int); t.start(); t.join()\n"
    "assert subprocess.run(['/bin/sh', '-c', 'echo $((6*7))'], capture_output=True).stdout == b'42\\n'\n"
    "async def main():\n"
    "    p = await asyncio.create_subprocess_exec('/bin/true')\n"
    "    assert await p.wait() == 0\n"
    "asyncio.run(main())\n"
    "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
    "    assert pool.map(abs, [-1, 2]) == [1, 2]\n"
    "sqlite3.connect(':memory:').execute('create table t(a)')\n"
    "tempfile.TemporaryFile().write(b'x')\n";

static void test_python_runs(void **state) {
    (void)state;
    const char *const argv[] = {"/usr/bin/python3", "-c", python_program, NULL};
    if (access(argv[0], X_OK) != 0)
        skip();
    assert_int_equal(run_program(MXC_SYSCALLS_DEFAULT, argv), 0);
}

static void test_shell_runs_in_strict(void **state) {
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "x=$(ls / | sort | head -n 1) && [ -n \"$x\" ]", NULL};
    assert_int_equal(run_program(MXC_SYSCALLS_STRICT, argv), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernel_gives_these_answers),
        cmocka_unit_test(test_ordinary_calls_work),
#if defined __x86_64__
        cmocka_unit_test(test_foreign_calls_kill),
#endif
        cmocka_unit_test(test_python_runs),
        cmocka_unit_test(test_shell_runs_in_strict),
    };
    return cmocka_run_group_tests_name("filter_load", tests, NULL, NULL);
}
