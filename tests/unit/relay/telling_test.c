/* telling_test.c: a keeper that reads slowly hears of every connection all the same. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

static struct mxc_relay relay;
static int keeper = -1;
static unsigned int heard[MXC_RELAY_LINKS + 1];

static int begin(void **state) {
    int ends[2];
    (void)state;
    memset(heard, 0, sizeof heard);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    keeper = ends[0];
    relay.control = ends[1];
    relay.epoll = -1;
    relay.link_room = MXC_RELAY_LINKS;
    relay.waiting = 0;
    for (uint32_t i = 0; i < MXC_RELAY_LINKS; i++)
        relay.link[i] = (struct mxc_link){.state = MXC_LINK_OPEN,
                                          .id = i + 1,
                                          .inner = {.fd = -1},
                                          .outer = {.fd = -1},
                                          .out = {.buffer = -1, .pipe = -1},
                                          .in = {.buffer = -1, .pipe = -1},
                                          .name = -1,
                                          .rule = MXC_NET_NO_ENTRY};
    return 0;
}

static int end(void **state) {
    (void)state;
    close(keeper);
    close(relay.control);
    return 0;
}

/* What is there now; the last packet's kind. */
static uint32_t hear(int flags, uint32_t *times) {
    struct mxc_relay_packet packet;
    uint32_t kind = 0;
    while (recv(keeper, &packet, sizeof packet, flags) == sizeof packet) {
        kind = packet.kind;
        *times = packet.entry.times;
        if (kind != MXC_RELAY_CONNECTION)
            break;
        heard[packet.entry.id]++;
    }
    return kind;
}

static void *read_slowly(void *last) {
    usleep(50000);
    *(uint32_t *)last = hear(0, &(uint32_t){0});
    return NULL;
}

static void all_of_them_at_the_end(void **state) {
    pthread_t reader;
    uint32_t last = 0;
    (void)state;
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &last), 0);
    mxc_link_report_all(&relay);
    assert_int_equal(mxc_relay_tell(&relay, MXC_RELAY_SYNCED), 0);
    pthread_join(reader, NULL);
    assert_int_equal(last, MXC_RELAY_SYNCED);
    for (uint32_t i = 1; i <= MXC_RELAY_LINKS; i++)
        assert_int_equal(heard[i], 1);
}

/* Those that ended while nobody read keep their place until they are told; none is told twice. */
static void ends_are_told_later(void **state) {
    uint32_t untold = 0, times = 0;
    (void)state;
    for (uint32_t i = 0; i < MXC_RELAY_LINKS; i++)
        mxc_link_end(&relay, &relay.link[i], MXC_CONNECTION_CLOSED);
    for (uint32_t i = 0; i < MXC_RELAY_LINKS; i++)
        untold += relay.link[i].state == MXC_LINK_UNTOLD;
    assert_true(untold > 0);
    assert_int_equal(relay.waiting, untold);
    for (int round = 0; round < 100 && untold; round++) {
        hear(MSG_DONTWAIT, &times);
        untold = 0;
        for (uint32_t i = 0; i < MXC_RELAY_LINKS; i++) {
            if (relay.link[i].state == MXC_LINK_UNTOLD)
                mxc_link_tell_again(&relay, &relay.link[i]);
            untold += relay.link[i].state == MXC_LINK_UNTOLD;
        }
    }
    hear(MSG_DONTWAIT, &times);
    for (uint32_t i = 1; i <= MXC_RELAY_LINKS; i++)
        assert_int_equal(heard[i], 1);
    assert_int_equal(relay.waiting, 0);
}

/* Refusals that could not be told are a number in the end. */
static void refusals_are_counted(void **state) {
    uint32_t times = 0, told = 0;
    (void)state;
    for (uint32_t i = 0; i < MXC_RELAY_LINKS; i++)
        mxc_relay_tell_refusal(&relay, "name.test", NULL, (struct mxc_service){MXC_NET_TCP, 443}, MXC_NET_NO_ENTRY,
                               MXC_CONNECTION_UNKNOWN_NAME);
    relay.next_id = 0;
    for (struct mxc_relay_packet packet; recv(keeper, &packet, sizeof packet, MSG_DONTWAIT) == sizeof packet;)
        told++;
    assert_true(told && told < MXC_RELAY_LINKS);
    assert_int_equal(mxc_relay_tell(&relay, MXC_RELAY_SYNCED), 0);
    assert_int_equal(hear(MSG_DONTWAIT, &times), MXC_RELAY_SYNCED);
    assert_int_equal(told + times, MXC_RELAY_LINKS);
    assert_int_equal(mxc_relay_tell(&relay, MXC_RELAY_SYNCED), 0);
    assert_int_equal(hear(MSG_DONTWAIT, &times), MXC_RELAY_SYNCED);
    assert_int_equal(times, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(all_of_them_at_the_end, begin, end),
                                       cmocka_unit_test_setup_teardown(ends_are_told_later, begin, end),
                                       cmocka_unit_test_setup_teardown(refusals_are_counted, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
