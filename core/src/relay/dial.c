/* dial.c: what may be dialled, and dialling one address after the other. The address that was checked is the one that
 * is dialled: a name is resolved once, and its answers are filtered before any of them is used. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "mxc/mxc.h"
#include "relay/relay.h"

#define DIAL_NS (10 * UINT64_C(1000000000))

/* To an address of its own the host would speak from that same address; asking the kernel is never out of date, and a
 * datagram socket that is only connected sends nothing. */
static int is_own(const struct mxc_ip *ip) {
    struct sockaddr_storage address;
    socklen_t length = mxc_ip_to(&address, ip, 9);
    struct mxc_ip source;
    uint16_t port;
    MXC_AUTO_FD int probe = socket(ip->family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0 || connect(probe, (struct sockaddr *)&address, length) != 0)
        return 0; /* no way there: dialling will say so */
    length = sizeof address;
    return getsockname(probe, (struct sockaddr *)&address, &length) != 0 ||
           mxc_ip_from(&source, &port, &address) != 0 || mxc_ip_equal(&source, ip);
}

static int outcome_of(enum mxc_permission permission) {
    return permission == MXC_GUARDED ? MXC_CONNECTION_GUARDED : MXC_CONNECTION_DENIED;
}

static void add_candidate(struct mxc_link *link, const struct mxc_ip *ip, int own) {
    const uint32_t bit = UINT32_C(1) << link->candidate_count;
    link->own = own ? link->own | bit : link->own & ~bit;
    link->candidates[link->candidate_count++] = *ip;
}

/* IPv4 first: where both work either will do, and a host without a route for IPv6 loses no time. */
static int chosen(struct mxc_relay *relay, struct mxc_link *link, const struct mxc_ip *ip, int by_name, int *why) {
    int own = is_own(ip);
    enum mxc_permission permission =
        mxc_rules_address(&relay->rules, ip, mxc_link_service(link), own, by_name, &link->rule);
    if (permission != MXC_PERMITTED) {
        *why = outcome_of(permission);
        return 0;
    }
    if (link->candidate_count < MXC_NAME_ADDRESSES)
        add_candidate(link, ip, own);
    return 1;
}

void mxc_dial_choose(struct mxc_relay *relay, struct mxc_link *link, const struct mxc_ip *found, uint32_t count,
                     int by_name) {
    static const int families[] = {4, 6};
    int why = MXC_CONNECTION_UNRESOLVED;
    for (int f = 0; f < 2; f++)
        for (uint32_t i = 0; i < count; i++)
            if (found[i].family == families[f])
                chosen(relay, link, &found[i], by_name, &why);
    if (link->candidate_count) {
        mxc_dial_next(relay, link);
        return;
    }
    if (count) { /* what was refused is a part of the record */
        link->candidates[0] = found[0];
        link->candidate_count = 1;
    }
    mxc_link_end(relay, link, why);
}

/* The rule for the very address that it leads to, or MXC_NET_NO_ENTRY. */
static uint32_t local_rule(const struct mxc_relay *relay, const struct mxc_link *link) {
    uint32_t rule = mxc_rules_for_local(&relay->rules, link->port, 0);
    while (rule != MXC_NET_NO_ENTRY) {
        const struct mxc_ip ip = mxc_ip_of_block(&relay->rules.entries[rule].block);
        if (mxc_ip_equal(&ip, &link->candidates[link->candidate]))
            break;
        rule = mxc_rules_for_local(&relay->rules, link->port, rule + 1);
    }
    return rule;
}

int mxc_dial_local(struct mxc_relay *relay, struct mxc_link *link) {
    uint32_t rule = mxc_rules_for_local(&relay->rules, link->port, 0);
    link->rule = rule;
    link->local = rule != MXC_NET_NO_ENTRY;
    for (; rule != MXC_NET_NO_ENTRY && link->candidate_count < MXC_NAME_ADDRESSES;
         rule = mxc_rules_for_local(&relay->rules, link->port, rule + 1))
        link->candidates[link->candidate_count++] = mxc_ip_of_block(&relay->rules.entries[rule].block);
    if (link->local)
        mxc_dial_next(relay, link);
    return link->local;
}

static int still_granted(struct mxc_relay *relay, struct mxc_link *link, const struct mxc_ip *ip) {
    return mxc_rules_address(&relay->rules, ip, mxc_link_service(link), is_own(ip), link->name >= 0, &link->rule) ==
           MXC_PERMITTED;
}

int mxc_dial_granted(struct mxc_relay *relay, struct mxc_link *link) {
    uint32_t first = link->candidate + 1, count = link->candidate_count;
    link->rule = link->local ? local_rule(relay, link) : MXC_NET_NO_ENTRY;
    if (link->inbound)
        link->rule = mxc_rules_for_published(&relay->rules, link->port);
    if (link->local) /* another address may have lost its rule */
        link->candidate_count = first;
    if (link->local || link->inbound)
        return link->rule != MXC_NET_NO_ENTRY;
    if (link->name >= 0 && mxc_rules_name(&relay->rules, relay->names.entry[link->name].text, mxc_link_service(link),
                                          &link->rule) != MXC_PERMITTED)
        return 0;
    if (link->state == MXC_LINK_RESOLVING) /* what it finds is judged then */
        return 1;
    if (!still_granted(relay, link, &link->candidates[link->candidate]))
        return 0;
    link->candidate_count = first;
    for (uint32_t i = first; i < count; i++) {
        const struct mxc_ip ip = link->candidates[i];
        if (still_granted(relay, link, &ip))
            add_candidate(link, &ip, link->own >> i & 1);
    }
    return 1;
}

/* The client believes itself connected since before it was accepted, and has often sent something by now. */
void mxc_dial_opened(struct mxc_relay *relay, struct mxc_link *link) {
    link->state = MXC_LINK_OPEN;
    relay->waiting--;
    (void)mxc_relay_tell_link(relay, link, MXC_CONNECTION_OPEN, MSG_DONTWAIT);
    if (link->protocol == MXC_NET_UDP)
        mxc_udp_opened(relay, link);
    else
        mxc_carry(relay, link, !link->inbound, link->inbound);
}

static int is_connected(int fd) {
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &length) == 0;
}

/* 1: under way or there; 0: not this address. */
static int dial(struct mxc_relay *relay, struct mxc_link *link) {
    struct sockaddr_storage address;
    int one = 1;
    const struct mxc_ip *ip = &link->candidates[link->candidate];
    socklen_t length = mxc_ip_to(&address, ip, link->port);
    int kind = link->protocol == MXC_NET_UDP ? SOCK_DGRAM : SOCK_STREAM;
    int fd = socket(ip->family == 4 ? AF_INET : AF_INET6, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    if (kind == SOCK_STREAM)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (kind == SOCK_STREAM && (mxc_ip_is_loopback(ip) || link->own >> link->candidate & 1))
        mxc_link_unpaced(fd);
    if (connect(fd, (struct sockaddr *)&address, length) != 0 && errno != EINPROGRESS) {
        close(fd);
        return 0;
    }
    link->outer = (struct mxc_watched){.fd = fd};
    link->deadline_ns = relay->now_ns + DIAL_NS;
    if (is_connected(
            fd)) { /* on this host it is, by now, and UDP always is: no turn of the loop is needed to hear of it */
        mxc_dial_opened(relay, link);
        return 1;
    }
    return mxc_relay_watch(relay, &link->outer, EPOLLOUT, MXC_ON_OUTER, (uint32_t)(link - relay->link)) == 0;
}

void mxc_dial_next(struct mxc_relay *relay, struct mxc_link *link) {
    link->state = MXC_LINK_DIALING; /* counted as waiting since it began to resolve */
    for (; link->candidate < link->candidate_count; link->candidate++) {
        mxc_relay_forget(relay, &link->outer);
        if (link->local)
            link->rule = local_rule(relay, link);
        if (dial(relay, link))
            return;
    }
    link->candidate = link->candidate_count - 1; /* the record names the last that was tried */
    mxc_link_end(relay, link, MXC_CONNECTION_UNREACHABLE);
}

void mxc_dial_ready(struct mxc_relay *relay, struct mxc_link *link) {
    int failed = 0;
    socklen_t length = sizeof failed;
    if (getsockopt(link->outer.fd, SOL_SOCKET, SO_ERROR, &failed, &length) != 0 || failed) {
        link->candidate++;
        mxc_dial_next(relay, link);
    } else if (is_connected(link->outer.fd)) {
        mxc_dial_opened(relay, link);
    }
}
