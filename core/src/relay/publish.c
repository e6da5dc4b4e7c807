/* publish.c: connections from the host's loopback to listeners inside. Only a socket made inside can reach those, and
 * the relay cannot make one, so it has a pool: a socket that is disconnected can connect once more. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define ACCEPTS 16
#define DIAL_NS (10 * UINT64_C(1000000000))
#define REST_NS (5 * UINT64_C(1000000000))

/* Without a free socket nobody is accepted: who comes waits in the host's queue. */
static void watch_all(struct mxc_relay *relay) {
    uint32_t events = relay->dialers ? EPOLLIN : 0;
    for (unsigned int i = 0; i < relay->published_count; i++)
        (void)mxc_relay_watch(relay, &relay->published[i], events, MXC_ON_PUBLISHED, i);
}

void mxc_publish_listener(struct mxc_relay *relay, int fd, uint16_t port) {
    mxc_link_unpaced(fd); /* and what it accepts */
    unsigned int at = relay->published_count;
    if (at == MXC_NET_MAX_PUBLISHED) {
        close(fd);
        return;
    }
    relay->published[at] = (struct mxc_watched){.fd = fd};
    relay->published_port[at] = port;
    relay->published_count++;
    watch_all(relay);
}

void mxc_publish_dialer(struct mxc_relay *relay, int fd) {
    if (relay->dialers_made == MXC_NET_MAX_DIALERS) {
        close(fd);
        return;
    }
    relay->dialers_made++;
    relay->dialer[relay->dialers++] = fd;
    if (relay->dialers == 1)
        watch_all(relay);
}

/* ---- the pool ---- */

/* What is still connected is reset by this. */
static void free_again(struct mxc_relay *relay, int fd) {
    const struct sockaddr none = {.sa_family = AF_UNSPEC};
    int error;
    socklen_t length = sizeof error;
    (void)connect(fd, &none, sizeof none);
    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length); /* of the connection before */
    relay->dialer[relay->dialers++] = fd;
    if (relay->dialers == 1)
        watch_all(relay);
}

static int is_done(int fd) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 || info.tcpi_state == TCP_CLOSE ||
           info.tcpi_state == TCP_TIME_WAIT;
}

void mxc_publish_take_back(struct mxc_relay *relay, struct mxc_link *link, int outcome) {
    int fd = link->inner.fd;
    mxc_relay_unwatch(relay, &link->inner);
    link->inner = (struct mxc_watched){.fd = -1};
    if (outcome != MXC_CONNECTION_CLOSED || is_done(fd)) {
        free_again(relay, fd);
        return;
    }
    relay->resting[relay->resting_count++] = (struct mxc_resting){fd, relay->now_ns + REST_NS};
    relay->waiting++;
}

void mxc_publish_deadlines(struct mxc_relay *relay) {
    for (unsigned int i = 0; i < relay->resting_count;) {
        struct mxc_resting *one = &relay->resting[i];
        if (relay->now_ns < one->until_ns && !is_done(one->fd)) {
            i++;
            continue;
        }
        int fd = one->fd;
        *one = relay->resting[--relay->resting_count];
        relay->waiting--;
        free_again(relay, fd);
    }
}

/* ---- connections ---- */

static void dial_inside(struct mxc_relay *relay, struct mxc_link *link) {
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    const struct mxc_ip inside = mxc_ip_v4(loopback);
    struct sockaddr_storage address;
    const int one = 1;
    socklen_t length = mxc_ip_to(&address, &inside, link->port);
    (void)setsockopt(link->inner.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int failed = connect(link->inner.fd, (struct sockaddr *)&address, length) != 0;
    if (!failed)
        mxc_dial_opened(relay, link);
    else if (errno != EINPROGRESS ||
             mxc_relay_watch(relay, &link->inner, EPOLLOUT, MXC_ON_INNER, (uint32_t)(link - relay->link)) != 0)
        mxc_link_end(relay, link, MXC_CONNECTION_UNREACHABLE);
}

static void begin(struct mxc_relay *relay, int fd, uint16_t port, const struct mxc_ip *from) {
    const int one = 1;
    struct mxc_link *link =
        mxc_link_new(relay, (struct mxc_service){MXC_NET_TCP, port}, relay->dialer[relay->dialers - 1]);
    if (!link) { /* more than one sandbox may have, in both directions together */
        close(fd);
        return;
    }
    relay->dialers--;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    link->inbound = 1;
    link->state = MXC_LINK_DIALING;
    link->outer.fd = fd;
    link->candidates[link->candidate_count++] = *from;
    link->deadline_ns = relay->now_ns + DIAL_NS;
    link->rule = mxc_rules_for_published(&relay->rules, port);
    if (link->rule == MXC_NET_NO_ENTRY) /* not any more */
        mxc_link_end(relay, link, MXC_CONNECTION_DENIED);
    else
        dial_inside(relay, link);
    mxc_link_watch(relay, link);
}

void mxc_publish_accept(struct mxc_relay *relay, unsigned int number) {
    for (int i = 0; i < ACCEPTS && relay->dialers; i++) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        struct mxc_ip from;
        uint16_t port;
        int fd = accept4(relay->published[number].fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (mxc_ip_from(&from, &port, &peer) != 0)
            close(fd);
        else
            begin(relay, fd, relay->published_port[number], &from);
    }
    if (!relay->dialers)
        watch_all(relay);
}

void mxc_publish_ready(struct mxc_relay *relay, struct mxc_link *link) {
    int failed = 0;
    struct sockaddr_storage peer;
    socklen_t length = sizeof failed, peer_length = sizeof peer;
    if (getsockopt(link->inner.fd, SOL_SOCKET, SO_ERROR, &failed, &length) != 0 || failed)
        mxc_link_end(relay, link, MXC_CONNECTION_UNREACHABLE);
    else if (getpeername(link->inner.fd, (struct sockaddr *)&peer, &peer_length) == 0)
        mxc_dial_opened(relay, link);
}
