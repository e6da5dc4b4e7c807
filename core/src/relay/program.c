/* program.c: the loop of the relay: one epoll over the keeper, the listeners, the links and the questions. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/fd.h"
#include "relay/relay.h"

#define EVENTS 64
#define SYNC_TURNS 8
#define TICK_MS 50         /* how exact deadlines are */
#define QUIET_TICK_MS 1000 /* and those of flows of UDP */

void mxc_relay_clock(struct mxc_relay *relay) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    relay->now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int mxc_relay_watch(struct mxc_relay *relay, struct mxc_watched *watched, uint32_t events, enum mxc_relay_source source,
                    uint32_t number) {
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)source << 32 | number};
    int act = watched->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (!events && watched->hung) {
        if (!watched->registered)
            return 0;
        act = EPOLL_CTL_DEL;
    } else if (watched->registered && watched->events == events) {
        return 0;
    }
    if (epoll_ctl(relay->epoll, act, watched->fd, &event) != 0)
        return -errno;
    watched->registered = act != EPOLL_CTL_DEL;
    watched->events = events;
    return 0;
}

void mxc_relay_unwatch(struct mxc_relay *relay, struct mxc_watched *watched) {
    if (watched->registered)
        (void)epoll_ctl(relay->epoll, EPOLL_CTL_DEL, watched->fd, NULL);
    watched->registered = 0;
}

void mxc_relay_forget(struct mxc_relay *relay, struct mxc_watched *watched) {
    (void)relay; /* closing the last descriptor takes it out of the epoll set */
    mxc_close(&watched->fd);
    *watched = (struct mxc_watched){.fd = -1};
}

static void on_listener(struct mxc_relay *relay, uint32_t number) {
    if (relay->listener_protocol[number] == MXC_NET_UDP)
        mxc_udp_hear(relay, number);
    else
        mxc_link_accept(relay, number);
}

/* An event may be about something that an earlier one of the same turn has ended: the functions find that there is
 * nothing. The number of a link goes to no other one in that turn. */
static int dispatch(struct mxc_relay *relay, const struct epoll_event *event) {
    uint32_t number = (uint32_t)event->data.u64;
    enum mxc_relay_source source = (enum mxc_relay_source)(event->data.u64 >> 32);
    switch (source) {
    case MXC_ON_CONTROL:
        return mxc_relay_hear(relay);
    case MXC_ON_PUBLISHED:
        mxc_publish_accept(relay, number);
        break;
    case MXC_ON_REFUSED:
        mxc_refused_hear(relay, number);
        break;
    case MXC_ON_LISTENER:
        on_listener(relay, number);
        break;
    case MXC_ON_INNER:
    case MXC_ON_OUTER:
        mxc_link_event(relay, number, source, event->events);
        break;
    case MXC_ON_QUESTION:
        mxc_names_event(relay, number);
        break;
    case MXC_ON_LOOKUP:
        mxc_resolve_event(relay, number, event->events);
        break;
    }
    return 1;
}

static void look_at_deadlines(struct mxc_relay *relay) {
    mxc_publish_deadlines(relay);
    for (unsigned int i = 0; i < MXC_RELAY_LOOKUPS; i++)
        if (relay->lookup[i].name >= 0 && relay->now_ns >= relay->lookup[i].deadline_ns)
            mxc_resolve_deadline(relay, &relay->lookup[i]);
    for (unsigned int i = 0; i < relay->link_room; i++) {
        struct mxc_link *link = &relay->link[i];
        if (link->state == MXC_LINK_UNTOLD)
            mxc_link_tell_again(relay, link);
        if ((link->state == MXC_LINK_RESOLVING || link->state == MXC_LINK_DIALING) &&
            relay->now_ns >= link->deadline_ns)
            mxc_link_deadline(relay, link);
    }
    for (unsigned int i = 0; i < MXC_RELAY_QUESTIONS; i++)
        if (relay->question[i].socket.fd >= 0 && relay->now_ns >= relay->question[i].deadline_ns)
            mxc_names_close(relay, &relay->question[i]);
    mxc_udp_look(relay);
}

/* How long the loop may sleep. Flows of UDP end when they are quiet, which need not be exact. */
static int patience_ms(const struct mxc_relay *relay) {
    if (relay->sync)
        return 0;
    return relay->waiting ? TICK_MS : relay->udp_count ? QUIET_TICK_MS : -1;
}

/* Once nothing is left to do, or soon anyway, the keeper gets the state of all links. */
static int answer_sync(struct mxc_relay *relay, int events) {
    if (events > 0 && ++relay->sync < SYNC_TURNS)
        return 0;
    relay->sync = 0;
    mxc_link_report_all(relay);
    mxc_refused_count(relay);
    return mxc_relay_tell(relay, MXC_RELAY_SYNCED);
}

int mxc_relay_run(struct mxc_relay *relay) {
    struct epoll_event events[EVENTS];
    uint64_t looked_ns = 0;
    for (;;) {
        int count = epoll_wait(relay->epoll, events, EVENTS, patience_ms(relay));
        if (count < 0 && errno != EINTR)
            return -errno;
        relay->turn++;
        mxc_relay_clock(relay);
        for (int i = 0; i < count; i++)
            if (!dispatch(relay, &events[i]))
                return 0;
        mxc_carry_feed(relay);
        if (relay->sync && answer_sync(relay, count) != 0)
            return 0;
        if ((relay->waiting || relay->udp_count) && relay->now_ns - looked_ns >= TICK_MS * UINT64_C(1000000)) {
            looked_ns = relay->now_ns;
            look_at_deadlines(relay);
        }
    }
}
