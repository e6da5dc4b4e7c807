/* ghost_test.c: the life of a ghost: made, joined, dropped by the last, and never anything else removed. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ghost.h"
#include "unit/probe/ground.h"

static int folder(void *const *state) {
    int fd = open(ground_path(state, ""), O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static unsigned mode_of(void *const *state, const char *name) {
    struct stat info;
    return lstat(ground_path(state, name), &info) == 0 ? info.st_mode : 0;
}

static void drop(int parent, const char *name, int fd) {
    mxc_ghost_drop(parent, name, fd);
    close(fd);
}

static void last_one_removes(void **state) {
    int parent = folder(state);
    int one = mxc_ghost_take(parent, "g"), two = mxc_ghost_take(parent, "g");
    assert_true(one >= 0 && two >= 0);
    assert_int_equal(mode_of(state, "g") & 01777, MXC_GHOST_MODE & ~umask(umask(0)));
    drop(parent, "g", one);
    assert_true(S_ISDIR(mode_of(state, "g")));
    assert_int_equal(mxc_ghost_sweep(parent, "g"), 1); /* somebody uses it */
    drop(parent, "g", two);
    assert_int_equal(mode_of(state, "g"), 0);
    close(parent);
}

static void only_the_last_has_it_alone(void **state) {
    int parent = folder(state);
    int one = mxc_ghost_take(parent, "g"), two = mxc_ghost_take(parent, "g");
    assert_int_equal(mxc_ghost_is_ours_alone(one), 0);
    assert_int_equal(mxc_ghost_is_ours_alone(two), 1); /* the other one has let it go by asking */
    int three = mxc_ghost_take(parent, "g");           /* and nobody is kept out by the answer */
    assert_true(three >= 0);
    drop(parent, "g", two);
    drop(parent, "g", one);
    assert_true(S_ISDIR(mode_of(state, "g")));
    drop(parent, "g", three);
    assert_int_equal(mode_of(state, "g"), 0);
    close(parent);
}

static void filled_one_stays(void **state) {
    int parent = folder(state);
    int fd = mxc_ghost_take(parent, "g");
    ground_file(state, "g/mine", "x");
    drop(parent, "g", fd);
    assert_int_equal(mode_of(state, "g") & S_ISVTX, 0);
    assert_true(S_ISREG(mode_of(state, "g/mine")));
    assert_int_equal(mxc_ghost_take(parent, "g"), -ESTALE); /* an ordinary folder now */
    close(parent);
}

static void other_things_stay(void **state) {
    static const char *const names[] = {"folder", "file", "link"};
    int parent = folder(state);
    ground_folder(state, "folder");
    ground_file(state, "file", "x");
    ground_link(state, "link", "folder");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsigned before = mode_of(state, names[i]);
        assert_int_equal(mxc_ghost_take(parent, names[i]), -ESTALE);
        assert_int_equal(mxc_ghost_sweep(parent, names[i]), 0);
        assert_int_equal(mode_of(state, names[i]), before);
    }
    close(parent);
}

static void replaced_one_stays(void **state) {
    int parent = folder(state);
    int fd = mxc_ghost_take(parent, "g");
    assert_int_equal(rmdir(ground_path(state, "g")), 0);
    ground_folder(state, "g");
    drop(parent, "g", fd);
    assert_true(S_ISDIR(mode_of(state, "g"))); /* another one, and no ghost */
    close(parent);
}

static void left_over_is_swept_and_joined(void **state) {
    int parent = folder(state);
    close(mxc_ghost_take(parent, "g")); /* as a process that was killed */
    int fd = mxc_ghost_take(parent, "g");
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(mxc_ghost_sweep(parent, "g"), 0);
    assert_int_equal(mode_of(state, "g"), 0);
    close(parent);
}

static void being_removed_is_waited_for(void **state) {
    int parent = folder(state);
    int fd = mxc_ghost_take(parent, "g");
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(mxc_ghost_take(parent, "g"), -EAGAIN);
    close(fd);
    close(parent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(last_one_removes, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(only_the_last_has_it_alone, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(filled_one_stays, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(other_things_stay, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(replaced_one_stays, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(left_over_is_swept_and_joined, ground_make, ground_remove),
        cmocka_unit_test_setup_teardown(being_removed_is_waited_for, ground_make, ground_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
