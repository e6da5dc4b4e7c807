/* lists_test.c: syscalls.allow and syscalls.deny of a policy, names, records, running out of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "filter/filter.h"
#include "filter/tables.h"
#include "support/bpf_eval.h"
#include "unit/filter/reference.h"

static struct mxc_policy with_lists(char **allow, char **deny) {
    struct mxc_policy policy = {0};
    policy.syscalls.allow.items = allow;
    policy.syscalls.deny.items = deny;
    for (; allow && allow[policy.syscalls.allow.count];)
        policy.syscalls.allow.count++;
    for (; deny && deny[policy.syscalls.deny.count];)
        policy.syscalls.deny.count++;
    return policy;
}

static uint32_t answer(const struct mxc_filter *filter, const char *name, uint64_t first, uint64_t second) {
    struct seccomp_data data = {.nr = mxc_call_number(name), .arch = NATIVE_ARCH, .args = {first, second}};
    return bpf_eval(filter->program, filter->count, &data, NULL);
}

static void test_lists_change_what_they_name(void **state) {
    (void)state;
    char *allow[] = {(char *)"ptrace", (char *)"personality", (char *)"cachestat", (char *)"inotify_init1", NULL};
    char *deny[] = {(char *)"shmget", (char *)"socket", (char *)"listmount", NULL};
    struct mxc_policy policy = with_lists(allow, deny);
    for (int profile = 0; profile < 2; profile++) {
        struct mxc_filter filter;
        policy.syscalls.profile = profile;
        assert_int_equal(mxc_filter_for(&filter, &policy, 0, NULL), MXC_OK);
        assert_non_null(filter.owned);
        assert_int_equal(answer(&filter, "ptrace", 0, 0), ANSWER_ALLOW);
        assert_int_equal(answer(&filter, "personality", 0x40000, 0), ANSWER_ALLOW);
        assert_int_equal(answer(&filter, "cachestat", 0, 0), ANSWER_ALLOW);
        assert_int_equal(answer(&filter, "inotify_init1", 0, 0), ANSWER_ALLOW);
        assert_int_equal(answer(&filter, "shmget", 0, 0), ANSWER_NOTIFY);
        assert_int_equal(answer(&filter, "socket", 1, 1), ANSWER_NOTIFY);
        assert_int_equal(answer(&filter, "listmount", 0, 0), ANSWER_NOTIFY);
        assert_int_equal(answer(&filter, "process_vm_readv", 0, 0), ANSWER_NOTIFY);
        assert_int_equal(answer(&filter, "read", 0, 0), ANSWER_ALLOW);
        assert_int_equal(answer(&filter, "statmount", 0, 0), ANSWER_NOSYS);
        mxc_filter_clear(&filter);
        assert_null(filter.program);
    }
}

static void test_allow_keeps_checks_of_arguments(void **state) {
    (void)state;
    char *allow[] = {(char *)"chmod", (char *)"clone", (char *)"ioctl", (char *)"socket", (char *)"seccomp", NULL};
    struct mxc_policy policy = with_lists(allow, NULL);
    struct mxc_filter filter;
    assert_int_equal(mxc_filter_for(&filter, &policy, 0, NULL), MXC_OK);
    if (mxc_call_number("chmod") >= 0) {
        assert_int_equal(answer(&filter, "chmod", 0, 04755), ANSWER_NOTIFY);
        assert_int_equal(answer(&filter, "chmod", 0, 0755), ANSWER_ALLOW);
    }
    assert_int_equal(answer(&filter, "clone", 0x10000000, 0), ANSWER_NOTIFY);
    assert_int_equal(answer(&filter, "ioctl", 0, 0x5412), ANSWER_NOTIFY);
    assert_int_equal(answer(&filter, "socket", 40, 1), ANSWER_NOTIFY);
    assert_int_equal(answer(&filter, "seccomp", 1, 8), ANSWER_NOTIFY);
    mxc_filter_clear(&filter);
}

static void test_denied_wins_over_allowed(void **state) {
    (void)state;
    char *both[] = {(char *)"ptrace", NULL};
    struct mxc_policy policy = with_lists(both, both);
    struct mxc_filter filter;
    assert_int_equal(mxc_filter_for(&filter, &policy, 0, NULL), MXC_OK);
    assert_int_equal(answer(&filter, "ptrace", 0, 0), ANSWER_NOTIFY);
    mxc_filter_clear(&filter);
}

static void refused(char **allow, char **deny, const char *origin, const char *message) {
    struct mxc_policy policy = with_lists(allow, deny);
    struct mxc_filter filter = {0};
    mxc_error *err = NULL;
    assert_int_equal(mxc_filter_for(&filter, &policy, 0, &err), MXC_E_POLICY_INVALID);
    assert_null(filter.program);
    assert_string_equal(mxc_error_origin(err), origin);
    assert_non_null(strstr(mxc_error_message(err), message));
    assert_true(mxc_error_hint(err)[0] != 0);
    mxc_error_free(err);
}

static void test_names_that_open_the_walls(void **state) {
    (void)state;
    const char *walls[] = {
        "unshare",         "setns",       "clone3",        "openat2",           "mount",         "umount2",
        "open_tree",       "move_mount",  "mount_setattr", "pivot_root",        "chroot",        "bpf",
        "perf_event_open", "userfaultfd", "keyctl",        "open_by_handle_at", "pidfd_getfd",   "io_uring_setup",
        "init_module",     "kexec_load",  "file_setattr",  "open_tree_attr",    "fanotify_init", "iopl",
        "syslog"};
    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++) {
        char *allow[] = {(char *)"ptrace", (char *)walls[i], NULL};
        refused(allow, NULL, "/syscalls/allow/1", "would open the walls");
    }
}

static void test_names_that_nothing_runs_without(void **state) {
    (void)state;
    const char *needed[] = {"execve", "exit_group", "rt_sigreturn", "clone",  "wait4", "recvmsg", "sendmsg",
                            "ppoll",  "dup3",       "close",        "openat", "prctl", "kill",    "setpriority",
                            "mmap",   "read",       "write",        "setsid", "fcntl", "lseek",   "rt_sigtimedwait"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        char *deny[] = {(char *)needed[i], NULL};
        refused(NULL, deny, "/syscalls/deny/0", "cannot be denied");
    }
}

static void test_names_that_do_not_exist(void **state) {
    (void)state;
    char *unknown[] = {(char *)"open_the_door", NULL}, *empty[] = {(char *)"", NULL}, *upper[] = {(char *)"READ", NULL};
    refused(unknown, NULL, "/syscalls/allow/0", "\"open_the_door\" is not the name");
    refused(NULL, unknown, "/syscalls/deny/0", "\"open_the_door\" is not the name");
    refused(empty, NULL, "/syscalls/allow/0", "\"\" is not the name");
    refused(NULL, upper, "/syscalls/deny/0", "\"READ\" is not the name");
}

static void test_names_of_other_machines_change_nothing(void **state) {
    (void)state;
    char *other[] = {(char *)"mmap2", (char *)"stat64", (char *)"_llseek", NULL};
    struct mxc_policy policy = with_lists(other, NULL), plain = {0};
    struct mxc_filter filter, usual;
    assert_int_equal(mxc_filter_for(&filter, &policy, 0, NULL), MXC_OK);
    assert_int_equal(mxc_filter_for(&usual, &plain, 0, NULL), MXC_OK);
    assert_int_equal(filter.count, usual.count);
    assert_memory_equal(filter.program, usual.program, usual.count * sizeof *usual.program);
    mxc_filter_clear(&filter);
}

static void test_records_say_what_was_wrong(void **state) {
    (void)state;
    const struct {
        const char *name, *text;
        unsigned int narrow;
    } cases[] = {{"unshare", "unshare", 0},
                 {"open_by_handle_at", "open_by_handle_at", 0},
                 {"fchmodat", "fchmodat (setuid or setgid bit)", 0},
                 {"mknodat", "mknodat (device, setuid or setgid bit)", 0},
                 {"clone", "clone (new namespace)", 0},
                 {"socket", "socket (family or protocol)", 0},
                 {"ioctl", "ioctl (request)", 0},
                 {"file_setattr", "file_setattr", 0},
                 {"openat", "openat (setuid or setgid bit)", MXC_NARROW_METADATA},
                 {"openat", "openat (access mode, setuid or setgid bit)", MXC_NARROW_UNSEEN},
                 {"fchmodat", "fchmodat", MXC_NARROW_METADATA},
                 {"socket", "socket", MXC_NARROW_SOCKETS},
                 {"unshare", "unshare", ~0u}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = mxc_filter_denial_text((uint32_t)mxc_call_number(cases[i].name), cases[i].narrow);
        char *name = mxc_filter_syscall_name(mxc_call_number(cases[i].name));
        assert_string_equal(text, cases[i].text);
        assert_string_equal(name, cases[i].name);
        mxc_free(text);
        mxc_free(name);
    }
    char *text = mxc_filter_denial_text(999, 0);
    assert_string_equal(text, "syscall 999");
    mxc_free(text);
    text = mxc_filter_denial_text(UINT32_MAX, ~0u);
    assert_string_equal(text, "syscall 4294967295");
    mxc_free(text);
    assert_null(mxc_filter_syscall_name(999));
    assert_null(mxc_filter_syscall_name(-5));
}

static void test_out_of_memory(void **state) {
    (void)state;
    char *allow[] = {(char *)"ptrace", NULL};
    struct mxc_policy policy = with_lists(allow, NULL);
    unsigned long n = 0;
    mxc_status status;
    do {
        struct mxc_filter filter = {0};
        mxc_error *err = NULL;
        mxc_alloc_fail_at(++n);
        status = mxc_filter_for(&filter, &policy, 0, &err);
        mxc_alloc_fail_at(0);
        assert_true(status == MXC_OK || status == MXC_E_NO_MEMORY);
        assert_int_equal(status != MXC_OK, err != NULL);
        assert_int_equal(status == MXC_OK, filter.program != NULL);
        mxc_error_free(err);
        mxc_filter_clear(&filter);
    } while (status != MXC_OK);
    assert_true(n > 2);
    mxc_alloc_fail_at(1);
    assert_null(mxc_filter_denial_text(0, 0));
    mxc_alloc_fail_at(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_change_what_they_name),
        cmocka_unit_test(test_allow_keeps_checks_of_arguments),
        cmocka_unit_test(test_denied_wins_over_allowed),
        cmocka_unit_test(test_names_that_open_the_walls),
        cmocka_unit_test(test_names_that_nothing_runs_without),
        cmocka_unit_test(test_names_that_do_not_exist),
        cmocka_unit_test(test_names_of_other_machines_change_nothing),
        cmocka_unit_test(test_records_say_what_was_wrong),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests_name("filter_lists", tests, NULL, NULL);
}
