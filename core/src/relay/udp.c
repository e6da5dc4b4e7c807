/* udp.c: datagrams of the sandbox. One socket inside for each granted port hears all addresses; which one was asked
 * for comes with the packet, and answers leave from just that one. A flow is a link (links.c) whose far end is a
 * connected socket, so nobody but the peer that was asked can answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define PACKETS 32 /* before others have their turn */

union control {
    char bytes[128];
    struct cmsghdr align;
};

/* ---- inside ---- */

static int take_asked(struct mxc_ip *asked, struct msghdr *message) {
    struct in_pktinfo v4;
    struct in6_pktinfo v6;
    int found = 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level == IPPROTO_IPV6 && head->cmsg_type == IPV6_PKTINFO) {
            memcpy(&v6, CMSG_DATA(head), sizeof v6);
            *asked = mxc_ip_v6(v6.ipi6_addr.s6_addr);
            found = 1;
        }
        if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO) {
            memcpy(&v4, CMSG_DATA(head), sizeof v4);
            *asked = mxc_ip_v4((const uint8_t *)&v4.ipi_addr);
            found = 1;
        }
    }
    return found ? 0 : -1;
}

/* The bytes of one packet, now in relay->packet; -1: none there; 0 also for what is not well formed. */
static ssize_t receive(struct mxc_relay *relay, unsigned int listener, struct mxc_peer_address *client,
                       struct mxc_ip *asked) {
    struct sockaddr_storage from;
    union control control;
    struct iovec part = {.iov_base = relay->packet, .iov_len = sizeof relay->packet};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(relay->listener[listener].fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0)
        return -1;
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || mxc_ip_from(&client->ip, &client->port, &from) != 0 ||
        take_asked(asked, &message) != 0)
        return 0;
    return got;
}

/* The interface is left open, and the sockets have FREEBIND: none of these addresses is configured anywhere. On a socket
 * of IPv6 an IPv4 address is written as a mapped one. */
static void put_source(struct msghdr *message, int family, const struct mxc_ip *source) {
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    struct in6_pktinfo v6 = {0};
    struct in_pktinfo v4 = {0};
    const void *info = family == AF_INET6 ? (const void *)&v6 : (const void *)&v4;
    size_t length = family == AF_INET6 ? sizeof v6 : sizeof v4;
    mxc_ip_mapped(v6.ipi6_addr.s6_addr, source);
    memcpy(&v4.ipi_spec_dst, source->address, sizeof v4.ipi_spec_dst);
    head->cmsg_level = family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
    head->cmsg_type = family == AF_INET6 ? IPV6_PKTINFO : IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(head), info, length);
    message->msg_controllen = CMSG_SPACE(length);
}

static void answer(struct mxc_relay *relay, unsigned int listener, const struct mxc_peer_address *client,
                   const struct mxc_ip *source, void *bytes, size_t length) {
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(client->port)};
    struct sockaddr_storage to;
    union control control = {{0}};
    struct iovec part = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    int family = relay->listener_family[listener];
    if (family == AF_INET6) {
        mxc_ip_mapped(v6.sin6_addr.s6_addr, &client->ip);
        message.msg_name = &v6;
        message.msg_namelen = sizeof v6;
    } else {
        message.msg_name = &to;
        message.msg_namelen = mxc_ip_to(&to, &client->ip, client->port);
    }
    put_source(&message, family, source);
    (void)sendmsg(relay->listener[listener].fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- flows ---- */

static struct mxc_link *find_flow(struct mxc_relay *relay, unsigned int listener, const struct mxc_peer_address *client,
                                  const struct mxc_ip *asked) {
    for (unsigned int i = 0; i < relay->udp_count; i++) {
        struct mxc_link *link = &relay->link[relay->udp[i]];
        if (link->client.port == client->port && link->listener == listener &&
            mxc_ip_equal(&link->client.ip, &client->ip) && mxc_ip_equal(&link->asked, asked))
            return link;
    }
    return NULL;
}

static void to_peer(struct mxc_link *link, const void *bytes, size_t length) {
    ssize_t sent = send(link->outer.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == ECONNREFUSED) /* of an earlier packet; this one was not tried */
        sent = send(link->outer.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    link->out.bytes += sent > 0 ? (uint64_t)sent : 0;
}

/* Until the peer is known its packets wait in a buffer, each behind its length; what does not fit is lost, as it
 * would be in any queue. */
static void hold(struct mxc_relay *relay, struct mxc_link *link, uint16_t length) {
    struct mxc_flow *flow = &link->out;
    if (flow->buffer < 0 && relay->free_buffers)
        flow->buffer = relay->free_buffer[--relay->free_buffers];
    if (flow->buffer < 0 || flow->length + sizeof length + length > MXC_RELAY_BUFFER_BYTES)
        return;
    memcpy(relay->buffer[flow->buffer] + flow->length, &length, sizeof length);
    memcpy(relay->buffer[flow->buffer] + flow->length + sizeof length, relay->packet, length);
    flow->length += (uint32_t)sizeof length + length;
}

void mxc_udp_open(struct mxc_relay *relay, struct mxc_link *link) {
    struct mxc_flow *flow = &link->out;
    uint16_t length;
    link->used_ns = relay->now_ns;
    for (uint32_t at = 0; at < flow->length; at += (uint32_t)sizeof length + length) {
        memcpy(&length, relay->buffer[flow->buffer] + at, sizeof length);
        to_peer(link, relay->buffer[flow->buffer] + at + sizeof length, length);
    }
    flow->length = 0;
    mxc_carry_release(relay, flow);
}

/* When all are in use the one that has been quiet longest makes room, if it has been quiet for a while. */
static int make_room(struct mxc_relay *relay) {
    struct mxc_link *oldest = NULL;
    if (relay->udp_count < MXC_RELAY_UDP_FLOWS)
        return 1;
    for (unsigned int i = 0; i < relay->udp_count; i++) {
        struct mxc_link *link = &relay->link[relay->udp[i]];
        if (link->state == MXC_LINK_OPEN && (!oldest || link->used_ns < oldest->used_ns))
            oldest = link;
    }
    if (!oldest || relay->now_ns - oldest->used_ns < MXC_RELAY_UDP_SPARED_NS)
        return 0;
    mxc_link_end(relay, oldest, MXC_CONNECTION_CLOSED);
    return 1;
}

static void hear_flow(struct mxc_relay *relay, unsigned int listener, const struct mxc_peer_address *client,
                      const struct mxc_ip *asked, uint16_t length) {
    struct mxc_link *link = find_flow(relay, listener, client, asked);
    if (link && link->state == MXC_LINK_OPEN) {
        link->used_ns = relay->now_ns;
        to_peer(link, relay->packet, length);
        return;
    }
    if (!link)
        link = make_room(relay) ? mxc_link_new(relay, MXC_NET_UDP, -1, relay->listener_port[listener]) : NULL;
    else {
        hold(relay, link, length);
        return;
    }
    if (!link) {
        mxc_link_refuse_more(relay, asked, (struct mxc_service){MXC_NET_UDP, relay->listener_port[listener]});
        return;
    }
    relay->udp[relay->udp_count++] = (uint16_t)(link - relay->link);
    link->client = *client;
    link->asked = *asked;
    link->listener = listener;
    hold(relay, link, length);
    mxc_link_begin(relay, link, asked);
}

void mxc_udp_forget(struct mxc_relay *relay, const struct mxc_link *link) {
    for (unsigned int i = 0; i < relay->udp_count; i++)
        if (&relay->link[relay->udp[i]] == link) {
            relay->udp[i] = relay->udp[--relay->udp_count];
            return;
        }
}

void mxc_udp_hear(struct mxc_relay *relay, unsigned int listener) {
    for (int i = 0; i < PACKETS; i++) {
        struct mxc_peer_address client;
        struct mxc_ip asked;
        uint8_t out[MXC_DNS_UDP_MAX];
        ssize_t got = receive(relay, listener, &client, &asked);
        if (got < 0)
            return;
        if (relay->listener_port[listener] != MXC_DNS_PORT ||
            mxc_rules_other_names(&relay->rules, &asked, MXC_NET_UDP)) {
            hear_flow(relay, listener, &client, &asked, (uint16_t)got);
            continue;
        }
        size_t length = got > MXC_DNS_UDP_MAX ? 0 : mxc_names_answer(relay, out, relay->packet, (size_t)got);
        if (length)
            answer(relay, listener, &client, &asked, out, length);
    }
}

void mxc_udp_carry(struct mxc_relay *relay, struct mxc_link *link) {
    for (int i = 0; i < PACKETS; i++) {
        ssize_t got = recv(link->outer.fd, relay->packet, sizeof relay->packet, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got < 0) { /* ICMP said that there is nobody */
            mxc_link_end(relay, link, MXC_CONNECTION_UNREACHABLE);
            return;
        }
        link->used_ns = relay->now_ns;
        link->in.bytes += (uint64_t)got;
        answer(relay, link->listener, &link->client, &link->asked, relay->packet, (size_t)got);
    }
}

void mxc_udp_look(struct mxc_relay *relay) {
    for (unsigned int i = relay->udp_count; i-- > 0;) {
        struct mxc_link *link = &relay->link[relay->udp[i]];
        if (link->state == MXC_LINK_OPEN && relay->now_ns - link->used_ns >= MXC_RELAY_UDP_QUIET_NS)
            mxc_link_end(relay, link, MXC_CONNECTION_CLOSED);
    }
}
