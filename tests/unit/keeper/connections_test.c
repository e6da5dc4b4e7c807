/* connections_test.c: which connections a record has, and that those it has not are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/keeper.h"
#include "mxc/mxc.h"

#define NEWEST MXC_RECORD_MAX_CONNECTIONS

static struct mxc_connection_log connections;
static struct mxc_connection_entry out[MXC_RECORD_MAX_CONNECTIONS];

static int begin(void **state) {
    (void)state;
    memset(&connections, 0, sizeof connections);
    return 0;
}

static uint64_t note(uint32_t id, int outcome, uint32_t times) {
    struct mxc_connection_entry entry = {.id = id, .outcome = (uint8_t)outcome, .times = times, .port = 443};
    snprintf(entry.name, sizeof entry.name, "name%u.test", id);
    return mxc_connections_note(&connections, &entry);
}

/* How many had to make room that had changed after `from`. */
static uint32_t note_closed(uint32_t first, uint32_t count, uint64_t from) {
    uint32_t lost = 0;
    for (uint32_t i = 0; i < count; i++)
        lost += note(first + i, MXC_CONNECTION_CLOSED, 1) > from;
    return lost;
}

static void each_is_kept_or_counted(void **state) {
    uint32_t dropped = 0;
    (void)state;
    uint32_t lost = note_closed(1, 1000, 0);
    assert_int_equal(lost, 1000 - MXC_MAX_LOGGED);
    assert_int_equal(mxc_connections_since(&connections, 0, 0, out, &dropped), NEWEST);
    assert_int_equal(dropped + lost + NEWEST, 1000);
    for (uint32_t i = 0; i < NEWEST; i++)
        assert_int_equal(out[i].id, 1000 - NEWEST + 1 + i); /* the newest, in their order */
}

/* A later command counts what was lost of its own, not what others had before. */
static void later_command(void **state) {
    uint32_t dropped = 0;
    (void)state;
    note_closed(1, 200, 0);
    uint64_t from = connections.changes;
    uint32_t lost = note_closed(201, 300, from);
    assert_int_equal(lost, 300 - MXC_MAX_LOGGED);
    uint32_t kept = mxc_connections_since(&connections, from, 0, out, &dropped);
    assert_int_equal(kept + dropped + lost, 300);
}

/* One that is open stays for its end; and when all are open, the oldest goes and is not heard of again. */
static void open_ones_stay(void **state) {
    uint32_t dropped = 0;
    (void)state;
    note(1, MXC_CONNECTION_OPEN, 1);
    note_closed(2, 600, 0);
    assert_int_equal(note(1, MXC_CONNECTION_CLOSED, 0), 0);
    assert_int_equal(mxc_connections_since(&connections, connections.changes - 1, 0, out, &dropped), 1);
    assert_int_equal(out[0].id, 1);
    assert_int_equal(out[0].times, 1);
    assert_int_equal(out[0].outcome, MXC_CONNECTION_CLOSED);
    begin(NULL);
    uint32_t lost = 0, count = MXC_MAX_LOGGED + 50;
    for (uint32_t i = 1; i <= count; i++)
        lost += note(i, MXC_CONNECTION_OPEN, 1) > 0;
    assert_int_equal(lost, 50);
    for (uint32_t i = 1; i <= count; i++)
        assert_int_equal(note(i, MXC_CONNECTION_CLOSED, 0), 0);
    assert_int_equal(mxc_connections_since(&connections, 0, 0, out, &dropped) + dropped + lost, count);
}

static void equal_refusals_are_one(void **state) {
    struct mxc_connection_entry entry = {.id = 1, .outcome = MXC_CONNECTION_DENIED, .times = 1, .port = 22};
    uint32_t dropped = 0;
    (void)state;
    for (entry.id = 1; entry.id <= 5; entry.id++)
        assert_int_equal(mxc_connections_note(&connections, &entry), 0);
    entry.port = 23;
    mxc_connections_note(&connections, &entry);
    assert_int_equal(mxc_connections_since(&connections, 0, 0, out, &dropped), 2);
    assert_int_equal(out[0].times, 5);
    assert_int_equal(out[1].times, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_is_kept_or_counted, begin), cmocka_unit_test_setup(later_command, begin),
        cmocka_unit_test_setup(open_ones_stay, begin), cmocka_unit_test_setup(equal_refusals_are_one, begin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
