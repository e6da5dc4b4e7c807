/* events.c: what the keeper is told, and what it says. The relay waits for a keeper that does not read only when the
 * keeper has asked for all there is to say: until then a connection that has ended is told of later, and refusals that
 * cannot be told are counted. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define MAX_MESSAGE_FDS 6

int mxc_relay_tell(struct mxc_relay *relay, uint32_t kind) {
    const struct mxc_relay_packet packet = {.kind = kind, .entry.times = relay->untold};
    relay->untold = 0;
    return send(relay->control, &packet, sizeof packet, MSG_NOSIGNAL) == sizeof packet ? 0 : -errno;
}

static int tell_entry(struct mxc_relay *relay, const struct mxc_connection_entry *entry, int flags) {
    const struct mxc_relay_packet packet = {.kind = MXC_RELAY_CONNECTION, .entry = *entry};
    return send(relay->control, &packet, sizeof packet, MSG_NOSIGNAL | flags) == sizeof packet ? 0 : -errno;
}

static void set_text(char *out, const char *name) {
    size_t length = strnlen(name, MXC_RECORD_NAME - 1);
    memcpy(out, name, length);
    out[length] = 0;
}

static void set_address(struct mxc_connection_entry *entry, const struct mxc_ip *ip) {
    const struct mxc_guarded *guard = mxc_guard(ip);
    entry->family = ip->family;
    entry->never = entry->outcome == MXC_CONNECTION_GUARDED && guard && guard->never;
    memcpy(entry->address, ip->address, sizeof entry->address);
}

static uint32_t told_rule(const struct mxc_relay *relay, uint32_t rule) {
    return rule == MXC_NET_NO_ENTRY ? rule : MXC_NET_ENTRY(relay->generation, rule);
}

static uint64_t until_ns(const struct mxc_relay *relay, const struct mxc_link *link) {
    if (link->used_ns) /* UDP: its last packet */
        return link->used_ns;
    return link->state == MXC_LINK_UNTOLD ? link->deadline_ns : relay->now_ns;
}

int mxc_relay_tell_link(struct mxc_relay *relay, struct mxc_link *link, int outcome, int flags) {
    struct mxc_connection_entry entry = {
        .id = link->id,
        .rule = told_rule(relay, link->rule),
        .times = !link->told,
        .port = link->port,
        .protocol = link->protocol,
        .outcome = (uint8_t)outcome,
        .inbound = (uint16_t)link->inbound,
        .bytes_in = link->in.bytes,
        .bytes_out = link->out.bytes,
        .started_ns = link->started_ns,
        .duration_ns = until_ns(relay, link) - link->started_ns,
    };
    if (link->candidate < link->candidate_count)
        set_address(&entry, &link->candidates[link->candidate]);
    if (link->name >= 0)
        set_text(entry.name, relay->names.entry[link->name].text);
    int result = tell_entry(relay, &entry, flags);
    link->told |= result == 0;
    return result;
}

void mxc_relay_tell_refusal(struct mxc_relay *relay, const char *name, const struct mxc_ip *ip,
                            struct mxc_service service, uint32_t rule, int outcome) {
    struct mxc_connection_entry entry = {
        .id = ++relay->next_id,
        .rule = told_rule(relay, rule),
        .times = 1,
        .port = service.port,
        .protocol = service.protocol,
        .outcome = (uint8_t)outcome,
        .started_ns = relay->now_ns,
    };
    if (ip)
        set_address(&entry, ip);
    if (name)
        set_text(entry.name, name);
    relay->untold += tell_entry(relay, &entry, MSG_DONTWAIT) != 0;
}

/* ---- what the keeper says ---- */

static void take_listener(struct mxc_relay *relay, int fd) {
    struct sockaddr_storage own = {0};
    struct mxc_ip ip;
    socklen_t length = sizeof own;
    int type = 0;
    socklen_t type_length = sizeof type;
    unsigned int at = relay->listener_count;
    if (mxc_refused_take(relay, fd))
        return;
    if (at == MXC_RELAY_LISTENERS || getsockname(fd, (struct sockaddr *)&own, &length) != 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_length) != 0 ||
        mxc_ip_from(&ip, &relay->listener_port[at], &own) != 0) {
        close(fd);
        return;
    }
    relay->has_v6 |= own.ss_family == AF_INET6;
    relay->listener_family[at] = own.ss_family;
    relay->listener_protocol[at] = type == SOCK_DGRAM ? MXC_NET_UDP : MXC_NET_TCP;
    relay->listener_count++;
    relay->listener[at] = (struct mxc_watched){.fd = fd};
    (void)mxc_relay_watch(relay, &relay->listener[at], EPOLLIN, MXC_ON_LISTENER, at);
}

/* It listens already, and a connection may be waiting. So may one with the listener that it replaces. */
static void take_demanded(struct mxc_relay *relay, uint64_t place, int fd) {
    if (place >= MXC_NET_MAX_DEMANDED) {
        close(fd);
        return;
    }
    unsigned int at = MXC_RELAY_LISTENERS + (unsigned int)place;
    if (relay->listener[at].registered) {
        mxc_link_accept(relay, at);
        mxc_relay_forget(relay, &relay->listener[at]);
    }
    relay->listener_protocol[at] = MXC_NET_TCP;
    relay->listener[at] = (struct mxc_watched){.fd = fd};
    if (mxc_relay_watch(relay, &relay->listener[at], EPOLLIN, MXC_ON_LISTENER, at) != 0)
        mxc_relay_forget(relay, &relay->listener[at]);
}

static unsigned int take_descriptors(int *fds, struct msghdr *packet) {
    unsigned int taken = 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(packet); head; head = CMSG_NXTHDR(packet, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count && taken < MAX_MESSAGE_FDS; i++)
            memcpy(&fds[taken++], CMSG_DATA(head) + i * sizeof(int), sizeof(int));
    }
    return taken;
}

static void obey(struct mxc_relay *relay, const struct mxc_message *message, int *fds, unsigned int count) {
    if (message->kind == MXC_MSG_RULES) {
        mxc_relay_update(relay, message, fds, count);
        return;
    }
    for (unsigned int i = 0; i < count; i++) {
        if (message->kind == MXC_MSG_PUBLISHED)
            mxc_publish_listener(relay, fds[i], (uint16_t)message->a);
        else if (message->kind == MXC_MSG_DIALERS)
            mxc_publish_dialer(relay, fds[i]);
        else if (message->kind == MXC_MSG_DEMANDED)
            take_demanded(relay, message->a, fds[i]);
        else
            take_listener(relay, fds[i]);
    }
    if (message->kind == MXC_MSG_SYNC)
        relay->sync = 1;
}

int mxc_relay_hear(struct mxc_relay *relay) {
    struct mxc_message message = {0};
    int fds[MAX_MESSAGE_FDS];
    union {
        char bytes[CMSG_SPACE(MAX_MESSAGE_FDS * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = &message, .iov_len = sizeof message};
    struct msghdr packet = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(relay->control, &packet, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return 0;
    unsigned int count = take_descriptors(fds, &packet);
    obey(relay, &message, fds, count);
    return 1;
}
