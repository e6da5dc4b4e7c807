/* dns_test.c: DNS messages, good ones, cut ones, hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relay/dns.h"

static size_t ask(uint8_t out[MXC_DNS_UDP_MAX], const char *name, uint16_t type) {
    return mxc_dns_write_question(out, 0x1234, name, type);
}

static void test_question(void **state) {
    (void)state;
    uint8_t packet[MXC_DNS_UDP_MAX];
    struct mxc_dns_question question;
    size_t length = ask(packet, "api.example.com", MXC_DNS_AAAA);
    packet[13] = 'A'; /* some resolvers mix capitals in */
    assert_int_equal(mxc_dns_read_question(&question, packet, length), 0);
    assert_string_equal(question.name, "api.example.com");
    assert_int_equal(question.type, MXC_DNS_AAAA);
    assert_int_equal(question.id, 0x1234);
    assert_int_equal(question.end, length);
    for (size_t cut = 0; cut < length; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1); /* so that a read behind the end is seen by the sanitizer */
        memcpy(exact, packet, cut);
        assert_int_not_equal(mxc_dns_read_question(&question, exact, cut), 0);
        free(exact);
    }
}

static void test_odd_questions(void **state) {
    (void)state;
    uint8_t packet[MXC_DNS_UDP_MAX];
    struct mxc_dns_question question;
    size_t length = ask(packet, "a.example", MXC_DNS_A);
    packet[2] |= 0x80;
    assert_int_equal(mxc_dns_read_question(&question, packet, length), -1); /* an answer: never answered */
    packet[2] = 0x28;
    assert_int_equal(mxc_dns_read_question(&question, packet, length), MXC_DNS_NOT_IMPLEMENTED);
    packet[2] = 1;
    packet[5] = 2;
    assert_int_equal(mxc_dns_read_question(&question, packet, length), MXC_DNS_FORMAT);
    packet[5] = 1;
    packet[length - 1] = 3; /* class CHAOS */
    assert_int_equal(mxc_dns_read_question(&question, packet, length), MXC_DNS_REFUSED);
    packet[length - 1] = 1;
    packet[13] = '.'; /* a dot inside a label: another name in another reader's eyes */
    assert_int_equal(mxc_dns_read_question(&question, packet, length), 0);
    assert_string_equal(question.name, "");
    packet[13] = 0;
    assert_int_equal(mxc_dns_read_question(&question, packet, length), 0);
    assert_string_equal(question.name, "");
    packet[12] = 0xc0;
    packet[13] = 12; /* points at itself */
    assert_int_equal(mxc_dns_read_question(&question, packet, length), MXC_DNS_FORMAT);
}

static void test_answer(void **state) {
    (void)state;
    static const uint8_t address[4] = {198, 18, 1, 0};
    uint8_t packet[MXC_DNS_UDP_MAX], out[MXC_DNS_UDP_MAX];
    struct mxc_dns_question question;
    struct mxc_dns_reply reply;
    struct mxc_ip ip = mxc_ip_v4(address);
    size_t length = ask(packet, "a.example", MXC_DNS_A);
    assert_int_equal(mxc_dns_read_question(&question, packet, length), 0);
    size_t got = mxc_dns_write_answer(out, packet, &question, MXC_DNS_OK, &ip);
    assert_int_equal(got, length + 16);
    assert_int_equal(mxc_dns_read_reply(&reply, out, got, 0x1234, "a.example", MXC_DNS_A), 0);
    assert_int_equal(reply.count, 1);
    assert_true(mxc_ip_equal(&reply.addresses[0], &ip));
    got = mxc_dns_write_answer(out, packet, &question, MXC_DNS_NO_NAME, NULL);
    assert_int_equal(mxc_dns_read_reply(&reply, out, got, 0x1234, "a.example", MXC_DNS_A), 0);
    assert_int_equal(reply.rcode, MXC_DNS_NO_NAME);
}

/* An answer to another question is none: whoever sends it, and whatever it says. */
static void test_forged(void **state) {
    (void)state;
    static const uint8_t address[4] = {192, 0, 2, 1};
    uint8_t packet[MXC_DNS_UDP_MAX], out[MXC_DNS_UDP_MAX];
    struct mxc_dns_question question;
    struct mxc_dns_reply reply;
    struct mxc_ip ip = mxc_ip_v4(address);
    size_t length = ask(packet, "a.example", MXC_DNS_A);
    assert_int_equal(mxc_dns_read_question(&question, packet, length), 0);
    size_t got = mxc_dns_write_answer(out, packet, &question, MXC_DNS_OK, &ip);
    assert_int_equal(mxc_dns_read_reply(&reply, out, got, 0x1235, "a.example", MXC_DNS_A), -1);
    assert_int_equal(mxc_dns_read_reply(&reply, out, got, 0x1234, "b.example", MXC_DNS_A), -1);
    assert_int_equal(mxc_dns_read_reply(&reply, out, got, 0x1234, "a.example", MXC_DNS_AAAA), -1);
    assert_int_equal(mxc_dns_read_reply(&reply, packet, length, 0x1234, "a.example", MXC_DNS_A), -1);
    for (size_t cut = 0; cut < got; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);
        memcpy(exact, out, cut);
        assert_int_equal(mxc_dns_read_reply(&reply, exact, cut, 0x1234, "a.example", MXC_DNS_A), -1);
        free(exact);
    }
}

/* "a.example" is an alias of "b.example", which has 192.0.2.1; "c.example" beside it is nobody's business. */
static const uint8_t chain[] = "\x12\x34\x81\x80\0\1\0\4\0\0\0\0"
                               "\1a\7example\0\0\1\0\1"
                               "\1c\300\016\0\1\0\1\0\0\0\5\0\4\xc0\0\2\x63"
                               "\1b\300\016\0\1\0\1\0\0\0\7\0\4\xc0\0\2\1"
                               "\300\014\0\5\0\1\0\0\0\3\0\4\1b\300\016"
                               "\1b\300\016\0\34\0\1\0\0\0\7\0\4\xc0\0\2\2";

static void test_aliases(void **state) {
    (void)state;
    struct mxc_dns_reply reply;
    uint8_t copy[sizeof chain - 1];
    memcpy(copy, chain, sizeof copy);
    assert_int_equal(mxc_dns_read_reply(&reply, copy, sizeof copy, 0x1234, "a.example", MXC_DNS_A), 0);
    assert_int_equal(reply.count, 1);
    assert_int_equal(reply.addresses[0].address[3], 1);
    assert_int_equal(reply.ttl, 3);
    for (size_t i = 0; i < sizeof copy; i++) /* any byte changed: an answer or none, never a fault */
        for (unsigned value = 0; value < 256; value++) {
            memcpy(copy, chain, sizeof copy);
            copy[i] = (uint8_t)value;
            if (mxc_dns_read_reply(&reply, copy, sizeof copy, 0x1234, "a.example", MXC_DNS_A) == 0)
                assert_true(reply.count <= MXC_DNS_ADDRESSES);
        }
}

static void test_alias_ring(void **state) {
    (void)state;
    static const uint8_t ring[] = "\x12\x34\x81\x80\0\1\0\2\0\0\0\0"
                                  "\1a\7example\0\0\1\0\1"
                                  "\300\014\0\5\0\1\0\0\0\3\0\4\1b\300\016"
                                  "\1b\300\016\0\5\0\1\0\0\0\3\0\2\300\014";
    struct mxc_dns_reply reply;
    assert_int_equal(mxc_dns_read_reply(&reply, ring, sizeof ring - 1, 0x1234, "a.example", MXC_DNS_A), 0);
    assert_int_equal(reply.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_question), cmocka_unit_test(test_odd_questions),
                                       cmocka_unit_test(test_answer),   cmocka_unit_test(test_forged),
                                       cmocka_unit_test(test_aliases),  cmocka_unit_test(test_alias_ring)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
