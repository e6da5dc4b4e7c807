/* publish.c: both ends of published ports: listeners on the host's loopback, and sockets made inside with which the relay
 * connects to what listens there. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "ops/ops.h"

#define BACKLOG 128

static int listen_on_loopback(struct mxc_published *published, uint16_t host_port) {
    const int one = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(host_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    MXC_AUTO_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return -errno;
    published->host_port = ntohs(address.sin_port);
    published->fd = mxc_take_fd(&fd);
    return 0;
}

int mxc_op_publish(struct mxc_apply *apply, const struct mxc_op *op) {
    if (apply->published_count == MXC_NET_MAX_PUBLISHED)
        return -E2BIG;
    struct mxc_published *published = &apply->published[apply->published_count];
    published->port = (uint16_t)op->a;
    int result = listen_on_loopback(published, (uint16_t)op->b);
    apply->published_count += result == 0;
    return result;
}

int mxc_op_dialers(struct mxc_apply *apply, const struct mxc_op *op) {
    while (apply->dialer_count < op->a && apply->dialer_count < MXC_NET_MAX_DIALERS) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            return -errno;
        apply->dialers[apply->dialer_count++] = fd;
    }
    return 0;
}
