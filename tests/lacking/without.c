/* without.c: runs a command on a host that lacks something: the named system calls fail for it and for all that it
 * starts. `without NAME[,NAME...] [--errno N] -- COMMAND...`; N: 38 (ENOSYS) unless given. Names: of system calls, or
 *   landlock         its three calls
 *   seccomp-notify   as a kernel before it: EINVAL for the flag of a listener and for the sizes of a notification
 *   listener         nothing is missing, but a listener is there already, which allows no second one
 *   ipv6             as a kernel without it: no such sockets (EAFNOSUPPORT)
 *   nf_tables        as a kernel without it, and without all of netfilter: no such netlink sockets (EPROTONOSUPPORT)
 * Root needs no no_new_privs for it, so setuid programs below work as ever. Exit status: the command's; 3: no filter. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_STEPS 64
#define NOTIFY (-1)
#define LISTENER (-2)
#define IPV6 (-3)
#define NF_TABLES (-4)

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "without: x86-64 and aarch64 only"
#endif

/* by number: newer than the headers of Debian 12, some of them; the same on both machines */
static const struct {
    const char *name;
    int numbers[4]; /* 0 ends */
} features[] = {
    {"openat2", {437}},
    {"clone3", {435}},
    {"close_range", {436}},
    {"mount_setattr", {442}},
    {"open_tree", {428}},
    {"move_mount", {429}},
    {"pidfd_open", {434}},
    {"pidfd_send_signal", {424}},
    {"faccessat2", {439}},
    {"landlock", {444, 445, 446}},
    {"landlock_restrict_self", {446}},
    {"seccomp-notify", {NOTIFY}},
    {"listener", {LISTENER}},
    {"ipv6", {IPV6}},
    {"nf_tables", {NF_TABLES}},
};

static struct sock_filter steps[MOST_STEPS];
static unsigned short length;
static unsigned long flags;

static void add(struct sock_filter step) {
    if (length == MOST_STEPS) {
        dprintf(2, "without: too many names\n");
        exit(3);
    }
    steps[length++] = step;
}

static void load(size_t offset) { add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset)); }
static void answer(uint32_t action) { add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action)); }

static void unless(uint16_t compare, uint32_t value, uint8_t skip) {
    add((struct sock_filter)BPF_JUMP(BPF_JMP | compare | BPF_K, value, 0, skip));
}

static void fail(uint32_t number, uint32_t error) {
    unless(BPF_JEQ, number, 1);
    answer(SECCOMP_RET_ERRNO | error);
}

/* seccomp(SET_MODE_FILTER, ...NEW_LISTENER...) and seccomp(GET_NOTIF_SIZES). Both machines are little-endian. */
static void fail_notify(void) {
    unless(BPF_JEQ, SYS_seccomp, 8);
    load(offsetof(struct seccomp_data, args[0]));
    unless(BPF_JEQ, SECCOMP_GET_NOTIF_SIZES, 1);
    answer(SECCOMP_RET_ERRNO | EINVAL);
    unless(BPF_JEQ, SECCOMP_SET_MODE_FILTER, 3);
    load(offsetof(struct seccomp_data, args[1]));
    unless(BPF_JSET, SECCOMP_FILTER_FLAG_NEW_LISTENER, 1);
    answer(SECCOMP_RET_ERRNO | EINVAL);
    load(offsetof(struct seccomp_data, nr));
}

/* socket(family, ...), and where `protocol` is one, of just that protocol. */
static void fail_socket(uint32_t family, int protocol, uint32_t error) {
    unless(BPF_JEQ, SYS_socket, protocol < 0 ? 4 : 6);
    load(offsetof(struct seccomp_data, args[0]));
    unless(BPF_JEQ, family, protocol < 0 ? 1 : 3);
    if (protocol >= 0) {
        load(offsetof(struct seccomp_data, args[2]));
        unless(BPF_JEQ, (uint32_t)protocol, 1);
    }
    answer(SECCOMP_RET_ERRNO | error);
    load(offsetof(struct seccomp_data, nr));
}

static void take_away(const char *name, uint32_t error) {
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        if (strcmp(features[i].name, name) != 0)
            continue;
        for (const int *number = features[i].numbers; *number; number++) {
            if (*number == NOTIFY)
                fail_notify();
            else if (*number == IPV6)
                fail_socket(AF_INET6, -1, EAFNOSUPPORT);
            else if (*number == NF_TABLES)
                fail_socket(AF_NETLINK, NETLINK_NETFILTER, EPROTONOSUPPORT);
            else if (*number == LISTENER)
                flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
            else
                fail((uint32_t)*number, error);
        }
        return;
    }
    dprintf(2, "without: unknown name %s\n", name);
    exit(3);
}

static void install(void) {
    const struct sock_fprog program = {length, steps};
    if (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        perror("without: no_new_privs");
        exit(3);
    }
    long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    /* the listener lives as long as a descriptor of it: the command keeps it */
    if (listener < 0 || (flags && fcntl((int)listener, F_SETFD, 0) != 0)) {
        perror("without: seccomp");
        exit(3);
    }
}

int main(int argc, char **argv) {
    int at = argc > 4 && !strcmp(argv[2], "--errno") ? 4 : 2;
    if (argc < at + 2 || strcmp(argv[at], "--") != 0) {
        dprintf(2, "usage: without NAME[,NAME...] [--errno N] -- COMMAND...\n");
        return 3;
    }
    uint32_t error = at == 4 ? (uint32_t)atoi(argv[3]) : ENOSYS;
    load(offsetof(struct seccomp_data, arch));
    unless(BPF_JEQ, ARCHITECTURE, 1);
    load(offsetof(struct seccomp_data, nr));
    for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ","))
        take_away(name, error);
    answer(SECCOMP_RET_ALLOW);
    install();
    execvp(argv[at + 1], argv + at + 1);
    perror("without: execvp");
    return 127;
}
