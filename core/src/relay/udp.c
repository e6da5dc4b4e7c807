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

struct packet { /* its bytes are in relay->packet */
    unsigned int listener;
    struct mxc_peer_address client;
    struct mxc_ip asked;
    size_t length;
};

/* 1: a packet; 0: one that nothing can be done with; -1: none. */
static int receive(struct mxc_relay *relay, struct packet *packet) {
    struct sockaddr_storage from;
    union control control;
    struct iovec part = {.iov_base = relay->packet, .iov_len = sizeof relay->packet};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof from,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(relay->listener[packet->listener].fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0)
        return -1;
    packet->length = (size_t)got;
    return !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
           mxc_ip_from(&packet->client.ip, &packet->client.port, &from) == 0 &&
           take_asked(&packet->asked, &message) == 0;
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

static void answer(struct mxc_relay *relay, const struct packet *packet, void *bytes, size_t length) {
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(packet->client.port)};
    struct sockaddr_storage to;
    union control control = {{0}};
    struct iovec part = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    int family = relay->listener_family[packet->listener];
    if (family == AF_INET6) {
        mxc_ip_mapped(v6.sin6_addr.s6_addr, &packet->client.ip);
        message.msg_name = &v6;
        message.msg_namelen = sizeof v6;
    } else {
        message.msg_name = &to;
        message.msg_namelen = mxc_ip_to(&to, &packet->client.ip, packet->client.port);
    }
    put_source(&message, family, &packet->asked);
    (void)sendmsg(relay->listener[packet->listener].fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- flows ---- */

static struct mxc_link *find_flow(struct mxc_relay *relay, const struct packet *packet) {
    for (unsigned int i = 0; i < relay->udp_count; i++) {
        struct mxc_link *link = &relay->link[relay->udp[i]];
        if (link->client.port == packet->client.port && link->listener == packet->listener &&
            mxc_ip_equal(&link->client.ip, &packet->client.ip) && mxc_ip_equal(&link->asked, &packet->asked))
            return link;
    }
    return NULL;
}

static void to_peer(struct mxc_relay *relay, struct mxc_link *link, const void *bytes, size_t length) {
    ssize_t sent = send(link->outer.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == ECONNREFUSED) /* of an earlier packet; this one was not tried */
        sent = send(link->outer.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    link->out.bytes += sent > 0 ? (uint64_t)sent : 0;
    link->used_ns = relay->now_ns;
}

/* Until the peer is known its packets wait in a buffer, each behind its length; what does not fit is lost, as it
 * would be in any queue. */
static void hold(struct mxc_relay *relay, struct mxc_link *link, size_t bytes) {
    struct mxc_flow *flow = &link->out;
    uint16_t length = (uint16_t)bytes; /* 65,507 is the most there can be */
    if (flow->buffer < 0 && relay->free_buffers)
        flow->buffer = relay->free_buffer[--relay->free_buffers];
    if (flow->buffer < 0 || flow->length + sizeof length + length > MXC_RELAY_BUFFER_BYTES)
        return;
    memcpy(relay->buffer[flow->buffer] + flow->length, &length, sizeof length);
    memcpy(relay->buffer[flow->buffer] + flow->length + sizeof length, relay->packet, length);
    flow->length += (uint32_t)sizeof length + length;
}

void mxc_udp_opened(struct mxc_relay *relay, struct mxc_link *link) {
    struct mxc_flow *flow = &link->out;
    uint16_t length;
    for (uint32_t at = 0; at < flow->length; at += (uint32_t)sizeof length + length) {
        memcpy(&length, relay->buffer[flow->buffer] + at, sizeof length);
        to_peer(relay, link, relay->buffer[flow->buffer] + at + sizeof length, length);
    }
    flow->length = 0;
    mxc_carry_release(relay, flow);
    if (mxc_relay_watch(relay, &link->outer, EPOLLIN, MXC_ON_OUTER, (uint32_t)(link - relay->link)) != 0)
        mxc_link_end(relay, link, MXC_CONNECTION_RESET);
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

static void begin_flow(struct mxc_relay *relay, const struct packet *packet) {
    const struct mxc_service service = {MXC_NET_UDP, relay->listener_port[packet->listener]};
    struct mxc_link *link = make_room(relay) ? mxc_link_new(relay, service, -1) : NULL;
    if (!link) {
        mxc_link_refuse_more(relay, &packet->asked, service);
        return;
    }
    relay->udp[relay->udp_count++] = (uint16_t)(link - relay->link);
    link->client = packet->client;
    link->asked = packet->asked;
    link->listener = packet->listener;
    hold(relay, link, packet->length);
    mxc_link_begin(relay, link, &packet->asked);
}

static void hear_flow(struct mxc_relay *relay, const struct packet *packet) {
    struct mxc_link *link = find_flow(relay, packet);
    if (!link)
        begin_flow(relay, packet);
    else if (link->state == MXC_LINK_OPEN)
        to_peer(relay, link, relay->packet, packet->length);
    else
        hold(relay, link, packet->length);
}

void mxc_udp_forget(struct mxc_relay *relay, const struct mxc_link *link) {
    for (unsigned int i = 0; i < relay->udp_count; i++)
        if (&relay->link[relay->udp[i]] == link) {
            relay->udp[i] = relay->udp[--relay->udp_count];
            return;
        }
}

static void answer_question(struct mxc_relay *relay, const struct packet *packet) {
    uint8_t out[MXC_DNS_UDP_MAX];
    size_t length = packet->length > MXC_DNS_UDP_MAX ? 0 : mxc_names_answer(relay, out, relay->packet, packet->length);
    if (length)
        answer(relay, packet, out, length);
}

void mxc_udp_hear(struct mxc_relay *relay, unsigned int listener) {
    struct packet packet = {.listener = listener};
    for (int i = 0; i < PACKETS; i++) {
        int got = receive(relay, &packet);
        if (got < 0)
            return;
        if (!got)
            continue;
        if (relay->listener_port[listener] == MXC_DNS_PORT &&
            !mxc_rules_other_names(&relay->rules, &packet.asked, MXC_NET_UDP))
            answer_question(relay, &packet);
        else
            hear_flow(relay, &packet);
    }
}

void mxc_udp_carry(struct mxc_relay *relay, struct mxc_link *link) {
    const struct packet packet = {.listener = link->listener, .client = link->client, .asked = link->asked};
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
        answer(relay, &packet, relay->packet, (size_t)got);
    }
}

void mxc_udp_look(struct mxc_relay *relay) {
    for (unsigned int i = relay->udp_count; i-- > 0;) {
        struct mxc_link *link = &relay->link[relay->udp[i]];
        if (link->state == MXC_LINK_OPEN && relay->now_ns - link->used_ns >= MXC_RELAY_UDP_QUIET_NS)
            mxc_link_end(relay, link, MXC_CONNECTION_CLOSED);
    }
}
