/* names_test.c: synthetic addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "relay/names.h"

static struct mxc_names names;

static void test_full_table(void **state) {
    (void)state;
    char name[32];
    for (int i = 0; i < MXC_NAMES_MAX; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        assert_int_equal(mxc_names_add(&names, name), i);
    }
    assert_int_equal(mxc_names_add(&names, "one.more"), -1);
    for (int i = 0; i < MXC_NAMES_MAX; i++) {
        snprintf(name, sizeof name, "n%d.example", i);
        assert_int_equal(mxc_names_add(&names, name), i); /* the same one again */
        for (int family = 4; family <= 6; family += 2) {
            struct mxc_ip ip = mxc_names_address((uint32_t)i, family);
            assert_int_equal(ip.family, family);
            assert_true(mxc_names_synthetic(&ip));
            assert_int_equal(mxc_names_find(&names, &ip), i);
            assert_true(mxc_guard(&ip) && mxc_guard(&ip)->never); /* never dialled */
        }
    }
}

static void test_strangers(void **state) {
    (void)state;
    static const uint8_t addresses[][16] = {
        {0xfd, 0x6d, 0x78, 0x63, 0x72, 0x65, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0},    /* below the first */
        {0xfd, 0x6d, 0x78, 0x63, 0x72, 0x65, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0},    /* bits between */
        {0xfd, 0x6d, 0x78, 0x63, 0x72, 0x65, 0, 1, 0, 0, 0, 0, 0, 0, 0x11, 0}, /* behind the last */
        {0xfd, 0x6d, 0x78, 0x63, 0x72, 0x65, 0, 2, 0, 0, 0, 0, 0, 0, 1, 0},    /* another network */
        {0xfd, 0x6d, 0x78, 0x63, 0x72, 0x65, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff},
    };
    static const uint8_t v4[][4] = {
        {198, 18, 0, 255}, {198, 18, 17, 0}, {198, 19, 255, 255}, {198, 20, 1, 0}, {8, 8, 8, 8}};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct mxc_ip ip = mxc_ip_v6(addresses[i]);
        assert_int_equal(mxc_names_find(&names, &ip), -1);
    }
    for (size_t i = 0; i < sizeof v4 / sizeof *v4; i++) {
        struct mxc_ip ip = mxc_ip_v4(v4[i]);
        assert_int_equal(mxc_names_find(&names, &ip), -1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_full_table), cmocka_unit_test(test_strangers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
