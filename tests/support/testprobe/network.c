/* network.c: acts on sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probe.h"

static socklen_t inet_address(struct sockaddr_storage *out, const char *address, const char *port) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)number_of(port));
        return sizeof(*v4);
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)number_of(port));
    inet_pton(AF_INET6, address, &v6->sin6_addr);
    return sizeof(*v6);
}

static long connect_to(int fd, const void *address, socklen_t size) {
    long rc = connect(fd, address, size);
    if (rc < 0 && errno == EINPROGRESS) {
        struct pollfd ready = {fd, POLLOUT, 0};
        int number = ETIMEDOUT;
        socklen_t length = sizeof(number);
        if (poll(&ready, 1, 1500) == 1)
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length);
        errno = number;
        rc = number ? -1 : 0;
    }
    return rc;
}

static void connect_inet(int type, char **argv) {
    struct sockaddr_storage to;
    socklen_t size = inet_address(&to, argv[0], argv[1]);
    int fd = socket(to.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    long rc = fd < 0 ? -1 : connect_to(fd, &to, size);
    if (rc >= 0 && type == SOCK_DGRAM)
        rc = send(fd, "x", 1, 0);
    line_result(rc);
    if (fd >= 0)
        close(fd);
}

static void connect_tcp(int argc, char **argv) {
    (void)argc;
    connect_inet(SOCK_STREAM, argv);
}

static void connect_udp(int argc, char **argv) {
    (void)argc;
    connect_inet(SOCK_DGRAM, argv);
}

/* "@name" is an abstract one. */
static void connect_unix(int argc, char **argv) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t length = strlen(argv[0]);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)argc;
    if (length >= sizeof(to.sun_path)) {
        errno = ENAMETOOLONG;
        line_result(-1);
        return;
    }
    memcpy(to.sun_path, argv[0], length);
    if (argv[0][0] == '@')
        to.sun_path[0] = 0;
    line_result(
        fd < 0 ? -1
               : connect(fd, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)));
}

/* Both ends inside: its own loopback must work. */
static void own_loopback(int argc, char **argv) {
    struct sockaddr_storage at;
    int on_v6 = argc > 0 && argv[0][0] == '6';
    socklen_t size = inet_address(&at, on_v6 ? "::1" : "127.0.0.1", "0");
    char text[4] = "";
    int listener = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, size) || listen(listener, 1) ||
        getsockname(listener, (struct sockaddr *)&at, &size)) {
        line_result(-1);
        return;
    }
    int client = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    long rc = connect(client, (struct sockaddr *)&at, size);
    int served = rc < 0 ? -1 : accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (served >= 0)
        rc = write(served, "hi", 2) == 2 && read(client, text, 2) == 2 ? 0 : -1;
    line_result(rc);
    line_text("text", text);
}

static void socket_of(int argc, char **argv) {
    int type = argc > 1 ? (int)number_of(argv[1]) : SOCK_STREAM;
    int fd = socket((int)number_of(argv[0]), type | SOCK_CLOEXEC, argc > 2 ? (int)number_of(argv[2]) : 0);
    line_result(fd);
    if (fd >= 0)
        close(fd);
}

static const struct {
    const char *name;
    int family, type, protocol;
} kinds[] = {
    {"unix", 1, 1, 0},           {"inet", 2, 1, 0},           {"inet6", 10, 1, 0},
    {"netlink-route", 16, 3, 0}, {"netlink-audit", 16, 3, 9}, {"netlink-netfilter", 16, 3, 12},
    {"packet", 17, 3, 768},      {"alg", 38, 5, 0},           {"vsock", 40, 1, 0},
    {"bluetooth", 31, 3, 1},     {"can", 29, 3, 1},           {"tipc", 30, 1, 0},
    {"xdp", 44, 3, 0},           {"qipcrtr", 42, 2, 0},       {"key", 15, 3, 2},
    {"rds", 21, 5, 0},           {"smc", 43, 1, 0},           {"kcm", 41, 2, 0},
    {"nfc", 39, 3, 0},           {"caif", 37, 5, 0},          {"rxrpc", 33, 2, 2},
    {"raw", 2, 3, 255},          {"ping", 2, 2, 1},           {"mptcp", 2, 1, 262},
    {"sctp", 2, 1, 132},         {"udplite", 2, 2, 136},      {"l2tp", 2, 2, 115},
};

static void families(int argc, char **argv) {
    (void)argc;
    (void)argv;
    line_object("families");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        int fd = socket(kinds[i].family, kinds[i].type | SOCK_CLOEXEC, kinds[i].protocol);
        line_outcome(kinds[i].name, fd);
        if (fd >= 0)
            close(fd);
    }
    line_object_end();
}

const struct probe_act probe_network[] = {
    {"connect-tcp", "ADDRESS PORT", 2, connect_tcp},
    {"connect-udp", "ADDRESS PORT", 2, connect_udp},
    {"connect-unix", "PATH|@NAME", 1, connect_unix},
    {"own-loopback", "[6]", 0, own_loopback},
    {"socket", "FAMILY [TYPE [PROTOCOL]]", 1, socket_of},
    {"families", "", 0, families},
    {NULL, NULL, 0, NULL},
};
