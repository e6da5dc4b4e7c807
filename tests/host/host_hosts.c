/* host_hosts.c: programs of unusual kinds use the library: each case is a process of its own, with the real keeper. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "mxc/mxc.h"

static mxc_policy *policy;

static int setup(void **state) {
    (void)state;
    return mxc_policy_preset(&policy, "strict", NULL, NULL) == MXC_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    mxc_policy_free(policy);
    return 0;
}

static void in_child(int (*body)(void)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(body());
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int shell(const char *script, const char *expected) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    if (mxc_run(&result, policy, &command, NULL, &err) != MXC_OK) {
        dprintf(2, "%s\n", mxc_error_message(err));
        mxc_error_free(err);
        return 101;
    }
    size_t length;
    const char *output = mxc_result_output(result, MXC_STDOUT, &length);
    int wrong = mxc_result_exit_code(result) != 0 ? 102 : strcmp(output, expected) != 0 ? 103 : 0;
    if (wrong)
        dprintf(2, "exit %d, output %s\n", mxc_result_exit_code(result), output);
    mxc_result_free(result);
    return wrong;
}

static int runs(void) { return shell("echo fine", "fine\n"); }

static int sandbox_runs(void) {
    const char *const argv[] = {"true", NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_sandbox *sandbox = NULL;
    mxc_result *result = NULL;
    if (mxc_sandbox_open(&sandbox, policy, NULL, NULL) != MXC_OK)
        return 104;
    mxc_status status = mxc_sandbox_run(&result, sandbox, &command, NULL);
    mxc_result_free(result);
    mxc_sandbox_free(sandbox);
    return status == MXC_OK ? 0 : 105;
}

static int plain(void) { return runs() || sandbox_runs(); }

static int without_stdio(void) {
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    /* inside, 0-2 are there all the same, and nothing else is */
    return shell("cat; echo x >&2; ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3 ");
}

static int nothing_inherited(void) {
    for (int i = 0; i < 20; i++)
        if (open("/etc/passwd", O_RDONLY) < 0) /* without close-on-exec */
            return 1;
    return shell("ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3 ");
}

static int children_ignored(void) {
    signal(SIGCHLD, SIG_IGN);
    return plain();
}

static void reap_all(int number) {
    (void)number;
    int saved = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = saved;
}

static int reaps_everything(void) {
    struct sigaction action = {.sa_handler = reap_all};
    sigaction(SIGCHLD, &action, NULL);
    for (int i = 0; i < 5; i++)
        if (plain() != 0)
            return 1;
    return 0;
}

/* A mask or an ignored signal of the host does not reach the command: TERM at the deadline works. */
static int all_blocked(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int number = 1; number < 32; number++)
        signal(number, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    return shell("grep -E '^Sig(Blk|Ign):.*[1-9a-f]' /proc/self/status; kill -TERM $$; echo alive", "") == 102 ? 0 : 1;
}

static int signals_all_the_time(void) {
    struct sigaction action = {.sa_handler = reap_all};
    struct itimerval often = {{0, 500}, {0, 500}};
    sigaction(SIGALRM, &action, NULL); /* without SA_RESTART */
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 5; i++)
        if (plain() != 0)
            return 1;
    return 0;
}

static void *run_in_thread(void *opaque) {
    const char *const argv[] = {"sleep", "0.2", NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    return mxc_spawn(opaque, policy, &command, NULL, NULL) == MXC_OK ? NULL : opaque;
}

static int thread_ends(void) {
    pthread_t thread;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    void *failed = NULL;
    if (pthread_create(&thread, NULL, run_in_thread, &process) != 0 || pthread_join(thread, &failed) != 0 || failed)
        return 1;
    if (mxc_process_wait(&result, process, 20000, NULL) != MXC_OK)
        return 2;
    int code = mxc_result_exit_code(result);
    mxc_result_free(result);
    mxc_process_free(process);
    return code;
}

static void *small_stack(void *opaque) {
    *(int *)opaque = runs();
    return NULL;
}

static int thread_with_little_stack(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    int failed = 1;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 << 10);
    if (pthread_create(&thread, &attributes, small_stack, &failed) != 0)
        return 2;
    pthread_join(thread, NULL);
    return failed;
}

static int forked_after_use(void) {
    if (plain() != 0)
        return 1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(plain());
    int status = 0;
    return waitpid(pid, &status, 0) == pid && status == 0 ? plain() : 2;
}

static int without_environment(void) {
    clearenv();
    return plain();
}

static int folder_is_gone(void) {
    char folder[] = "/tmp/mxc-gone-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder) != 0 || rmdir(folder) != 0)
        return 1;
    return plain();
}

static int lend(int socket, int fd) {
    union {
        char space[CMSG_SPACE(sizeof fd)];
        struct cmsghdr aligned;
    } control = {0};
    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* Hosts that can only wait for end of file: a descriptor sent along the status socket closes behind the result. */
static int waits_for_end_of_file(void) {
    const char *const argv[] = {"sleep", "60", NULL};
    const mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ||
        mxc_spawn(&process, policy, &command, NULL, NULL) != MXC_OK)
        return 1;
    int lent = lend(mxc_process_status_fd(process), ends[1]);
    close(ends[1]);
    struct pollfd end = {.fd = ends[0], .events = POLLIN};
    int early = poll(&end, 1, 200);
    mxc_status killed = mxc_process_kill(process, SIGKILL, NULL);
    int late = poll(&end, 1, 20000);
    mxc_status status = mxc_process_wait(&result, process, 0, NULL);
    int signal_number = status == MXC_OK ? mxc_result_signal(result) : 0;
    mxc_result_free(result);
    mxc_process_free(process);
    close(ends[0]);
    if (lent || early != 0 || killed != MXC_OK)
        return 2;
    return late == 1 && (end.revents & POLLHUP) && signal_number == SIGKILL ? 0 : 3;
}

#define CASE(name) \
    static void test_##name(void **state) { \
        (void)state; \
        in_child(name); \
    }
CASE(plain)
CASE(without_stdio)
CASE(nothing_inherited)
CASE(children_ignored)
CASE(reaps_everything)
CASE(all_blocked)
CASE(signals_all_the_time)
CASE(thread_ends)
CASE(thread_with_little_stack)
CASE(forked_after_use)
CASE(without_environment)
CASE(folder_is_gone)
CASE(waits_for_end_of_file)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_without_stdio),
        cmocka_unit_test(test_nothing_inherited),
        cmocka_unit_test(test_children_ignored),
        cmocka_unit_test(test_reaps_everything),
        cmocka_unit_test(test_all_blocked),
        cmocka_unit_test(test_signals_all_the_time),
        cmocka_unit_test(test_thread_ends),
        cmocka_unit_test(test_thread_with_little_stack),
        cmocka_unit_test(test_forked_after_use),
        cmocka_unit_test(test_without_environment),
        cmocka_unit_test(test_folder_is_gone),
        cmocka_unit_test(test_waits_for_end_of_file),
    };
    return cmocka_run_group_tests_name("host_hosts", tests, setup, teardown);
}
