/* surface.c: acts on parts of the kernel that are reached by ordinary calls: requests of ioctl, netlink, socket
 * pairs, Landlock layers, old calls, flags of clone. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static const struct {
    const char *name;
    unsigned long number;
} requests[] = {
    {"TIOCSTI", 0x5412},
    {"TIOCLINUX", 0x541c},
    {"TIOCCONS", 0x541d},
    {"TIOCSETD", 0x5423},
    {"KDSKBENT", 0x4b47},
    {"VT_DISALLOCATE", 0x5608},
    {"FIFREEZE", 0xc0045877},
    {"FITHAW", 0xc0045878},
    {"FITRIM", 0xc0185879},
    {"FS_IOC_SETFLAGS", 0x40086602},
    {"FS_IOC_FSSETXATTR", 0x401c5820},
};

/* On a descriptor that is none: the kernel says EBADF, a filter answers before it. Each also with a request whose
 * upper half is set, which the kernel ignores. */
static void ioctls(int argc, char **argv) {
    int differ = 0;
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        syscall(SYS_ioctl, -1L, requests[i].number, 0L);
        int plain = errno;
        line_outcome(requests[i].name, -1);
        syscall(SYS_ioctl, -1L, requests[i].number | 0xabcd00000000UL, 0L);
        differ += errno != plain;
    }
    line_number("differ", differ);
}

/* The same on the terminal (or what there is) at descriptor 0, with arguments that would do something. */
static void terminal_requests(int argc, char **argv) {
    char paste[16] = {2};
    int zero = 0;
    (void)argc;
    (void)argv;
    line_flag("terminal", isatty(0));
    line_outcome("TIOCLINUX 2", syscall(SYS_ioctl, 0, 0x541cUL, paste));
    paste[0] = 3;
    line_outcome("TIOCLINUX 3", syscall(SYS_ioctl, 0, 0x541cUL, paste));
    paste[0] = 11;
    line_outcome("TIOCLINUX 11", syscall(SYS_ioctl, 0, 0x541cUL, paste));
    line_outcome("TIOCCONS", syscall(SYS_ioctl, 0, 0x541dUL, 0L));
    line_outcome("KDSKBENT", syscall(SYS_ioctl, 0, 0x4b47UL, paste));
    line_outcome("TIOCSETD", syscall(SYS_ioctl, 0, 0x5423UL, &zero));
    line_outcome("TIOCSCTTY", syscall(SYS_ioctl, 0, 0x540eUL, 1L));
    line_outcome("TCFLSH", syscall(SYS_ioctl, 0, 0x540bUL, 2L));
    line_outcome("tcsetpgrp", syscall(SYS_ioctl, 0, 0x5410UL, &(int){getpid()}));
}

static void pairs(int argc, char **argv) {
    static const struct {
        const char *name;
        int family, type;
    } kinds[] = {{"unix", 1, 1},   {"inet", 2, 1},    {"inet6", 10, 1}, {"netlink", 16, 3}, {"tipc", 30, 1},
                 {"vsock", 40, 1}, {"packet", 17, 3}, {"alg", 38, 5},   {"rds", 21, 5}};
    int ends[2];
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        line_outcome(kinds[i].name, socketpair(kinds[i].family, kinds[i].type | SOCK_CLOEXEC, 0, ends));
}

struct route_request {
    struct nlmsghdr head;
    union {
        struct ifinfomsg link;
        struct ifaddrmsg address;
    } body;
    char room[64];
};

static void add_attribute(struct route_request *request, int type, const void *data, size_t size) {
    struct rtattr *at = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->head.nlmsg_len));
    at->rta_type = (unsigned short)type;
    at->rta_len = (unsigned short)RTA_LENGTH(size);
    memcpy(RTA_DATA(at), data, size);
    request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(at->rta_len);
}

static void route(const char *key, struct route_request *request, unsigned short type) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    char answer[1024];
    struct nlmsghdr *head = (struct nlmsghdr *)answer;
    request->head.nlmsg_type = type;
    request->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
    long rc = fd < 0 ? -1 : send(fd, request, request->head.nlmsg_len, 0);
    if (rc >= 0 && recv(fd, answer, sizeof(answer), 0) > 0 && head->nlmsg_type == NLMSG_ERROR) {
        int error = ((struct nlmsgerr *)NLMSG_DATA(head))->error;
        errno = -error;
        rc = error ? -1 : 0;
    }
    line_outcome(key, rc);
    close(fd);
}

/* Changes of the network that a holder of CAP_NET_ADMIN may make: loopback down, and one more address on it. */
static void route_writes(int argc, char **argv) {
    struct route_request link = {.head.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg))};
    struct route_request address = {.head.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg))};
    unsigned char where[4] = {127, 9, 9, 9};
    only_in_user_namespace();
    (void)argc;
    (void)argv;
    link.body.link.ifi_index = 1;
    link.body.link.ifi_change = 1; /* IFF_UP off */
    address.body.address.ifa_family = AF_INET;
    address.body.address.ifa_prefixlen = 8;
    address.body.address.ifa_index = 1;
    add_attribute(&address, IFA_LOCAL, where, sizeof(where));
    route("set link", &link, RTM_NEWLINK);
    route("add address", &address, RTM_NEWADDR);
}

/* Restricts itself until the kernel says that it is enough: 16 layers in all, those of its ancestors counted. */
static void landlock_layers(int argc, char **argv) {
    struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK};
    int layers = 0;
    long rc = 0;
    (void)argc;
    (void)argv;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    while (layers < 64 && rc == 0) {
        int fd = (int)syscall(444, &attr, sizeof(attr), 0L);
        rc = fd < 0 ? -1 : syscall(446, (long)fd, 0L);
        layers += rc == 0;
        int number = errno;
        close(fd);
        errno = number;
    }
    line_result(rc);
    line_number("layers", layers);
}

static void old_calls(int argc, char **argv) {
    (void)argc;
    (void)argv;
#ifdef SYS_uselib
    line_outcome("uselib", syscall(SYS_uselib, -1L));
    line_outcome("sysfs", syscall(SYS_sysfs, 3L, 0L, 0L));
    line_outcome("_sysctl", syscall(156, -1L));
    line_outcome("nfsservctl", syscall(180, -1L, -1L, -1L));
    line_outcome("ustat", syscall(SYS_ustat, -1L, -1L));
#endif
}

static void listener_flags(int argc, char **argv) {
    unsigned short sizes[3];
    (void)argc;
    (void)argv;
    line_outcome("sizes", syscall(SYS_seccomp, 3L, 0L, sizes));
    line_outcome("listener+tsync", syscall(SYS_seccomp, 1L, 1L << 3 | 1L | 1L << 4, NULL));
    line_outcome("listener, high bits", syscall(SYS_seccomp, 1L, 0xabcd00000000L | 1L << 3, NULL));
}

static void beat(const char *path) {
    setsid();
    for (int n = 0; n < 1500; n++) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        if (fd >= 0)
            close(dprintf(fd, "%d\n", n) > 0 ? fd : fd);
        sleep_ms(20);
    }
    _exit(0);
}

/* A child beside oneself instead of below, untraceable, without an end signal, by descriptor: what each says; all
 * that come into being write FILE until they are ended. */
static void clone_flags(int argc, char **argv) {
    static const struct {
        const char *name;
        unsigned long flags;
    } ways[] = {{"CLONE_UNTRACED", 0x00800000},
                {"CLONE_PARENT", 0x00008000},
                {"CLONE_PIDFD", 0x00001000},
                {"no end signal", 0}};
    int pidfd;
    (void)argc;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        unsigned long signal = ways[i].flags ? SIGCHLD : 0;
        long child = syscall(SYS_clone, ways[i].flags | signal, 0L, &pidfd, 0L, 0L);
        if (!child)
            beat(argv[0]);
        line_outcome(ways[i].name, child);
    }
    uint64_t into[11] = {0x200000000ULL /* INTO_CGROUP */, 0, 0, 0, SIGCHLD, 0, 0, 0, 0, 0, 0};
    line_outcome("CLONE_INTO_CGROUP", syscall(435, into, sizeof(into)));
    sleep_ms(100);
}

const struct probe_act probe_surface[] = {
    {"ioctls", "", 0, ioctls},
    {"terminal-requests", "", 0, terminal_requests},
    {"socket-pairs", "", 0, pairs},
    {"route-writes", "", 0, route_writes},
    {"landlock-layers", "", 0, landlock_layers},
    {"old-calls", "", 0, old_calls},
    {"listener-flags", "", 0, listener_flags},
    {"clone-flags", "BEATFILE", 1, clone_flags},
    {NULL, NULL, 0, NULL},
};
