/* narrow_test.c: what the filter refuses besides on a host without user namespaces: asked with every bit alone. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
/* cmocka wants the first four first */
#include <cmocka.h>

#include "base/error.h"
#include "filter/filter.h"
#include "filter/tables.h"
#include "plan/plan.h"
#include "support/bpf_eval.h"
#include "unit/filter/reference.h"

#define ALL 255u

static uint32_t answer(const struct mxc_filter *filter, const char *name, uint32_t a0, uint32_t a1) {
    struct seccomp_data data = {.nr = mxc_call_number(name), .arch = NATIVE_ARCH, .args = {a0, a1}};
    return bpf_eval(filter->program, filter->count, &data, NULL);
}

static struct mxc_filter with(unsigned int narrow, char **allow) {
    struct mxc_policy policy = {0};
    struct mxc_filter filter;
    for (policy.syscalls.allow.items = allow; allow && allow[policy.syscalls.allow.count];)
        policy.syscalls.allow.count++;
    assert_int_equal(mxc_filter_for(&filter, &policy, narrow, NULL), MXC_OK);
    return filter;
}

static void each_bit_refuses_its_calls(void **state) {
    (void)state;
    static const struct {
        unsigned int bit;
        const char *name;
        uint32_t a0, a1, without, with;
    } cases[] = {
        {MXC_NARROW_SOCKETS, "socket", 1, 1, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_SOCKETS, "socket", 2, 1, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_SOCKETS, "connect", 3, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_SOCKETS, "bind", 3, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_SOCKETS, "listen", 3, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_SOCKETS, "accept4", 3, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_SOCKETS, "socketpair", 1, 1 | 02000000, ANSWER_ALLOW, ANSWER_ALLOW},
        {MXC_NARROW_SOCKETS, "socketpair", 1, 5, ANSWER_ALLOW, ANSWER_ALLOW},
        {MXC_NARROW_SOCKETS, "socketpair", 1, 2, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_SOCKETS, "socketpair", 2, 1, ANSWER_NOTIFY, ANSWER_NOTIFY},
        {MXC_NARROW_OBJECTS, "shmget", 0, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OBJECTS, "mq_open", 0, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OBJECTS, "inotify_add_watch", 0, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_TRUNCATE, "truncate", 0, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_METADATA, "chmod", 0, 0644, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_METADATA, "utimensat", 3, 0, ANSWER_NOTIFY, ANSWER_ALLOW},
        {MXC_NARROW_METADATA, "utimensat", 3, 0x1000, ANSWER_NOTIFY, ANSWER_NOTIFY},
        {MXC_NARROW_OPENED, "fchmod", 3, 0644, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OPENED, "fchown", 3, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OPENED, "utimensat", 3, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_METADATA, "lsetxattr", 0, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OTHERS, "setpriority", 0, 0, ANSWER_ALLOW, ANSWER_ALLOW},
        {MXC_NARROW_OTHERS, "setpriority", 2, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OTHERS, "setpriority", 0, 1234, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OTHERS, "ioprio_set", 1, 0, ANSWER_ALLOW, ANSWER_ALLOW},
        {MXC_NARROW_OTHERS, "ioprio_set", 3, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_OTHERS, "sched_setaffinity", 1234, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_KILL, "kill", UINT32_MAX, 9, ANSWER_ALLOW, ANSWER_NOTIFY},
        {MXC_NARROW_KILL, "kill", 1234, 9, ANSWER_ALLOW, ANSWER_ALLOW},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mxc_filter others = with(ALL & ~cases[i].bit, NULL), alone = with(cases[i].bit, NULL);
        uint32_t without = answer(&others, cases[i].name, cases[i].a0, cases[i].a1);
        if (without != cases[i].without)
            fail_msg("%s %u %u without: %08x", cases[i].name, cases[i].a0, cases[i].a1, without);
        if (answer(&alone, cases[i].name, cases[i].a0, cases[i].a1) != cases[i].with)
            fail_msg("%s %u %u is not refused", cases[i].name, cases[i].a0, cases[i].a1);
        mxc_filter_clear(&others);
        mxc_filter_clear(&alone);
    }
}

/* Whatever the full filter refuses, the narrowed one refuses too. */
static void nothing_is_ever_added(void **state) {
    (void)state;
    struct mxc_filter usual = with(0, NULL), narrow = with(ALL, NULL);
    for (int number = 0; number < 600; number++) {
        for (uint32_t a0 = 0; a0 < 20; a0++) {
            struct seccomp_data data = {.nr = number, .arch = NATIVE_ARCH, .args = {a0, a0 / 3, a0 / 5, a0}};
            if (bpf_eval(usual.program, usual.count, &data, NULL) != ANSWER_ALLOW)
                assert_int_not_equal(bpf_eval(narrow.program, narrow.count, &data, NULL), ANSWER_ALLOW);
        }
    }
    mxc_filter_clear(&narrow);
}

/* A pointer that is NULL in its lower half only is a path. */
static void both_halves_of_a_path_count(void **state) {
    (void)state;
    struct mxc_filter filter = with(MXC_NARROW_METADATA, NULL);
    struct seccomp_data data = {.nr = mxc_call_number("utimensat"), .arch = NATIVE_ARCH, .args = {3, 1ull << 32}};
    assert_int_equal(bpf_eval(filter.program, filter.count, &data, NULL), ANSWER_NOTIFY);
    mxc_filter_clear(&filter);
}

/* Also of a policy that lists it: an access that Landlock does not see, and setuid bits as ever. */
static void opening_is_seen(void **state) {
    (void)state;
    static const struct {
        uint32_t flags, mode, usual, narrow;
    } cases[] = {
        {O_ACCMODE, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {O_ACCMODE | O_CREAT, 0644, ANSWER_ALLOW, ANSWER_NOTIFY},
        {O_ACCMODE | O_TRUNC, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {O_RDONLY | O_TRUNC, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {O_RDONLY | O_TRUNC | O_CLOEXEC, 0, ANSWER_ALLOW, ANSWER_NOTIFY},
        {O_RDONLY, 04755, ANSWER_ALLOW, ANSWER_ALLOW}, /* a mode that nobody looks at */
        {O_WRONLY, 0, ANSWER_ALLOW, ANSWER_ALLOW},
        {O_WRONLY | O_TRUNC, 0, ANSWER_ALLOW, ANSWER_ALLOW},
        {O_RDWR | O_CREAT | O_TRUNC, 0644, ANSWER_ALLOW, ANSWER_ALLOW},
        {O_WRONLY | O_CREAT | O_TRUNC, 04755, ANSWER_NOTIFY, ANSWER_NOTIFY},
        {O_WRONLY | O_CREAT, 02755, ANSWER_NOTIFY, ANSWER_NOTIFY},
    };
    char *listed[] = {(char *)"open", (char *)"openat", NULL};
    struct mxc_filter usual = with(ALL & ~MXC_NARROW_UNSEEN, NULL);
    struct mxc_filter narrow[] = {with(MXC_NARROW_UNSEEN, NULL), with(ALL, listed)};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int at = 1; at <= 2; at++) {
            struct seccomp_data data = {.nr = mxc_call_number(at == 1 ? "open" : "openat"), .arch = NATIVE_ARCH};
            if (data.nr < 0) /* open is not on every machine */
                continue;
            data.args[at] = cases[i].flags;
            data.args[at + 1] = cases[i].mode;
            assert_int_equal(bpf_eval(usual.program, usual.count, &data, NULL), cases[i].usual);
            assert_int_equal(bpf_eval(narrow[0].program, narrow[0].count, &data, NULL), cases[i].narrow);
            assert_int_equal(bpf_eval(narrow[1].program, narrow[1].count, &data, NULL), cases[i].narrow);
        }
    }
    mxc_filter_clear(&usual);
    mxc_filter_clear(&narrow[0]);
    mxc_filter_clear(&narrow[1]);
}

static void a_policy_opens_metadata_and_nothing_else(void **state) {
    (void)state;
    char *metadata[] = {(char *)"chmod", (char *)"utimensat", NULL};
    struct mxc_filter filter = with(ALL, metadata);
    assert_int_equal(answer(&filter, "chmod", 0, 0755), ANSWER_ALLOW);
    assert_int_equal(answer(&filter, "chmod", 0, 04755), ANSWER_NOTIFY); /* its check comes back with it */
    assert_int_equal(answer(&filter, "utimensat", 0, 0), ANSWER_ALLOW);
    assert_int_equal(answer(&filter, "fchmod", 0, 0755), ANSWER_NOTIFY);
    mxc_filter_clear(&filter);
    static const char *const walls[] = {"socket",   "connect",     "shmget", "inotify_add_watch",
                                        "truncate", "setpriority", "kill"};
    for (size_t i = 0; i < sizeof walls / sizeof *walls; i++) {
        char *one[] = {(char *)walls[i], NULL};
        struct mxc_policy policy = {.syscalls = {.allow = {.items = one, .count = 1}}};
        mxc_error *err = NULL;
        assert_int_equal(mxc_filter_for(&filter, &policy, ALL, &err), MXC_E_POLICY_INVALID);
        assert_string_equal(mxc_error_origin(err), "/syscalls/allow/0");
        assert_non_null(strstr(mxc_error_message(err), "without user namespaces"));
        mxc_error_free(err);
        assert_int_equal(mxc_filter_for(&filter, &policy, 0, NULL), MXC_OK);
        mxc_filter_clear(&filter);
    }
}

static uint32_t told(const struct mxc_filter *filter, const char *name, int argument, uint32_t value) {
    struct seccomp_data data = {.nr = mxc_call_number(name), .arch = NATIVE_ARCH};
    data.args[argument] = value | 0xdeadbeef00000000u; /* the kernel looks at the lower half of these */
    return bpf_eval(filter->program, filter->count, &data, NULL);
}

/* The keeper is told of connections to the internet and of nothing else; nothing is allowed by it that was not. */
static void connections_are_told_of(void **state) {
    (void)state;
    struct mxc_filter usual = with(0, NULL), tells = with(MXC_NARROW_TELL, NULL);
    assert_int_equal(usual.told, 0);
    assert_int_equal(tells.told, MXC_TOLD_ALL);
    assert_int_equal(told(&tells, "connect", 2, 16), ANSWER_NOTIFY);
    assert_int_equal(told(&tells, "connect", 2, 28), ANSWER_NOTIFY);
    assert_int_equal(told(&tells, "connect", 2, sizeof(struct sockaddr_un)), ANSWER_ALLOW);
    assert_int_equal(told(&tells, "sendto", 3, MSG_FASTOPEN), ANSWER_NOTIFY);
    assert_int_equal(told(&tells, "sendmmsg", 3, MSG_FASTOPEN | MSG_NOSIGNAL), ANSWER_NOTIFY);
    assert_int_equal(told(&tells, "sendmsg", 2, MSG_FASTOPEN), ANSWER_NOTIFY);
    assert_int_equal(told(&tells, "sendto", 3, MSG_NOSIGNAL), ANSWER_ALLOW);
    assert_int_equal(told(&tells, "sendmsg", 2, 0), ANSWER_ALLOW);
    assert_int_equal(told(&usual, "connect", 2, 16), ANSWER_ALLOW);
    for (int number = 0; number < 600; number++) {
        struct seccomp_data data = {.nr = number, .arch = NATIVE_ARCH};
        uint32_t before = bpf_eval(usual.program, usual.count, &data, NULL);
        uint32_t after = bpf_eval(tells.program, tells.count, &data, NULL);
        assert_true(before == after || (number == mxc_call_number("connect") && before == ANSWER_ALLOW));
    }
    mxc_filter_clear(&tells);
}

static struct mxc_filter of(int profile, const char *denied) {
    char *deny[] = {(char *)denied, NULL};
    struct mxc_policy policy = {.syscalls = {.profile = profile ? MXC_SYSCALLS_STRICT : MXC_SYSCALLS_DEFAULT}};
    struct mxc_filter filter;
    policy.syscalls.deny.items = deny;
    policy.syscalls.deny.count = denied != NULL;
    assert_int_equal(mxc_filter_for(&filter, &policy, MXC_NARROW_TELL, NULL), MXC_OK);
    return filter;
}

/* The keeper lets go on what it is told of, so it is never told of what is denied. */
static void denied_calls_are_not_told_of(void **state) {
    (void)state;
    struct mxc_filter filter = of(0, "connect");
    assert_int_equal(filter.told, MXC_TOLD_ALL & ~MXC_TOLD_CONNECT);
    assert_int_equal(told(&filter, "connect", 2, sizeof(struct sockaddr_un)), ANSWER_NOTIFY);
    mxc_filter_clear(&filter);
    filter = of(0, "sendmmsg");
    assert_int_equal(filter.told, MXC_TOLD_ALL & ~MXC_TOLD_SENDMMSG);
    assert_int_equal(told(&filter, "sendmmsg", 3, 0), ANSWER_NOTIFY);
    mxc_filter_clear(&filter);
    filter = of(0, "socket"); /* init could make none for the keeper, and asking for it would be refused */
    assert_int_equal(filter.told, 0);
    assert_int_equal(told(&filter, "connect", 2, 16), ANSWER_ALLOW);
    mxc_filter_clear(&filter);
    filter = of(1, NULL);
    assert_int_equal(filter.told, 0);
    mxc_filter_clear(&filter);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bit_refuses_its_calls),
        cmocka_unit_test(nothing_is_ever_added),
        cmocka_unit_test(both_halves_of_a_path_count),
        cmocka_unit_test(opening_is_seen),
        cmocka_unit_test(a_policy_opens_metadata_and_nothing_else),
        cmocka_unit_test(connections_are_told_of),
        cmocka_unit_test(denied_calls_are_not_told_of),
    };
    return cmocka_run_group_tests_name("filter_narrow", tests, NULL, NULL);
}
