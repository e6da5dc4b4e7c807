/* links.c: connections of the sandbox, from accept to the end. The address that was asked for is the local address of
 * the accepted socket; nothing that the program inside says is believed, since there is nothing it says. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define UNHEARD_NS (20 * UINT64_C(1000000))
#define UNTOLD_NS (1000 * UINT64_C(1000000))
#define ACCEPTS 16 /* of one listener before others have their turn */
#define RESOLVE_NS (20 * UINT64_C(1000000000))

/* The other side sees a reset, as from a host that refuses, and nothing of it stays in TIME_WAIT. */
static void reset(int fd) {
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void refuse(int fd) {
    reset(fd);
    close(fd);
}

/* A host may pace what it sends (BBR); on its loopback that only costs. A matter of speed, so a refusal is fine. */
void mxc_link_unpaced(int fd) { (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", sizeof "reno" - 1); }

static int is_waiting(const struct mxc_link *link) {
    return link->state == MXC_LINK_RESOLVING || link->state == MXC_LINK_DIALING;
}

void mxc_link_end(struct mxc_relay *relay, struct mxc_link *link, int outcome) {
    if (link->state == MXC_LINK_FREE || link->state == MXC_LINK_UNTOLD)
        return;
    int failed = mxc_relay_tell_link(relay, link, outcome, MSG_DONTWAIT);
    relay->waiting -= (unsigned int)is_waiting(link);
    if (link->protocol == MXC_NET_UDP) {
        mxc_udp_forget(relay, link);
    } else if (outcome != MXC_CONNECTION_CLOSED) {
        if (!link->inbound)
            reset(link->inner.fd);
        if (link->outer.fd >= 0)
            reset(link->outer.fd);
    }
    mxc_carry_release(relay, &link->out);
    mxc_carry_release(relay, &link->in);
    if (link->inbound)
        mxc_publish_take_back(relay, link, outcome);
    mxc_relay_forget(relay, &link->inner);
    mxc_relay_forget(relay, &link->outer);
    link->state = failed == -EAGAIN ? MXC_LINK_UNTOLD : MXC_LINK_FREE;
    link->outcome = outcome;
    link->deadline_ns = relay->now_ns;
    link->ended_turn = relay->turn;
    relay->waiting += link->state == MXC_LINK_UNTOLD;
}

static void tell_end(struct mxc_relay *relay, struct mxc_link *link, int flags) {
    if (mxc_relay_tell_link(relay, link, link->outcome, flags) == -EAGAIN)
        return;
    link->state = MXC_LINK_FREE;
    relay->waiting--;
}

void mxc_link_tell_again(struct mxc_relay *relay, struct mxc_link *link) { tell_end(relay, link, MSG_DONTWAIT); }

void mxc_link_watch(struct mxc_relay *relay, struct mxc_link *link) {
    if (is_waiting(link) && link->protocol == MXC_NET_TCP)
        (void)mxc_relay_watch(relay, link->inbound ? &link->outer : &link->inner, link->last ? 0 : EPOLLRDHUP,
                              link->inbound ? MXC_ON_OUTER : MXC_ON_INNER, (uint32_t)(link - relay->link));
}

/* A client that was reset is gone. One that has sent its last byte may still wait for an answer, as after half a close. */
static void hear_client(struct mxc_relay *relay, struct mxc_link *link, uint32_t events) {
    if (events & (EPOLLERR | EPOLLHUP)) {
        mxc_link_end(relay, link, MXC_CONNECTION_RESET);
        return;
    }
    link->last = 1;
    mxc_link_watch(relay, link);
}

/* The longest of those that wait for a client which has sent its last byte: where there is no room for others, it is
 * taken for gone. */
static int give_one_up(struct mxc_relay *relay) {
    struct mxc_link *oldest = NULL;
    for (unsigned int i = 0; i < relay->link_room; i++) {
        struct mxc_link *link = &relay->link[i];
        if (is_waiting(link) && link->last && !link->inbound && (!oldest || link->started_ns < oldest->started_ns))
            oldest = link;
    }
    if (oldest)
        mxc_link_end(relay, oldest,
                     oldest->state == MXC_LINK_RESOLVING ? MXC_CONNECTION_UNRESOLVED : MXC_CONNECTION_UNREACHABLE);
    return oldest != NULL;
}

static int may_take(const struct mxc_relay *relay, const struct mxc_link *link) {
    return link->state == MXC_LINK_FREE && (!link->ended_turn || link->ended_turn != relay->turn);
}

/* Of a relay without a place: 1 when one may come soon. A listener may be heard before the clients that have left, and what has
 * ended keeps its place until the keeper has read of it. */
static int is_patient(struct mxc_relay *relay, int untold) {
    relay->full_ns = relay->full_ns ? relay->full_ns : relay->now_ns;
    return relay->now_ns - relay->full_ns < (untold ? UNTOLD_NS : UNHEARD_NS);
}

/* 1: there is no place now, but soon; who comes waits in the queue. */
static int room_comes(struct mxc_relay *relay) {
    int next_turn = 0, untold = 0;
    for (unsigned int i = 0; i < relay->link_room; i++) {
        if (may_take(relay, &relay->link[i])) {
            relay->full_ns = 0;
            return 0;
        }
        next_turn |= relay->link[i].state == MXC_LINK_FREE;
        untold |= relay->link[i].state == MXC_LINK_UNTOLD;
    }
    return next_turn || (!untold && give_one_up(relay)) || is_patient(relay, untold);
}

struct mxc_service mxc_link_service(const struct mxc_link *link) {
    return (struct mxc_service){link->protocol, link->port};
}

struct mxc_link *mxc_link_new(struct mxc_relay *relay, struct mxc_service service, int fd) {
    static const struct mxc_flow empty = {.buffer = -1, .pipe = -1};
    for (unsigned int i = 0; i < relay->link_room; i++) {
        struct mxc_link *link = &relay->link[i];
        if (!may_take(relay, link))
            continue;
        *link = (struct mxc_link){.state = MXC_LINK_RESOLVING,
                                  .id = ++relay->next_id,
                                  .inner = {.fd = fd},
                                  .outer = {.fd = -1},
                                  .out = empty,
                                  .in = empty,
                                  .protocol = service.protocol,
                                  .port = service.port,
                                  .name = -1,
                                  .rule = MXC_NET_NO_ENTRY,
                                  .started_ns = relay->now_ns,
                                  .deadline_ns = relay->now_ns + RESOLVE_NS};
        relay->waiting++;
        return link;
    }
    return NULL;
}

static void begin_by_name(struct mxc_relay *relay, struct mxc_link *link, int name) {
    const char *text = relay->names.entry[name].text;
    link->name = name;
    if (mxc_rules_name(&relay->rules, text, mxc_link_service(link), &link->rule) != MXC_PERMITTED)
        mxc_link_end(relay, link, MXC_CONNECTION_DENIED);
    else
        mxc_resolve(relay, name);
}

void mxc_link_begin(struct mxc_relay *relay, struct mxc_link *link, const struct mxc_ip *asked) {
    int name = mxc_names_find(&relay->names, asked);
    if (name >= 0)
        begin_by_name(relay, link, name);
    else if (link->protocol != MXC_NET_TCP || !mxc_ip_is_loopback(asked) || !mxc_dial_local(relay, link))
        mxc_dial_choose(relay, link, asked, 1, 0);
}

void mxc_link_refuse_more(struct mxc_relay *relay, const struct mxc_ip *asked, struct mxc_service service) {
    int name = mxc_names_find(&relay->names, asked);
    mxc_relay_tell_refusal(relay, name < 0 ? NULL : relay->names.entry[name].text, name < 0 ? asked : NULL, service,
                           MXC_NET_NO_ENTRY, MXC_CONNECTION_TOO_MANY);
}

static void begin(struct mxc_relay *relay, int fd, const struct mxc_ip *asked, uint16_t port) {
    const struct mxc_service service = {MXC_NET_TCP, port};
    int one = 1;
    struct mxc_link *link = mxc_link_new(relay, service, fd);
    if (!link) {
        mxc_link_refuse_more(relay, asked, service);
        refuse(fd);
        return;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    mxc_link_begin(relay, link, asked);
    mxc_link_watch(relay, link);
}

void mxc_link_accept(struct mxc_relay *relay, unsigned int listener) {
    for (int i = 0; i < ACCEPTS; i++) {
        struct sockaddr_storage own;
        socklen_t length = sizeof own;
        struct mxc_ip asked;
        uint16_t port;
        if (room_comes(relay))
            return;
        int fd = accept4(relay->listener[listener].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (getsockname(fd, (struct sockaddr *)&own, &length) != 0 || mxc_ip_from(&asked, &port, &own) != 0)
            refuse(fd);
        else if (port == MXC_DNS_PORT && !mxc_rules_other_names(&relay->rules, &asked, MXC_NET_TCP))
            mxc_names_take(relay, fd);
        else
            begin(relay, fd, &asked, port);
    }
}

void mxc_link_resolved(struct mxc_relay *relay, int name) {
    const struct mxc_name *entry = &relay->names.entry[name];
    for (unsigned int i = 0; i < relay->link_room; i++) {
        struct mxc_link *link = &relay->link[i];
        if (link->state == MXC_LINK_RESOLVING && link->name == name)
            mxc_dial_choose(relay, link, entry->addresses, entry->address_count, 1);
    }
}

void mxc_link_deadline(struct mxc_relay *relay, struct mxc_link *link) {
    if (link->state == MXC_LINK_RESOLVING) {
        mxc_link_end(relay, link, MXC_CONNECTION_UNRESOLVED);
        return;
    }
    if (link->inbound) {
        mxc_link_end(relay, link, MXC_CONNECTION_UNREACHABLE);
        return;
    }
    link->candidate++;
    mxc_dial_next(relay, link);
}

void mxc_link_event(struct mxc_relay *relay, uint32_t number, enum mxc_relay_source source, uint32_t events) {
    struct mxc_link *link = &relay->link[number];
    struct mxc_watched *side = source == MXC_ON_INNER ? &link->inner : &link->outer;
    uint32_t out = source == MXC_ON_INNER ? EPOLLIN : EPOLLOUT, in = EPOLLIN + EPOLLOUT - out;
    if (is_waiting(link) && (source == MXC_ON_OUTER) == !!link->inbound) {
        hear_client(relay, link, events);
        return;
    }
    if (link->state == MXC_LINK_DIALING) {
        if (link->inbound && source == MXC_ON_INNER)
            mxc_publish_ready(relay, link);
        else if (!link->inbound && source == MXC_ON_OUTER)
            mxc_dial_ready(relay, link);
        return;
    }
    if (link->state != MXC_LINK_OPEN)
        return;
    if (link->protocol == MXC_NET_UDP) {
        mxc_udp_carry(relay, link);
        return;
    }
    side->hung |= !!(events & EPOLLHUP);
    if (events & EPOLLERR)
        mxc_link_end(relay, link, MXC_CONNECTION_RESET);
    else
        mxc_carry(relay, link, !!(events & (out | EPOLLHUP)), !!(events & (in | EPOLLHUP)));
}

void mxc_link_report_all(struct mxc_relay *relay) {
    for (unsigned int i = 0; i < relay->link_room; i++) {
        struct mxc_link *link = &relay->link[i];
        if (link->state == MXC_LINK_UNTOLD)
            tell_end(relay, link, 0);
        else if (link->state != MXC_LINK_FREE) /* one that the sandbox has closed is closed for it */
            (void)mxc_relay_tell_link(relay, link, link->out.ended ? MXC_CONNECTION_CLOSED : MXC_CONNECTION_OPEN, 0);
    }
}
