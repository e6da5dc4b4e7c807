/* raw.c: a client inside a sandbox that trusts nobody's library: static, asks a name server with bytes of its own over
 * UDP, connects to what it is told with bare system calls, and prints the first line of an HTTP answer.
 *   network_raw SERVER NAME PORT          over IPv4
 * Prints `rcode N`, `no address`, `errno N` or the line. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define HEADER 12

static long check(long result) {
    if (result < 0) {
        printf("errno %d\n", errno);
        exit(1);
    }
    return result;
}

static int open_socket(int type, const char *address, unsigned int port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const struct timeval patience = {.tv_sec = 5};
    inet_pton(AF_INET, address, &to.sin_addr);
    int fd = (int)check(syscall(SYS_socket, AF_INET, type, 0));
    check(syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
    check(syscall(SYS_connect, fd, &to, sizeof to));
    return fd;
}

static size_t write_question(unsigned char *out, const char *name) {
    static const unsigned char head[HEADER] = {0x47, 0x11, 1, 0, 0, 1};
    size_t at = HEADER;
    memcpy(out, head, HEADER);
    while (*name) {
        size_t label = strcspn(name, ".");
        out[at++] = (unsigned char)label;
        memcpy(out + at, name, label);
        at += label;
        name += label + (name[label] == '.');
    }
    memcpy(out + at, "\0\0\1\0\1", 5);
    return at + 5;
}

/* The first address of the answer, which must be the record right behind the question. */
static void ask(const char *server, const char *name, char *address) {
    unsigned char packet[512];
    int fd = open_socket(SOCK_DGRAM, server, 53);
    size_t length = write_question(packet, name);
    check(syscall(SYS_sendto, fd, packet, length, 0, NULL, 0));
    long got = check(syscall(SYS_recvfrom, fd, packet, sizeof packet, 0, NULL, NULL));
    if (packet[3] & 15 || got < (long)length + 16) {
        printf(packet[3] & 15 ? "rcode %d\n" : "no address\n", packet[3] & 15);
        exit(1);
    }
    inet_ntop(AF_INET, packet + length + 12, address, INET_ADDRSTRLEN);
    close(fd);
}

int main(int argc, char **argv) {
    char address[INET_ADDRSTRLEN], text[600];
    if (argc != 4)
        return 2;
    ask(argv[1], argv[2], address);
    int fd = open_socket(SOCK_STREAM, address, (unsigned int)strtoul(argv[3], NULL, 10));
    int length = snprintf(text, sizeof text, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", argv[2]);
    check(syscall(SYS_sendto, fd, text, (size_t)length, 0, NULL, 0));
    long got = check(syscall(SYS_recvfrom, fd, text, sizeof text - 1, 0, NULL, NULL));
    text[got] = 0;
    printf("%.*s\n", (int)strcspn(text, "\r\n"), text);
    return 0;
}
