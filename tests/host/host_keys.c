/* host_keys.c: a user may have 200 kernel keys and no more; sandboxes need hardly any, and take no keyring over that
 * somebody else has made. As root an ordinary user is tried in its place. */
#define _GNU_SOURCE
#include <grp.h>
#include <linux/keyctl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "mxc/mxc.h"

#define ORDINARY 23457 /* a user of its own: other tests count their keys too */
#define SANDBOXES 48
#define MOST_KEYS 8
#define SHARED "mxc-empty"
#define UNSHARED "3f030000" /* of a new session keyring */

static long keyctl(int operation, long a, long b, long c) { return syscall(SYS_keyctl, operation, a, b, c); }

static void check(mxc_status status, mxc_error *err) {
    if (status != MXC_OK)
        fail_msg("%s (%s)", mxc_error_message(err), mxc_error_hint(err));
}

/* Those that count for the quota, of the caller's user. */
static int keys(void) {
    char line[128];
    unsigned int uid;
    int count = 0, found = 0;
    FILE *users = fopen("/proc/key-users", "re");
    while (users && fgets(line, sizeof line, users))
        if (sscanf(line, "%u: %*d %*s %d", &uid, &count) == 2 && uid == getuid())
            found = count;
    if (users)
        fclose(users);
    return found;
}

struct serials {
    unsigned of[256], count;
};

/* Keyrings of the caller's user with that name and these permissions. */
static struct serials keyrings(const char *name, const char *permissions) {
    struct serials list = {.count = 0};
    char line[256], found[16], called[64];
    unsigned serial, uid;
    FILE *all = fopen("/proc/keys", "re");
    while (all && fgets(line, sizeof line, all) && list.count < 256)
        if (sscanf(line, "%x %*s %*s %*s %15s %u %*s keyring %63[^:]", &serial, found, &uid, called) == 4 &&
            uid == getuid() && strcmp(called, name) == 0 && strcmp(found, permissions) == 0)
            list.of[list.count++] = serial;
    if (all)
        fclose(all);
    return list;
}

/* How many there are now that were not there then. */
static unsigned made_since(const struct serials *then, const struct serials *now) {
    unsigned count = 0;
    for (unsigned i = 0; i < now->count; i++) {
        unsigned at = 0;
        while (at < then->count && then->of[at] != now->of[i])
            at++;
        count += at == then->count;
    }
    return count;
}

static void open_all(mxc_sandbox **sandboxes, unsigned count) {
    mxc_policy *policy = NULL;
    mxc_error *err = NULL;
    check(mxc_policy_preset(&policy, "strict", NULL, &err), err);
    for (unsigned i = 0; i < count; i++)
        check(mxc_sandbox_open(&sandboxes[i], policy, NULL, &err), err);
    mxc_policy_free(policy);
}

static void close_all(mxc_sandbox **sandboxes, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        mxc_sandbox_free(sandboxes[i]);
}

/* The kernel charges a session keyring to who has one already. */
static int setup(void **state) {
    (void)state;
    if (geteuid() == 0 && (setgroups(0, NULL) || setresgid(ORDINARY, ORDINARY, ORDINARY) ||
                           setresuid(ORDINARY, ORDINARY, ORDINARY) || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)))
        return -1;
    return keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0) < 0 ? -1 : 0;
}

static void many_share_one(void **state) {
    (void)state;
    mxc_sandbox *sandboxes[SANDBOXES];
    int before = keys();
    open_all(sandboxes, SANDBOXES);
    assert_true(keys() - before <= MOST_KEYS);
    assert_true(keyrings(SHARED, "0b0b0000").count >= 1);
    close_all(sandboxes, SANDBOXES);
}

/* One of that name which others can join, and write to. Those of ended sandboxes go a while later. */
static long plant(void) {
    for (int i = 0; i < 100; i++, usleep(100000)) {
        long planted = keyctl(KEYCTL_JOIN_SESSION_KEYRING, (long)SHARED, 0, 0);
        if (planted > 0 && keyctl(KEYCTL_SETPERM, planted, 0x1f1f0000, 0) == 0)
            return planted;
        assert_true(keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0) > 0);
    }
    return -1;
}

static void a_planted_one_is_left_out(void **state) {
    (void)state;
    mxc_sandbox *sandbox = NULL;
    long planted = plant();
    assert_true(planted > 0);
    assert_true(syscall(SYS_add_key, "user", "mxc-planted", "secret", 6, planted) > 0);
    assert_int_equal(keyrings(SHARED, "1f1f0000").count, 1);
    struct serials before = keyrings("_ses", UNSHARED);
    open_all(&sandbox, 1);
    struct serials after = keyrings("_ses", UNSHARED);
    assert_int_equal(made_since(&before, &after), 1); /* one of its own */
    close_all(&sandbox, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_share_one), cmocka_unit_test(a_planted_one_is_left_out)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
