/* paths_test.c: what mxc_host_look says of paths; each case with openat2 and, in a child, without it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "probe/probe.h"
#include "unit/probe/ground.h"

static const struct mxc_path_fact *look(struct mxc_host *host, const char *path) {
    assert_int_equal(mxc_host_look(host, path, NULL), MXC_OK);
    const struct mxc_path_fact *fact = mxc_host_path(host, path);
    assert_non_null(fact);
    assert_string_equal(fact->path, path);
    return fact;
}

static void expect_link(const struct mxc_path_fact *fact, size_t at, const char *path, const char *target) {
    assert_in_range(at + 1, 1, fact->via_count);
    assert_string_equal(fact->via[at].path, path);
    assert_string_equal(fact->via[at].target, target);
}

static void plain_objects(void **state) {
    struct mxc_host host = {0};
    struct stat st;
    ground_folder(state, "folder");
    ground_file(state, "folder/file", "x");
    assert_int_equal(link(ground_path(state, "folder/file"), ground_path(state, "folder/second")), 0);
    const struct mxc_path_fact *fact = look(&host, ground_path(state, "folder/file"));
    assert_string_equal(fact->real, fact->path);
    assert_int_equal(fact->via_count, 0);
    assert_int_equal(stat(fact->path, &st), 0);
    assert_int_equal(fact->type, S_IFREG);
    assert_int_equal(fact->mode, st.st_mode & 07777);
    assert_int_equal(fact->owner, geteuid());
    assert_int_equal(fact->dev, st.st_dev);
    assert_int_equal(fact->ino, st.st_ino);
    assert_int_equal(fact->links, 2);
    assert_true(fact->readable && fact->writable);
    assert_int_equal(look(&host, ground_path(state, "folder"))->type, S_IFDIR);
    fact = look(&host, "/");
    assert_string_equal(fact->real, "/");
    assert_int_equal(fact->type, S_IFDIR);
    mxc_host_clear(&host);
}

static void missing_objects(void **state) {
    struct mxc_host host = {0};
    char long_name[NAME_MAX + 8], long_path[PATH_MAX + 8];
    memset(long_path, 'a', sizeof long_path);
    long_path[0] = '/', long_path[sizeof long_path - 1] = 0;
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = 0;
    ground_file(state, "file", "x");
    ground_link(state, "dangling", "nowhere");
    const struct {
        const char *path;
        int error;
    } cases[] = {{ground_path(state, "none"), ENOENT},
                 {ground_path(state, "none/below"), ENOENT},
                 {ground_path(state, "file/below"), ENOTDIR},
                 {ground_path(state, "dangling"), ENOENT},
                 {long_path, ENAMETOOLONG},
                 {"relative", EINVAL},
                 {"", EINVAL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct mxc_path_fact *fact = look(&host, cases[i].path);
        assert_null(fact->real);
        assert_int_equal(fact->sys_errno, cases[i].error);
        assert_int_equal(fact->type, 0);
    }
    assert_int_equal(look(&host, ground_path(state, long_name))->sys_errno, ENAMETOOLONG);
    assert_int_equal(host.path_count, 8);
    mxc_host_clear(&host);
}

static void links_are_remembered(void **state) {
    struct mxc_host host = {0};
    char absolute[PATH_MAX];
    ground_folder(state, "real");
    ground_folder(state, "real/deep");
    ground_file(state, "real/deep/file", "x");
    ground_link(state, "one", "real");
    ground_link(state, "real/deep/up", "../..");
    snprintf(absolute, sizeof absolute, "%s", ground_path(state, "one/deep"));
    ground_link(state, "two", absolute);
    const struct mxc_path_fact *fact = look(&host, ground_path(state, "two/up/one/./deep/file"));
    assert_string_equal(fact->real, ground_path(state, "real/deep/file"));
    assert_int_equal(fact->via_count, 3); /* "one" was met twice and is there once */
    expect_link(fact, 0, ground_path(state, "two"), absolute);
    expect_link(fact, 1, ground_path(state, "one"), "real");
    expect_link(fact, 2, ground_path(state, "real/deep/up"), "../..");
    fact = look(&host, ground_path(state, "one"));
    assert_string_equal(fact->real, ground_path(state, "real"));
    assert_int_equal(fact->type, S_IFDIR);
    mxc_host_clear(&host);
}

static void link_chains_end(void **state) {
    struct mxc_host host = {0};
    char name[16], target[16];
    ground_file(state, "l0", "x");
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "l%d", i);
        snprintf(target, sizeof target, "l%d", i - 1);
        ground_link(state, name, target);
    }
    ground_link(state, "loop", "loop");
    const struct mxc_path_fact *fact = look(&host, ground_path(state, "l40"));
    assert_string_equal(fact->real, ground_path(state, "l0"));
    assert_int_equal(fact->via_count, 40);
    assert_int_equal(look(&host, ground_path(state, "l41"))->sys_errno, ELOOP);
    fact = look(&host, ground_path(state, "loop"));
    assert_int_equal(fact->sys_errno, ELOOP);
    assert_int_equal(fact->via_count, 1);
    mxc_host_clear(&host);
}

static void magic_links_are_refused(void **state) {
    struct mxc_host host = {0};
    int pipes[2];
    char path[64];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", pipes[0]);
    assert_int_equal(look(&host, path)->sys_errno, ELOOP);
    assert_int_equal(look(&host, "/proc/self/exe")->sys_errno, ELOOP);
    assert_int_equal(look(&host, "/proc/self/root/etc")->sys_errno, ELOOP);
    assert_int_equal(look(&host, "/proc/self/cwd")->sys_errno, ELOOP);
    assert_int_equal(look(&host, "/proc/self/ns/mnt")->sys_errno, ELOOP);
    snprintf(path, sizeof path, "/proc/%d", getpid());
    assert_string_equal(look(&host, "/proc/self")->real, path);
    ground_link(state, "root", "/proc/self/root");
    assert_int_equal(look(&host, ground_path(state, "root/etc"))->sys_errno, ELOOP);
    close(pipes[0]);
    close(pipes[1]);
    mxc_host_clear(&host);
}

static void looked_up_once(void **state) {
    struct mxc_host host = {0};
    const struct mxc_path_fact *first = look(&host, ground_path(state, "later"));
    assert_int_equal(first->sys_errno, ENOENT);
    ground_file(state, "later", "x");
    assert_ptr_equal(look(&host, ground_path(state, "later")), first);
    assert_int_equal(host.path_count, 1);
    assert_null(mxc_host_path(&host, "/never/asked"));
    mxc_host_clear(&host);
}

/* Far more than a policy has, so that the table of them grows on the way. */
static void many_are_found_again(void **state) {
    struct mxc_host host = {0};
    char path[64];
    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "/nowhere/%d", i);
        assert_int_equal(mxc_host_look(&host, path, NULL), MXC_OK);
    }
    assert_int_equal(host.path_count, 1000);
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "/nowhere/%d", i);
        assert_string_equal(mxc_host_path(&host, path)->path, path);
    }
    assert_null(mxc_host_path(&host, "/nowhere/1000"));
    assert_null(mxc_host_path(&host, ""));
    mxc_host_clear(&host);
}

static void nothing_is_opened(void **state) {
    struct mxc_host host = {0};
    assert_int_equal(mkfifo(ground_path(state, "fifo"), 0600), 0);
    ground_link(state, "to-fifo", "fifo");
    assert_int_equal(look(&host, ground_path(state, "fifo"))->type, S_IFIFO); /* would wait for a writer */
    assert_int_equal(look(&host, ground_path(state, "to-fifo"))->type, S_IFIFO);
    mxc_host_clear(&host);
}

static void out_of_memory(void **state) {
    ground_folder(state, "real");
    ground_link(state, "one", "real");
    unsigned long n = 0;
    mxc_status status;
    do {
        struct mxc_host host = {0};
        mxc_error *err = NULL;
        mxc_alloc_fail_at(++n);
        status = mxc_host_look(&host, ground_path(state, "one"), &err);
        mxc_alloc_fail_at(0);
        assert_true(status == MXC_OK || status == MXC_E_NO_MEMORY);
        assert_int_equal(host.path_count, status == MXC_OK);
        mxc_error_free(err);
        mxc_host_clear(&host);
    } while (status != MXC_OK);
    assert_true(n > 5);
}

static void ordinary_user_sees_less(void **state) {
    struct mxc_host host = {0};
    if (geteuid() != 0)
        skip();
    ground_folder(state, "closed");
    ground_file(state, "closed/file", "x");
    ground_file(state, "secret", "x");
    assert_int_equal(chmod(ground_path(state, "closed"), 0700), 0);
    assert_int_equal(chmod(ground_path(state, "secret"), 0600), 0);
    assert_int_equal(chmod(ground_path(state, ""), 0755), 0);
    assert_int_equal(syscall(SYS_setresuid, 23456, 23456, 0), 0);
    const struct mxc_path_fact *below = look(&host, ground_path(state, "closed/file"));
    const struct mxc_path_fact closed = *look(&host, ground_path(state, "closed"));
    const struct mxc_path_fact secret = *look(&host, ground_path(state, "secret"));
    assert_int_equal(syscall(SYS_setresuid, 0, 0, 0), 0);
    assert_int_equal(below->sys_errno, EACCES);
    assert_false(closed.readable || closed.writable);
    assert_int_equal(secret.type, S_IFREG);
    assert_false(secret.readable || secret.writable);
    mxc_host_clear(&host);
}

/* openat2 and faccessat2 as on an old kernel (ENOSYS) or in an old container (EPERM); of several filters the last counts. */
static void take_new_calls_away(uint32_t error) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 437, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 439, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), 0);
    assert_int_equal(syscall(437, -1, "", 0, 0), -1);
    assert_int_equal(errno, error);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, ground_make, ground_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(plain_objects),           CASE(missing_objects),      CASE(links_are_remembered), CASE(link_chains_end),
        CASE(magic_links_are_refused), CASE(looked_up_once),       CASE(nothing_is_opened),    CASE(out_of_memory),
        CASE(ordinary_user_sees_less), CASE(many_are_found_again),
    };
    int failed = cmocka_run_group_tests_name("probe_paths", tests, NULL, NULL);
    take_new_calls_away(ENOSYS); /* for this process from here on */
    failed += cmocka_run_group_tests_name("probe_paths_old_kernel", tests, NULL, NULL);
    take_new_calls_away(EPERM);
    return failed + cmocka_run_group_tests_name("probe_paths_old_container", tests, NULL, NULL);
}
