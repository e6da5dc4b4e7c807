/* keeper_test.c: the life of a keeper, what it inherits, what the host keeps, and hosts of unusual kinds. */
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
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "client/start.h"
#include "fake.h"
#include "plan/channel.h"
#include "report/result.h"

static mxc_status ready(const char *word, mxc_error **err) {
    struct mxc_keeper *keeper = NULL;
    mxc_status status = fake_start(&keeper, word, err);
    if (status == MXC_OK)
        status = mxc_keeper_wait_ready(keeper, err);
    if (keeper)
        mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
    return status;
}

static void test_ready(void **state) {
    (void)state;
    mxc_error *err = NULL;
    assert_int_equal(ready("plain", NULL), MXC_OK);
    assert_int_equal(ready("die", &err), MXC_E_SETUP);
    assert_int_equal(ready("strange", &err), MXC_E_INTERNAL);
    assert_int_equal(ready("fail 4 0 13 0", &err), MXC_E_SETUP);
    assert_string_equal(mxc_error_origin(err), "/containerId");
    assert_int_equal(mxc_error_errno(err), 13);
    mxc_error_free(err);
}

/* A one-shot whose keeper said FAILED on the control socket only. */
static void test_failed_without_record(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    struct mxc_launch launch = FAKE_LAUNCH("exit");
    launch.last = 1;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(fake_start(&keeper, "fail 6 0 0 2", NULL), MXC_OK);
        assert_int_equal(fake_run(&process, keeper, &launch, NULL), MXC_OK);
        for (int again = 0; again < 2; again++)
            assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_E_VERIFY);
        mxc_process_end(process);
        mxc_keeper_unref(keeper);
    }
    settle_keepers();
}

static void test_kill(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("hang"), NULL), MXC_OK);
    struct pollfd ended = {.fd = mxc_keeper_fd(keeper), .events = POLLIN};
    assert_int_equal(poll(&ended, 1, 0), 0);
    mxc_keeper_kill(keeper);
    mxc_keeper_kill(keeper);
    assert_int_equal(poll(&ended, 1, 5000), 1);
    assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_OK);
    assert_int_equal(result->signal, SIGKILL);
    mxc_result_unref(result);
    mxc_process_end(process);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
    assert_int_equal(count_children(), 0);
}

/* A keeper that does not hear is killed after two seconds, and a waiter sees it. */
static void test_last_resort(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    assert_int_equal(fake_start(&keeper, "plain", NULL), MXC_OK);
    assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("stuck"), NULL), MXC_OK);
    mxc_keeper_kill(keeper);
    assert_int_equal(mxc_process_await(&result, process, 10000, NULL), MXC_OK);
    assert_int_equal(result->signal, SIGKILL);
    mxc_result_unref(result);
    mxc_process_end(process);
    mxc_keeper_unref(keeper);
    settle_keepers();
    assert_int_equal(count_children(), 0);
}

static void test_finish_by_force(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    assert_int_equal(fake_start(&keeper, "linger", NULL), MXC_OK);
    assert_int_equal(mxc_keeper_wait_ready(keeper, NULL), MXC_OK);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
    assert_int_equal(count_children(), 0);
}

/* The record is there long before the keeper has gone: the result does not wait for it, and it is reaped later. */
static void test_late_keeper(void **state) {
    (void)state;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    struct mxc_launch launch = FAKE_LAUNCH("exit", "0");
    int before = count_descriptors();
    launch.last = 1;
    assert_int_equal(fake_start(&keeper, "linger", NULL), MXC_OK);
    assert_int_equal(fake_run(&process, keeper, &launch, NULL), MXC_OK);
    assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_OK);
    int pidfd = mxc_keeper_fd(keeper);
    mxc_process_end(process);
    mxc_result_unref(result);
    mxc_keeper_unref(keeper);
    assert_int_equal(count_children(), 1);
    mxc_keepers_reap();
    assert_int_equal(count_children(), 1);
    siginfo_t info;
    assert_int_equal(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    char command[64];
    snprintf(command, sizeof command, "/proc/self/fdinfo/%d", pidfd);
    FILE *file = fopen(command, "re");
    int pid = 0;
    while (file && fgets(command, sizeof command, file))
        if (sscanf(command, "Pid: %d", &pid) == 1)
            break;
    fclose(file);
    assert_true(pid > 1);
    kill(pid, SIGKILL);
    settle_keepers();
    assert_int_equal(count_children(), 0);
    assert_int_equal(count_descriptors(), before);
}

/* ---- What the keeper gets ---- */

static char *self_report(void) {
    mxc_result *result = NULL;
    struct mxc_launch launch = FAKE_LAUNCH("self");
    launch.output_bytes = 65536;
    assert_int_equal(fake_once(&result, &launch, NULL), MXC_OK);
    char *text = mxc_strndup(result->out.data, result->out.length);
    mxc_result_unref(result);
    return text;
}

static void check_report(void) {
    char *text = self_report();
    char *at = text;
    assert_non_null(strstr(text, "fd 0 /dev/null\nfd 1 /dev/null\nfd 2 /dev/null\nfd 3 socket:["));
    assert_non_null(strstr(text, "\nfd 4 /memfd:mxc-plan (deleted)\n"));
    assert_non_null(strstr(text, "leader 1\nenviron empty\n"));
    assert_null(strstr(text, "not default"));
    assert_null(strstr(text, "blocked"));
    int descriptors = 0; /* 0-4 and the status stream: neither the image nor anything of the host */
    for (; (at = strstr(at, "fd ")) != NULL; at++)
        descriptors++;
    assert_int_equal(descriptors, 6);
    mxc_free(text);
}

static void on_signal(int signal) { (void)signal; }

static void test_inheritance(void **state) {
    (void)state;
    sigset_t all, before;
    int leaked = open("/", O_RDONLY | O_DIRECTORY); /* without close-on-exec, as some hosts do */
    signal(SIGUSR1, on_signal);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGRTMIN + 3, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    check_report();
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGRTMIN + 3, SIG_DFL);
    close(leaked);
}

/* Each test below runs in a process of its own: 0 is success. */
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

static int run_once(int expected) {
    mxc_result *result = NULL;
    if (FAKE_ONCE(&result, NULL, "exit", "21") != MXC_OK)
        return 101;
    int code = result->exit_code;
    mxc_result_unref(result);
    return code == expected ? 0 : 102;
}

static int without_stdio(void) {
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    mxc_keeper_image_replace(NULL, 0); /* made anew, while 0-2 are free */
    fake_setup(NULL);
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    struct mxc_launch launch = FAKE_LAUNCH("self");
    launch.output_bytes = 65536;
    launch.last = 1;
    if (fake_start(&keeper, "plain", NULL) != MXC_OK || fake_run(&process, keeper, &launch, NULL) != MXC_OK)
        return 1;
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return 2; /* something of ours lives where the host prints */
    if (mxc_process_await(&result, process, 5000, NULL) != MXC_OK)
        return 3;
    int right = strstr(result->out.data, "fd 0 /dev/null\nfd 1 /dev/null\nfd 2 /dev/null\nfd 3 socket:[") != NULL;
    mxc_result_unref(result);
    mxc_process_end(process);
    mxc_keeper_unref(keeper);
    return right ? 0 : 4;
}

static void test_without_stdio(void **state) {
    (void)state;
    in_child(without_stdio);
}

/* Sources of descriptors on the very numbers they have to go to, in both orders. */
static int crossed_numbers(void) {
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    mxc_keeper_image_replace(NULL, 0);
    fake_setup(NULL);
    for (int taken = 0; taken < 4; taken++) {
        int status = run_once(21);
        if (status)
            return status;
        if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
            return 1;
    }
    return 0;
}

static void test_crossed_numbers(void **state) {
    (void)state;
    in_child(crossed_numbers);
}

static int children_ignored(void) {
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 20; i++)
        if (run_once(21) != 0)
            return 1;
    return ready("plain", NULL) == MXC_OK ? 0 : 2;
}

static void test_children_ignored(void **state) {
    (void)state;
    in_child(children_ignored);
}

static void reap_all(int signal) {
    (void)signal;
    int saved = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    errno = saved;
}

static int host_reaps_everything(void) {
    struct sigaction action = {.sa_handler = reap_all};
    sigaction(SIGCHLD, &action, NULL); /* without SA_RESTART: every wait is interrupted */
    for (int i = 0; i < 20; i++)
        if (run_once(21) != 0)
            return 1;
    return ready("plain", NULL) == MXC_OK ? 0 : 2;
}

static void test_host_reaps_everything(void **state) {
    (void)state;
    in_child(host_reaps_everything);
}

/* A program that closes every descriptor it does not know, and opens others at their place. */
static int host_closes_descriptors(void) {
    if (run_once(21) != 0)
        return 1;
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    for (int fd = 3; fd < 32; fd++)
        if (open("/proc/self/exe", O_RDONLY | O_CLOEXEC) < 0)
            return 2;
    for (int i = 0; i < 3; i++)
        if (run_once(21) != 0)
            return 3;
    return 0;
}

static void test_host_closes_descriptors(void **state) {
    (void)state;
    in_child(host_closes_descriptors);
}

static int forked_program(void) { /* the parent has used the library already */
    return run_once(21) || ready("plain", NULL) != MXC_OK;
}

static void test_forked_program(void **state) {
    (void)state;
    assert_int_equal(run_once(21), 0);
    in_child(forked_program);
}

static int without_descriptors(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (int more = 0; more < 16; more++) { /* every step of a start fails once */
        limit.rlim_cur = (rlim_t)(lowest + more);
        setrlimit(RLIMIT_NOFILE, &limit);
        mxc_error *err = NULL;
        mxc_result *result = NULL;
        mxc_status status = FAKE_ONCE(&result, &err, "exit", "21");
        mxc_result_unref(result);
        if (status != MXC_OK && (mxc_error_errno(err) != EMFILE || strlen(mxc_error_message(err)) < 10))
            return 1;
        mxc_error_free(err);
        if (status == MXC_OK)
            return more > 3 ? 0 : 2;
    }
    return 3;
}

static void test_without_descriptors(void **state) {
    (void)state;
    in_child(without_descriptors);
}

static void *start_in_thread(void *opaque) {
    struct mxc_keeper **keeper = opaque;
    return (void *)(intptr_t)fake_start(keeper, "plain", NULL);
}

/* The keeper must not be tied to the thread that started it. */
static void test_thread_that_ends(void **state) {
    (void)state;
    pthread_t thread;
    void *status;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    mxc_result *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, start_in_thread, &keeper), 0);
    pthread_join(thread, &status);
    assert_int_equal((intptr_t)status, MXC_OK);
    const struct timespec moment = {.tv_nsec = 50000000};
    nanosleep(&moment, NULL);
    assert_int_equal(fake_run(&process, keeper, &FAKE_LAUNCH_OBJECT("exit", "4"), NULL), MXC_OK);
    assert_int_equal(mxc_process_await(&result, process, 5000, NULL), MXC_OK);
    assert_int_equal(result->exit_code, 4);
    mxc_result_unref(result);
    mxc_process_end(process);
    mxc_keeper_finish(keeper);
    mxc_keeper_unref(keeper);
}

static void *run_some(void *opaque) {
    int *failed = opaque;
    for (int i = 0; i < 15; i++)
        *failed |= run_once(21);
    return NULL;
}

static void test_flat(void **state) {
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    int failed[THREADS] = {0};
    assert_int_equal(run_once(21), 0);
    settle_keepers();
    int before = count_descriptors();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_some, &failed[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failed[i], 0);
    }
    for (int i = 0; i < 200; i++)
        assert_int_equal(run_once(21), 0);
    assert_true(count_children() < 10);
    settle_keepers();
    assert_int_equal(count_children(), 0);
    assert_int_equal(count_descriptors(), before);
}

/* The n-th allocation fails, for every n: an error, nothing left behind, and it ends. */
static void test_every_allocation(void **state) {
    (void)state;
    assert_int_equal(run_once(21), 0);
    settle_keepers();
    int before = count_descriptors();
    for (unsigned long n = 1;; n++) {
        mxc_error *err = NULL;
        mxc_result *result = NULL;
        mxc_alloc_fail_at(n);
        mxc_status status = FAKE_ONCE(&result, &err, "write", "1", "100");
        unsigned long made = mxc_alloc_count();
        mxc_alloc_fail_at(0);
        mxc_result_unref(result);
        mxc_error_free(err);
        settle_keepers();
        assert_int_equal(count_descriptors(), before);
        assert_int_equal(count_children(), 0);
        if (made < n) {
            assert_int_equal(status, MXC_OK);
            assert_true(n > 10);
            return;
        }
        assert_int_equal(status, MXC_E_NO_MEMORY);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ready),
        cmocka_unit_test(test_failed_without_record),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_last_resort),
        cmocka_unit_test(test_finish_by_force),
        cmocka_unit_test(test_late_keeper),
        cmocka_unit_test(test_inheritance),
        cmocka_unit_test(test_without_stdio),
        cmocka_unit_test(test_crossed_numbers),
        cmocka_unit_test(test_children_ignored),
        cmocka_unit_test(test_host_reaps_everything),
        cmocka_unit_test(test_host_closes_descriptors),
        cmocka_unit_test(test_forked_program),
        cmocka_unit_test(test_without_descriptors),
        cmocka_unit_test(test_thread_that_ends),
        cmocka_unit_test(test_flat),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests_name("keeper", tests, fake_setup, NULL);
}
