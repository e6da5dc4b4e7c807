/* host_test.c: the probe against this host and against hosts without features (a filter takes the calls away), and
 * the JSON of hosts written by hand. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "probe/probe.h"

static void test_this_host(void **state) {
    (void)state;
    struct mxc_host host;
    struct utsname names;
    assert_int_equal(mxc_host_probe(&host, NULL), MXC_OK);
    assert_int_equal(uname(&names), 0);
    assert_string_equal(host.kernel, names.release);
    assert_int_equal(host.uid, geteuid());
    assert_int_equal(host.gid, getegid());
    assert_int_equal(host.cpus, sysconf(_SC_NPROCESSORS_ONLN));
    long abi = syscall(444, NULL, 0, 1);
    assert_int_equal(host.landlock_abi, abi > 0 ? abi : 0);
    assert_int_equal(host.user_namespaces, host.user_namespaces_why == NULL);
    assert_int_equal(host.path_count, 0);
    mxc_host_clear(&host);
    mxc_host_clear(&host); /* twice is fine */
}

static int open_files(void) {
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    if (!dir)
        return -1;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void test_leaves_no_descriptor(void **state) {
    (void)state;
    struct mxc_host host;
    int before = open_files();
    assert_int_equal(mxc_host_probe(&host, NULL), MXC_OK);
    assert_int_equal(mxc_host_look(&host, "/usr/bin", NULL), MXC_OK);
    assert_int_equal(mxc_host_look(&host, "/proc/self/exe", NULL), MXC_OK);
    assert_int_equal(mxc_host_look(&host, "/none/at/all", NULL), MXC_OK);
    assert_int_equal(open_files(), before);
    mxc_host_clear(&host);
}

static int take_away(const uint32_t *numbers, size_t count, uint32_t error) {
    struct sock_filter code[64] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    unsigned short length = 1;
    for (size_t i = 0; i < count; i++) {
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, numbers[i], 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
    }
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

enum { SAYS_LANDLOCK = 1, SAYS_NOTIFY = 2, SAYS_MOUNTS = 4, SAYS_IDMAP = 8, SAYS_PROCESSES = 16 };

/* What the probe says in a child in which these calls fail; `lacking`: how it names them, NULL for any. */
static int says_without(const uint32_t *numbers, size_t count, uint32_t error, const char *lacking) {
    pid_t pid = fork();
    if (pid == 0) {
        struct mxc_host host;
        if (take_away(numbers, count, error) < 0 || mxc_host_probe(&host, NULL) != MXC_OK)
            _exit(100);
        if (lacking && strcmp(lacking, host.lacking) != 0)
            _exit(101);
        _exit((host.landlock_abi ? SAYS_LANDLOCK : 0) | (host.seccomp_notify ? SAYS_NOTIFY : 0) |
              (host.mount_api ? SAYS_MOUNTS : 0) | (host.idmapped_mounts ? SAYS_IDMAP : 0) |
              (host.process_api ? SAYS_PROCESSES : 0));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_features_that_are_not_there(void **state) {
    (void)state;
    static const uint32_t landlock[] = {444}, notify[] = {SYS_seccomp};
    static const uint32_t mounts[] = {428, 429, 442, 437}, processes[] = {436, 434, 424};
    static const char *const mount_names[] = {"open_tree", "move_mount", "mount_setattr", "openat2"};
    static const char *const process_names[] = {"close_range", "pidfd_open", "pidfd_send_signal"};
    const int all = says_without(NULL, 0, ENOSYS, "");
    if (all != (SAYS_LANDLOCK | SAYS_NOTIFY | SAYS_MOUNTS | SAYS_IDMAP | SAYS_PROCESSES))
        skip(); /* nothing to compare with */
    assert_int_equal(says_without(landlock, 1, ENOSYS, ""), all & ~SAYS_LANDLOCK);
    assert_int_equal(says_without(landlock, 1, EOPNOTSUPP, ""), all & ~SAYS_LANDLOCK);
    assert_int_equal(says_without(notify, 1, EINVAL, ""), all & ~SAYS_NOTIFY);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(says_without(&mounts[i], 1, ENOSYS, mount_names[i]), all & ~(SAYS_MOUNTS | SAYS_IDMAP));
    /* a container's filter */
    assert_int_equal(says_without(mounts, 4, EPERM, "open_tree, openat2"), all & ~(SAYS_MOUNTS | SAYS_IDMAP));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(says_without(&processes[i], 1, ENOSYS, process_names[i]), all & ~SAYS_PROCESSES);
        assert_int_equal(says_without(&processes[i], 1, EPERM, process_names[i]), all & ~SAYS_PROCESSES);
    }
}

static void test_a_filter_that_forbids_namespaces(void **state) {
    (void)state;
    static const uint32_t clone_calls[] = {SYS_clone};
    struct mxc_host host;
    assert_int_equal(mxc_host_probe(&host, NULL), MXC_OK);
    const int there = host.user_namespaces;
    mxc_host_clear(&host);
    if (!there)
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        if (take_away(clone_calls, 1, EPERM) < 0 || mxc_host_probe(&host, NULL) != MXC_OK)
            _exit(100);
        _exit(host.user_namespaces || !strstr(host.user_namespaces_why, "system-call filter"));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_ordinary_user_is_not_privileged(void **state) {
    (void)state;
    struct mxc_host host;
    if (geteuid() != 0)
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        if (syscall(SYS_setresuid, 23456, 23456, 23456) < 0 || mxc_host_probe(&host, NULL) != MXC_OK)
            _exit(100);
        _exit(host.privileged || host.uid != 23456);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Root of a later user namespace has all capabilities, and still is not privileged. */
static void test_root_of_a_namespace_is_not_privileged(void **state) {
    (void)state;
    struct mxc_host host;
    pid_t pid = fork();
    if (pid == 0) {
        if (syscall(SYS_unshare, 0x10000000) < 0)
            _exit(77);
        _exit(mxc_host_probe(&host, NULL) != MXC_OK ? 100 : host.privileged);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(status, 0);
}

/* Root of a container that took all capabilities away. */
static void test_root_without_capabilities(void **state) {
    (void)state;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0}};
    struct mxc_host host;
    if (geteuid() != 0)
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        if (syscall(SYS_capset, &header, none) < 0 || mxc_host_probe(&host, NULL) != MXC_OK)
            _exit(100);
        _exit(host.privileged || host.user_namespaces || !strstr(host.user_namespaces_why, "CAP_SETFCAP"));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_out_of_memory(void **state) {
    (void)state;
    unsigned long n = 0;
    mxc_status status;
    do {
        struct mxc_host host = {0};
        mxc_error *err = NULL;
        mxc_alloc_fail_at(++n);
        status = mxc_host_probe(&host, &err);
        mxc_alloc_fail_at(0);
        assert_true(status == MXC_OK || status == MXC_E_NO_MEMORY);
        assert_int_equal(status == MXC_OK, host.kernel != NULL);
        mxc_error_free(err);
        mxc_host_clear(&host);
    } while (status != MXC_OK);
    assert_true(n > 3);
}

static void test_json_of_a_poor_host(void **state) {
    (void)state;
    MXC_AUTO_BUF struct mxc_buf out = {0};
    struct mxc_cgroup_place places[] = {{1, 2, (char *)"/sys/fs/cgroup/a \"b\"", 0}};
    struct mxc_host host = {.uid = 1000,
                            .gid = 100,
                            .cpus = 4,
                            .cgroup_v2 = 1,
                            .lacking = "openat2, close_range",
                            .kernel = (char *)"5.4",
                            .user_namespaces_why = (char *)"/proc/sys/user/max_user_namespaces is 0",
                            .cgroups = places,
                            .cgroup_count = 1};
    mxc_host_json(&out, &host);
    assert_int_equal(out.failed, 0);
    assert_string_equal(
        out.data,
        "{\"kernel\": \"5.4\", \"user\": {\"uid\": 1000, \"gid\": 100}, \"privileged\": false, \"cpus\": 4, "
        "\"features\": ["
        "{\"name\": \"user-namespaces\", \"available\": false, \"detail\": \"/proc/sys/user/max_user_namespaces is "
        "0\", \"remedy\": \"sysctl -w user.max_user_namespaces=15000\"}, "
        "{\"name\": \"mount-api\", \"available\": false, \"detail\": \"system calls that are not there: openat2, "
        "close_range\", \"remedy\": \"boot Linux 5.12 or newer; in a container that filters them: docker run "
        "--security-opt seccomp=unconfined\"}, "
        "{\"name\": \"process-api\", \"available\": false, \"detail\": \"system calls that are not there: openat2, "
        "close_range\", \"remedy\": \"boot Linux 5.12 or newer; in a container that filters them: docker run "
        "--security-opt seccomp=unconfined\"}, "
        "{\"name\": \"idmapped-mounts\", \"available\": false, \"detail\": \"granted paths belong to the workload when mxc "
        "is started by root; not used otherwise\", \"remedy\": \"boot Linux 5.12 or newer\"}, "
        "{\"name\": \"seccomp-notify\", \"available\": false, \"detail\": \"the keeper answers and records denied "
        "system calls\", "
        "\"remedy\": \"boot Linux 5.19 or newer with CONFIG_SECCOMP_FILTER=y\"}, "
        "{\"name\": \"landlock\", \"available\": false, \"detail\": \"the kernel has no Landlock or it is switched "
        "off\", \"remedy\": \"add landlock to lsm= in GRUB_CMDLINE_LINUX of /etc/default/grub, then: update-grub && "
        "reboot\"}, "
        "{\"name\": \"cgroup-memory\", \"available\": false, \"detail\": \"v2, /sys/fs/cgroup/a \\\"b\\\" is not "
        "writable\", \"remedy\": \"systemd-run --user --scope -p Delegate=yes mxc ...\"}, "
        "{\"name\": \"cgroup-pids\", \"available\": false, \"detail\": \"no control group of this process has the "
        "controller\", \"remedy\": \"systemd-run --user --scope -p Delegate=yes mxc ...\"}, "
        "{\"name\": \"cgroup-cpu\", \"available\": false, \"detail\": \"no control group of this process has the "
        "controller\", \"remedy\": \"systemd-run --user --scope -p Delegate=yes mxc ...\"}]}");
}

static void test_json_remedies(void **state) {
    (void)state;
    const struct {
        const char *why, *remedy;
    } cases[] = {{"/proc/sys/kernel/unprivileged_userns_clone is 0", "sysctl -w kernel.unprivileged_userns_clone=1"},
                 {"/proc/sys/kernel/apparmor_restrict_unprivileged_userns is 1",
                  "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
                 {"a system-call filter forbids new namespaces, as containers' filters do", "seccomp=unconfined"},
                 {"this process runs inside a sandbox of mxc, in which no other can be made", "from outside"},
                 {"user 0 has no CAP_SETFCAP here, and without it cannot be mapped into a new one", "another user"},
                 {"/proc/self/ns/user is not there", "CONFIG_USER_NS=y"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        MXC_AUTO_BUF struct mxc_buf out = {0};
        struct mxc_host host = {.kernel = (char *)"6", .user_namespaces_why = (char *)cases[i].why};
        mxc_host_json(&out, &host);
        assert_non_null(strstr(out.data, cases[i].remedy));
    }
    MXC_AUTO_BUF struct mxc_buf rich = {0};
    struct mxc_host host = {.kernel = (char *)"6", .user_namespaces = 1, .landlock_abi = 7, .landlock_errata = 7};
    mxc_host_json(&rich, &host);
    assert_non_null(strstr(rich.data,
                           "{\"name\": \"landlock\", \"available\": true, \"detail\": \"ABI 7, errata 0x7\", "
                           "\"remedy\": null}"));
}

static void test_json_out_of_memory(void **state) {
    (void)state;
    struct mxc_host host = {.kernel = (char *)"6", .landlock_abi = 1};
    unsigned long n = 0;
    int failed;
    do {
        struct mxc_buf out = {0};
        mxc_alloc_fail_at(++n);
        mxc_host_json(&out, &host);
        mxc_alloc_fail_at(0);
        failed = out.failed;
        mxc_buf_free(&out);
    } while (failed);
    assert_true(n > 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_this_host),
        cmocka_unit_test(test_leaves_no_descriptor),
        cmocka_unit_test(test_features_that_are_not_there),
        cmocka_unit_test(test_a_filter_that_forbids_namespaces),
        cmocka_unit_test(test_ordinary_user_is_not_privileged),
        cmocka_unit_test(test_root_of_a_namespace_is_not_privileged),
        cmocka_unit_test(test_root_without_capabilities),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_json_of_a_poor_host),
        cmocka_unit_test(test_json_remedies),
        cmocka_unit_test(test_json_out_of_memory),
    };
    return cmocka_run_group_tests_name("probe_host", tests, NULL, NULL);
}
