/* channel_test.c: packets between keeper and init, at the end of one of the two. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/keeper.h"

static int ours, theirs;

static int open_pair(void **state) {
    int pair[2];
    (void)state;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    ours = pair[0];
    theirs = pair[1];
    return 0;
}

static int close_pair(void **state) {
    (void)state;
    close(theirs);
    return close(ours);
}

static int receive(struct mxc_message *message, unsigned int *count) {
    int fds[MXC_MAX_MESSAGE_FDS];
    int got = mxc_message_receive(ours, message, fds, MXC_MAX_MESSAGE_FDS, count);
    for (unsigned int i = 0; i < *count; i++)
        close(fds[i]);
    return got;
}

/* Init fails while a command waits in its socket: the kernel says ECONNRESET before it gives what init has said. */
static void test_last_words_are_heard(void **state) {
    const struct mxc_message request = {.kind = MXC_MSG_SPAWN},
                             failed = {.kind = MXC_MSG_FAILED, .a = MXC_STAGE_VERIFY};
    struct mxc_message heard;
    unsigned int count;
    (void)state;
    assert_int_equal(mxc_message_send(ours, &request, NULL, 0), 0);
    assert_int_equal(mxc_message_send(theirs, &failed, NULL, 0), 0);
    close(theirs);
    assert_int_equal(receive(&heard, &count), sizeof heard);
    assert_int_equal(heard.kind, MXC_MSG_FAILED);
    assert_int_equal(heard.a, MXC_STAGE_VERIFY);
    assert_int_equal(receive(&heard, &count), 0);
    theirs = -1;
}

static void test_descriptors_come_along(void **state) {
    const struct mxc_message built = {.kind = MXC_MSG_BUILT};
    struct mxc_message heard;
    unsigned int count;
    int fds[2] = {theirs, ours};
    (void)state;
    assert_int_equal(mxc_message_send(theirs, &built, fds, 2), 0);
    assert_int_equal(receive(&heard, &count), sizeof heard);
    assert_int_equal(count, 2);
}

static void test_other_packets_are_refused(void **state) {
    struct mxc_message heard;
    unsigned int count;
    (void)state;
    assert_int_equal(send(theirs, "short", 5, 0), 5);
    assert_int_equal(receive(&heard, &count), -EBADMSG);
    assert_int_equal(count, 0);
}

static int receive_packet(struct mxc_packet *packet) {
    int fds[MXC_MAX_MESSAGE_FDS];
    unsigned int count;
    int got = mxc_packet_receive(ours, packet, fds, MXC_MAX_MESSAGE_FDS, &count);
    while (count)
        close(fds[--count]);
    return got;
}

static void test_block_follows_its_message(void **state) {
    static struct mxc_packet packet;
    static char block[MXC_COMMAND_SHORT_BYTES];
    struct mxc_message spawn = {.kind = MXC_MSG_SPAWN, .flags = MXC_SPAWN_WITHIN, .d = sizeof block};
    (void)state;
    memset(block, 'x', sizeof block);
    assert_int_equal(mxc_packet_send(theirs, &spawn, block, &theirs, 1), 0);
    assert_int_equal(receive_packet(&packet), sizeof packet);
    assert_memory_equal(packet.block, block, sizeof block);
    spawn.d = 3;
    assert_int_equal(mxc_packet_send(theirs, &spawn, block, NULL, 0), 0);
    assert_int_equal(receive_packet(&packet), sizeof spawn + 3);
    spawn.flags = 0; /* it has none */
    assert_int_equal(mxc_packet_send(theirs, &spawn, block, NULL, 0), 0);
    assert_int_equal(receive_packet(&packet), sizeof spawn);
}

static void test_block_of_another_length_is_refused(void **state) {
    static struct mxc_packet sent, packet;
    const uint64_t lengths[] = {
        0, 1, 4, 6, sizeof sent.block, sizeof sent.block + 1, UINT64_MAX, 0 - sizeof sent.message};
    struct mxc_message heard;
    unsigned int count;
    (void)state;
    sent.message = (struct mxc_message){.kind = MXC_MSG_SPAWN, .flags = MXC_SPAWN_WITHIN};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        sent.message.d = lengths[i];
        assert_true(send(theirs, &sent, sizeof sent.message + 5, 0) > 0);
        assert_int_equal(receive_packet(&packet), -EBADMSG);
    }
    sent.message.d = 5;
    sent.message.kind = MXC_MSG_SIGNAL; /* which has none */
    assert_true(send(theirs, &sent, sizeof sent.message + 5, 0) > 0);
    assert_int_equal(receive_packet(&packet), -EBADMSG);
    sent.message.kind = MXC_MSG_SPAWN;
    assert_true(send(theirs, &sent, sizeof sent.message + 5, 0) > 0);
    assert_int_equal(receive(&heard, &count), -EBADMSG); /* where no command is taken */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_last_words_are_heard, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_descriptors_come_along, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_other_packets_are_refused, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_block_follows_its_message, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_block_of_another_length_is_refused, open_pair, close_pair),
    };
    return cmocka_run_group_tests_name("keeper_channel", tests, NULL, NULL);
}
