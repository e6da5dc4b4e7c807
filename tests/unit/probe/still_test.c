/* still_test.c: what mxc_host_still notices of paths that were looked up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ghost.h"
#include "probe/probe.h"

static char ground[64];

static const char *at(const char *name) {
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof *paths, "%s/%s", ground, name);
    return path;
}

static int setup(void **state) {
    (void)state;
    snprintf(ground, sizeof ground, "/tmp/mxc-still-XXXXXX");
    if (!mkdtemp(ground) || mkdir(at("folder"), 0755) || mkdir(at("other"), 0755) || symlink("folder", at("link")))
        return -1;
    FILE *file = fopen(at("folder/file"), "we");
    return file ? fclose(file) : -1;
}

static int teardown(void **state) {
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", ground);
    return system(command);
}

/* 1 when they are still what they were after `change`. */
static int still_after(void (*change)(void)) {
    struct mxc_host host = {.uid = geteuid(), .gid = getegid()};
    static const char *const names[] = {"folder", "folder/file", "link/file", "absent", "folder/absent"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(mxc_host_look(&host, at(names[i]), NULL), MXC_OK);
    assert_int_equal(mxc_host_still(&host), 1);
    change();
    int still = mxc_host_still(&host);
    mxc_host_clear(&host);
    return still;
}

static void nothing(void) {}

static void write_into(void) {
    FILE *file = fopen(at("folder/file"), "we");
    assert_non_null(file);
    fputs("content is no fact", file);
    fclose(file);
}

static void add_a_file(void) { assert_int_equal(mkdir(at("folder/another"), 0755), 0); }
static void change_mode(void) { assert_int_equal(chmod(at("folder/file"), 0600), 0); }
static void remove_it(void) { assert_int_equal(unlink(at("folder/file")), 0); }
static void make_absent(void) { assert_int_equal(mkdir(at("absent"), 0755), 0); }
static void link_absent(void) { assert_int_equal(symlink("other", at("absent")), 0); }
static void hard_link(void) { assert_int_equal(link(at("folder/file"), at("second")), 0); }

static void replace(void) {
    assert_int_equal(rename(at("folder"), at("moved")), 0);
    assert_int_equal(mkdir(at("folder"), 0755), 0);
}

static void replace_by_a_link(void) { /* that leads to the same objects */
    assert_int_equal(rename(at("folder"), at("moved")), 0);
    assert_int_equal(symlink("moved", at("folder")), 0);
}

static void turn_the_link(void) {
    assert_int_equal(unlink(at("link")), 0);
    assert_int_equal(symlink("./folder", at("link")), 0);
}

static void test_unchanged(void **state) {
    (void)state;
    assert_true(still_after(nothing));
    assert_true(still_after(write_into));
    assert_true(still_after(add_a_file));
}

#define CHANGE(name) \
    static void test_##name(void **state) { \
        (void)state; \
        assert_false(still_after(name)); \
    }
CHANGE(change_mode)
CHANGE(remove_it)
CHANGE(make_absent)
CHANGE(link_absent)
CHANGE(hard_link)
CHANGE(replace)
CHANGE(replace_by_a_link)
CHANGE(turn_the_link)

/* As sandboxes hold the places of names that are absent, and let them go. */
static void hold_absent(void) {
    assert_int_equal(mkdir(at("absent"), 0755), 0);
    assert_int_equal(chmod(at("absent"), MXC_GHOST_MODE), 0);
}

static void hold_and_fill_absent(void) {
    hold_absent();
    assert_int_equal(mkdir(at("absent/something"), 0755), 0);
}

CHANGE(hold_and_fill_absent)

static void test_ghosts_are_nothing(void **state) {
    (void)state;
    assert_true(still_after(hold_absent));
    assert_true(still_after(nothing)); /* it was a ghost already */
    struct mxc_host host = {.uid = geteuid(), .gid = getegid()};
    assert_int_equal(mxc_host_look(&host, at("absent"), NULL), MXC_OK);
    assert_false(mxc_path_unheld(mxc_host_path(&host, at("absent"))));
    assert_int_equal(rmdir(at("absent")), 0);
    assert_true(mxc_host_still(&host));
    assert_false(mxc_path_unheld(mxc_host_path(&host, at("absent")))); /* it was held when it was looked at */
    mxc_host_clear(&host);
}

static void test_unheld(void **state) {
    (void)state;
    struct mxc_host host = {.uid = geteuid(), .gid = getegid()};
    assert_int_equal(mxc_host_look(&host, at("absent"), NULL), MXC_OK);
    assert_int_equal(mxc_host_look(&host, at("folder"), NULL), MXC_OK);
    assert_true(mxc_path_unheld(mxc_host_path(&host, at("absent"))));
    assert_true(mxc_path_unheld(mxc_host_path(&host, at("folder"))));
    hold_absent();
    assert_false(mxc_path_unheld(mxc_host_path(&host, at("absent"))));
    mxc_host_clear(&host);
}

static void test_another_caller(void **state) {
    (void)state;
    struct mxc_host host = {.uid = geteuid() + 1, .gid = getegid()};
    assert_false(mxc_host_still(&host));
    host = (struct mxc_host){.uid = geteuid(), .gid = getegid() + 1};
    assert_false(mxc_host_still(&host));
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {CASE(unchanged),      CASE(change_mode),          CASE(remove_it),
                                       CASE(make_absent),    CASE(link_absent),          CASE(hard_link),
                                       CASE(replace),        CASE(replace_by_a_link),    CASE(turn_the_link),
                                       CASE(another_caller), CASE(hold_and_fill_absent), CASE(ghosts_are_nothing),
                                       CASE(unheld)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
