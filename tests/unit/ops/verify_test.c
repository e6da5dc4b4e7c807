/* verify_test.c: what init reads back from the kernel, one thing wrong at a time: each must be found and named. The
 * kernel's answers are ours: /proc/self/status, /proc/self/mountinfo and the ids. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "ops/ops.h"
#include "plan/builder.h"
#include "plan/channel.h"

static const char good_status[] = "Name:\tx\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
                                  "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\n"
                                  "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n";
static const char good_mounts[] = "1 0 0:1 / / ro,nosuid,nodev,relatime - tmpfs none rw\n"
                                  "2 1 0:2 / /usr ro,nosuid,nodev - ext4 /dev/x rw\n"
                                  "3 1 0:2 /w /w rw,nosuid,nodev - ext4 /dev/x rw\n"
                                  "4 1 0:3 / /tmp rw,nosuid,nodev - tmpfs none rw\n"
                                  "5 1 0:4 / /proc ro,nosuid,nodev,noexec - proc none rw\n"
                                  "6 5 0:1 /x /proc/keys ro,nosuid,nodev,noexec - tmpfs none rw\n"
                                  "7 1 0:5 /null /dev/null rw,nosuid,noexec - devtmpfs none rw\n"
                                  "8 1 0:6 / /dev/pts rw,nosuid,noexec - devpts none rw\n";

static char status[1024], mounts[2048];
static pid_t pid;
static uid_t uid, euid;
static gid_t gid;

long __wrap_mxc_file_read(int dir, const char *path, char *data, size_t size);
pid_t __wrap_getpid(void);
uid_t __wrap_getuid(void);
uid_t __wrap_geteuid(void);
gid_t __wrap_getgid(void);

long __wrap_mxc_file_read(int dir, const char *path, char *data, size_t size) {
    (void)dir;
    snprintf(data, size, "%s", strstr(path, "mountinfo") ? mounts : status);
    return (long)strlen(data);
}

pid_t __wrap_getpid(void) { return pid; }
uid_t __wrap_getuid(void) { return uid; }
uid_t __wrap_geteuid(void) { return euid; }
gid_t __wrap_getgid(void) { return gid; }

static int own_network;
int mxc_network_is_new(const struct mxc_apply *apply) {
    (void)apply;
    return own_network;
}

static void *make_plan(struct mxc_plan_view *view) {
    struct mxc_plan plan = {0};
    size_t length;
    MXC_PLAN_ADD(&plan, MXC_OP_ROOT, .a = 4096, .b = 16);
    MXC_PLAN_ADD(&plan, MXC_OP_BIND, .text = "/usr", .text2 = "/usr", .a = MXC_BIND_READONLY, .d = MXC_OBJECT_FOLDER);
    MXC_PLAN_ADD(&plan, MXC_OP_BIND, .text = "/w", .text2 = "/w", .d = MXC_OBJECT_FOLDER);
    MXC_PLAN_ADD(&plan, MXC_OP_TMPFS, .text = "/tmp", .a = 4096, .b = 16, .c = 01777);
    MXC_PLAN_ADD(&plan, MXC_OP_PROC, .text = "/proc");
    MXC_PLAN_ADD(&plan, MXC_OP_DEVICE, .text = "/dev/null", .text2 = "/dev/null", .a = 1, .b = 3);
    MXC_PLAN_ADD(&plan, MXC_OP_DEVPTS, .text = "/dev/pts");
    MXC_PLAN_ADD(&plan, MXC_OP_MASK, .text = "/proc/keys", .a = MXC_OBJECT_FILE, .b = 1);
    MXC_PLAN_ADD(&plan, MXC_OP_SECCOMP, .blob = "12345678", .blob_length = 8);
    void *bytes = mxc_plan_encode(&plan, &length);
    assert_int_equal(mxc_plan_view(view, bytes, length), 0);
    mxc_plan_clear(&plan);
    return bytes;
}

/* 0, or what verification names. */
static uint32_t verdict(void) {
    struct mxc_plan_view view;
    struct mxc_apply apply = {.plan = &view};
    void *bytes = make_plan(&view);
    int result = mxc_op_verify(&apply, view.ops);
    mxc_free(bytes);
    assert_int_equal(result, apply.detail ? -EPERM : 0);
    return apply.detail;
}

static void all_good(void) {
    strcpy(status, good_status); /* NOLINT: sizes are fixed above */
    strcpy(mounts, good_mounts); /* NOLINT */
    own_network = 1;
    pid = 1;
    uid = euid = gid = 1000;
}

/* The first `from` in a text becomes `to`. */
static void edit(char *text, const char *from, const char *to) {
    char rest[2048];
    char *at = strstr(text, from);
    assert_non_null(at);
    snprintf(rest, sizeof rest, "%s", at + strlen(from));
    sprintf(at, "%s%s", to, rest); /* NOLINT: one option more or less */
}

static void expect(char *text, const char *from, const char *to, uint32_t check) {
    all_good();
    edit(text, from, to);
    if (verdict() != check)
        fail_msg("\"%s\" in the place of \"%s\" was not named %u", to, from, check);
}

static void test_good(void **state) {
    (void)state;
    all_good();
    assert_int_equal(verdict(), 0);
}

static void test_process(void **state) {
    static const char *const sets[] = {"CapInh:\t0", "CapPrm:\t0", "CapEff:\t0", "CapBnd:\t0", "CapAmb:\t0"};
    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        char one[16];
        snprintf(one, sizeof one, "%.8s1", sets[i]);
        expect(status, sets[i], one, MXC_CHECK_CAPABILITIES);
        expect(status, sets[i], "X:\t", MXC_CHECK_CAPABILITIES);
    }
    expect(status, "NoNewPrivs:\t1", "NoNewPrivs:\t0", MXC_CHECK_NO_NEW_PRIVS);
    expect(status, "NoNewPrivs:\t1\n", "", MXC_CHECK_NO_NEW_PRIVS);
    expect(status, "Seccomp:\t2", "Seccomp:\t0", MXC_CHECK_SECCOMP);
    expect(status, "Seccomp:\t2\n", "", MXC_CHECK_SECCOMP);
}

static void test_network(void **state) {
    (void)state;
    all_good(), own_network = 0;
    assert_int_equal(verdict(), MXC_CHECK_NAMESPACES);
}

static void test_ids(void **state) {
    (void)state;
    all_good(), pid = 2;
    assert_int_equal(verdict(), MXC_CHECK_IDS);
    all_good(), uid = euid = 0;
    assert_int_equal(verdict(), MXC_CHECK_IDS);
    all_good(), euid = 0;
    assert_int_equal(verdict(), MXC_CHECK_IDS);
    all_good(), gid = 0;
    assert_int_equal(verdict(), MXC_CHECK_IDS);
}

static void test_mounts(void **state) {
    static const char *const wrong[][2] = {
        {"/ / ro,nosuid", "/ / rw,nosuid"},
        {"/ / ro,nosuid,nodev", "/ / ro,nodev"},
        {"/ / ro,nosuid,nodev", "/ / ro,nosuid"},
        {"/usr ro,nosuid", "/usr rw,nosuid"},
        {"/usr ro,nosuid,nodev", "/usr ro,nodev"},
        {"/usr ro,nosuid,nodev", "/usr ro,nosuid"},
        {"/w rw,nosuid,nodev", "/w rw,nodev"},
        {"/w rw,nosuid,nodev", "/w rw,nosuid"},
        {"/tmp rw,nosuid,nodev", "/tmp rw,nodev"},
        {"/tmp rw,nosuid,nodev", "/tmp rw,nosuid"},
        {"/proc ro,", "/proc rw,"},
        {"/proc/keys ro,", "/proc/keys rw,"},
        {"/dev/null rw,nosuid", "/dev/null rw"},
        {"/dev/pts rw,nosuid", "/dev/pts rw"},
        {"/usr ro,nosuid", "/usr ro,nosuidx"},
        {"0:2 / /usr ro,nosuid,nodev - ext4 /dev/x rw", "0:2 / /usr"},
        {"8 1 0:6", "9 2 0:9 / /usr/below rw,nosuid,nodev - tmpfs none rw\n8 1 0:6"},
        {"8 1 0:6", "9 2 0:9 / /w/below rw,nodev - tmpfs none rw\n8 1 0:6"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect(mounts, wrong[i][0], wrong[i][1], MXC_CHECK_MOUNT_FLAGS);
    all_good(), *mounts = 0;
    assert_int_equal(verdict(), MXC_CHECK_MOUNT_FLAGS);
    all_good(), mounts[strlen(mounts) - 1] = 0;
    assert_int_equal(verdict(), MXC_CHECK_MOUNT_FLAGS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_process),
                                       cmocka_unit_test(test_network), cmocka_unit_test(test_ids),
                                       cmocka_unit_test(test_mounts)};
    return cmocka_run_group_tests_name("ops_verify", tests, NULL, NULL);
}
