/* carry.c: bytes of one link, both ways, with half close and back-pressure. A direction holds a buffer only while it
 * has bytes that the other side does not take yet, so a quiet link costs none. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define ROUNDS 4         /* buffers moved before another link has its turn */
#define MUCH (64u << 10) /* from here on a pipe costs less than copying */
#define LITTLE 1024u     /* less than this was all there is, most likely; if not, the loop says so again */

static int take_buffer(struct mxc_relay *relay, struct mxc_flow *flow) {
    if (flow->buffer >= 0)
        return 1;
    if (!relay->free_buffers) {
        relay->starved += !flow->starved;
        flow->starved = 1;
        return 0;
    }
    flow->buffer = relay->free_buffer[--relay->free_buffers];
    return 1;
}

static void give_back_buffer(struct mxc_relay *relay, struct mxc_flow *flow) {
    if (flow->buffer < 0)
        return;
    relay->free_buffer[relay->free_buffers++] = flow->buffer;
    flow->buffer = -1;
}

static void give_back(struct mxc_relay *relay, struct mxc_flow *flow) {
    give_back_buffer(relay, flow);
    mxc_pipe_give_back(relay, flow);
}

void mxc_carry_release(struct mxc_relay *relay, struct mxc_flow *flow) {
    give_back(relay, flow);
    relay->starved -= (unsigned int)flow->starved;
    flow->starved = 0;
}

/* Sends what is held. 1: all gone; 0: the other side is full; -1: it is gone. */
static int drain(struct mxc_relay *relay, struct mxc_flow *flow, int to) {
    while (flow->length) {
        ssize_t sent = flow->pipe < 0
                           ? send(to, relay->buffer[flow->buffer] + flow->at, flow->length, MSG_NOSIGNAL | MSG_DONTWAIT)
                           : mxc_pipe_drain(relay, flow, to);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN ? 0 : -1;
        flow->at += (uint32_t)sent;
        flow->length -= (uint32_t)sent;
        flow->bytes += (uint64_t)sent;
    }
    return 1;
}

/* A flow that holds nothing goes on with what suits it now. */
static int take_room(struct mxc_relay *relay, struct mxc_flow *flow) {
    if (flow->busy && mxc_pipe_take(relay, flow)) {
        give_back_buffer(relay, flow);
        return 1;
    }
    mxc_pipe_give_back(relay, flow);
    return take_buffer(relay, flow);
}

/* Reads once. 1: something or the end; 0: nothing now; -1: reset. */
static int fill(struct mxc_relay *relay, struct mxc_flow *flow, int from) {
    if (!take_room(relay, flow))
        return 0;
    ssize_t got = flow->pipe < 0 ? recv(from, relay->buffer[flow->buffer], MXC_RELAY_BUFFER_BYTES, MSG_DONTWAIT)
                                 : mxc_pipe_fill(relay, flow, from);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    flow->ended = got == 0;
    flow->at = 0;
    flow->length = (uint32_t)got;
    flow->busy = got >= (ssize_t)MUCH;
    return 1;
}

static int move(struct mxc_relay *relay, struct mxc_flow *flow, int from, int to) {
    for (int round = 0; round < ROUNDS; round++) {
        int sent = drain(relay, flow, to);
        if (sent <= 0)
            return sent;
        if (flow->ended)
            break;
        int got = fill(relay, flow, from);
        if (got <= 0) {
            give_back(relay, flow);
            return got;
        }
        if (flow->length < LITTLE)
            break;
    }
    int sent = drain(relay, flow, to);
    if (sent <= 0)
        return sent;
    give_back(relay, flow);
    if (flow->ended && !flow->shut) {
        flow->shut = 1;
        if (shutdown(to, SHUT_WR) != 0)
            return -1;
    }
    return 0;
}

static uint32_t wanted(const struct mxc_flow *from, const struct mxc_flow *to) {
    uint32_t events = 0;
    if (!from->ended && !from->length && !from->starved)
        events |= EPOLLIN;
    if (to->length)
        events |= EPOLLOUT;
    return events;
}

void mxc_carry(struct mxc_relay *relay, struct mxc_link *link, int out, int in) {
    uint32_t number = (uint32_t)(link - relay->link);
    if ((out && move(relay, &link->out, link->inner.fd, link->outer.fd) < 0) ||
        (in && move(relay, &link->in, link->outer.fd, link->inner.fd) < 0)) {
        mxc_link_end(relay, link, MXC_CONNECTION_RESET);
        return;
    }
    if (link->out.shut && link->in.shut) {
        mxc_link_end(relay, link, MXC_CONNECTION_CLOSED);
        return;
    }
    if (mxc_relay_watch(relay, &link->inner, wanted(&link->out, &link->in), MXC_ON_INNER, number) != 0 ||
        mxc_relay_watch(relay, &link->outer, wanted(&link->in, &link->out), MXC_ON_OUTER, number) != 0)
        mxc_link_end(relay, link, MXC_CONNECTION_RESET);
}

/* Those that waited for a buffer read again, as long as there is one. */
void mxc_carry_feed(struct mxc_relay *relay) {
    for (unsigned int i = 0; i < relay->link_room && relay->starved && relay->free_buffers; i++) {
        struct mxc_link *link = &relay->link[i];
        if (link->state != MXC_LINK_OPEN || (!link->out.starved && !link->in.starved))
            continue;
        relay->starved -= (unsigned int)(link->out.starved + link->in.starved);
        link->out.starved = link->in.starved = 0;
        mxc_carry(relay, link, 1, 1);
    }
}
