/* start_fails_test.c: init gives up while the keeper is about to hand it a command. Whatever the moment, the command is
 * refused for what init has said, not for the socket that it has closed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/keeper.h"

#define COMMAND 7
#define OP 5

static struct mxc_keeper keeper;
static int host, init, status;                         /* the other ends */
static int polls, gives_up_after, gives_up_in_between; /* counted */

static void make_pair(int *keepers, int *others) {
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    *keepers = pair[0];
    *others = pair[1];
}

static int open_keeper(void **state) {
    (void)state;
    memset(&keeper, 0, sizeof keeper);
    make_pair(&keeper.control, &host);
    make_pair(&keeper.init, &init);
    (void)fcntl(keeper.init, F_SETFL, O_NONBLOCK);
    keeper.host = keeper.init_pidfd = keeper.listener = keeper.proc = keeper.relay = keeper.relay_pidfd = -1;
    keeper.parked.work = keeper.parked.out.pipe = keeper.parked.err.pipe = -1;
    keeper.apply.plan = &keeper.plan;
    polls = gives_up_after = gives_up_in_between = 0;
    return 0;
}

static int close_keeper(void **state) {
    const int all[] = {keeper.control, keeper.init, host, init, status};
    (void)state;
    for (unsigned int i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= 0)
            close(all[i]);
    return 0;
}

static void init_gives_up(void) {
    const struct mxc_message spares = {.kind = MXC_MSG_SPARES},
                             failed = {.kind = MXC_MSG_FAILED, .a = MXC_STAGE_BUILD, .b = OP, .c = ENOENT};
    if (init < 0)
        return;
    assert_int_equal(mxc_message_send(init, &spares, NULL, 0), 0);
    assert_int_equal(mxc_message_send(init, &failed, NULL, 0), 0);
    close(init);
    init = -1;
}

/* What the keeper's poll has seen is a moment old when it acts on it; and it looks at one socket after the other. */
int __wrap_ppoll(struct pollfd *slots, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
int __wrap_ppoll(struct pollfd *slots, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    int in_between = ++polls == gives_up_in_between;
    if (in_between)
        init_gives_up();
    long got = syscall(SYS_ppoll, slots, count, timeout, mask, _NSIG / 8);
    for (nfds_t i = 0; in_between && i < count; i++)
        if (slots[i].fd == keeper.init)
            slots[i].revents = 0;
    if (polls == gives_up_after)
        init_gives_up();
    return (int)got;
}

int __wrap___ppoll_chk(struct pollfd *slots, nfds_t count, const struct timespec *timeout, const sigset_t *mask,
                       size_t size); /* what ppoll is where calls are checked */
int __wrap___ppoll_chk(struct pollfd *slots, nfds_t count, const struct timespec *timeout, const sigset_t *mask,
                       size_t size) {
    (void)size;
    return __wrap_ppoll(slots, count, timeout, mask);
}

static void ask(uint32_t flags) {
    const struct mxc_message request = {.kind = MXC_MSG_SPAWN, .id = COMMAND, .flags = flags};
    int fds[2];
    make_pair(&fds[0], &status);
    fds[1] = memfd_create("block", MFD_CLOEXEC);
    assert_int_equal(mxc_message_send(host, &request, fds, 2), 0);
    close(fds[0]);
    close(fds[1]);
}

static void serve(void) {
    shutdown(host, SHUT_WR); /* so that it ends when it has done all that it was asked */
    mxc_keeper_serve(&keeper);
}

static void expect_what_init_said(void) {
    struct mxc_record record;
    assert_int_equal(recv(status, &record, sizeof record, 0), sizeof record);
    assert_int_equal(record.outcome, MXC_OUTCOME_REFUSED);
    assert_int_equal(record.stage, MXC_STAGE_BUILD);
    assert_int_equal(record.op, OP);
    assert_int_equal(record.sys_errno, ENOENT);
}

static void test_before_the_command_is_handed_over(void **state) {
    (void)state;
    gives_up_after = 1;
    ask(MXC_SPAWN_LAST);
    serve();
    expect_what_init_said();
}

/* The request waits in its socket, with other things that it has not read. */
static void test_with_packets_unread(void **state) {
    const struct mxc_message ghosts = {.kind = MXC_MSG_SYNC};
    (void)state;
    assert_int_equal(mxc_message_send(keeper.init, &ghosts, NULL, 0), 0);
    gives_up_after = 1;
    ask(MXC_SPAWN_LAST);
    serve();
    expect_what_init_said();
}

/* Without namespaces a command that is not the last has a socket of its own to its tender: its end is seen first. */
static void test_the_tender_is_seen_first(void **state) {
    (void)state;
    keeper.apply.plain = 1;
    gives_up_in_between = 2;
    ask(0);
    serve();
    expect_what_init_said();
}

/* A host where building takes long: whoever ends the command meanwhile hears that it was ended, not that it failed. */
static void test_killed_before_it_was_built(void **state) {
    const struct mxc_message kill = {.kind = MXC_MSG_SIGNAL, .id = COMMAND, .a = SIGKILL, .b = 1};
    struct mxc_record record;
    (void)state;
    ask(MXC_SPAWN_LAST);
    assert_int_equal(mxc_message_send(host, &kill, NULL, 0), 0);
    serve();
    mxc_command_abandon(&keeper);
    assert_int_equal(recv(status, &record, sizeof record, 0), sizeof record);
    assert_int_equal(record.outcome, MXC_OUTCOME_ENDED);
    assert_int_equal(record.signal, SIGKILL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_before_the_command_is_handed_over, open_keeper, close_keeper),
        cmocka_unit_test_setup_teardown(test_with_packets_unread, open_keeper, close_keeper),
        cmocka_unit_test_setup_teardown(test_the_tender_is_seen_first, open_keeper, close_keeper),
        cmocka_unit_test_setup_teardown(test_killed_before_it_was_built, open_keeper, close_keeper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
