/* cgroups_test.c: the places for control groups, from texts of /proc as other hosts have them. The mount points are
 * folders of the test, so that what is writable can be chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "plan/plan.h"
#include "probe/internal.h"
#include "unit/probe/ground.h"

static struct mxc_host host;

/* `mounts` has %s where the test's folder is meant (up to four times). */
static void probe(void *const *state, const char *own, const char *mounts) {
    char text[8192];
    const char *at = *state;
    mxc_host_clear(&host);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof text, mounts, at, at, at, at);
#pragma GCC diagnostic pop
    assert_int_equal(mxc_probe_cgroups(&host, own, text), 0);
}

static void expect(void *const *state, size_t at, int controller, int version, const char *folder, int writable) {
    assert_in_range(at + 1, 1, host.cgroup_count);
    assert_int_equal(host.cgroups[at].controller, controller);
    assert_int_equal(host.cgroups[at].version, version);
    assert_string_equal(host.cgroups[at].folder, ground_path(state, folder));
    assert_int_equal(host.cgroups[at].writable, writable);
}

static void version_1_with_joined_controllers(void **state) {
    ground_folder(state, "memory");
    ground_folder(state, "memory/job");
    ground_folder(state, "cpu,cpuacct");
    ground_folder(state, "pids");
    probe(state, "5:cpu,cpuacct:/\n4:memory:/job\n3:pids:/\n1:name=systemd:/\n0::/\n",
          "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
          "32 31 0:29 / %s/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
          "35 31 0:32 / %s/memory rw,relatime - cgroup cgroup rw,memory\n"
          "39 31 0:36 / %s/pids rw,relatime master:3 - cgroup cgroup rw,pids\n"
          "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n");
    assert_int_equal(host.cgroup_v1, 1);
    assert_int_equal(host.cgroup_v2, 0);
    assert_int_equal(host.cgroup_count, 4);
    expect(state, 0, MXC_CGROUP_CPU, 1, "cpu,cpuacct", 1);
    expect(state, 1, MXC_CGROUP_CPUACCT, 1, "cpu,cpuacct", 1);
    expect(state, 2, MXC_CGROUP_MEMORY, 1, "memory/job", 1);
    expect(state, 3, MXC_CGROUP_PIDS, 1, "pids", 1);
}

static void hybrid_with_empty_version_2(void **state) {
    ground_folder(state, "memory");
    ground_folder(state, "unified");
    ground_file(state, "unified/cgroup.subtree_control", "hugetlb\n");
    ground_file(state, "unified/cgroup.procs", "");
    probe(state, "4:memory:/\n0::/\n",
          "35 31 0:32 / %s/memory rw - cgroup cgroup rw,memory\n"
          "41 31 0:38 / %s/unified rw - cgroup2 cgroup2 rw\n");
    assert_int_equal(host.cgroup_v1 && host.cgroup_v2, 1);
    assert_int_equal(host.cgroup_count, 1);
    expect(state, 0, MXC_CGROUP_MEMORY, 1, "memory", 1);
}

static void make_version_2(void **state) {
    ground_folder(state, "user.slice");
    ground_folder(state, "user.slice/app.slice");
    ground_folder(state, "user.slice/app.slice/x.scope");
    ground_file(state, "cgroup.subtree_control", "cpuset cpu io memory pids\n");
    ground_file(state, "cgroup.procs", "");
    ground_file(state, "user.slice/cgroup.subtree_control", "memory pids\n");
    ground_file(state, "user.slice/cgroup.procs", "");
    ground_file(state, "user.slice/app.slice/cgroup.subtree_control", "cpuset\n");
    ground_file(state, "user.slice/app.slice/x.scope/cgroup.subtree_control", "\n");
}

static const char version_2_mount[] = "27 23 0:24 / %s rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";

static void version_2_nearest_that_hands_down(void **state) {
    make_version_2(state);
    probe(state, "0::/user.slice/app.slice/x.scope\n", version_2_mount);
    assert_int_equal(host.cgroup_count, 3); /* memory and pids, not cpu */
    expect(state, 0, MXC_CGROUP_MEMORY, 2, "user.slice", 1);
    expect(state, 1, MXC_CGROUP_PIDS, 2, "user.slice", 1);
    expect(state, 2, MXC_CGROUP_UNIFIED, 2, "user.slice", 1);
    probe(state, "0::/\n", version_2_mount);
    assert_int_equal(host.cgroup_count, 4);
    expect(state, 2, MXC_CGROUP_CPU, 2, "", 1);
    expect(state, 3, MXC_CGROUP_UNIFIED, 2, "", 1);
}

static void version_2_of_somebody_else(void **state) {
    if (geteuid() != 0)
        skip();
    make_version_2(state);
    assert_int_equal(chmod(ground_path(state, ""), 0755), 0);
    assert_int_equal(chown(ground_path(state, "user.slice"), 23456, 23456), 0);
    assert_int_equal(syscall(SYS_setresuid, 23456, 23456, 0), 0);
    probe(state, "0::/user.slice/app.slice\n", version_2_mount);
    assert_int_equal(syscall(SYS_setresuid, 0, 0, 0), 0);
    /* the folder is ours, but the processes above the new group are not ours to move */
    expect(state, 2, MXC_CGROUP_UNIFIED, 2, "user.slice", 0);
    assert_int_equal(chown(ground_path(state, "user.slice/cgroup.procs"), 23456, 23456), 0);
    assert_int_equal(syscall(SYS_setresuid, 23456, 23456, 0), 0);
    probe(state, "0::/user.slice/app.slice\n", version_2_mount);
    assert_int_equal(syscall(SYS_setresuid, 0, 0, 0), 0);
    expect(state, 2, MXC_CGROUP_UNIFIED, 2, "user.slice", 1);
}

static void mounts_that_show_a_part(void **state) {
    ground_folder(state, "memory");
    ground_folder(state, "memory/below");
    ground_folder(state, "with space");
    /* a container that sees its own group as the top of the mount */
    probe(state, "4:memory:/docker/abc/below\n", "35 31 0:32 /docker/abc %s/memory rw - cgroup cgroup rw,memory\n");
    expect(state, 0, MXC_CGROUP_MEMORY, 1, "memory/below", 1);
    /* names that only begin alike are not below */
    probe(state, "4:memory:/docker/abcdef\n", "35 31 0:32 /docker/abc %s/memory rw - cgroup cgroup rw,memory\n");
    expect(state, 0, MXC_CGROUP_MEMORY, 1, "memory", 1);
    /* outside of our cgroup namespace: no name leads there */
    probe(state, "4:memory:/../other\n", "35 31 0:32 / %s/memory rw - cgroup cgroup rw,memory\n");
    assert_int_equal(host.cgroup_count, 0);
    probe(state, "4:memory:/\n", "35 31 0:32 /../.. %s/memory rw - cgroup cgroup rw,memory\n");
    assert_int_equal(host.cgroup_count, 0);
    probe(state, "4:memory:/\n", "35 31 0:32 / %s/with\\040space rw - cgroup cgroup rw,memory\n");
    expect(state, 0, MXC_CGROUP_MEMORY, 1, "with space", 1);
}

static void missing_and_broken_texts(void **state) {
    static const char *const mounts[] = {"",
                                         "\n",
                                         "nonsense",
                                         "35 31 0:32 / /x",
                                         "1 2 3 / /x rw - cgroup",
                                         "35 31 0:32 / /none rw - cgroup cgroup rw,memory"};
    static const char *const own[] = {"", "\n\n", ":", "4:memory", "4:memory:/", "0::"};
    (void)state;
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts * 6; i++) {
        mxc_host_clear(&host);
        assert_int_equal(mxc_probe_cgroups(&host, own[i % 6], mounts[i / 6]), 0);
        for (size_t k = 0; k < host.cgroup_count; k++)
            assert_int_equal(host.cgroups[k].writable, 0);
    }
}

static void out_of_memory(void **state) {
    char text[512];
    make_version_2(state);
    snprintf(text, sizeof text, "27 23 0:24 / %s rw - cgroup2 cgroup2 rw\n", (const char *)*state);
    unsigned long n = 0;
    int result;
    do {
        mxc_host_clear(&host);
        mxc_alloc_fail_at(++n);
        result = mxc_probe_cgroups(&host, "0::/\n", text);
        mxc_alloc_fail_at(0);
    } while (result != 0);
    assert_true(n > 4);
}

static int ground_and_host_remove(void **state) {
    mxc_host_clear(&host);
    return ground_remove(state);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, ground_make, ground_and_host_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(version_1_with_joined_controllers),
        CASE(hybrid_with_empty_version_2),
        CASE(version_2_nearest_that_hands_down),
        CASE(version_2_of_somebody_else),
        CASE(mounts_that_show_a_part),
        CASE(missing_and_broken_texts),
        CASE(out_of_memory),
    };
    return cmocka_run_group_tests_name("probe_cgroups", tests, NULL, NULL);
}
