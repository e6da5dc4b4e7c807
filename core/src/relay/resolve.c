/* resolve.c: the real addresses of a granted name: the host's hosts file, then its name servers. A small client of our
 * own: a new port and a random id for each try, both families at once, TCP when an answer was cut off. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/relay.h"

#define TRY_NS (2 * UINT64_C(1000000000))
#define TRIES_EACH 2
#define LONGEST_KEPT_S 30u
#define SHORTEST_KEPT_S 1u

static const uint16_t types[2] = {MXC_DNS_A, MXC_DNS_AAAA};

static void finish(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    int name = lookup->name;
    struct mxc_name *entry = &relay->names.entry[name];
    uint32_t kept = lookup->ttl > LONGEST_KEPT_S ? LONGEST_KEPT_S : lookup->ttl;
    kept = lookup->found && kept >= SHORTEST_KEPT_S ? kept : SHORTEST_KEPT_S;
    memcpy(entry->addresses, lookup->addresses, sizeof entry->addresses);
    entry->address_count = lookup->address_count;
    entry->fresh_until_ns = relay->now_ns + kept * UINT64_C(1000000000);
    mxc_relay_forget(relay, &lookup->socket);
    lookup->name = -1;
    relay->waiting--;
    mxc_link_resolved(relay, name);
}

static int send_questions(struct mxc_lookup *lookup, const char *name) {
    for (int i = 0; i < 2; i++) {
        uint8_t out[2 + MXC_DNS_UDP_MAX];
        if (lookup->done[i])
            continue;
        if (getrandom(&lookup->id[i], sizeof lookup->id[i], 0) != sizeof lookup->id[i])
            return -1;
        size_t length = mxc_dns_write_question(out + 2, lookup->id[i], name, types[i]);
        out[0] = (uint8_t)(length >> 8);
        out[1] = (uint8_t)length;
        const uint8_t *begin = lookup->tcp ? out : out + 2;
        length += lookup->tcp ? 2 : 0;
        if (send(lookup->socket.fd, begin, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length)
            return -1;
    }
    return 0;
}

/* A socket that hears only this server, on a port that the kernel draws. */
static int open_socket(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    struct sockaddr_storage address;
    const struct mxc_ip *server = &relay->server[lookup->server];
    socklen_t length = mxc_ip_to(&address, server, MXC_DNS_PORT);
    int kind = lookup->tcp ? SOCK_STREAM : SOCK_DGRAM;
    mxc_relay_forget(relay, &lookup->socket);
    lookup->socket.fd = socket(server->family == 4 ? AF_INET : AF_INET6, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    lookup->have = 0;
    lookup->deadline_ns = relay->now_ns + TRY_NS;
    if (lookup->socket.fd < 0 ||
        (connect(lookup->socket.fd, (struct sockaddr *)&address, length) != 0 && errno != EINPROGRESS))
        return -1;
    return mxc_relay_watch(relay, &lookup->socket, lookup->tcp ? EPOLLOUT : EPOLLIN, MXC_ON_LOOKUP,
                           (uint32_t)(lookup - relay->lookup));
}

static int start_try(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    if (open_socket(relay, lookup) != 0)
        return -1;
    return lookup->tcp ? 0 : send_questions(lookup, relay->names.entry[lookup->name].text);
}

/* The next server, round and round, until one answers or all were asked often enough. */
static void try_next(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    while (++lookup->attempts < relay->server_count * TRIES_EACH) {
        lookup->server = (lookup->server + 1) % relay->server_count;
        lookup->tcp = 0;
        if (start_try(relay, lookup) == 0)
            return;
    }
    finish(relay, lookup);
}

static void switch_to_tcp(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    lookup->tcp = 1;
    if (start_try(relay, lookup) != 0)
        try_next(relay, lookup);
}

void mxc_resolve(struct mxc_relay *relay, int name) {
    struct mxc_name *entry = &relay->names.entry[name];
    struct mxc_lookup *free_one = NULL;
    if (relay->now_ns < entry->fresh_until_ns) {
        mxc_link_resolved(relay, name);
        return;
    }
    entry->address_count = mxc_hosts_find(relay, entry->text, entry->addresses, MXC_NAME_ADDRESSES);
    for (unsigned int i = 0; i < MXC_RELAY_LOOKUPS; i++) {
        if (relay->lookup[i].name == name)
            return; /* under way already */
        if (relay->lookup[i].name < 0)
            free_one = &relay->lookup[i];
    }
    if (entry->address_count || !free_one || !relay->server_count) {
        mxc_link_resolved(relay, name);
        return;
    }
    *free_one = (struct mxc_lookup){.name = name, .socket = {.fd = -1}, .ttl = LONGEST_KEPT_S};
    relay->waiting++;
    if (start_try(relay, free_one) != 0)
        try_next(relay, free_one);
}

/* ---- answers ---- */

static void keep(struct mxc_lookup *lookup, const struct mxc_dns_reply *reply, int which) {
    lookup->done[which] = 1;
    for (uint32_t i = 0; i < reply->count && lookup->address_count < MXC_NAME_ADDRESSES; i++)
        if (which == 0 || i < MXC_NAME_ADDRESSES / 2)
            lookup->addresses[lookup->address_count++] = reply->addresses[i];
    if (reply->count) {
        lookup->found = 1;
        lookup->ttl = reply->ttl < lookup->ttl ? reply->ttl : lookup->ttl;
    }
}

/* 1: an answer that counts; 0: not one of ours; -1: this server cannot. */
static int take(struct mxc_relay *relay, struct mxc_lookup *lookup, const uint8_t *packet, size_t length) {
    const char *name = relay->names.entry[lookup->name].text;
    struct mxc_dns_reply reply;
    for (int i = 0; i < 2; i++) {
        if (lookup->done[i] || mxc_dns_read_reply(&reply, packet, length, lookup->id[i], name, types[i]) != 0)
            continue;
        if (reply.truncated && !lookup->tcp)
            return 2;
        if (reply.rcode != MXC_DNS_OK && reply.rcode != MXC_DNS_NO_NAME)
            return -1;
        keep(lookup, &reply, i);
        return 1;
    }
    return 0;
}

/* What has come is judged; 0 when the lookup has gone another way. */
static int judge(struct mxc_relay *relay, struct mxc_lookup *lookup, const uint8_t *packet, size_t length) {
    int answer = take(relay, lookup, packet, length);
    if (answer == 2)
        switch_to_tcp(relay, lookup);
    else if (answer < 0)
        try_next(relay, lookup);
    else if (lookup->done[0] && lookup->done[1])
        finish(relay, lookup);
    else
        return 1;
    return 0;
}

static void hear_udp(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    for (int i = 0; i < 8; i++) {
        ssize_t got = recv(lookup->socket.fd, lookup->bytes, sizeof lookup->bytes, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got < 0) { /* nobody listens there */
            try_next(relay, lookup);
            return;
        }
        if (!judge(relay, lookup, lookup->bytes, (size_t)got))
            return;
    }
}

static void hear_tcp(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    ssize_t got =
        recv(lookup->socket.fd, lookup->bytes + lookup->have, sizeof lookup->bytes - lookup->have, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        try_next(relay, lookup);
        return;
    }
    lookup->have += (uint32_t)got;
    while (lookup->have >= 2) {
        uint32_t wanted = 2u + (uint32_t)(lookup->bytes[0] << 8 | lookup->bytes[1]);
        if (wanted > sizeof lookup->bytes) {
            try_next(relay, lookup);
            return;
        }
        if (lookup->have < wanted || !judge(relay, lookup, lookup->bytes + 2, wanted - 2))
            return;
        lookup->have -= wanted;
        memmove(lookup->bytes, lookup->bytes + wanted, lookup->have);
    }
}

void mxc_resolve_event(struct mxc_relay *relay, uint32_t number, uint32_t events) {
    struct mxc_lookup *lookup = &relay->lookup[number];
    if (lookup->name < 0)
        return;
    if (!lookup->tcp) {
        hear_udp(relay, lookup);
    } else if (events & EPOLLOUT) {
        if (send_questions(lookup, relay->names.entry[lookup->name].text) != 0 ||
            mxc_relay_watch(relay, &lookup->socket, EPOLLIN, MXC_ON_LOOKUP, number) != 0)
            try_next(relay, lookup);
    } else {
        hear_tcp(relay, lookup);
    }
}

/* One of the two answers is enough when the other does not come. */
void mxc_resolve_deadline(struct mxc_relay *relay, struct mxc_lookup *lookup) {
    if (lookup->address_count)
        finish(relay, lookup);
    else
        try_next(relay, lookup);
}
