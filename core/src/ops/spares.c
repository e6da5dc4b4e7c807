/* spares.c: sockets made inside before anybody knows where they will listen. The keeper lets one listen at the very
 * address that a connection is about to go to, so that no port has to be known ahead and nothing inside that listens on
 * its own loopback is in the way. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/sys.h"
#include "ops/ops.h"

#define BACKLOG 1024

/* Init makes more of them later, below its filter, which lets it do this and not more. */
int mxc_spare_make(void) {
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd < 0 ? -errno : fd;
}

/* A word before the first of them, and after those about ghosts: the keeper has tried to read from here. Later it could
 * not be tried, since init lets nobody look into it. */
static int hear_of_try(const struct mxc_apply *apply) {
    char word;
    ssize_t got;
    do
        got = recv(apply->keeper, &word, sizeof word, 0);
    while (got < 0 && errno == EINTR);
    return got == 1 ? 0 : -ECHILD;
}

int mxc_spares_allow(int builder) {
    static const char word = 1;
    int result = send(builder, &word, sizeof word, MSG_NOSIGNAL) < 0 ? -errno : 0;
    return mxc_peer_gone(result) ? 0 : result; /* a builder that has given up already has said why */
}

int mxc_op_spares(struct mxc_apply *apply, const struct mxc_op *op) {
    int result = hear_of_try(apply);
    while (result == 0 && apply->spare_count < op->a && apply->spare_count < MXC_NET_MAX_SPARES) {
        int fd = mxc_spare_make();
        if (fd < 0)
            return fd;
        apply->spares[apply->spare_count++] = fd;
    }
    return result;
}

static int on(int fd, int level, int option) {
    const int one = 1;
    return setsockopt(fd, level, option, &one, sizeof one);
}

/* The address is nobody's, and connections that an earlier listener took there may still be open. */
int mxc_spare_bind(int fd, const uint8_t address[16], uint16_t port) {
    const int off = 0;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&v4.sin_addr, address + 12, 4);
    memcpy(&v6.sin6_addr, address, 16);
    if (on(fd, SOL_SOCKET, SO_REUSEADDR) != 0 || on(fd, IPPROTO_IP, IP_FREEBIND) != 0)
        return -errno;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0) /* no IPv6 on this host */
        return bind(fd, (const struct sockaddr *)&v4, sizeof v4) ? -errno : 0;
    if (on(fd, IPPROTO_IPV6, IPV6_FREEBIND) != 0)
        return -errno;
    return bind(fd, (const struct sockaddr *)&v6, sizeof v6) ? -errno : 0;
}

int mxc_spare_listen(int fd) { return listen(fd, BACKLOG) ? -errno : 0; }
