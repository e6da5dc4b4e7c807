/* host_manners.c: a mix of calls, good and failing, leaves the process that made them as it was. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mxc/mxc.h"
#include "snapshot.h"

#define COMMAND(...) \
    (&(const mxc_command){.struct_size = sizeof(mxc_command), .argv = (const char *const[]){__VA_ARGS__, NULL}})

enum { DESCRIPTORS = 1024 };

static char folder[] = "/tmp/mxc-manners-XXXXXX";
static mxc_policy *policy;
static int there_before[DESCRIPTORS]; /* what this process was started with is no business of the library */

static int is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

static void fail_with(mxc_error *err) {
    fail_msg("%s: %s (%s; %s)", mxc_status_name(mxc_error_status(err)), mxc_error_message(err), mxc_error_origin(err),
             mxc_error_hint(err));
}

static int setup(void **state) {
    (void)state;
    mxc_error *err = NULL;
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        there_before[fd] = is_open(fd);
    if (!mkdtemp(folder) || mxc_policy_preset(&policy, "workspace", folder, &err) != MXC_OK)
        return -1;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    mxc_policy_free(policy);
    return rmdir(folder);
}

/* What a keeper leaves for later is gone after a sandbox was opened and freed: that one waits. */
static void settle(void) {
    mxc_sandbox *sandbox = NULL;
    mxc_error *err = NULL;
    if (mxc_sandbox_open(&sandbox, policy, NULL, &err) != MXC_OK)
        fail_with(err);
    usleep(100000);
    mxc_sandbox_free(sandbox);
}

static void good_run(void) {
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    if (mxc_run(&result, policy, COMMAND("sh", "-c", "echo out; echo err >&2; exit 7"), NULL, &err) != MXC_OK)
        fail_with(err);
    size_t length;
    assert_int_equal(mxc_result_exit_code(result), 7);
    assert_string_equal(mxc_result_output(result, MXC_STDOUT, &length), "out\n");
    assert_string_equal(mxc_result_output(result, MXC_STDERR, &length), "err\n");
    mxc_result_free(result);
}

static void killed_run(void) {
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    assert_int_equal(mxc_spawn(&process, policy, COMMAND("sleep", "100"), NULL, NULL), MXC_OK);
    assert_int_equal(mxc_process_wait(&result, process, 1, NULL), MXC_E_TIMEOUT);
    assert_int_equal(mxc_process_kill(process, SIGKILL, NULL), MXC_OK);
    assert_int_equal(mxc_process_wait(&result, process, -1, NULL), MXC_OK);
    assert_int_equal(mxc_result_signal(result), SIGKILL);
    mxc_result_free(result);
    mxc_process_free(process);
}

static void freed_while_running(void) {
    mxc_process *process = NULL;
    mxc_command command = *COMMAND("cat");
    command.stdin_mode = command.stdout_mode = MXC_STDIO_PIPE;
    assert_int_equal(mxc_spawn(&process, policy, &command, NULL, NULL), MXC_OK);
    mxc_process_free(process);
}

static void failing_calls(void) {
    static const char *const nowhere[] = {"/nowhere/at/all", NULL};
    const mxc_sandbox_options options = {.struct_size = sizeof options, .runtime_paths = nowhere};
    mxc_result *result = NULL;
    mxc_sandbox *sandbox = NULL;
    mxc_command command = *COMMAND("true");
    assert_int_equal(mxc_run(&result, policy, COMMAND("no-such-command"), NULL, NULL), MXC_E_COMMAND_NOT_FOUND);
    assert_int_equal(mxc_run(&result, policy, COMMAND("/etc/passwd"), NULL, NULL), MXC_E_COMMAND_NOT_EXECUTABLE);
    assert_int_equal(mxc_run(&result, policy, COMMAND(""), NULL, NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_run(&result, policy, NULL, NULL, NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_run(NULL, policy, &command, NULL, NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_run(&result, NULL, &command, NULL, NULL), MXC_E_INVALID_ARGUMENT);
    command.cwd = "/nowhere";
    assert_int_equal(mxc_run(&result, policy, &command, NULL, NULL), MXC_E_PATH);
    command.cwd = NULL;
    command.stdout_mode = MXC_STDIO_FD;
    command.stdout_fd = 1000;
    assert_int_equal(mxc_run(&result, policy, &command, NULL, NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_sandbox_open(&sandbox, policy, &options, NULL), MXC_E_PATH);
    assert_null(result);
    assert_null(sandbox);
}

static void sandbox_with_several(void) {
    enum { SEVERAL = 6 };
    mxc_sandbox *sandbox = NULL;
    mxc_process *processes[SEVERAL];
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    if (mxc_sandbox_open(&sandbox, policy, NULL, &err) != MXC_OK)
        fail_with(err);
    for (int i = 0; i < SEVERAL; i++) {
        char code[16];
        snprintf(code, sizeof code, "exit %d", i);
        if (mxc_sandbox_spawn(&processes[i], sandbox, COMMAND("sh", "-c", i % 2 ? "sleep 100" : code), &err) != MXC_OK)
            fail_with(err);
    }
    for (int i = 0; i < SEVERAL; i += 2) {
        assert_int_equal(mxc_process_wait(&result, processes[i], -1, NULL), MXC_OK);
        assert_int_equal(mxc_result_exit_code(result), i);
        mxc_result_free(result);
    }
    mxc_process_free(processes[1]);
    assert_int_equal(mxc_sandbox_kill(sandbox, NULL), MXC_OK);
    assert_int_equal(mxc_process_wait(&result, processes[3], -1, NULL), MXC_OK);
    assert_int_equal(mxc_result_signal(result), SIGKILL);
    mxc_result_free(result);
    assert_int_equal(mxc_sandbox_run(&result, sandbox, COMMAND("true"), NULL), MXC_E_CLOSED);
    mxc_sandbox_free(sandbox);
    assert_int_equal(mxc_process_wait(&result, processes[5], -1, NULL), MXC_OK);
    assert_int_equal(mxc_result_signal(result), SIGKILL);
    mxc_result_free(result);
    for (int i = 0; i < SEVERAL; i++)
        if (i != 1)
            mxc_process_free(processes[i]);
}

static void looks(void) {
    char *text = NULL;
    assert_int_equal(mxc_probe(&text, NULL), MXC_OK);
    mxc_string_free(text);
    assert_int_equal(mxc_explain(&text, policy, NULL, NULL), MXC_OK);
    mxc_string_free(text);
    assert_int_equal(mxc_plan_text(&text, policy, NULL, NULL), MXC_OK);
    mxc_string_free(text);
}

static void everything(void) {
    good_run();
    killed_run();
    freed_while_running();
    failing_calls();
    sandbox_with_several();
    looks();
}

static void on_signal(int number) { (void)number; }

static void test_nothing_changes(void **state) {
    (void)state;
    /* a state that differs from the default wherever that can be */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigset_t blocked, mask_before;
    mode_t before_mask = umask(0);
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, &mask_before);
    int open_one = open("/", O_RDONLY | O_DIRECTORY);
    settle(); /* the image of the keeper is kept from the first start on */
    char *before = snapshot();
    everything();
    settle();
    char *after = snapshot();
    assert_int_equal(snapshot_differs(before, after), 0);
    free(before);
    free(after);
    close(open_one);
    umask(before_mask);
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
}

/* What the library keeps is one descriptor, and that one is close-on-exec. */
static void test_kept_descriptor(void **state) {
    (void)state;
    int kept = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        char path[64], target[256] = {0};
        if (there_before[fd] || !is_open(fd))
            continue;
        kept++;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        assert_true(readlink(path, target, sizeof target - 1) > 0);
        assert_non_null(strstr(target, "mxc-keeper"));
        assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    }
    assert_int_equal(kept, 1);
}

static void test_many_runs(void **state) {
    (void)state;
    settle();
    char *before = snapshot();
    int most = 0;
    for (int i = 0; i < 200; i++) {
        mxc_result *result = NULL;
        mxc_error *err = NULL;
        if (mxc_run(&result, policy, COMMAND("true"), NULL, &err) != MXC_OK)
            fail_with(err);
        mxc_result_free(result);
        int children = count_children();
        most = children > most ? children : most;
    }
    settle();
    char *after = snapshot();
    assert_int_equal(snapshot_differs(before, after), 0);
    assert_true(most <= 8); /* those that have not ended, and never a growing number */
    free(before);
    free(after);
}

/* Descriptors that calls have open in the middle are close-on-exec too: another thread may start a program any time. */
static void *run_some(void *opaque) {
    int *stop = opaque;
    while (!__atomic_load_n(stop, __ATOMIC_SEQ_CST)) {
        mxc_result *result = NULL;
        if (mxc_run(&result, policy, COMMAND("true"), NULL, NULL) != MXC_OK)
            return opaque;
        mxc_result_free(result);
    }
    return NULL;
}

static void test_always_cloexec(void **state) {
    (void)state;
    pthread_t thread;
    int stop = 0, seen = 0;
    void *failed = NULL;
    char inherited[1024] = {0};
    for (int fd = 0; fd < 1024; fd++)
        inherited[fd] = fcntl(fd, F_GETFD) >= 0;
    assert_int_equal(pthread_create(&thread, NULL, run_some, &stop), 0);
    for (int look = 0; look < 3000; look++)
        for (int fd = 0; fd < 64; fd++) {
            int flags = inherited[fd] ? -1 : fcntl(fd, F_GETFD);
            seen += flags >= 0;
            if (flags >= 0)
                assert_int_equal(flags & FD_CLOEXEC, FD_CLOEXEC);
        }
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(seen > 0);
    settle();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_changes),
        cmocka_unit_test(test_kept_descriptor),
        cmocka_unit_test(test_many_runs),
        cmocka_unit_test(test_always_cloexec),
    };
    return cmocka_run_group_tests_name("host_manners", tests, setup, teardown);
}
