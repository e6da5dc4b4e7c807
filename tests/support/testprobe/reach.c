/* reach.c: acts that would be reached or reach out in unusual ways: data before a connection stands, a listener
 * that nobody bound, watches on files, and being hard to end. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static struct sockaddr_in v4(char **argv) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number_of(argv[1]))};
    inet_pton(AF_INET, argv[0], &to.sin_addr);
    return to;
}

/* Data in the first packet, before there is a connection: by sendto, sendmsg and the socket option. */
static void fast_open(int argc, char **argv) {
    struct sockaddr_in to = v4(argv);
    char data[] = "early";
    struct iovec part = {data, 5};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &part, .msg_iovlen = 1};
    int one = 1, fds[3];
    (void)argc;
    for (int i = 0; i < 3; i++)
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    line_outcome("sendto", sendto(fds[0], data, 5, 0x20000000, (struct sockaddr *)&to, sizeof(to)));
    line_outcome("sendmsg", sendmsg(fds[1], &message, 0x20000000));
    (void)!setsockopt(fds[2], IPPROTO_TCP, 30 /* TCP_FASTOPEN_CONNECT */, &one, sizeof(one));
    long rc = connect(fds[2], (struct sockaddr *)&to, sizeof(to));
    line_outcome("option", rc ? rc : send(fds[2], data, 5, MSG_NOSIGNAL));
}

/* Listens without a bind; its port goes into FILE; whether anybody came within MS. */
static void listen_here(int argc, char **argv) {
    struct sockaddr_in at;
    socklen_t size = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)argc;
    int rc = listen(fd, 4) || getsockname(fd, (struct sockaddr *)&at, &size);
    line_result(rc ? -1 : 0);
    FILE *file = fopen(argv[0], "we");
    if (file) {
        fprintf(file, "%d\n", ntohs(at.sin_port));
        fclose(file);
    }
    struct pollfd ready = {fd, POLLIN, 0};
    line_flag("accepted", poll(&ready, 1, (int)number_of(argv[1])) > 0);
}

static void watch(int argc, char **argv) {
    int fd = inotify_init1(IN_CLOEXEC);
    (void)argc;
    line_outcome("inotify", fd);
    line_outcome("watch", inotify_add_watch(fd, argv[0], IN_ALL_EVENTS));
    line_outcome("fanotify", syscall(SYS_fanotify_init, 0L, 0L));
}

/* Stops itself; its child waits in vfork for a grandchild that is stopped too. */
static void stop_all(int argc, char **argv) {
    (void)argc;
    (void)argv;
    if (!fork()) {
        if (!vfork()) {
            kill(getpid(), SIGSTOP);
            _exit(0);
        }
        _exit(0);
    }
    dprintf(1, "stopping\n");
    kill(getpid(), SIGSTOP);
    sleep_ms(60000);
}

/* Things that no file or process shows, taken until the kernel says no: pipes at full size, sockets, watches. */
static void hoard(int argc, char **argv) {
    long long rounds = number_of(argv[0]), pipes = 0, files = 0;
    static char block[1 << 20];
    (void)argc;
    memset(block, 'h', sizeof(block));
    for (; pipes < rounds; pipes++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
            break;
        (void)!fcntl(ends[1], F_SETPIPE_SZ, sizeof(block));
        (void)!write(ends[1], block, sizeof(block));
    }
    for (; files < rounds; files++) {
        int fd = (int)syscall(SYS_memfd_create, "hoard", 1L);
        if (fd < 0 || write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
            break;
    }
    line_number("pipes", pipes);
    line_number("files", files);
}

const struct probe_act probe_reach[] = {
    {"fast-open", "ADDRESS PORT", 2, fast_open},
    {"listen-here", "PORTFILE MS", 2, listen_here},
    {"watch", "PATH", 1, watch},
    {"stop-all", "", 0, stop_all},
    {"hoard", "MIB", 1, hoard},
    {NULL, NULL, 0, NULL},
};
