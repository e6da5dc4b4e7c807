/* network_test.c: names and blocks in their one spelling, and what lies within what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "policy/checks.h"
#include "policy/host.h"

static void names(void **state) {
    static const char *const rows[][2] = {
        {"a", "a"},
        {"A.B", "a.b"},
        {"a.b.", "a.b"},
        {"*.A.b", "*.a.b"},
        {"xn--p1ai", "xn--p1ai"},
        {"1.a", "1.a"},
        {"0x7g.0xyz", "0x7g.0xyz"},
        {"a-b_c.d1", "a-b_c.d1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *host = NULL;
        assert_int_equal(mxc_host_parse(&host, rows[i][0], "/x", NULL), MXC_OK);
        assert_string_equal(host, rows[i][1]);
        mxc_free(host);
    }
}

static void name_lengths(void **state) {
    char label[80] = {0}, name[300] = {0}, *host = NULL;
    (void)state;
    memset(label, 'a', 63);
    assert_int_equal(mxc_host_parse(&host, label, "/x", NULL), MXC_OK);
    mxc_free(host);
    label[63] = 'a';
    assert_int_equal(mxc_host_parse(&host, label, "/x", NULL), MXC_E_POLICY_INVALID);
    for (int i = 0; i < 127; i++)
        strcat(name, "a.");
    name[253] = 0; /* without the last dot: 253 characters */
    assert_int_equal(mxc_host_parse(&host, name, "/x", NULL), MXC_OK);
    mxc_free(host);
    memcpy(name, "aa", 2);
    strcat(name, ".a");
    assert_int_equal(mxc_host_parse(&host, name, "/x", NULL), MXC_E_POLICY_INVALID);
}

static void blocks(void **state) {
    static const char *const rows[][2] = {
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"10.0.0.0/8", "10.0.0.0/8"},
        {"255.255.255.255", "255.255.255.255/32"},
        {"10.0.0.0/31", "10.0.0.0/31"},
        {"::", "::/128"},
        {"::/0", "::/0"},
        {"2001:DB8::/33", "2001:db8::/33"},
        {"2001:db8:8000::/33", "2001:db8:8000::/33"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mxc_cidr cidr;
        char text[MXC_CIDR_TEXT];
        assert_int_equal(mxc_cidr_parse(&cidr, rows[i][0], "/x", NULL), MXC_OK);
        assert_string_equal(mxc_cidr_format(text, &cidr), rows[i][1]);
    }
}

static void longest_block_fits(void **state) {
    struct mxc_cidr cidr;
    char text[MXC_CIDR_TEXT];
    (void)state;
    assert_int_equal(mxc_cidr_parse(&cidr, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "/x", NULL), MXC_OK);
    assert_string_equal(mxc_cidr_format(text, &cidr), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
}

static void block_within(void **state) {
    static const struct {
        const char *inner, *outer;
        int within;
    } rows[] = {{"10.0.0.0/8", "0.0.0.0/0", 1},
                {"10.0.0.0/8", "10.0.0.0/8", 1},
                {"10.0.0.0/8", "10.0.0.0/9", 0},
                {"10.128.0.0/9", "10.0.0.0/9", 0},
                {"10.0.0.0/9", "::/0", 0},
                {"10.3.0.0/16", "10.2.0.0/15", 1},
                {"10.4.0.0/16", "10.2.0.0/15", 0},
                {"::1", "::/127", 1},
                {"::2", "::/127", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mxc_cidr inner, outer;
        assert_int_equal(mxc_cidr_parse(&inner, rows[i].inner, "/x", NULL), MXC_OK);
        assert_int_equal(mxc_cidr_parse(&outer, rows[i].outer, "/x", NULL), MXC_OK);
        assert_int_equal(mxc_cidr_within(&inner, &outer), rows[i].within);
    }
}

/* N11: strictly below the suffix. */
static void name_within(void **state) {
    static const struct {
        const char *inner, *outer;
        int within;
    } rows[] = {{"x.a.com", "*.a.com", 1},   {"y.x.a.com", "*.a.com", 1},  {"a.com", "*.a.com", 0},
                {"evila.com", "*.a.com", 0}, {"a.com.evil", "*.a.com", 0}, {".a.com", "*.a.com", 0},
                {"*.x.a.com", "*.a.com", 1}, {"*.a.com", "*.a.com", 1},    {"*.a.com", "*.x.a.com", 0},
                {"a.com", "a.com", 1},       {"*.a.com", "a.com", 0},      {"x.a.com", "a.com", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(mxc_host_within(rows[i].inner, rows[i].outer), rows[i].within);
}

/* N12: exact ports. */
static void ports(void **state) {
    static const char *const bad[] = {"",     "0",    "65536", "0443",        "+443", "-1",
                                      "443 ", " 443", "4e2",   "99999999999", "443\n"};
    uint16_t port = 0;
    (void)state;
    assert_int_equal(mxc_port_parse(&port, "65535"), 0);
    assert_int_equal(port, 65535);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(mxc_port_parse(&port, bad[i]), -1);
}

/* S17: what the author wrote is shown without control bytes, cut between characters. */
static void quoting(void **state) {
    struct mxc_quote quote;
    char text[200];
    (void)state;
    assert_string_equal(mxc_quoted(&quote, "a\033[31m\n"), "\"a\\x1b[31m\\x0a\"");
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    assert_string_equal(mxc_quoted(&quote, text) + strlen(quote.text) - 4, "\"...");
    memset(text, '\033', sizeof text - 1);
    assert_true(strlen(mxc_quoted(&quote, text)) < sizeof quote.text);
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    assert_true((strlen(mxc_quoted(&quote, text)) - 5) % 3 == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),        cmocka_unit_test(name_lengths),
        cmocka_unit_test(blocks),       cmocka_unit_test(longest_block_fits),
        cmocka_unit_test(block_within), cmocka_unit_test(name_within),
        cmocka_unit_test(ports),        cmocka_unit_test(quoting),
    };
    return cmocka_run_group_tests_name("policy_network", tests, NULL, NULL);
}
