/* hostname_test.c: one spelling per name, and every other refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/hostname.h"

static void test_canonical(void **state) {
    (void)state;
    static const char *const same[][2] = {{"Example.ORG", "example.org"},
                                          {"example.org.", "example.org"},
                                          {"xn--bcher-kva.example", "xn--bcher-kva.example"},
                                          {"_acme.a-b.c", "_acme.a-b.c"},
                                          {"localhost", "localhost"},
                                          {"1.2.3.4a", "1.2.3.4a"}};
    static const char *const refused[] = {"",
                                          ".",
                                          "..",
                                          "a..b",
                                          "a..",
                                          ".a",
                                          "-a.b",
                                          "a-.b",
                                          "a b",
                                          "a\tb",
                                          "a\nb",
                                          "a/b",
                                          "a\\b",
                                          "a@b",
                                          "a:80",
                                          "a#b",
                                          "a?b",
                                          "a%2eb",
                                          "127.0.0.1",
                                          "127.1",
                                          "2130706433",
                                          "0x7f000001",
                                          "0x7f.1",
                                          "0177.0.0.1",
                                          "127.0.0.1.",
                                          "[::1]",
                                          "::1",
                                          "::ffff:7f00:1",
                                          "b\xc3\xbc.de",
                                          "a\xef\xbc\x8e"
                                          "b",
                                          "a\xc2\xad"
                                          "b",
                                          "*.a",
                                          "a.*",
                                          "a,b",
                                          "a;b",
                                          "a.0x",
                                          "a.1"};
    char name[MXC_HOSTNAME_MAX + 1];
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_int_equal(mxc_hostname_canonical(name, same[i][0], strlen(same[i][0])), 0);
        assert_string_equal(name, same[i][1]);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (mxc_hostname_canonical(name, refused[i], strlen(refused[i])) == 0)
            fail_msg("\"%s\" became \"%s\"", refused[i], name);
    assert_int_equal(mxc_hostname_canonical(name, "a\0b", 3), -1);
}

static void test_lengths(void **state) {
    (void)state;
    char name[MXC_HOSTNAME_MAX + 1], text[300];
    memset(text, 'a', sizeof text);
    assert_int_equal(mxc_hostname_canonical(name, text, 63), 0);
    assert_int_equal(mxc_hostname_canonical(name, text, 64), -1);
    for (size_t i = 49; i < sizeof text; i += 50)
        text[i] = '.';
    assert_int_equal(mxc_hostname_canonical(name, text, 253), 0);
    assert_int_equal(mxc_hostname_canonical(name, text, 254), -1);
    text[253] = '.';
    assert_int_equal(mxc_hostname_canonical(name, text, 254), 0); /* the dot at the end does not count */
}

static void test_within(void **state) {
    (void)state;
    assert_true(mxc_hostname_within("a.com", "a.com"));
    assert_true(mxc_hostname_within("x.a.com", "*.a.com"));
    assert_true(mxc_hostname_within("*.b.a.com", "*.a.com"));
    assert_false(mxc_hostname_within("a.com", "*.a.com"));
    assert_false(mxc_hostname_within("evila.com", "*.a.com"));
    assert_false(mxc_hostname_within("a.com.evil.com", "*.a.com"));
    assert_false(mxc_hostname_within("x.a.com", "a.com"));
    assert_false(mxc_hostname_within(".a.com", "*.a.com"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_canonical), cmocka_unit_test(test_lengths),
                                       cmocka_unit_test(test_within)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
