/* program_test.c: asks the BPF programs about every number and many arguments, and compares with reference.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filter/filter.h"
#include "filter/tables.h"
#include "support/bpf_eval.h"
#include "unit/filter/reference.h"

enum { LAST_NUMBER = 1023 };

static struct mxc_filter filter_of(int profile) {
    struct mxc_policy policy = {.syscalls = {.profile = profile}};
    struct mxc_filter filter;
    assert_int_equal(mxc_filter_for(&filter, &policy, 0, NULL), MXC_OK);
    assert_null(filter.owned);
    assert_in_range(filter.count, 100, BPF_MAXINSNS);
    return filter;
}

static uint32_t expected(int number, const uint64_t args[6], int strict) {
    char name[64];
    return mxc_call_name(number, name, sizeof name) == 0 ? reference_answer(name, args, strict) : ANSWER_NOSYS;
}

static void ask(const struct mxc_filter *filter, const struct seccomp_data *data, int strict, uint8_t *hits) {
    uint32_t got = bpf_eval(filter->program, filter->count, data, hits);
    uint32_t want = expected(data->nr, (const uint64_t *)data->args, strict);
    if (got != want)
        fail_msg("call %d args %llx %llx %llx %llx strict %d: %08x, not %08x", data->nr, data->args[0], data->args[1],
                 data->args[2], data->args[3], strict, got, want);
}

/* Every pair of interesting values at neighbouring arguments, with and without garbage in the upper half. */
static void ask_arguments(const struct mxc_filter *filter, int number, int strict, uint8_t *hits) {
    struct seccomp_data data = {.nr = number, .arch = NATIVE_ARCH};
    for (size_t i = 0; i < interesting_count * interesting_count * 3; i++) {
        uint32_t one = interesting[i % interesting_count], two = interesting[i / interesting_count % interesting_count];
        size_t at = i / interesting_count / interesting_count;
        uint64_t garbage = i % 2 ? 0xabcdef0100000000u : 0;
        memset(data.args, 0, sizeof data.args);
        data.args[at] = garbage | one;
        data.args[at + 1] = garbage | two;
        ask(filter, &data, strict, hits);
    }
}

static int has_check(int number) {
    char name[64];
    struct mxc_call call;
    return mxc_call_name(number, name, sizeof name) == 0 && mxc_call_find(&call, name) && call.check != MXC_CHECK_NONE;
}

static void ask_sockets(const struct mxc_filter *filter, int number, int strict, uint8_t *hits) {
    static const uint32_t protocols[] = {0, 1, 2, 6, 17, 33, 58, 132, 136, 255, 262, 0xffffffff};
    struct seccomp_data data = {.nr = number, .arch = NATIVE_ARCH};
    for (uint32_t i = 0; i < 64 * 16 * 12; i++) {
        data.args[0] = i % 64;
        data.args[1] = (i / 64 % 16) | (i % 3 ? 0x80800 : 0);
        data.args[2] = protocols[i / 64 / 16];
        ask(filter, &data, strict, hits);
    }
}

static void all_numbers(int strict) {
    struct mxc_filter filter = filter_of(strict);
    uint8_t hits[BPF_MAXINSNS] = {0};
    for (int number = 0; number <= LAST_NUMBER; number++) {
        struct seccomp_data data = {.nr = number, .arch = NATIVE_ARCH};
        ask(&filter, &data, strict, hits);
        memset(data.args, 0xff, sizeof data.args);
        ask(&filter, &data, strict, hits);
        if (has_check(number))
            ask_arguments(&filter, number, strict, hits);
    }
    ask_sockets(&filter, mxc_call_number("socket"), strict, hits);
    ask_sockets(&filter, mxc_call_number("socketpair"), strict, hits);
    /* foreign numbers and machines: see other_machines(); asked here so that every instruction was used */
    struct seccomp_data foreign = {.nr = 1, .arch = AUDIT_ARCH_S390X};
    assert_int_equal(bpf_eval(filter.program, filter.count, &foreign, hits), ANSWER_KILL);
    foreign = (struct seccomp_data){.nr = 0x40000001, .arch = NATIVE_ARCH};
    bpf_eval(filter.program, filter.count, &foreign, hits);
    foreign.nr = -1;
    bpf_eval(filter.program, filter.count, &foreign, hits);
    for (size_t i = 0; i < filter.count; i++)
        if (!hits[i])
            fail_msg("instruction %zu of %zu was never reached", i, filter.count);
}

static void test_every_number_default(void **state) {
    (void)state;
    all_numbers(MXC_SYSCALLS_DEFAULT);
}

static void test_every_number_strict(void **state) {
    (void)state;
    all_numbers(MXC_SYSCALLS_STRICT);
}

static void test_random_arguments(void **state) {
    (void)state;
    uint64_t seed = 0x9e3779b97f4a7c15u;
    for (int strict = 0; strict < 2; strict++) {
        struct mxc_filter filter = filter_of(strict);
        for (int i = 0; i < 200000; i++) {
            struct seccomp_data data = {.nr = i % 512, .arch = NATIVE_ARCH};
            for (int k = 0; k < 6; k++) {
                seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
                data.args[k] = seed % 3 ? seed : interesting[seed / 3 % interesting_count];
            }
            ask(&filter, &data, strict, NULL);
        }
    }
}

static void test_other_machines_are_killed(void **state) {
    (void)state;
    static const uint32_t machines[] = {AUDIT_ARCH_I386,
                                        AUDIT_ARCH_X86_64,
                                        AUDIT_ARCH_ARM,
                                        AUDIT_ARCH_AARCH64,
                                        AUDIT_ARCH_RISCV64,
                                        AUDIT_ARCH_MIPS64,
                                        0,
                                        0xffffffff};
    struct mxc_filter filter = filter_of(MXC_SYSCALLS_DEFAULT);
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        for (int number = -1; number <= LAST_NUMBER; number++) {
            struct seccomp_data data = {.nr = number, .arch = machines[i]};
            uint32_t got = bpf_eval(filter.program, filter.count, &data, NULL);
            if (machines[i] != NATIVE_ARCH)
                assert_int_equal(got, ANSWER_KILL);
        }
    }
}

static void test_strange_numbers(void **state) {
    (void)state;
    struct mxc_filter filter = filter_of(MXC_SYSCALLS_DEFAULT);
    static const uint32_t numbers[] = {1024, 0xffff, 0x3fffffff, 0x40000000, 0x40000029, 0x7fffffff, 0x80000000};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct seccomp_data data = {.nr = (int)numbers[i], .arch = NATIVE_ARCH};
        uint32_t got = bpf_eval(filter.program, filter.count, &data, NULL);
#ifdef __x86_64__
        assert_int_equal(got, numbers[i] >= 0x40000000 ? ANSWER_KILL : ANSWER_NOSYS); /* x32 */
#else
        assert_int_equal(got, ANSWER_NOSYS);
#endif
    }
    struct seccomp_data skipped = {.nr = -1, .arch = NATIVE_ARCH}; /* a tracer took the call away */
    assert_int_equal(bpf_eval(filter.program, filter.count, &skipped, NULL), ANSWER_NOSYS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_number_default), cmocka_unit_test(test_every_number_strict),
        cmocka_unit_test(test_random_arguments),     cmocka_unit_test(test_other_machines_are_killed),
        cmocka_unit_test(test_strange_numbers),
    };
    return cmocka_run_group_tests_name("filter_program", tests, NULL, NULL);
}
