/* address_test.c: one form per address, and which addresses are guarded. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "relay/address.h"

static struct mxc_ip ip(const char *text) {
    uint8_t address[16];
    if (inet_pton(AF_INET, text, address) == 1)
        return mxc_ip_v4(address);
    assert_int_equal(inet_pton(AF_INET6, text, address), 1);
    return mxc_ip_v6(address);
}

static void test_one_form(void **state) {
    (void)state;
    struct mxc_ip plain = ip("192.0.2.7"), mapped = ip("::ffff:192.0.2.7"), other = ip("::ffff:192.0.2.8");
    assert_true(mxc_ip_equal(&plain, &mapped));
    assert_false(mxc_ip_equal(&plain, &other));
    assert_int_equal(mapped.family, 4);
    struct sockaddr_storage to;
    struct mxc_ip back;
    uint16_t port = 0;
    assert_int_equal(mxc_ip_to(&to, &mapped, 443), sizeof(struct sockaddr_in));
    assert_int_equal(mxc_ip_from(&back, &port, &to), 0);
    assert_true(mxc_ip_equal(&back, &plain) && port == 443);
    struct mxc_ip six = ip("2001:db8::7");
    assert_int_equal(mxc_ip_to(&to, &six, 80), sizeof(struct sockaddr_in6));
    assert_int_equal(mxc_ip_from(&back, &port, &to), 0);
    assert_true(mxc_ip_equal(&back, &six) && port == 80);
    to.ss_family = AF_UNIX;
    assert_int_equal(mxc_ip_from(&back, &port, &to), -1);
}

static const char *const never[] = {"0.0.0.0",
                                    "0.1.2.3",
                                    "127.0.0.1",
                                    "127.255.255.255",
                                    "198.18.1.0",
                                    "198.19.255.255",
                                    "224.0.0.251",
                                    "255.255.255.255",
                                    "240.0.0.1",
                                    "::",
                                    "::1",
                                    "::7f00:1",
                                    "::ffff:0:7f00:1",
                                    "ff02::fb",
                                    "fd6d:7863:7265:1::100",
                                    "::ffff:127.0.0.1"};
static const char *const guarded[] = {"10.0.0.1",
                                      "10.255.255.255",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.168.1.1",
                                      "100.64.0.1",
                                      "100.127.255.255",
                                      "169.254.0.1",
                                      "169.254.169.254",
                                      "169.254.170.2",
                                      "100.100.100.200",
                                      "168.63.129.16",
                                      "192.0.0.192",
                                      "192.0.0.8",
                                      "192.88.99.1",
                                      "64:ff9b::a9fe:a9fe",
                                      "64:ff9b:1::1",
                                      "2001::1",
                                      "2001:0:1234::",
                                      "2002:a00:1::",
                                      "fc00::1",
                                      "fd00:ec2::254",
                                      "fd20:ce::254",
                                      "fd00:42::42",
                                      "fe80::1",
                                      "febf::1",
                                      "fec0::1",
                                      "100::1",
                                      "::ffff:169.254.169.254"};
static const char *const open[] = {
    "1.1.1.1",         "9.255.255.255",   "11.0.0.0",       "172.15.255.255",  "172.32.0.0",
    "192.167.255.255", "192.169.0.0",     "100.63.255.255", "100.128.0.0",     "169.253.255.255",
    "169.255.0.0",     "126.255.255.255", "128.0.0.0",      "223.255.255.255", "198.17.255.255",
    "198.20.0.0",      "168.63.129.15",   "2606:4700::1",   "2001:1::1",       "2001:4860::8",
    "2003::1",         "fe00::1",         "64:ff9a::1",     "64:ff9b:2::1",    "203.0.113.7"};

static void test_guard(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        struct mxc_ip one = ip(never[i]);
        if (!mxc_guard(&one) || !mxc_guard(&one)->never)
            fail_msg("%s can be opened", never[i]);
    }
    for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++) {
        struct mxc_ip one = ip(guarded[i]);
        if (!mxc_guard(&one) || mxc_guard(&one)->never)
            fail_msg("%s is not guarded as it should be", guarded[i]);
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        struct mxc_ip one = ip(open[i]);
        if (mxc_guard(&one))
            fail_msg("%s is guarded", open[i]);
    }
    struct mxc_ip metadata = ip("169.254.169.254");
    assert_int_equal(mxc_guard(&metadata)->prefix, 32); /* the narrowest block counts */
}

static void test_blocks(void **state) {
    (void)state;
    const struct mxc_net_block ten = {.family = 4, .prefix = 8, .address = {10}};
    const struct mxc_net_block part = {.family = 4, .prefix = 20, .address = {10, 1, 16}};
    struct mxc_ip last = ip("10.1.31.255"), behind = ip("10.1.32.0"), six = ip("a01:1000::");
    assert_true(mxc_ip_within(&last, &part));
    assert_false(mxc_ip_within(&behind, &part));
    assert_false(mxc_ip_within(&six, &ten));
    assert_true(mxc_block_within(&part, &ten) && mxc_block_within(&ten, &ten));
    assert_false(mxc_block_within(&ten, &part));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_form), cmocka_unit_test(test_guard),
                                       cmocka_unit_test(test_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
