/* network.c: egress rules as the rules of a relay (plan/network.h), and what a private network needs so that every
 * connection meets the relay. What this version cannot carry is refused here, with the place in the policy. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/error.h"
#include "plan/network.h"

#define NAMES_PORT 53
#define NARROW 8u /* ports; a range of fewer is a list of ports, written short */
#define SEGMENT_BYTES 524280u /* the largest that the kernel takes for lo */

int ns_network_granted(const mxc_policy *policy) { return policy->network.allow.count > 0; }

/* ---- ports that have a listener from the beginning ---- */

static int is_carried(const struct mxc_port_rule *port, enum mxc_protocol protocol) {
    return port->protocol == protocol || port->protocol == MXC_PROTOCOL_ANY;
}

static uint32_t last_of(const struct mxc_port_rule *port) { return port->end_port ? port->end_port : port->port; }

static int has_port(const struct ns_ports *ports, uint32_t number) {
    for (size_t i = 0; i < ports->count; i++)
        if (ports->number[i] == number)
            return 1;
    return number == NAMES_PORT; /* always: names are answered there */
}

int ns_ports_have(const struct ns_ports *ports, const struct mxc_port_rule *port) {
    for (uint32_t number = port->port; number <= last_of(port); number++)
        if (!has_port(ports, number))
            return 0;
    return port->port != 0;
}

/* All of a range or nothing. */
static int add_range(struct ns_ports *ports, const struct mxc_port_rule *port) {
    struct ns_ports more = *ports;
    if (last_of(port) - port->port >= MXC_NET_MAX_PORTS + 1)
        return -1;
    for (uint32_t number = port->port; number <= last_of(port); number++) {
        if (has_port(&more, number))
            continue;
        if (more.count == MXC_NET_MAX_PORTS)
            return -1;
        more.number[more.count++] = (uint16_t)number;
    }
    *ports = more;
    return 0;
}

typedef mxc_status no_room(const struct mxc_net_rule *rule, size_t index, mxc_error **err);

/* Those of the ranges that fit; narrow ones first, so that a wide one does not take their place. */
static mxc_status collect(struct ns_ports *ports, const mxc_policy *policy, enum mxc_protocol protocol, no_room *full,
                          mxc_error **err) {
    const struct mxc_net_rules *list = &policy->network.allow;
    for (int wide = 0; wide < 2; wide++)
        for (size_t i = 0; i < list->count; i++)
            for (size_t p = 0; p < list->items[i].port_count; p++) {
                const struct mxc_port_rule *port = &list->items[i].ports[p];
                if (!port->port || !is_carried(port, protocol) || (last_of(port) - port->port >= NARROW) != wide)
                    continue;
                if (add_range(ports, port) != 0 && full)
                    return full(&list->items[i], p, err);
            }
    return MXC_OK;
}

void ns_ports_collect(struct ns_ports *ports, const mxc_policy *policy, enum mxc_protocol protocol) {
    *ports = (struct ns_ports){0};
    (void)collect(ports, policy, protocol, NULL, NULL);
}

/* ---- what cannot be carried ---- */

static mxc_status refuse_at(mxc_error **err, const struct mxc_net_rule *rule, const char *list, size_t index,
                            const char *hint, const char *what) {
    MXC_AUTO_BUF struct mxc_buf origin = {0};
    mxc_buf_format(&origin, "%s/%s/%zu", rule->origin, list, index);
    if (origin.failed)
        return mxc_fail_memory(err);
    return mxc_fail(err, MXC_E_UNSUPPORTED, MXC_FAULT(.origin = origin.data, .hint = hint), "%s", what);
}

static int names_host(const struct mxc_net_rule *rule) {
    for (size_t i = 0; i < rule->to_count; i++)
        if (rule->to[i].host)
            return 1;
    return !rule->to_count;
}

static mxc_status refuse_any_port(const struct mxc_net_rule *rule, size_t index, mxc_error **err) {
    return refuse_at(err, rule, "ports", index, "write {\"protocol\": \"tcp\", \"port\": 443}",
                     "a grant for every port cannot be enforced by this version");
}

static mxc_status refuse_port(const struct mxc_net_rule *rule, size_t index, mxc_error **err) {
    const struct mxc_port_rule *port = &rule->ports[index];
    if (port->protocol == MXC_PROTOCOL_ICMP)
        return refuse_at(err, rule, "ports", index, "grant \"tcp\" or \"udp\"", "icmp cannot be carried");
    if (!port->port && port->protocol == MXC_PROTOCOL_UDP)
        return refuse_at(err, rule, "ports", index, "write {\"protocol\": \"udp\", \"port\": 443}",
                         "a grant of udp for every port cannot be enforced");
    if (!port->port)
        return refuse_any_port(rule, index, err);
    if (port->port == NAMES_PORT && last_of(port) == NAMES_PORT && names_host(rule))
        return refuse_at(err, rule, "ports", index,
                         "leave it out: granted names are answered inside; another name server is granted by its cidr",
                         "port 53 inside is the relay's own");
    return MXC_OK;
}

static int is_loopback(const struct mxc_cidr *cidr) {
    static const struct mxc_cidr own[] = {
        {.family = 4, .prefix = 8, .address = {127}},
        {.family = 6, .prefix = 128, .address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    };
    const uint8_t *a = cidr->address, *b = own[cidr->family == 6].address;
    return cidr->prefix >= own[cidr->family == 6].prefix && memcmp(a, b, cidr->family == 6 ? 16 : 1) == 0;
}

static mxc_status refuse_rule(const struct mxc_net_rule *rule, mxc_error **err) {
    mxc_status status = MXC_OK;
    if (!rule->port_count)
        return mxc_fail(
            err, MXC_E_UNSUPPORTED,
            MXC_FAULT(.origin = rule->origin, .hint = "add \"ports\": [{\"protocol\": \"tcp\", \"port\": 443}]"),
            "a grant for every port cannot be enforced by this version");
    for (size_t i = 0; !status && i < rule->port_count; i++)
        status = refuse_port(rule, i, err);
    for (size_t i = 0; !status && i < rule->to_count; i++)
        if (!rule->to[i].host && is_loopback(&rule->to[i].cidr))
            status = refuse_at(err, rule, "to", i, "the sandbox has a loopback of its own; remove it",
                               "the host's loopback cannot be granted by this version");
    return status;
}

static mxc_status refuse_more_udp(const struct mxc_net_rule *rule, size_t index, mxc_error **err) {
    return refuse_at(err, rule, "ports", index, "grant fewer ports, or \"tcp\" only",
                     "more than 64 ports of udp cannot be granted");
}

static mxc_status refuse_more_tcp(const struct mxc_net_rule *rule, size_t index, mxc_error **err) {
    return refuse_at(err, rule, "ports", index, "grant fewer ports",
                     "more than 64 ports cannot be granted by this version");
}

/* Entries of the relay's list, at most: each peer with each range of ports. */
static size_t entries_of(const struct mxc_net_rules *list) {
    size_t sum = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct mxc_net_rule *rule = &list->items[i];
        size_t excepts = 0;
        for (size_t p = 0; p < rule->to_count; p++)
            excepts += rule->to[p].except_count;
        sum += (rule->to_count + excepts + 3) * (rule->port_count + 1);
    }
    return sum;
}

mxc_status ns_network_refuse(const mxc_policy *policy, mxc_error **err) {
    struct ns_ports tcp = {0}, udp = {0};
    mxc_status status = MXC_OK;
    for (size_t i = 0; !status && i < policy->network.allow.count; i++)
        status = refuse_rule(&policy->network.allow.items[i], err);
    if (!status)
        status = collect(&tcp, policy, MXC_PROTOCOL_TCP, refuse_more_tcp, err);
    if (!status)
        status = collect(&udp, policy, MXC_PROTOCOL_UDP, refuse_more_udp, err);
    if (!status && entries_of(&policy->network.allow) + entries_of(&policy->network.deny) > MXC_NET_MAX_ENTRIES)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = "/network/egress", .hint = "write blocks and \"*.suffix\" for long lists"),
                        "more than %u rules cannot be enforced by this version", MXC_NET_MAX_ENTRIES);
    return status;
}

/* ---- rules for the relay ---- */

struct rules {
    struct mxc_buf entries, excepts, text;
    uint32_t entry_count, except_count;
};

static void clear_rules(struct rules *rules) {
    mxc_buf_free(&rules->entries);
    mxc_buf_free(&rules->excepts);
    mxc_buf_free(&rules->text);
}

static uint32_t keep_text(struct rules *rules, const char *text) {
    size_t at = rules->text.length;
    mxc_buf_bytes(&rules->text, text, strlen(text) + 1);
    return (uint32_t)at;
}

static struct mxc_net_block block_of(const struct mxc_cidr *cidr) {
    struct mxc_net_block block = {.family = cidr->family, .prefix = cidr->prefix};
    memcpy(block.address, cidr->address, sizeof block.address);
    return block;
}

static void put_entry(struct rules *rules, const struct mxc_net_entry *entry) {
    mxc_buf_bytes(&rules->entries, entry, sizeof *entry);
    rules->entry_count++;
}

static void put_peer(struct rules *rules, struct mxc_net_entry entry, const struct mxc_peer *peer) {
    if (peer->host) {
        entry.kind = MXC_NET_HOST;
        entry.name = keep_text(rules, peer->host);
        put_entry(rules, &entry);
        return;
    }
    entry.kind = MXC_NET_BLOCK;
    entry.block = block_of(&peer->cidr);
    entry.except_first = rules->except_count;
    entry.except_count = (uint32_t)peer->except_count;
    for (size_t i = 0; i < peer->except_count; i++) {
        struct mxc_net_block except = block_of(&peer->except[i]);
        mxc_buf_bytes(&rules->excepts, &except, sizeof except);
    }
    rules->except_count += entry.except_count;
    put_entry(rules, &entry);
}

/* Without a list of peers a rule is about every name and every address. */
static void put_everyone(struct rules *rules, const struct mxc_net_entry *entry) {
    char every_name[] = "*";
    const struct mxc_peer name = {.host = every_name}, v4 = {.cidr.family = 4}, v6 = {.cidr.family = 6};
    if (entry->allow) /* what is denied to every address is denied to every name */
        put_peer(rules, *entry, &name);
    put_peer(rules, *entry, &v4);
    put_peer(rules, *entry, &v6);
}

/* Bits of enum mxc_net_protocol that an entry is about. Grants of every port are those of TCP. */
static uint8_t protocols_of(const struct mxc_port_rule *port, int allow) {
    if (!port || port->protocol == MXC_PROTOCOL_ANY)
        return allow && (!port || !port->port) ? MXC_NET_TCP : MXC_NET_TCP | MXC_NET_UDP;
    return port->protocol == MXC_PROTOCOL_UDP ? MXC_NET_UDP : port->protocol == MXC_PROTOCOL_TCP ? MXC_NET_TCP : 0;
}

static void put_ports(struct rules *rules, struct mxc_net_entry entry, const struct mxc_net_rule *rule,
                      const struct mxc_port_rule *port) {
    entry.protocols = protocols_of(port, entry.allow);
    if (!entry.protocols)
        return; /* a denial of icmp: nothing carries it */
    entry.port = port ? port->port : 0;
    entry.end_port = port && port->end_port ? port->end_port : entry.port;
    for (size_t i = 0; i < rule->to_count; i++)
        put_peer(rules, entry, &rule->to[i]);
    if (!rule->to_count)
        put_everyone(rules, &entry);
}

static void put_list(struct rules *rules, const struct mxc_net_rules *list, int allow) {
    for (size_t i = 0; i < list->count; i++) {
        const struct mxc_net_rule *rule = &list->items[i];
        const struct mxc_net_entry entry = {.allow = (uint8_t)allow, .origin = keep_text(rules, rule->origin)};
        for (size_t p = 0; p < rule->port_count; p++)
            put_ports(rules, entry, rule, &rule->ports[p]);
        if (!rule->port_count)
            put_ports(rules, entry, rule, NULL);
    }
}

static void make_blob(struct mxc_buf *blob, const mxc_policy *policy) {
    __attribute__((cleanup(clear_rules))) struct rules rules = {0};
    mxc_buf_bytes(&rules.text, "", 1);
    put_list(&rules, &policy->network.deny, 0);
    put_list(&rules, &policy->network.allow, 1);
    blob->failed |= rules.entries.failed || rules.excepts.failed || rules.text.failed;
    struct mxc_net_header header = {
        .magic = MXC_NET_MAGIC,
        .total_bytes = (uint32_t)(sizeof header + rules.entries.length + rules.excepts.length + rules.text.length),
        .entry_count = rules.entry_count,
        .except_count = rules.except_count,
        .text_bytes = (uint32_t)rules.text.length,
    };
    mxc_buf_bytes(blob, &header, sizeof header);
    mxc_buf_bytes(blob, rules.entries.data, rules.entries.length);
    if (rules.excepts.length)
        mxc_buf_bytes(blob, rules.excepts.data, rules.excepts.length);
    mxc_buf_bytes(blob, rules.text.data, rules.text.length);
}

void ns_network_lower_keeper(struct mxc_plan *plan, const struct mxc_lowering *from) {
    MXC_AUTO_BUF struct mxc_buf blob = {0};
    if (!ns_network_granted(from->policy))
        return;
    make_blob(&blob, from->policy);
    plan->failed |= blob.failed;
    if (!blob.failed)
        MXC_PLAN_ADD(plan, MXC_OP_RELAY, .origin = "/network/egress", .blob = blob.data, .blob_length = blob.length);
}

static void lower_listeners(struct mxc_plan *plan, const mxc_policy *policy, enum mxc_protocol protocol) {
    struct ns_ports ports;
    ns_ports_collect(&ports, policy, protocol);
    for (size_t i = 0; i < ports.count; i++)
        MXC_PLAN_ADD(plan, MXC_OP_LISTEN, .origin = "/network/egress", .a = ports.number[i],
                     .b = protocol == MXC_PROTOCOL_UDP);
}

void ns_network_lower_builder(struct mxc_plan *plan, const struct mxc_lowering *from) {
    if (!ns_network_granted(from->policy))
        return;
    MXC_PLAN_ADD(plan, MXC_OP_ROUTES, .origin = "/network/egress", .a = SEGMENT_BYTES);
    MXC_PLAN_ADD(plan, MXC_OP_LISTEN, .origin = "/network/egress", .a = NAMES_PORT, .b = 1);
    MXC_PLAN_ADD(plan, MXC_OP_LISTEN, .origin = "/network/egress", .a = NAMES_PORT, .b = 0);
    lower_listeners(plan, from->policy, MXC_PROTOCOL_TCP);
    lower_listeners(plan, from->policy, MXC_PROTOCOL_UDP);
}
