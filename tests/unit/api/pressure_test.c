/* pressure_test.c: the text of /proc/pressure/memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/pressure.h"

static void test_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        unsigned value;
    } cases[] = {{"some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00", 0},
                 {"some avg10=12.34 avg60=99.00", 1234},
                 {"some avg10=100.00 avg60=0.00", 10000},
                 {"some avg10=7 avg60", 700},
                 {"some avg10=0.5 ", 5}, /* the kernel writes two digits */
                 {"some avg10=999.99", 10000},
                 {"some avg10=", 0},
                 {"full avg10=50.00", 0},
                 {"", 0}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(mxc_pressure_read(cases[i].text), cases[i].value);
}

static void test_this_host(void **state) {
    (void)state;
    assert_in_range(mxc_memory_pressure(), 0, 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_this_host)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
