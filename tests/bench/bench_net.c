/* bench_net.c: both ends of what tests/bench/network.py measures. The same client runs on the host and in a sandbox.
 *   bench_net serve ADDRESS PORT       one connection after the other: echoes; after a first byte S: swallows, then says
 *                                      one byte when the sender has ended
 *   bench_net client HOST PORT         does what each line of its input says and answers with one line:
 *     connect N    so many times resolve, connect, one byte there and back; two numbers (ns) for each: until it is
 *                  connected, until the byte is back
 *     stream MIB   so much in one connection; ns */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (1u << 18)

static char block[BLOCK];

static void __attribute__((noreturn)) fail(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct addrinfo *resolve(const char *host, const char *port) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        fail("getaddrinfo");
    return found;
}

/* ---- the server ---- */

static void serve_one(int fd) {
    ssize_t got = recv(fd, block, BLOCK, 0);
    int swallows = got > 0 && block[0] == 'S';
    while (got > 0) {
        if (!swallows && send(fd, block, (size_t)got, MSG_NOSIGNAL) != got)
            return;
        got = recv(fd, block, BLOCK, 0);
    }
    if (swallows)
        (void)send(fd, "E", 1, MSG_NOSIGNAL);
}

static void __attribute__((noreturn)) serve(const char *address, const char *port) {
    struct addrinfo *own = resolve(address, port);
    int one = 1, listener = socket(own->ai_family, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, own->ai_addr, own->ai_addrlen) != 0 || listen(listener, 1024) != 0)
        fail("listen");
    puts("ready");
    fflush(stdout);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            fail("accept");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        serve_one(fd);
        close(fd);
    }
}

/* ---- the client ---- */

static int open_one(const char *host, const char *port) {
    int one = 1;
    struct addrinfo *found = resolve(host, port);
    int fd = socket(found->ai_family, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    freeaddrinfo(found);
    return fd;
}

static void connect_once(const char *host, const char *port) {
    char byte = 'x';
    uint64_t began = now_ns();
    int fd = open_one(host, port);
    uint64_t connected = now_ns();
    if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) != 1)
        fail("echo");
    uint64_t back = now_ns();
    printf(" %llu %llu", (unsigned long long)(connected - began), (unsigned long long)(back - began));
    shutdown(fd, SHUT_WR);
    (void)recv(fd, &byte, 1, 0); /* until the other side has closed, too: the next one finds it quiet */
    close(fd);
}

static void stream(const char *host, const char *port, unsigned long mib) {
    int fd = open_one(host, port);
    memset(block, 'S', BLOCK);
    uint64_t began = now_ns();
    for (uint64_t left = (uint64_t)mib << 20; left; left -= BLOCK)
        if (send(fd, block, BLOCK, MSG_NOSIGNAL) != BLOCK)
            fail("send");
    shutdown(fd, SHUT_WR);
    if (recv(fd, block, 1, 0) != 1)
        fail("the last word");
    printf(" %llu", (unsigned long long)(now_ns() - began));
    close(fd);
}

static int client(const char *host, const char *port) {
    char line[64], act[16];
    unsigned long number;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%15s %lu", act, &number) != 2)
            return 2;
        if (strcmp(act, "stream") == 0)
            stream(host, port, number);
        else
            for (; number; number--)
                connect_once(host, port);
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    if (strcmp(argv[1], "serve") == 0)
        serve(argv[2], argv[3]);
    return client(argv[2], argv[3]);
}
