/* refused.c: connections that the sandbox's own network has refused, since nobody listens on that port: heard from
 * sockets that see only such refusals (ops/refused.c). Nothing is decided here, they are only put on record. */
#define _GNU_SOURCE
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define PACKETS 32 /* before others have their turn */

int mxc_refused_take(struct mxc_relay *relay, int fd) {
    int type = 0;
    socklen_t length = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_RAW)
        return 0;
    if (relay->refused_count == sizeof relay->refused / sizeof *relay->refused) {
        close(fd);
        return 1;
    }
    unsigned int at = relay->refused_count++;
    relay->refused[at] = (struct mxc_watched){.fd = fd};
    (void)mxc_relay_watch(relay, &relay->refused[at], EPOLLIN, MXC_ON_REFUSED, at);
    return 1;
}

/* Where the TCP header is: of IPv4 the kernel gives all, of IPv6 what is behind its header. */
static size_t behind_ip(const struct sockaddr_storage *from, const uint8_t *packet) {
    return from->ss_family == AF_INET ? 4u * (packet[0] & 15u) : 0;
}

static void tell(struct mxc_relay *relay, const struct mxc_ip *asked, uint16_t port) {
    const struct mxc_service service = {MXC_NET_TCP, port};
    int name = mxc_names_find(&relay->names, asked);
    const char *text = name < 0 ? NULL : relay->names.entry[name].text;
    uint32_t rule = MXC_NET_NO_ENTRY;
    enum mxc_permission permission = text ? mxc_rules_name(&relay->rules, text, service, &rule)
                                          : mxc_rules_address(&relay->rules, asked, service, 0, 0, &rule);
    if (mxc_ip_is_loopback(asked))
        return;
    mxc_relay_tell_refusal(relay, text, text ? NULL : asked, service, rule,
                           permission == MXC_GUARDED     ? MXC_CONNECTION_GUARDED
                           : permission == MXC_PERMITTED ? MXC_CONNECTION_TOO_MANY /* and nobody had time for it */
                                                         : MXC_CONNECTION_DENIED);
}

/* Who refuses is the destination that was asked for. */
void mxc_refused_hear(struct mxc_relay *relay, unsigned int number) {
    for (int i = 0; i < PACKETS; i++) {
        uint8_t packet[80] = {0};
        struct sockaddr_storage from = {0};
        socklen_t length = sizeof from;
        struct mxc_ip asked;
        uint16_t port;
        ssize_t got =
            recvfrom(relay->refused[number].fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
        if (got < 0)
            return;
        const uint8_t *header = packet + behind_ip(&from, packet);
        if (header + 2 <= packet + got && mxc_ip_from(&asked, &port, &from) == 0)
            tell(relay, &asked, (uint16_t)(header[0] << 8 | header[1]));
    }
}

/* The kernel counts those for which there was no room. */
void mxc_refused_count(struct mxc_relay *relay) {
    uint32_t lost = 0;
    for (unsigned int i = 0; i < relay->refused_count; i++) {
        uint32_t seen[SK_MEMINFO_VARS] = {0};
        socklen_t length = sizeof seen;
        if (getsockopt(relay->refused[i].fd, SOL_SOCKET, SO_MEMINFO, seen, &length) == 0)
            lost += seen[SK_MEMINFO_DROPS];
    }
    relay->untold += lost - relay->unheard;
    relay->unheard = lost;
}
