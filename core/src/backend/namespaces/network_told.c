/* network_told.c: the lines of the receipt about the network: how each rule is enforced. */
#include <arpa/inet.h>

#include "backend/namespaces/wall.h"
#include "plan/network.h"

#define LINE(receipt, ...) mxc_receipt_add((receipt), &(const struct mxc_receipt_args){__VA_ARGS__})

#define TCP_ONLY "udp is not carried to the host's loopback"
#define NAMED_ONLY "udp is carried on ports that are named, and on at most 64"

static void put_block(struct mxc_buf *out, const struct mxc_cidr *cidr) {
    char text[INET6_ADDRSTRLEN];
    int whole = cidr->prefix == (cidr->family == 4 ? 32 : 128);
    mxc_buf_text(out, inet_ntop(cidr->family == 4 ? AF_INET : AF_INET6, cidr->address, text, sizeof text));
    if (!whole)
        mxc_buf_format(out, "/%d", cidr->prefix);
}

static void put_peers(struct mxc_buf *out, const struct mxc_net_rule *rule, int allow) {
    for (size_t i = 0; i < rule->to_count; i++) {
        const struct mxc_peer *peer = &rule->to[i];
        mxc_buf_text(out, i ? ", " : "");
        if (peer->host)
            mxc_buf_text(out, peer->host);
        else
            put_block(out, &peer->cidr);
        for (size_t e = 0; e < peer->except_count; e++) {
            mxc_buf_text(out, e ? ", " : " except ");
            put_block(out, &peer->except[e]);
        }
    }
    if (!rule->to_count)
        mxc_buf_text(out, allow ? "every public address" : "anything");
}

static const char *protocol_text(uint8_t bits) {
    static const char *const texts[] = {"icmp", [MXC_NET_TCP] = "tcp", [MXC_NET_UDP] = "udp", "tcp and udp"};
    return texts[bits];
}

/* One for the whole rule, or each port has its own behind it. */
static int is_mixed(const struct mxc_net_rule *rule, int allow) {
    for (size_t i = 1; i < rule->port_count; i++)
        if (ns_protocols_of(&rule->ports[i], allow) != ns_protocols_of(rule->ports, allow))
            return 1;
    return 0;
}

static void put_start(struct mxc_buf *out, const struct mxc_net_rule *rule, int allow) {
    uint8_t bits = ns_protocols_of(rule->port_count ? rule->ports : NULL, allow);
    if (!allow)
        mxc_buf_text(out, "never ");
    if (!is_mixed(rule, allow) && (allow || bits != (MXC_NET_TCP | MXC_NET_UDP)))
        mxc_buf_format(out, allow ? "%s " : "by %s ", protocol_text(bits));
    mxc_buf_text(out, "to ");
}

static void put_ports(struct mxc_buf *out, const struct mxc_net_rule *rule, int allow) {
    if (!rule->port_count)
        mxc_buf_text(out, " on any port");
    for (size_t i = 0; i < rule->port_count; i++) {
        const struct mxc_port_rule *port = &rule->ports[i];
        mxc_buf_text(out, i ? ", " : rule->port_count > 1 || port->end_port ? " on ports " : " on port ");
        if (port->port)
            mxc_buf_format(out, "%u", port->port);
        else
            mxc_buf_text(out, "any");
        if (port->end_port && port->end_port != port->port)
            mxc_buf_format(out, "-%u", port->end_port);
        if (is_mixed(rule, allow))
            mxc_buf_format(out, " (%s)", protocol_text(ns_protocols_of(port, allow)));
    }
}

static const char *note_of(const struct mxc_net_rule *rule, int allow) {
    int by_name = 0, with_udp = 0, without_udp = !rule->port_count;
    for (size_t i = 0; i < rule->to_count; i++)
        by_name |= !!rule->to[i].host;
    for (size_t i = 0; i < rule->port_count; i++) {
        uint8_t bits = ns_protocols_of(&rule->ports[i], 1);
        with_udp |= bits & MXC_NET_UDP;
        without_udp |= rule->ports[i].protocol == MXC_PROTOCOL_ANY && bits == MXC_NET_TCP;
    }
    if (allow && with_udp && ns_loopback_peers(rule))
        return TCP_ONLY;
    if (allow)
        return without_udp ? NAMED_ONLY : NULL;
    return by_name ? "by the name that is asked for; an address is denied by cidr" : NULL;
}

static void rule_line(struct mxc_receipt *receipt, const struct mxc_net_rule *rule, int allow) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    put_start(&text, rule, allow);
    put_peers(&text, rule, allow);
    put_ports(&text, rule, allow);
    receipt->failed |= text.failed;
    if (!text.failed)
        LINE(receipt, .item = rule->origin, .rule = text.data, .mechanism = "network namespace, relay",
             .level = MXC_LEVEL_SUPERVISOR, .note = note_of(rule, allow));
}

static void proxy_line(struct mxc_receipt *receipt, const char *url) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    mxc_buf_format(&text, "the proxy %s of the host is on the sandbox's loopback, and nothing else is reachable", url);
    receipt->failed |= text.failed;
    if (!text.failed)
        LINE(receipt, .item = "/runtimeConfig/networkProxy", .rule = text.data, .mechanism = "network namespace, relay",
             .level = MXC_LEVEL_SUPERVISOR);
}

static void published_lines(struct mxc_receipt *receipt, const mxc_policy *policy) {
    for (size_t i = 0; i < policy->network.publish_count; i++) {
        const struct mxc_publish *item = &policy->network.publish[i];
        MXC_AUTO_BUF struct mxc_buf text = {0}, origin = {0};
        mxc_buf_format(&origin, "/network/publish/%zu", i);
        mxc_buf_format(&text, "port %u inside is reachable at 127.0.0.1 of the host, ", item->port);
        if (item->host_port)
            mxc_buf_format(&text, "port %u", item->host_port);
        else
            mxc_buf_text(&text, "at a free port");
        receipt->failed |= text.failed | origin.failed;
        if (!text.failed && !origin.failed)
            LINE(receipt, .item = origin.data, .rule = text.data, .mechanism = "network namespace, relay",
                 .level = MXC_LEVEL_SUPERVISOR);
    }
}

void ns_network_lines(struct mxc_receipt *receipt, const mxc_policy *policy) {
    int granted = ns_network_granted(policy);
    int relayed = granted || policy->network.proxy;
    LINE(receipt, .item = "/network/egress/default",
         .rule =
             relayed ? "no connection leaves the sandbox but through the relay" : "no connection leaves the sandbox",
         .mechanism = "network namespace, seccomp", .level = MXC_LEVEL_KERNEL);
    for (size_t i = 0; granted && i < policy->network.allow.count; i++)
        rule_line(receipt, &policy->network.allow.items[i], 1);
    for (size_t i = 0; granted && i < policy->network.deny.count; i++)
        rule_line(receipt, &policy->network.deny.items[i], 0);
    if (policy->network.egress_default == MXC_VERDICT_ALLOW)
        LINE(receipt, .item = "/network/egress/default", .rule = "tcp to every name and public address on any port",
             .mechanism = "network namespace, relay", .level = MXC_LEVEL_SUPERVISOR, .note = NAMED_ONLY);
    if (ns_network_on_demand(policy))
        LINE(receipt, .item = "/network/egress", .rule = "the relay listens where a connection is about to go",
             .mechanism = "seccomp, relay", .level = MXC_LEVEL_SUPERVISOR,
             .note = "a hint that decides nothing: the rules are asked about where it really went");
    if (policy->network.proxy)
        proxy_line(receipt, policy->network.proxy);
    LINE(receipt, .item = "/network/ingress/default",
         .rule = policy->network.publish_count ? "no connection reaches the sandbox but through the relay"
                                               : "no connection reaches the sandbox",
         .mechanism = "network namespace", .level = MXC_LEVEL_KERNEL);
    published_lines(receipt, policy);
    LINE(receipt, .item = "/network/ingress/hostLoopback",
         .rule = policy->network.proxy                 ? "of the host's loopback only the proxy is reachable"
                 : ns_network_reaches_loopback(policy) ? "of the host's loopback only the granted ports are reachable"
                                                       : "the host's loopback is not reachable",
         .mechanism = relayed ? "network namespace, relay" : "network namespace",
         .level = relayed ? MXC_LEVEL_SUPERVISOR : MXC_LEVEL_KERNEL);
    LINE(receipt, .item = "/ui/disable", .rule = "no display, clipboard or input",
         .mechanism = "mount, network namespace", .level = MXC_LEVEL_KERNEL);
}
