/* kernel.c: acts on the kernel's surface: namespaces, keys, io_uring, bpf and their like, by number. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static const struct {
    const char *name;
    unsigned long flag;
} namespaces[] = {
    {"user", 0x10000000}, {"mnt", 0x00020000}, {"pid", 0x20000000},    {"net", 0x40000000},
    {"ipc", 0x08000000},  {"uts", 0x04000000}, {"cgroup", 0x02000000}, {"time", 0x00000080},
};
enum { NAMESPACES = sizeof(namespaces) / sizeof(namespaces[0]) };

static unsigned long flag_of(const char *name) {
    for (int i = 0; i < NAMESPACES; i++)
        if (!strcmp(namespaces[i].name, name))
            return namespaces[i].flag;
    return (unsigned long)number_of(name);
}

static void unshare_one(int argc, char **argv) {
    (void)argc;
    line_result(syscall(SYS_unshare, flag_of(argv[0])));
}

struct asked {
    unsigned long flag;
    int report;
};

static void unshare_step(void *data) {
    struct asked *asked = data;
    long rc = syscall(SYS_unshare, asked->flag);
    int number = rc < 0 ? errno : 0;
    (void)!write(asked->report, &number, sizeof(number));
}

/* Each in a child of its own, so that one does not help the next. */
static void unshare_each(int argc, char **argv) {
    int made = 0;
    (void)argc;
    (void)argv;
    for (int i = 0; i < NAMESPACES; i++) {
        int ends[2], number = ECHILD;
        if (pipe2(ends, O_CLOEXEC))
            break;
        struct asked asked = {namespaces[i].flag, ends[1]};
        in_child(unshare_step, &asked);
        close(ends[1]);
        (void)!read(ends[0], &number, sizeof(number));
        close(ends[0]);
        errno = number;
        line_outcome(namespaces[i].name, number ? -1 : 0);
        made += !number;
    }
    line_number("made", made);
}

static void clone_with(int argc, char **argv) {
    unsigned long flags = flag_of(argv[0]);
    (void)argc;
    long child = syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);
    if (!child)
        _exit(0);
    line_result(child);
    if (child > 0)
        waitpid((pid_t)child, NULL, 0);
}

static void clone3_with(int argc, char **argv) {
    uint64_t args[8] = {argc > 0 ? flag_of(argv[0]) : 0, 0, 0, 0, SIGCHLD, 0, 0, 0};
    long child = syscall(435, args, sizeof(args));
    if (!child)
        _exit(0);
    line_result(child);
    if (child > 0)
        waitpid((pid_t)child, NULL, 0);
}

static void setns_path(int argc, char **argv) {
    int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
    (void)argc;
    line_flag("opened", fd >= 0);
    line_result(syscall(SYS_setns, fd, 0L));
}

static void key_search(int argc, char **argv) {
    char text[256] = "";
    long key = syscall(SYS_keyctl, 10L /* SEARCH */, -3L /* session */, "user", argv[0], 0L);
    (void)argc;
    line_outcome("search", key);
    long requested = key < 0 ? syscall(SYS_request_key, "user", argv[0], NULL, 0L) : key;
    line_outcome("request", requested);
    key = key < 0 ? requested : key;
    long got = key < 0 ? -1 : syscall(SYS_keyctl, 11L /* READ */, key, text, sizeof(text) - 1);
    line_result(got);
    line_text("text", got >= 0 ? text : NULL);
}

static void key_add(int argc, char **argv) {
    (void)argc;
    line_result(syscall(SYS_add_key, "user", argv[0], argv[1], strlen(argv[1]), -3L));
}

static void io_uring(int argc, char **argv) {
    char params[120] = {0};
    (void)argc;
    (void)argv;
    line_outcome("setup", syscall(425, 4L, params));
    line_outcome("enter", syscall(426, -1L, 0L, 0L, 0L, NULL, 0L));
    line_outcome("register", syscall(427, -1L, 0L, NULL, 0L));
}

static void by_number(int argc, char **argv) {
    long args[7] = {0};
    for (int i = 0; i < argc && i < 7; i++)
        args[i] = (long)number_of(argv[i]);
    line_result(syscall(args[0], args[1], args[2], args[3], args[4], args[5], args[6]));
}

#define CALL(name) \
    { #name, SYS_##name }
static const struct {
    const char *name;
    long number;
} dangerous[] = {
    CALL(bpf),
    CALL(perf_event_open),
    CALL(userfaultfd),
    CALL(fanotify_init),
    CALL(kexec_load),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(swapon),
    CALL(swapoff),
    CALL(acct),
    CALL(quotactl),
    CALL(reboot),
    CALL(settimeofday),
    CALL(clock_adjtime),
    CALL(vhangup),
    CALL(kcmp),
    CALL(lookup_dcookie),
    CALL(syslog),
    CALL(name_to_handle_at),
    CALL(open_by_handle_at),
    CALL(move_pages),
    CALL(migrate_pages),
    CALL(mbind),
    CALL(set_mempolicy),
    CALL(vmsplice),
    {"process_madvise", 440},
    {"memfd_secret", 447},
    {"lsm_set_self_attr", 460},
#ifdef SYS_iopl
    CALL(iopl),
    CALL(ioperm),
    CALL(modify_ldt),
#endif
};
#undef CALL

/* Arguments are -1: what the kernel itself would answer is EFAULT, EBADF or EINVAL, never what a filter says. */
static void dangerous_calls(int argc, char **argv) {
    (void)argc;
    (void)argv;
    line_object("calls");
    for (size_t i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++)
        line_outcome(dangerous[i].name, syscall(dangerous[i].number, -1L, -1L, -1L, -1L, -1L, -1L));
    line_object_end();
}

static void own_filter(int argc, char **argv) {
    struct sock_filter all[] = {{BPF_RET | BPF_K, 0, 0, 0x7fff0000}};
    struct sock_fprog program = {1, all};
    (void)argc;
    (void)argv;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    line_outcome("plain", syscall(SYS_seccomp, 1L, 0L, &program));
    line_outcome("listener", syscall(SYS_seccomp, 1L, 1L << 3 /* NEW_LISTENER */, &program));
}

const struct probe_act probe_kernel[] = {
    {"unshare", "NAMESPACE", 1, unshare_one},
    {"unshare-each", "", 0, unshare_each},
    {"clone", "NAMESPACE", 1, clone_with},
    {"clone3", "[NAMESPACE]", 0, clone3_with},
    {"setns", "PATH", 1, setns_path},
    {"key-search", "NAME", 1, key_search},
    {"key-add", "NAME TEXT", 2, key_add},
    {"io-uring", "", 0, io_uring},
    {"syscall", "NUMBER [ARGUMENT...]", 1, by_number},
    {"dangerous", "", 0, dangerous_calls},
    {"own-filter", "", 0, own_filter},
    {NULL, NULL, 0, NULL},
};
