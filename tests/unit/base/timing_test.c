/* timing_test.c: init's stages travel in the four numbers of one message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timing.h"

static uint64_t carried(uint64_t ns, unsigned int stage) {
    struct mxc_times sent = {0}, got = {0};
    uint64_t packed[4] = {0};
    for (unsigned int i = 0; i < MXC_TIMES_INIT; i++)
        sent.ns[MXC_TIME_INIT + i] = i == stage ? ns : 1000000u * i;
    mxc_times_pack(packed, &sent);
    mxc_times_unpack(&got, packed);
    return got.ns[MXC_TIME_INIT + stage];
}

static void test_every_stage_arrives(void **state) {
    (void)state;
    for (unsigned int stage = 0; stage < MXC_TIMES_INIT; stage++)
        for (uint64_t ns = 64; ns < 8000000000u; ns = ns * 3 + 17) {
            uint64_t got = carried(ns, stage);
            assert_true(got <= ns && ns - got <= ns / 2048 + 64);
        }
}

static void test_what_is_too_long_is_the_most(void **state) {
    (void)state;
    assert_int_equal(carried(UINT64_MAX, 3), carried(20000000000u, 3));
    assert_true(carried(UINT64_MAX, 3) > 8000000000u);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_stage_arrives),
                                       cmocka_unit_test(test_what_is_too_long_is_the_most)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
