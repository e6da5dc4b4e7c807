/* carry_test.c: bytes of a busy connection go through pipes, to the last one and to nobody else. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define BLOCK (256u << 10)

static struct mxc_relay relay;
static unsigned char block[BLOCK], got[BLOCK];

struct ends { /* of one link: what the program inside holds, and the server */
    int inside, outside;
    struct mxc_link *link;
};

/* Two connected sockets of TCP. */
static void connect_two(int ends[2]) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof own;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&own, &length), 0);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&own, sizeof own), 0);
    ends[1] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(ends[1] >= 0);
    close(listener);
}

static struct ends open_link(unsigned int number) {
    int inner[2], outer[2];
    connect_two(inner);
    connect_two(outer);
    relay.link[number] = (struct mxc_link){.state = MXC_LINK_OPEN,
                                           .id = number + 1,
                                           .inner = {.fd = inner[1]},
                                           .outer = {.fd = outer[1]},
                                           .out = {.buffer = -1, .pipe = -1},
                                           .in = {.buffer = -1, .pipe = -1},
                                           .name = -1,
                                           .rule = MXC_NET_NO_ENTRY};
    return (struct ends){inner[0], outer[0], &relay.link[number]};
}

static void close_link(struct ends *ends) {
    mxc_link_end(&relay, ends->link, MXC_CONNECTION_CLOSED);
    close(ends->inside);
    close(ends->outside);
}

static int begin(void **state) {
    int control[2];
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    memset(&relay, 0, sizeof relay);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    relay.control = control[1];
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    relay.link_room = MXC_RELAY_LINKS;
    for (unsigned int i = 0; i < MXC_RELAY_BUFFERS; i++)
        relay.free_buffer[i] = (int)i;
    relay.free_buffers = MXC_RELAY_BUFFERS;
    return 0;
}

static unsigned int taken(void) {
    unsigned int count = 0;
    for (unsigned int i = 0; i < MXC_RELAY_PIPES; i++)
        count += !!relay.pipe[i].taken;
    return count;
}

static void fill_block(unsigned char seed) {
    for (uint32_t i = 0; i < BLOCK; i++)
        block[i] = (unsigned char)(i * 31 + i / 251 + seed);
}

/* Sends one block and takes what has come of it at the other side; how much. */
static uint32_t pass(struct ends *ends, unsigned char seed) {
    uint32_t have = 0;
    fill_block(seed);
    assert_int_equal(send(ends->inside, block, BLOCK, 0), BLOCK);
    for (int tries = 0; tries < 1000 && have < BLOCK; tries++) {
        mxc_carry(&relay, ends->link, 1, 1);
        ssize_t now = recv(ends->outside, got + have, BLOCK - have, MSG_DONTWAIT);
        have += now > 0 ? (uint32_t)now : 0;
        if (now <= 0)
            usleep(1000);
    }
    return have;
}

/* Nobody reads outside: until there is no more room, and the flow holds what it has. */
static void stuff(struct ends *ends, unsigned char byte) {
    int small = 4096;
    memset(block, byte, BLOCK);
    assert_int_equal(setsockopt(ends->link->outer.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    for (int i = 0; i < 400 && (!ends->link->out.length || ends->link->out.pipe < 0); i++) {
        while (send(ends->inside, block, BLOCK, MSG_DONTWAIT) > 0)
            continue;
        mxc_carry(&relay, ends->link, 1, 0);
        usleep(1000);
    }
}

static void pass_all(struct ends *ends, unsigned char blocks) {
    for (unsigned char i = 0; i < blocks; i++) {
        assert_int_equal(pass(ends, i), BLOCK);
        assert_memory_equal(got, block, BLOCK);
    }
}

static void every_byte(void **state) {
    struct ends ends = open_link(0);
    (void)state;
    pass_all(&ends, 64);
    assert_true(relay.pipe[0].made);
    assert_false(relay.pipe[1].made); /* held only while there are bytes in it, so one is enough */
    assert_int_equal(taken(), 0);
    assert_int_equal(ends.link->out.bytes, 64 * (uint64_t)BLOCK);
    close_link(&ends);
}

/* A connection that is cut leaves nothing behind for the next one. */
static void none_to_another(void **state) {
    struct ends cut = open_link(0);
    (void)state;
    stuff(&cut, 0xee);
    assert_true(cut.link->out.length > 0);
    assert_true(cut.link->out.pipe >= 0);
    close_link(&cut);
    assert_int_equal(taken(), 0);
    struct ends next = open_link(1);
    pass_all(&next, 4);
    assert_true(relay.pipe[0].made);
    close_link(&next);
}

/* Those that hold their pipes and do not move leave the others the way by copying. */
static void without_a_free_one(void **state) {
    struct ends still[MXC_RELAY_PIPES];
    (void)state;
    for (unsigned int i = 0; i < MXC_RELAY_PIPES; i++) {
        still[i] = open_link(i);
        stuff(&still[i], (unsigned char)i);
    }
    assert_int_equal(taken(), MXC_RELAY_PIPES);
    struct ends other = open_link(MXC_RELAY_PIPES);
    pass_all(&other, 4);
    assert_true(other.link->out.busy);
    close_link(&other);
    for (unsigned int i = 0; i < MXC_RELAY_PIPES; i++)
        close_link(&still[i]);
    assert_int_equal(taken(), 0);
    assert_int_equal(relay.free_buffers, MXC_RELAY_BUFFERS);
}

/* A user that may have no pipe, or none of that size, has connections all the same. */
static void where_there_are_none(void **state) {
    (void)state;
    relay.without_pipes = 1;
    struct ends ends = open_link(0);
    pass_all(&ends, 4);
    assert_false(relay.pipe[0].made);
    close_link(&ends);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_byte, begin),
        cmocka_unit_test_setup(none_to_another, begin),
        cmocka_unit_test_setup(without_a_free_one, begin),
        cmocka_unit_test_setup(where_there_are_none, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
