/* process_test.c: commands in a fake keeper: every kind of record, of end, and of waiting. */
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
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "fake.h"
#include "plan/channel.h"
#include "report/result.h"

static void expect_error(mxc_error *err, mxc_status status, const char *origin) {
    assert_non_null(err);
    assert_int_equal(mxc_error_status(err), status);
    assert_string_equal(mxc_error_origin(err), origin);
    assert_true(strlen(mxc_error_message(err)) > 10);
    mxc_error_free(err);
}

static void test_exit_and_signal(void **state) {
    (void)state;
    mxc_result *result = NULL;
    assert_int_equal(FAKE_ONCE(&result, NULL, "exit", "3"), MXC_OK);
    assert_int_equal(result->exit_code, 3);
    assert_int_equal(result->signal, 0);
    assert_string_equal(result->receipt, "[{\"item\": \"/x\"}]");
    mxc_result_unref(result);
    assert_int_equal(FAKE_ONCE(&result, NULL, "signal", "11"), MXC_OK);
    assert_int_equal(result->exit_code, -1);
    assert_int_equal(result->signal, 11);
    mxc_result_unref(result);
    assert_int_equal(FAKE_ONCE(&result, NULL, "slices"), MXC_OK);
    assert_int_equal(result->exit_code, 5);
    mxc_result_unref(result);
}

/* Head and tail joined for every length around the borders of the area. */
static void check_capture(uint64_t limit, unsigned length) {
    char count[16];
    mxc_result *result = NULL;
    snprintf(count, sizeof count, "%u", length);
    struct mxc_launch launch = FAKE_LAUNCH("write", "2", count);
    launch.output_bytes = limit;
    assert_int_equal(fake_once(&result, &launch, NULL), MXC_OK);
    const struct mxc_captured *err = &result->err;
    unsigned kept = length < limit ? length : (unsigned)limit;
    unsigned head = length < MXC_CAPTURE_HEAD(limit) ? length : (unsigned)MXC_CAPTURE_HEAD(limit);
    assert_int_equal(err->total, length);
    assert_int_equal(err->length, kept);
    assert_int_equal(err->head, head);
    assert_int_equal(err->truncated, length > limit);
    assert_int_equal(result->out.total, 0);
    for (unsigned i = 0; i < kept; i++) {
        unsigned at = i < head ? i : length - kept + i;
        assert_int_equal(err->data[i], 'a' + at % 26);
    }
    mxc_result_unref(result);
}

static void test_capture(void **state) {
    (void)state;
    static const unsigned lengths[] = {0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 100};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        check_capture(7, lengths[i]);
        check_capture(8, lengths[i]);
    }
    check_capture(0, 5);
    check_capture(1, 5);
    check_capture(100000, 300000);
}

static void test_denials(void **state) {
    (void)state;
    mxc_result *result = NULL;
    assert_int_equal(FAKE_ONCE(&result, NULL, "denials", "64"), MXC_OK);
    assert_int_equal(result->denial_count, 64);
    assert_string_equal(result->denials[63].what, "call 63");
    assert_int_equal(result->denials[63].times, 64);
    mxc_result_unref(result);
}

static void test_malformed(void **state) {
    (void)state;
    static const char *const fields[] = {"outcome", "exit", "signal", "size", "denials", "head", "total", "stage"};
    mxc_result *result = NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        mxc_error *err = NULL;
        assert_int_equal(FAKE_ONCE(&result, &err, "forge", fields[i]), MXC_E_INTERNAL);
        expect_error(err, MXC_E_INTERNAL, "");
    }
    mxc_error *err = NULL;
    assert_int_equal(FAKE_ONCE(&result, &err, "garbage"), MXC_E_INTERNAL);
    expect_error(err, MXC_E_INTERNAL, "");
    assert_null(result);
}

static void test_lost(void **state) {
    (void)state;
    static const char *const words[] = {"die", "forget", "half"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        mxc_error *err = NULL;
        mxc_result *result = NULL;
        assert_int_equal(FAKE_ONCE(&result, &err, words[i]), MXC_E_CLOSED);
        expect_error(err, MXC_E_CLOSED, "");
        assert_null(result);
    }
}

static void refused(mxc_status status, const char *origin, const char *stage, const char *number) {
    mxc_error *err = NULL;
    mxc_result *result = NULL;
    assert_int_equal(FAKE_ONCE(&result, &err, "refuse", stage, "0", number, "3"), status);
    assert_int_equal(mxc_error_errno(err), strtol(number, NULL, 10));
    expect_error(err, status, origin);
}

static void test_refused(void **state) {
    (void)state;
    refused(MXC_E_INTERNAL, "", "1", "0");
    refused(MXC_E_SETUP, "/containerId", "2", "13");
    refused(MXC_E_SETUP, "/containerId", "3", "1");
    refused(MXC_E_SETUP, "/containerId", "4", "2");
    refused(MXC_E_SETUP, "/containerId", "5", "22");
    refused(MXC_E_VERIFY, "", "6", "0");
    refused(MXC_E_INTERNAL, "", "7", "22");
    refused(MXC_E_SETUP, "", "7", "11");
    refused(MXC_E_PATH, "/process/cwd", "8", "2");
    refused(MXC_E_COMMAND_NOT_FOUND, "", "9", "2");
    refused(MXC_E_COMMAND_NOT_EXECUTABLE, "", "9", "13");
    refused(MXC_E_COMMAND_NOT_EXECUTABLE, "", "9", "8");
    refused(MXC_E_PATH, "/containerId", "10", "0");
    refused(MXC_E_SETUP, "/network/egress", "11", "110");
    refused(MXC_E_INTERPRETER, "", "12", "0");
    refused(MXC_E_INTERNAL, "", "13", "0");
}

static void test_refusal_words(void **state) {
    (void)state;
    mxc_error *err = NULL;
    mxc_result *result = NULL;
    FAKE_ONCE(&result, &err, "refuse", "4", "0", "2", "0");
    assert_string_equal(mxc_error_operation(err), "hostname plain");
    assert_string_equal(mxc_error_message(err), "building the walls failed: hostname plain: No such file or directory");
    mxc_error_free(err);
    err = NULL;
    FAKE_ONCE(&result, &err, "refuse", "6", "0", "0", "3");
    assert_non_null(strstr(mxc_error_message(err), "the system-call filter"));
    mxc_error_free(err);
    err = NULL;
    FAKE_ONCE(&result, &err, "refuse", "3", "0", "28", "0");
    assert_non_null(strstr(mxc_error_hint(err), "user namespaces"));
    mxc_error_free(err);
    err = NULL;
    FAKE_ONCE(&result, &err, "refuse", "4", "1", "22", "0");
    assert_string_equal(mxc_error_origin(err), "/w");
    assert_non_null(strstr(mxc_error_hint(err), "ordinary user"));
    mxc_error_free(err);
    err = NULL;
    FAKE_ONCE(&result, &err, "refuse", "4", "0", "1", "0");
    assert_non_null(strstr(mxc_error_hint(err), "seccomp=unconfined"));
    mxc_error_free(err);
    err = NULL;
    FAKE_ONCE(&result, &err, "refuse", "4", "2", "1", "0");
    assert_non_null(strstr(mxc_error_hint(err), "systempaths=unconfined"));
    mxc_error_free(err);
    err = NULL;
    FAKE_ONCE(&result, &err, "refuse", "2", "4294967295", "38", "434");
    assert_string_equal(mxc_error_operation(err), "pidfd_open");
    assert_string_equal(mxc_error_message(err), "preparing the sandbox failed: pidfd_open: Function not implemented");
    mxc_error_free(err);
    err = NULL;
    FAKE_ONCE(&result, &err, "unheard-of");
    assert_string_equal(mxc_error_message(err), "there is no command 'unheard-of' inside");
    assert_string_equal(mxc_error_hint(err), "looked for in /bin");
    mxc_error_free(err);
}

static void test_block(void **state) {
    (void)state;
    mxc_result *result = NULL;
    struct mxc_launch launch = FAKE_LAUNCH("show", "", "two words");
    launch.env = (const char *const[]){"A=1", "B=", NULL};
    launch.cwd_required = 1;
    launch.timeout_ms = 77;
    launch.grace_ms = 5;
    launch.output_bytes = 4096;
    assert_int_equal(fake_once(&result, &launch, NULL), MXC_OK);
    assert_string_equal(result->out.data, "arg show\narg \narg two words\nenv A=1\nenv B=\ncwd /here 1\npath /bin\n"
                                          "timeout 77\ngrace 5\n");
    mxc_result_unref(result);
}

static void test_wrong_launches(void **state) {
    (void)state;
    struct mxc_buf block = {0};
    mxc_error *err = NULL;
    struct mxc_launch launch = fake_launch((const char *const[]){NULL});
    assert_int_equal(mxc_launch_encode(&block, &launch, &err), MXC_E_INVALID_ARGUMENT);
    mxc_buf_free(&block);
    launch = FAKE_LAUNCH("");
    assert_int_equal(mxc_launch_encode(&block, &launch, &err), MXC_E_INVALID_ARGUMENT);
    mxc_buf_free(&block);
    char *large = calloc(1, 131073);
    memset(large, 'x', 131072);
    launch = FAKE_LAUNCH("echo", large);
    assert_int_equal(mxc_launch_encode(&block, &launch, &err), MXC_E_INVALID_ARGUMENT);
    mxc_buf_free(&block);
    large[131071] = 0;
    assert_int_equal(mxc_launch_encode(&block, &launch, &err), MXC_OK);
    mxc_buf_free(&block);
    const char *many[80] = {"echo"};
    for (int i = 1; i < 79; i++)
        many[i] = large;
    launch = fake_launch(many);
    assert_int_equal(mxc_launch_encode(&block, &launch, &err), MXC_E_INVALID_ARGUMENT);
    mxc_buf_free(&block);
    launch = FAKE_LAUNCH("echo");
    launch.mode[1] = MXC_STDIO_FD;
    launch.fd[1] = 987;
    assert_int_equal(mxc_launch_encode(&block, &launch, &err), MXC_E_INVALID_ARGUMENT);
    assert_non_null(strstr(mxc_error_message(err), "stdout_fd: 987"));
    mxc_buf_free(&block);
    launch = FAKE_LAUNCH("echo");
    launch.mode[0] = MXC_STDIO_FD;
    launch.fd[0] = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mxc_launch_encode(&block, &launch, &err), MXC_E_INVALID_ARGUMENT);
    assert_non_null(strstr(mxc_error_message(err), "is a folder"));
    close(launch.fd[0]);
    mxc_buf_free(&block);
    mxc_error_free(err);
    free(large);
}

static void test_input(void **state) {
    (void)state;
    mxc_result *result = NULL;
    struct mxc_launch launch = FAKE_LAUNCH("cat");
    assert_int_equal(fake_once(&result, &launch, NULL), MXC_OK);
    assert_int_equal(result->exit_code, 1); /* no descriptor: the keeper gives an empty one */
    mxc_result_unref(result);
    launch.input = "a\0b";
    launch.input_length = 3;
    assert_int_equal(fake_once(&result, &launch, NULL), MXC_OK);
    assert_int_equal(result->out.length, 3);
    assert_memory_equal(result->out.data, "a\0b", 3);
    mxc_result_unref(result);
    launch.argv = (const char *const[]){"scribble", NULL};
    assert_int_equal(fake_once(&result, &launch, NULL), MXC_OK);
    assert_int_equal(result->exit_code, 0);
    mxc_result_unref(result);
}

static void test_streams(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    char text[64] = {0};
    int pipe_ends[2];
    assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    struct mxc_launch launch = FAKE_LAUNCH("cat");
    launch.mode[0] = launch.mode[1] = MXC_STDIO_PIPE;
    launch.mode[2] = MXC_STDIO_FD;
    launch.fd[2] = pipe_ends[1];
    assert_int_equal(fake_run(&process, keeper, &launch, NULL), MXC_OK);
    int in = mxc_process_take(process, 0), out = mxc_process_take(process, 1);
    assert_true(in > 2 && out > 2);
    assert_int_equal(mxc_process_take(process, 0), -1);
    assert_int_equal(mxc_process_take(process, 2), -1);
    assert_int_equal(fcntl(in, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(out, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(write(in, "x", 1), 1);
    close(in);
    assert_int_equal(read(out, text, sizeof text), 8);
    assert_string_equal(text, "given 8\n");
    close(pipe_ends[1]);
    assert_int_equal(read(pipe_ends[0], text, sizeof text), 9);
    assert_memory_equal(text, "given 16\n", 9);
    mxc_result *result = NULL;
    assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_OK);
    assert_int_equal(result->out.length, 0);
    mxc_result_unref(result);
    close(out);
    close(pipe_ends[0]);
    mxc_process_end(process);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

static void test_waiting(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *first = NULL, *again = NULL;
    mxc_error *err = NULL;
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("hang"), NULL), MXC_OK);
    struct pollfd status = {.fd = mxc_process_fd(process), .events = POLLIN};
    assert_int_equal(mxc_process_await(&first, process, 0, &err), MXC_E_TIMEOUT);
    expect_error(err, MXC_E_TIMEOUT, "");
    assert_int_equal(mxc_process_await(&first, process, 30, NULL), MXC_E_TIMEOUT);
    assert_int_equal(poll(&status, 1, 0), 0);
    assert_int_equal(mxc_process_tell(process, MXC_MSG_SIGNAL, 12, 0, NULL), MXC_OK);
    assert_int_equal(poll(&status, 1, 5000), 1);
    assert_int_equal(mxc_process_await(&first, process, -1, NULL), MXC_OK);
    assert_int_equal(mxc_process_await(&again, process, 0, NULL), MXC_OK);
    assert_int_equal(first->signal, 12);
    assert_int_equal(again->signal, 12);
    assert_int_equal(poll(&status, 1, 0), 1); /* readable for ever */
    assert_int_equal(mxc_process_tell(process, MXC_MSG_SIGNAL, 9, 1, NULL), MXC_OK);
    mxc_result_unref(first);
    mxc_result_unref(again);
    mxc_process_end(process);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

static void test_stop(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("hang"), NULL), MXC_OK);
    assert_int_equal(mxc_process_tell(process, MXC_MSG_STOP, 50, 0, NULL), MXC_OK);
    assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_OK);
    assert_int_equal(result->exit_code, 15);
    mxc_result_unref(result);
    mxc_process_end(process);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

static void test_refused_again(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("refuse", "9", "0", "2", "0"), NULL), MXC_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_E_COMMAND_NOT_FOUND);
    mxc_process_end(process);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

static void test_many(void **state) {
    (void)state;
    enum { MANY = 60 };
    struct mxc_keeper *keeper = NULL;
    mxc_process *processes[MANY];
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(mxc_keeper_wait_ready(keeper, NULL), MXC_OK);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(fake_run(&processes[i], keeper, &FAKE_LAUNCH_OBJECT("hang"), NULL), MXC_OK);
    for (int i = MANY - 1; i >= 0; i--) {
        mxc_result *result = NULL;
        assert_int_equal(mxc_process_tell(processes[i], MXC_MSG_SIGNAL, (uint64_t)(i % 30 + 1), 0, NULL), MXC_OK);
        assert_int_equal(mxc_process_await(&result, processes[i], 5000, NULL), MXC_OK);
        assert_int_equal(result->signal, i % 30 + 1);
        mxc_result_unref(result);
        mxc_process_end(processes[i]);
    }
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

/* More commands than the socket holds while the keeper is busy: sending waits, nothing is lost. */
static void test_flood(void **state) {
    (void)state;
    enum { MANY = 400 };
    struct mxc_keeper *keeper = NULL;
    mxc_process *slow = NULL, *processes[MANY];
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(fake_run(&slow, keeper, &FAKE_LAUNCH_OBJECT("slow", "200"), NULL), MXC_OK);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(fake_run(&processes[i], keeper, &FAKE_LAUNCH_OBJECT("exit", "7"), NULL), MXC_OK);
    for (int i = 0; i < MANY; i++) {
        mxc_result *result = NULL;
        assert_int_equal(mxc_process_await(&result, processes[i], 10000, NULL), MXC_OK);
        assert_int_equal(result->exit_code, 7);
        mxc_result_unref(result);
        mxc_process_end(processes[i]);
    }
    mxc_process_end(slow);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

static void test_outlives_sandbox(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    mxc_error *err = NULL;
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("hang"), NULL), MXC_OK);
    mxc_keeper_finish(keeper);
    mxc_process *late = NULL;
    assert_int_equal(fake_run(&late, keeper, &FAKE_LAUNCH_OBJECT("exit"), &err), MXC_E_CLOSED);
    expect_error(err, MXC_E_CLOSED, "");
    mxc_keeper_unref(keeper);
    assert_int_equal(mxc_process_tell(process, MXC_MSG_SIGNAL, 9, 1, NULL), MXC_OK);
    assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_OK);
    assert_int_equal(result->signal, SIGKILL);
    mxc_result_unref(result);
    mxc_process_end(process);
}

struct waiter {
    pthread_t thread;
    mxc_process *process;
    int32_t signal;
};

static void *wait_in_thread(void *opaque) {
    struct waiter *waiter = opaque;
    mxc_result *result = NULL;
    waiter->signal = -1;
    if (mxc_process_await(&result, waiter->process, 10000, NULL) == MXC_OK)
        waiter->signal = result->signal;
    mxc_result_unref(result);
    return NULL;
}

static void test_many_waiters(void **state) {
    (void)state;
    enum { WAITERS = 8, ROUNDS = 20 };
    struct mxc_keeper *keeper = NULL;
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    for (int round = 0; round < ROUNDS; round++) {
        struct waiter waiters[WAITERS];
        mxc_process *process = NULL;
        assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("hang"), NULL), MXC_OK);
        for (int i = 0; i < WAITERS; i++) {
            waiters[i].process = process;
            assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_in_thread, &waiters[i]), 0);
        }
        assert_int_equal(mxc_process_tell(process, MXC_MSG_SIGNAL, 10, 0, NULL), MXC_OK);
        for (int i = 0; i < WAITERS; i++) {
            pthread_join(waiters[i].thread, NULL);
            assert_int_equal(waiters[i].signal, 10);
        }
        mxc_process_end(process);
    }
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_and_signal),
        cmocka_unit_test(test_capture),
        cmocka_unit_test(test_denials),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refusal_words),
        cmocka_unit_test(test_block),
        cmocka_unit_test(test_wrong_launches),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_refused_again),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_outlives_sandbox),
        cmocka_unit_test(test_many_waiters),
    };
    return cmocka_run_group_tests_name("process", tests, fake_setup, NULL);
}
