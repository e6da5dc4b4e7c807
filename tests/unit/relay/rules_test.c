/* rules_test.c: which name and which address a set of rules lets through. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "relay/rules.h"

static const char text[] = "\0api.example.com\0*.example.net\0/r/0";
#define NAME(port_, end_, at) \
    { .kind = MXC_NET_HOST, .allow = 1, .protocols = MXC_NET_TCP, .port = (port_), .end_port = (end_), .name = (at) }
#define BLOCK(allow_, port_, bits, ...) \
    { \
        .kind = MXC_NET_BLOCK, .allow = (allow_), .protocols = MXC_NET_TCP, .port = (port_), .end_port = (port_), \
        .block = { \
            .family = 4, \
            .prefix = (bits), \
            .address = {__VA_ARGS__} \
        } \
    }

static const struct mxc_net_block excepts[] = {{.family = 4, .prefix = 32, .address = {203, 0, 113, 9}}};
static const struct mxc_net_entry entries[] = {
    NAME(443, 443, 1),
    NAME(80, 82, 17),
    BLOCK(1, 22, 24, 203, 0, 113, 0),
    BLOCK(1, 22, 0, 0),
    BLOCK(1, 22, 16, 10, 1, 0, 0),
    BLOCK(1, 22, 32, 198, 51, 100, 1),
    BLOCK(0, 0, 24, 192, 0, 2, 0), /* after the grants: the order does not matter */
};
static struct mxc_net_rules_view rules = {entries, excepts, text, sizeof entries / sizeof *entries};

static struct mxc_service tcp(uint16_t port) { return (struct mxc_service){MXC_NET_TCP, port}; }
static struct mxc_service udp(uint16_t port) { return (struct mxc_service){MXC_NET_UDP, port}; }

static struct mxc_ip ip(const char *address) {
    uint8_t bytes[4];
    assert_int_equal(inet_pton(AF_INET, address, bytes), 1);
    return mxc_ip_v4(bytes);
}

static int known(const struct mxc_net_rules_view *view, const char *name) {
    uint32_t entry = MXC_NET_NO_ENTRY;
    return mxc_rules_know_name(view, name, &entry) == MXC_PERMITTED;
}

static uint32_t granted(const struct mxc_net_rules_view *view, const char *name, uint16_t port) {
    uint32_t entry = MXC_NET_NO_ENTRY;
    return mxc_rules_name(view, name, tcp(port), &entry) == MXC_PERMITTED ? entry : MXC_NET_NO_ENTRY;
}

static int by_address(const char *address, uint16_t port, int own, int by_name) {
    struct mxc_ip one = ip(address);
    uint32_t entry = MXC_NET_NO_ENTRY;
    return (int)mxc_rules_address(&rules, &one, tcp(port), own, by_name, &entry);
}

static void test_names(void **state) {
    (void)state;
    static const char *const names[] = {"api.example.com", "a.example.net", "a.b.example.net"};
    static const char *const unknown[] = {"example.com",
                                          "x.api.example.com",
                                          "xapi.example.com",
                                          "example.net",
                                          "api.example.com.evil",
                                          "evilexample.net",
                                          "",
                                          ".example.net",
                                          "a.example.net.evil",
                                          "127.0.0.1.example.netx",
                                          "10.0.0.1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(known(&rules, names[i]));
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        if (unknown[i][0] && unknown[i][0] != '.')
            assert_false(known(&rules, unknown[i]));
    assert_int_equal(granted(&rules, "api.example.com", 443), 0);
    assert_int_equal(granted(&rules, "api.example.com", 80), MXC_NET_NO_ENTRY);
    for (uint16_t port = 79; port <= 83; port++)
        assert_int_equal(granted(&rules, "a.example.net", port), port >= 80 && port <= 82 ? 1 : MXC_NET_NO_ENTRY);
}

/* A denied name is refused on the denied ports, whatever grants it; and where all that grant it are denied, it does not
 * even exist. The order does not matter. */
static void test_denied_names(void **state) {
    (void)state;
    static const char words[] = "\0*.example.net\0secret.example.net\0*.deep.example.net\0*";
    struct mxc_net_entry list[] = {
        NAME(80, 90, 1),   NAME(0, 0, 15),   /* denied on every port */
        NAME(80, 85, 34),  NAME(86, 90, 34), /* together on all that are granted */
        NAME(443, 443, 1), NAME(0, 0, 53),   /* each name, but on port 444 only */
    };
    struct mxc_net_rules_view view = {list, excepts, words, sizeof list / sizeof *list};
    uint32_t entry = MXC_NET_NO_ENTRY;
    list[1].allow = list[2].allow = list[3].allow = list[5].allow = 0;
    list[5].port = list[5].end_port = 444;
    assert_int_equal(mxc_rules_name(&view, "a.example.net", tcp(80), &entry), MXC_PERMITTED);
    assert_int_equal(entry, 0);
    assert_int_equal(mxc_rules_name(&view, "secret.example.net", tcp(80), &entry), MXC_DENIED_BY_RULE);
    assert_int_equal(entry, 1);
    assert_int_equal(mxc_rules_know_name(&view, "secret.example.net", &entry), MXC_DENIED_BY_RULE);
    assert_int_equal(entry, 1);
    assert_true(known(&view, "x.secret.example.net")); /* the name alone, not what is below it */
    assert_true(known(&view, "deep.example.net"));
    assert_int_equal(mxc_rules_name(&view, "x.deep.example.net", tcp(86), &entry), MXC_DENIED_BY_RULE);
    assert_int_equal(entry, 3);
    assert_int_equal(mxc_rules_name(&view, "x.deep.example.net", tcp(443), &entry), MXC_PERMITTED);
    assert_true(known(&view, "x.deep.example.net")); /* on 443 */
    list[4].port = list[4].end_port = 444;
    assert_int_equal(mxc_rules_know_name(&view, "x.deep.example.net", &entry), MXC_DENIED_BY_RULE);
    assert_true(known(&view, "a.example.net"));
    list[0].port = list[0].end_port = 0; /* a grant of every port: some are left */
    assert_true(known(&view, "x.deep.example.net"));
    assert_false(known(&view, "secret.example.net"));
    entry = MXC_NET_NO_ENTRY; /* a denial of what nothing grants is no news */
    list[0].name = list[4].name = 15;
    assert_int_equal(mxc_rules_know_name(&view, "x.deep.example.net", &entry), MXC_NO_RULE);
    assert_int_equal(entry, MXC_NET_NO_ENTRY);
}

/* A rule is about the protocols it says; one of each is two rules. */
static void test_protocols(void **state) {
    (void)state;
    struct mxc_net_entry list[] = {NAME(443, 443, 1), NAME(443, 443, 1), BLOCK(1, 22, 24, 203, 0, 113, 0),
                                   BLOCK(0, 22, 32, 203, 0, 113, 5)};
    struct mxc_net_rules_view view = {list, excepts, text, sizeof list / sizeof *list};
    struct mxc_ip inside = ip("203.0.113.7"), denied = ip("203.0.113.5"), private = ip("10.1.2.3");
    uint32_t entry = MXC_NET_NO_ENTRY;
    assert_int_equal(mxc_rules_name(&view, "api.example.com", udp(443), &entry), MXC_NO_RULE);
    assert_int_equal(mxc_rules_address(&view, &inside, udp(22), 0, 0, &entry), MXC_NO_RULE);
    list[0].allow = 0; /* what is denied over one protocol is granted over the other */
    list[1].protocols = list[2].protocols = list[3].protocols = MXC_NET_UDP;
    assert_int_equal(mxc_rules_name(&view, "api.example.com", udp(443), &entry), MXC_PERMITTED);
    assert_int_equal(entry, 1);
    assert_int_equal(mxc_rules_name(&view, "api.example.com", tcp(443), &entry), MXC_DENIED_BY_RULE);
    assert_int_equal(mxc_rules_name(&view, "api.example.com", udp(444), &entry), MXC_NO_RULE);
    assert_true(known(&view, "api.example.com"));
    assert_int_equal(mxc_rules_address(&view, &inside, udp(22), 0, 0, &entry), MXC_PERMITTED);
    assert_int_equal(mxc_rules_address(&view, &inside, tcp(22), 0, 0, &entry), MXC_NO_RULE);
    assert_int_equal(mxc_rules_address(&view, &inside, udp(22), 1, 0, &entry), MXC_GUARDED);
    assert_int_equal(mxc_rules_address(&view, &denied, udp(22), 0, 1, &entry), MXC_DENIED_BY_RULE);
    assert_int_equal(mxc_rules_address(&view, &private, udp(443), 0, 1, &entry), MXC_GUARDED);
    list[0].protocols = MXC_NET_TCP | MXC_NET_UDP;
    assert_false(known(&view, "api.example.com"));
    list[1].protocols = MXC_NET_TCP | MXC_NET_UDP;
    list[0].protocols = MXC_NET_TCP;
    assert_true(known(&view, "api.example.com"));
}

/* Port 53 is the relay's, but for addresses of a rule about just that port. */
static void test_other_names(void **state) {
    (void)state;
    struct mxc_net_entry list[] = {BLOCK(1, 53, 0, 0), BLOCK(1, 53, 32, 10, 0, 0, 1), BLOCK(1, 53, 8, 127)};
    struct mxc_net_rules_view view = {list, excepts, text, sizeof list / sizeof *list};
    struct mxc_ip public = ip("8.8.8.8"), private = ip("10.0.0.1"), next = ip("10.0.0.2"), own = ip("127.0.0.1"),
                  synthetic = ip("198.18.1.0");
    assert_true(mxc_rules_other_names(&view, &public, MXC_NET_TCP));
    assert_false(mxc_rules_other_names(&view, &public, MXC_NET_UDP));
    assert_true(mxc_rules_other_names(&view, &private, MXC_NET_TCP));
    assert_false(mxc_rules_other_names(&view, &next, MXC_NET_TCP));
    assert_false(mxc_rules_other_names(&view, &own, MXC_NET_TCP));
    assert_false(mxc_rules_other_names(&view, &synthetic, MXC_NET_TCP));
    list[0].end_port = 54; /* it is about more */
    assert_false(mxc_rules_other_names(&view, &public, MXC_NET_TCP));
    list[0].end_port = 53;
    list[0].allow = 0;
    assert_false(mxc_rules_other_names(&view, &public, MXC_NET_TCP));
}

static void test_addresses(void **state) {
    (void)state;
    assert_int_equal(by_address("203.0.113.7", 22, 0, 0), MXC_PERMITTED);
    assert_int_equal(by_address("203.0.113.7", 23, 0, 0), MXC_NO_RULE);
    assert_int_equal(by_address("8.8.8.8", 22, 0, 0), MXC_PERMITTED);
    assert_int_equal(by_address("192.0.2.7", 22, 0, 0), MXC_DENIED_BY_RULE);
    assert_int_equal(by_address("192.0.2.7", 443, 0, 1), MXC_DENIED_BY_RULE); /* also what a granted name leads to */
    assert_int_equal(by_address("8.8.8.8", 443, 0, 1), MXC_PERMITTED);
}

static void test_guarded(void **state) {
    (void)state;
    assert_int_equal(by_address("10.1.2.3", 22, 0, 0), MXC_PERMITTED);
    assert_int_equal(by_address("10.1.2.3", 22, 0, 1), MXC_PERMITTED); /* the block is named by a rule */
    assert_int_equal(by_address("10.1.2.3", 443, 0, 1), MXC_GUARDED);
    assert_int_equal(by_address("10.2.2.3", 22, 0, 0), MXC_GUARDED); /* 0.0.0.0/0 opens nothing that is guarded */
    assert_int_equal(by_address("169.254.169.254", 22, 0, 0), MXC_GUARDED);
    assert_int_equal(by_address("127.0.0.1", 22, 0, 0), MXC_GUARDED);
    assert_int_equal(by_address("198.51.100.1", 22, 1, 0), MXC_PERMITTED); /* the host's own, named exactly */
    assert_int_equal(by_address("203.0.113.7", 22, 1, 0), MXC_GUARDED);    /* the host's own, in a granted block */
    assert_int_equal(by_address("203.0.113.7", 443, 1, 1), MXC_GUARDED);
}

/* No rule opens loopback, multicast, or an address that only means something inside. */
static void test_never(void **state) {
    static const uint8_t blocks[][5] = {
        {127, 0, 0, 1, 32}, {224, 0, 0, 251, 32}, {198, 18, 1, 0, 32}, {0, 0, 0, 0, 32}};
    (void)state;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        const uint8_t *b = blocks[i];
        const struct mxc_net_entry one = BLOCK(1, 22, b[4], b[0], b[1], b[2], b[3]);
        const struct mxc_net_rules_view named = {&one, excepts, text, 1};
        struct mxc_ip address = mxc_ip_v4(b);
        uint32_t entry = MXC_NET_NO_ENTRY;
        assert_int_equal(mxc_rules_address(&named, &address, tcp(22), 0, 0, &entry), MXC_GUARDED);
        assert_int_equal(mxc_rules_address(&named, &address, tcp(22), 0, 1, &entry), MXC_GUARDED);
    }
}

static void test_exceptions(void **state) {
    (void)state;
    struct mxc_net_entry one = entries[2];
    one.except_count = 1;
    struct mxc_net_rules_view with = {&one, excepts, text, 1};
    struct mxc_ip inside = ip("203.0.113.8"), except = ip("203.0.113.9");
    uint32_t entry = MXC_NET_NO_ENTRY;
    assert_int_equal(mxc_rules_address(&with, &except, tcp(22), 0, 0, &entry), MXC_NO_RULE);
    assert_int_equal(entry, MXC_NET_NO_ENTRY);
    assert_int_equal(mxc_rules_address(&with, &inside, tcp(22), 0, 0, &entry), MXC_PERMITTED);
    assert_int_equal(entry, 0);
    one.allow = 0; /* an exception of a denial is not denied, and not granted either */
    assert_int_equal(mxc_rules_address(&with, &except, tcp(22), 0, 0, &entry), MXC_NO_RULE);
    assert_int_equal(mxc_rules_address(&with, &inside, tcp(22), 0, 0, &entry), MXC_DENIED_BY_RULE);
}

/* Every header field and every entry is checked before one is believed. */
static void test_wire(void **state) {
    (void)state;
    struct {
        struct mxc_net_header header;
        struct mxc_net_entry entry[2];
        struct mxc_net_block except[1];
        char text[sizeof text];
    } good = {.header = {MXC_NET_MAGIC, sizeof good, 2, 1, sizeof text, 0}, .entry = {NAME(443, 443, 1)}}, bad;
    struct mxc_net_rules_view view;
    good.entry[1] = entries[2];
    good.entry[1].except_count = 1;
    good.except[0] = excepts[0];
    memcpy(good.text, text, sizeof text);
    _Static_assert(sizeof good == 24 + 2 * 44 + 20 + sizeof text, "no gaps");
    assert_int_equal(mxc_net_view(&view, &good, sizeof good), 0);
    assert_int_equal(view.entry_count, 2);
    for (size_t length = 0; length < sizeof good; length++)
        assert_int_equal(mxc_net_view(&view, &good, length), -1);
    for (size_t i = 0; i < sizeof good; i++)
        for (unsigned bit = 0; bit < 8; bit++) { /* a view or a refusal, never a fault: run under the sanitizers */
            bad = good;
            ((unsigned char *)&bad)[i] ^= (unsigned char)(1u << bit);
            if (mxc_net_view(&view, &bad, sizeof bad) == 0)
                (void)known(&view, "api.example.com");
        }
    bad = good;
    bad.entry[0].port = bad.entry[0].end_port = 0; /* every port */
    assert_int_equal(mxc_net_view(&view, &bad, sizeof bad), 0);
    assert_int_equal(mxc_net_grants_port(&view, 1), 1);
    bad.entry[0].protocols = MXC_NET_UDP; /* what connections ask for */
    assert_int_equal(mxc_net_grants_port(&view, 1), 0);
    bad.entry[0].end_port = 443; /* an end without a beginning */
    assert_int_equal(mxc_net_view(&view, &bad, sizeof bad), -1);
    for (unsigned protocols = 0; protocols < 256; protocols++) {
        bad = good;
        bad.entry[1].protocols = (uint8_t)protocols;
        assert_int_equal(mxc_net_view(&view, &bad, sizeof bad), protocols >= 1 && protocols <= 3 ? 0 : -1);
    }
    bad = good;
    bad.entry[0].reserved = 1;
    assert_int_equal(mxc_net_view(&view, &bad, sizeof bad), -1);
    bad = good;
    bad.entry[1].except_count = 2;
    assert_int_equal(mxc_net_view(&view, &bad, sizeof bad), -1);
}

#define LOCAL(port_, ...) \
    { \
        .kind = MXC_NET_LOCAL, .allow = 1, .protocols = MXC_NET_TCP, .port = (port_), .end_port = (port_), .block = { \
            __VA_ARGS__ \
        } \
    }
#define LOCAL_V4(port_) LOCAL(port_, .family = 4, .prefix = 32, .address = {127, 0, 0, 1})
#define LOCAL_V6(port_) LOCAL(port_, .family = 6, .prefix = 128, .address = {[15] = 1})

static void test_local_denied(void **state) {
    (void)state;
    struct {
        struct mxc_net_header header;
        struct mxc_net_entry entry[3];
        char text[sizeof text];
    } denied = {.header = {MXC_NET_MAGIC, sizeof denied, 3, 0, sizeof text, 0},
                .entry = {{.kind = MXC_NET_BLOCK,
                           .protocols = MXC_NET_TCP | MXC_NET_UDP,
                           .block = {.family = 4, .prefix = 8, .address = {127}}},
                          LOCAL_V4(5432),
                          LOCAL_V6(5432)}};
    struct mxc_net_rules_view view;
    memcpy(denied.text, text, sizeof text);
    assert_int_equal(mxc_net_view(&view, &denied, sizeof denied), 0);
    assert_int_equal(mxc_rules_for_local(&view, 5432, 0), 2);
    assert_int_equal(mxc_rules_for_local(&view, 5432, 3), MXC_NET_NO_ENTRY);
}

/* A port of the sandbox's loopback that is one of the host's: only loopback addresses, one port, and no other rule
 * takes such an entry for its own. */
static void test_local(void **state) {
    (void)state;
    struct {
        struct mxc_net_header header;
        struct mxc_net_entry entry[2];
        char text[sizeof text];
    } good = {.header = {MXC_NET_MAGIC, sizeof good, 2, 0, sizeof text, 0}, .entry = {LOCAL_V4(3128), LOCAL_V6(3128)}},
      bad;
    struct mxc_net_rules_view view;
    struct mxc_ip loopback = ip("127.0.0.1");
    uint32_t entry = MXC_NET_NO_ENTRY;
    memcpy(good.text, text, sizeof text);
    assert_int_equal(mxc_net_view(&view, &good, sizeof good), 0);
    assert_int_equal(mxc_rules_for_local(&view, 3128, 0), 0);
    assert_int_equal(mxc_rules_for_local(&view, 3128, 1), 1);
    assert_int_equal(mxc_rules_for_local(&view, 3128, 2), MXC_NET_NO_ENTRY);
    assert_int_equal(mxc_rules_for_local(&view, 3129, 0), MXC_NET_NO_ENTRY);
    assert_int_equal(mxc_rules_address(&view, &loopback, tcp(3128), 0, 0, &entry), MXC_GUARDED);
    assert_false(known(&view, ""));
#define BAD(field, value) \
    do { \
        bad = good; \
        bad.field = (value); \
        assert_int_equal(mxc_net_view(&view, &bad, sizeof bad), -1); \
    } while (0)
    BAD(entry[0].block.address[0], 10);
    BAD(entry[0].block.prefix, 8);
    BAD(entry[0].allow, 0);
    BAD(entry[0].protocols, MXC_NET_UDP);
    BAD(entry[0].end_port, 3129);
    BAD(entry[1].block.address[14], 1);
    BAD(entry[1].block.prefix, 64);
    BAD(entry[1].block.family, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),     cmocka_unit_test(test_denied_names), cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_protocols), cmocka_unit_test(test_other_names),  cmocka_unit_test(test_guarded),
        cmocka_unit_test(test_never),     cmocka_unit_test(test_exceptions),   cmocka_unit_test(test_wire),
        cmocka_unit_test(test_local),     cmocka_unit_test(test_local_denied)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
