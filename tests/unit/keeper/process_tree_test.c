/* process_tree_test.c: who descends from whom, found both ways, and signals to exactly those. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants some of these first */
#include <cmocka.h>

#include "keeper/process_tree.h"

#define MANY 900 /* children: their numbers do not fit into the room for one look */

static int proc;

/* A child that has two children, the second in a session of its own; returns when all are there. */
static pid_t start_family(void) {
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 2; i++)
            if (fork() == 0) {
                if (i)
                    setsid();
                (void)!write(ready[1], "x", 1);
                pause();
                _exit(0);
            }
        pause();
        _exit(0);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static unsigned int ours_in(const struct mxc_tree_process *list, unsigned int count) {
    unsigned int ours = 0;
    for (unsigned int i = 0; i < count; i++)
        ours += list[i].ours != 0;
    return ours;
}

static void end_family(void) {
    while (waitpid(-1, NULL, WNOHANG) >= 0) {
        mxc_process_tree_signal(proc, getpid(), NULL, SIGKILL); /* again: what became an orphan in between */
        usleep(1000);
    }
}

static void both_ways_find_the_same(void **state) {
    (void)state;
    const struct mxc_tree_process *list;
    pid_t child = start_family();
    assert_int_equal(mxc_process_parent(proc, child), getpid());
    unsigned int all = mxc_process_tree(proc, getpid(), NULL, &list);
    assert_true(all > 3); /* the others of the host are in the table, and not ours */
    assert_int_equal(ours_in(list, all), 3);
    assert_int_equal(ours_in(list, mxc_process_tree(proc, child, NULL, &list)), 2);
    unsigned int below = mxc_process_descendants(proc, getpid(), &list);
    assert_int_equal(ours_in(list, below), 3);
    assert_int_equal(mxc_process_tree_signal(proc, getpid(), NULL, SIGKILL), 3);
    end_family();
    assert_int_equal(mxc_process_parent(proc, child), 0);
}

static void excepted_children_do_not_count(void **state) {
    (void)state;
    const struct mxc_tree_process *list;
    pid_t first = start_family(), second = start_family();
    const struct mxc_except except = {.pid = {second}, .count = 1};
    assert_int_equal(ours_in(list, mxc_process_tree(proc, getpid(), &except, &list)), 3);
    assert_int_equal(mxc_process_tree_signal(proc, getpid(), &except, SIGKILL), 3);
    assert_int_equal(waitpid(first, NULL, 0), first);
    assert_int_equal(waitpid(second, NULL, WNOHANG), 0);
    assert_int_equal(ours_in(list, mxc_process_tree(proc, second, NULL, &list)), 2);
    end_family();
}

static void signals_reach_descendants_only(void **state) {
    (void)state;
    const struct mxc_tree_process *list;
    pid_t first = start_family(), second = start_family();
    assert_int_equal(mxc_process_tree_signal(proc, first, NULL, SIGKILL), 2);
    assert_int_equal(mxc_process_parent(proc, first), getpid()); /* itself is not below itself */
    assert_int_equal(ours_in(list, mxc_process_tree(proc, second, NULL, &list)), 2);
    mxc_process_tree_signal(proc, getpid(), NULL, SIGKILL);
    end_family();
}

/* Whoever loses its parent comes to the subreaper and is found there. */
static void orphans_are_found(void **state) {
    (void)state;
    const struct mxc_tree_process *list;
    pid_t child = start_family();
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(ours_in(list, mxc_process_tree(proc, getpid(), NULL, &list)), 2);
    assert_int_equal(mxc_process_tree_signal(proc, getpid(), NULL, SIGKILL), 2);
    end_family();
}

static void all_children_end(void) {
    int children = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    assert_true(children >= 0);
    mxc_process_children_end(children);
    close(children);
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

/* More than one look lists, and families below some of them. */
static void children_end_with_all_below(void **state) {
    (void)state;
    for (int i = 0; i < MANY; i++)
        if (fork() == 0) {
            pause();
            _exit(0);
        }
    (void)start_family(), (void)start_family();
    all_children_end();
}

/* Each has a child and is gone: whoever is looked for is somebody else by then. */
static void processes_that_change_places_end(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        while (child == 0) {
            child = fork();
            if (child != 0)
                _exit(0);
        }
    }
    usleep(5000);
    all_children_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_find_the_same),        cmocka_unit_test(excepted_children_do_not_count),
        cmocka_unit_test(signals_reach_descendants_only), cmocka_unit_test(orphans_are_found),
        cmocka_unit_test(children_end_with_all_below),    cmocka_unit_test(processes_that_change_places_end),
    };
    proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        return 1;
    return cmocka_run_group_tests_name("process tree", tests, NULL, NULL);
}
