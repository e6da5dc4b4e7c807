/* network.c: egress rules as the rules of a relay (plan/network.h), and what a private network needs so that every
 * connection meets the relay. What this version cannot carry is refused here, with the place in the policy. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/error.h"
#include "filter/filter.h"
#include "plan/network.h"
#include "policy/checks.h"

#define NAMES_PORT 53
#define DEFAULT_ENTRIES 3u    /* every name, every address of both kinds */
#define SPARES 24u            /* more are made as they are used up */
#define SEGMENT_BYTES 524280u /* the largest that the kernel takes for lo */

static int needs_relay(const mxc_policy *policy) {
    return ns_network_granted(policy) || policy->network.proxy || policy->network.publish_count;
}

static const char *relay_origin(const mxc_policy *policy) {
    return policy->network.proxy        ? "/runtimeConfig/networkProxy"
           : ns_network_granted(policy) ? "/network/egress"
                                        : "/network/publish";
}

int ns_network_granted(const mxc_policy *policy) {
    return policy->network.allow.count > 0 || policy->network.egress_default == MXC_VERDICT_ALLOW;
}

/* ---- ports that have a listener from the beginning ---- */

struct ports { /* the granted ones, each once */
    uint16_t number[MXC_NET_MAX_PORTS];
    size_t count;
    int too_many; /* also: every port */
};

static void add_port(struct ports *ports, uint16_t number) {
    for (size_t i = 0; i < ports->count; i++)
        if (ports->number[i] == number)
            return;
    if (number == NAMES_PORT) /* there is one in any case */
        return;
    if (ports->count == MXC_NET_MAX_PORTS)
        ports->too_many = 1;
    else
        ports->number[ports->count++] = number;
}

static int is_wide(const struct mxc_port_rule *port) {
    return !port->port || (port->end_port && port->end_port - port->port >= (int)MXC_NET_MAX_PORTS);
}

uint8_t ns_protocols_of(const struct mxc_port_rule *port, int allow) {
    static const uint8_t bits[] = {[MXC_PROTOCOL_ANY] = MXC_NET_TCP | MXC_NET_UDP,
                                   [MXC_PROTOCOL_TCP] = MXC_NET_TCP,
                                   [MXC_PROTOCOL_UDP] = MXC_NET_UDP,
                                   [MXC_PROTOCOL_ICMP] = 0};
    uint8_t said = bits[port ? port->protocol : MXC_PROTOCOL_ANY];
    return allow && (!port || is_wide(port)) ? said & MXC_NET_TCP : said;
}

/* The host's, which no address of a rule but its own leads to: to the relay it is a kind of its own. */
static int is_loopback(const struct mxc_peer *peer) {
    static const struct mxc_cidr own[] = {
        {.family = 4, .prefix = 8, .address = {127}},
        {.family = 6, .prefix = 128, .address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    };
    const struct mxc_cidr *cidr = &peer->cidr, *loopback = &own[cidr->family == 6];
    return !peer->host && cidr->prefix >= loopback->prefix &&
           memcmp(cidr->address, loopback->address, cidr->family == 6 ? 16 : 1) == 0;
}

size_t ns_loopback_peers(const struct mxc_net_rule *rule) {
    size_t count = 0;
    for (size_t i = 0; i < rule->to_count; i++)
        count += (size_t)is_loopback(&rule->to[i]);
    return count;
}

static void add_rule(struct ports *ports, const struct mxc_net_rule *rule, uint8_t protocol) {
    if (protocol == MXC_NET_UDP && rule->to_count && ns_loopback_peers(rule) == rule->to_count)
        return; /* to the host's loopback by tcp only */
    ports->too_many |= !rule->port_count && protocol == MXC_NET_TCP;
    for (size_t p = 0; p < rule->port_count; p++) {
        if (!(ns_protocols_of(&rule->ports[p], 1) & protocol))
            continue;
        uint32_t last = rule->ports[p].end_port ? rule->ports[p].end_port : rule->ports[p].port;
        ports->too_many |= !rule->ports[p].port;
        for (uint32_t port = rule->ports[p].port; port <= last && !ports->too_many; port++)
            add_port(ports, (uint16_t)port);
    }
}

static void collect_ports(struct ports *ports, const mxc_policy *policy, uint8_t protocol) {
    ports->too_many = policy->network.egress_default == MXC_VERDICT_ALLOW && protocol == MXC_NET_TCP;
    for (size_t i = 0; i < policy->network.allow.count && !ports->too_many; i++)
        add_rule(ports, &policy->network.allow.items[i], protocol);
}

/* Connections to its own loopback a sandbox is not asked about, so these have listeners in any case. */
static void collect_loopback_ports(struct ports *ports, const mxc_policy *policy) {
    *ports = (struct ports){0};
    for (size_t i = 0; i < policy->network.allow.count; i++)
        if (ns_loopback_peers(&policy->network.allow.items[i]))
            add_rule(ports, &policy->network.allow.items[i], MXC_NET_TCP);
}

int ns_network_reaches_loopback(const mxc_policy *policy) {
    for (size_t i = 0; i < policy->network.allow.count; i++)
        if (ns_loopback_peers(&policy->network.allow.items[i]))
            return 1;
    return 0;
}

int ns_network_on_demand(const mxc_policy *policy) {
    struct ports ports = {0};
    collect_ports(&ports, policy, MXC_NET_TCP);
    return ports.too_many;
}

unsigned int ns_narrows(const mxc_policy *policy, const struct mxc_host *host) {
    (void)host;
    return ns_network_on_demand(policy) ? MXC_NARROW_TELL : 0;
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

static mxc_status refuse_port(const struct mxc_net_rule *rule, size_t index, mxc_error **err) {
    const struct mxc_port_rule *port = &rule->ports[index];
    uint16_t last = port->end_port ? port->end_port : port->port;
    if (port->protocol == MXC_PROTOCOL_ICMP)
        return refuse_at(err, rule, "ports", index, "grant \"tcp\" or \"udp\"", "icmp cannot be carried");
    if (port->protocol == MXC_PROTOCOL_UDP && is_wide(port))
        return refuse_at(err, rule, "ports", index, "name the ports, as in {\"protocol\": \"udp\", \"port\": 443}",
                         "udp is carried on ports that are named, and on at most 64");
    if (port->port == NAMES_PORT && last == NAMES_PORT && names_host(rule))
        return refuse_at(err, rule, "ports", index,
                         "leave it out: granted names are answered inside; another name server is granted by its cidr",
                         "port 53 inside is the relay's own");
    return MXC_OK;
}

static int has_port(const struct mxc_port_rule *range, uint16_t port) {
    return port >= range->port && port <= (range->end_port ? range->end_port : range->port);
}

/* One address, by tcp, on ports that are named: its services trust whoever reaches them. */
static mxc_status refuse_loopback(const struct mxc_net_rule *rule, size_t index, mxc_error **err) {
    const struct mxc_cidr *cidr = &rule->to[index].cidr;
    if (cidr->prefix != (cidr->family == 4 ? 32 : 128))
        return refuse_at(err, rule, "to", index, "name one address, as in {\"cidr\": \"127.0.0.1\"}",
                         "the host's loopback cannot be granted as a whole");
    if (!rule->port_count)
        return refuse_at(err, rule, "to", index, "name the ports, as in {\"protocol\": \"tcp\", \"port\": 5432}",
                         "the host's loopback is granted on ports that are named");
    for (size_t i = 0; i < rule->port_count; i++) {
        if (is_wide(&rule->ports[i]))
            return refuse_at(err, rule, "ports", i, "name the ports, as in {\"protocol\": \"tcp\", \"port\": 5432}",
                             "the host's loopback is granted on ports that are named, and on at most 64");
        if (rule->ports[i].protocol == MXC_PROTOCOL_UDP)
            return refuse_at(err, rule, "ports", i, "grant \"tcp\"", "udp is not carried to the host's loopback");
        if (has_port(&rule->ports[i], NAMES_PORT))
            return refuse_at(err, rule, "ports", i, "leave it out: names are answered inside",
                             "port 53 inside is the relay's own");
    }
    return MXC_OK;
}

static mxc_status refuse_peer(const struct mxc_net_rule *rule, size_t index, mxc_error **err) {
    const struct mxc_peer *peer = &rule->to[index];
    if (peer->host && strcmp(peer->host, "localhost") == 0)
        return refuse_at(err, rule, "to", index,
                         "write {\"cidr\": \"127.0.0.1\"} and {\"cidr\": \"::1\"} for the host's loopback",
                         "localhost is no name that is asked for: inside it is the sandbox's own loopback");
    return is_loopback(peer) ? refuse_loopback(rule, index, err) : MXC_OK;
}

static mxc_status refuse_rule(const struct mxc_net_rule *rule, mxc_error **err) {
    mxc_status status = MXC_OK;
    for (size_t i = 0; !status && i < rule->port_count; i++)
        status = refuse_port(rule, i, err);
    for (size_t i = 0; !status && i < rule->to_count; i++)
        status = refuse_peer(rule, i, err);
    return status;
}

/* Ports of the host's loopback are entries one by one. */
static size_t loopback_entries(const struct mxc_net_rule *rule) {
    size_t ports = 0;
    for (size_t i = 0; i < rule->port_count; i++)
        ports += rule->ports[i].end_port ? (size_t)(rule->ports[i].end_port - rule->ports[i].port) + 1 : 1;
    return ports * ns_loopback_peers(rule);
}

/* Entries of the relay's list, at most: each peer with each range of ports. */
static size_t entries_of(const struct mxc_net_rules *list) {
    size_t sum = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct mxc_net_rule *rule = &list->items[i];
        size_t excepts = 0;
        for (size_t p = 0; p < rule->to_count; p++)
            excepts += rule->to[p].except_count;
        sum += (rule->to_count + excepts + 3) * (rule->port_count + 1) + loopback_entries(rule);
    }
    return sum;
}

static mxc_status refuse_proxy(const mxc_policy *policy, mxc_error **err) {
    uint16_t port = 0;
    if (policy->network.proxy)
        (void)mxc_proxy_addresses(policy->network.proxy, &port);
    if (port != NAMES_PORT)
        return MXC_OK;
    return mxc_fail(err, MXC_E_UNSUPPORTED,
                    MXC_FAULT(.origin = "/runtimeConfig/networkProxy", .hint = "let the proxy listen on another port"),
                    "port 53 inside is the relay's own");
}

static int port_is_taken(const mxc_policy *policy, uint16_t port) {
    uint16_t proxy = 0;
    if (policy->network.proxy)
        (void)mxc_proxy_addresses(policy->network.proxy, &proxy);
    if (port == proxy || (ns_network_granted(policy) && port == NAMES_PORT))
        return 1;
    for (size_t i = 0; i < policy->network.allow.count; i++) {
        const struct mxc_net_rule *rule = &policy->network.allow.items[i];
        for (size_t p = 0; p < rule->port_count; p++) {
            if ((ns_protocols_of(&rule->ports[p], 1) & MXC_NET_TCP) && has_port(&rule->ports[p], port))
                return 1;
        }
    }
    return 0;
}

/* Only a listener inside can be published, and where the relay listens there can be none. */
static mxc_status refuse_published(const mxc_policy *policy, mxc_error **err) {
    if (policy->network.publish_count > MXC_NET_MAX_PUBLISHED)
        return mxc_fail(err, MXC_E_UNSUPPORTED, MXC_FAULT(.origin = "/network/publish", .hint = "publish fewer ports"),
                        "more than %u ports cannot be published", MXC_NET_MAX_PUBLISHED);
    for (size_t i = 0; i < policy->network.publish_count; i++) {
        MXC_AUTO_BUF struct mxc_buf origin = {0};
        if (!port_is_taken(policy, policy->network.publish[i].port))
            continue;
        mxc_buf_format(&origin, "/network/publish/%zu", i);
        if (origin.failed)
            return mxc_fail_memory(err);
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = origin.data, .hint = "let the program inside listen on another port"),
                        "nothing inside can listen on port %u: connections out are granted on it",
                        policy->network.publish[i].port);
    }
    return MXC_OK;
}

mxc_status ns_network_refuse(const mxc_policy *policy, mxc_error **err) {
    struct ports udp = {0}, loopback;
    mxc_status status = refuse_proxy(policy, err);
    if (!status)
        status = refuse_published(policy, err);
    for (size_t i = 0; !status && i < policy->network.allow.count; i++)
        status = refuse_rule(&policy->network.allow.items[i], err);
    if (status)
        return status;
    collect_loopback_ports(&loopback, policy);
    if (loopback.too_many)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = "/network/egress/allow", .hint = "name the ports that are needed"),
                        "more than %u ports of the host's loopback cannot be granted", MXC_NET_MAX_PORTS);
    collect_ports(&udp, policy, MXC_NET_UDP);
    if (udp.too_many)
        return mxc_fail(
            err, MXC_E_UNSUPPORTED,
            MXC_FAULT(.origin = "/network/egress/allow", .hint = "write \"protocol\": \"tcp\" where udp is not needed"),
            "more than %u ports of udp cannot be granted", MXC_NET_MAX_PORTS);
    if (entries_of(&policy->network.allow) + entries_of(&policy->network.deny) + DEFAULT_ENTRIES > MXC_NET_MAX_ENTRIES)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = "/network/egress", .hint = "write blocks and \"*.suffix\" for long lists"),
                        "more than %u rules cannot be enforced by this version", MXC_NET_MAX_ENTRIES);
    return MXC_OK;
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

static void put_loopback(struct rules *rules, struct mxc_net_entry entry, const struct mxc_peer *peer) {
    entry.kind = MXC_NET_LOCAL;
    entry.block = block_of(&peer->cidr);
    entry.protocols &= MXC_NET_TCP;
    for (uint32_t port = entry.port, last = entry.end_port; entry.protocols && port <= last; port++) {
        entry.port = entry.end_port = (uint16_t)port;
        put_entry(rules, &entry);
    }
}

static void put_peer(struct rules *rules, struct mxc_net_entry entry, const struct mxc_peer *peer) {
    if (entry.allow && is_loopback(peer)) {
        put_loopback(rules, entry, peer);
        return;
    }
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
    put_peer(rules, *entry, &name);
    put_peer(rules, *entry, &v4);
    put_peer(rules, *entry, &v6);
}

static void put_ports(struct rules *rules, struct mxc_net_entry entry, const struct mxc_net_rule *rule,
                      const struct mxc_port_rule *port) {
    entry.protocols = ns_protocols_of(port, entry.allow);
    if (!entry.protocols)
        return; /* a denial of icmp, and nothing of that is carried */
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

/* What is allowed by default: every name and every address, on every port. */
static void put_default(struct rules *rules, const mxc_policy *policy) {
    static const struct mxc_net_rule everything = {0};
    if (policy->network.egress_default != MXC_VERDICT_ALLOW)
        return;
    const struct mxc_net_entry entry = {.allow = 1, .origin = keep_text(rules, "/network/egress/default")};
    put_ports(rules, entry, &everything, NULL);
}

static void put_proxy(struct rules *rules, const char *url) {
    static const struct mxc_net_block v4 = {.family = 4, .prefix = 32, .address = {127, 0, 0, 1}};
    static const struct mxc_net_block v6 = {.family = 6, .prefix = 128, .address = {[15] = 1}};
    struct mxc_net_entry entry = {.kind = MXC_NET_LOCAL,
                                  .allow = 1,
                                  .protocols = MXC_NET_TCP,
                                  .origin = keep_text(rules, "/runtimeConfig/networkProxy")};
    int addresses = mxc_proxy_addresses(url, &entry.port);
    entry.end_port = entry.port;
    entry.block = v4;
    if (addresses & MXC_PROXY_V4)
        put_entry(rules, &entry);
    entry.block = v6;
    if (addresses & MXC_PROXY_V6)
        put_entry(rules, &entry);
}

static void put_published(struct rules *rules, const mxc_policy *policy) {
    for (size_t i = 0; i < policy->network.publish_count; i++) {
        uint16_t port = policy->network.publish[i].port;
        MXC_AUTO_BUF struct mxc_buf origin = {0};
        mxc_buf_format(&origin, "/network/publish/%zu", i);
        rules->text.failed |= origin.failed;
        if (origin.failed)
            return;
        const struct mxc_net_entry entry = {.kind = MXC_NET_PUBLISHED,
                                            .allow = 1,
                                            .protocols = MXC_NET_TCP,
                                            .port = port,
                                            .end_port = port,
                                            .origin = keep_text(rules, origin.data),
                                            .block = {.family = 4, .prefix = 32, .address = {127, 0, 0, 1}}};
        put_entry(rules, &entry);
    }
}

static void make_blob(struct mxc_buf *blob, const mxc_policy *policy) {
    __attribute__((cleanup(clear_rules))) struct rules rules = {0};
    mxc_buf_bytes(&rules.text, "", 1);
    put_list(&rules, &policy->network.deny, 0);
    put_list(&rules, &policy->network.allow, 1);
    put_default(&rules, policy);
    if (policy->network.proxy)
        put_proxy(&rules, policy->network.proxy);
    put_published(&rules, policy);
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

static void lower_published(struct mxc_plan *plan, const mxc_policy *policy) {
    for (size_t i = 0; i < policy->network.publish_count; i++) {
        const struct mxc_publish *item = &policy->network.publish[i];
        MXC_AUTO_BUF struct mxc_buf origin = {0};
        mxc_buf_format(&origin, "/network/publish/%zu", i);
        plan->failed |= origin.failed;
        if (!origin.failed)
            MXC_PLAN_ADD(plan, MXC_OP_PUBLISH, .origin = origin.data, .a = item->port, .b = item->host_port);
    }
}

void ns_network_lower_keeper(struct mxc_plan *plan, const struct mxc_lowering *from) {
    MXC_AUTO_BUF struct mxc_buf blob = {0};
    if (!needs_relay(from->policy))
        return;
    make_blob(&blob, from->policy);
    plan->failed |= blob.failed;
    lower_published(plan, from->policy);
    if (!blob.failed)
        MXC_PLAN_ADD(plan, MXC_OP_RELAY, .origin = relay_origin(from->policy), .blob = blob.data,
                     .blob_length = blob.length);
}

static void lower_listeners(struct mxc_plan *plan, const mxc_policy *policy, uint8_t protocol) {
    struct ports ports = {0};
    collect_ports(&ports, policy, protocol);
    if (ports.too_many)
        collect_loopback_ports(&ports, policy);
    for (size_t i = 0; i < ports.count; i++)
        MXC_PLAN_ADD(plan, MXC_OP_LISTEN, .origin = "/network/egress", .a = ports.number[i],
                     .b = protocol == MXC_NET_UDP);
}

void ns_network_lower_builder(struct mxc_plan *plan, const struct mxc_lowering *from) {
    if (from->policy->network.proxy) { /* on the sandbox's own loopback, and there is no route to anything else */
        uint16_t port;
        (void)mxc_proxy_addresses(from->policy->network.proxy, &port);
        MXC_PLAN_ADD(plan, MXC_OP_LISTEN, .origin = "/runtimeConfig/networkProxy", .a = port);
    }
    if (from->policy->network.publish_count)
        MXC_PLAN_ADD(plan, MXC_OP_DIALERS, .origin = "/network/publish", .a = MXC_NET_MAX_DIALERS);
    if (!ns_network_granted(from->policy))
        return;
    MXC_PLAN_ADD(plan, MXC_OP_ROUTES, .origin = "/network/egress", .a = SEGMENT_BYTES);
    MXC_PLAN_ADD(plan, MXC_OP_LISTEN, .origin = "/network/egress", .a = NAMES_PORT, .b = 1);
    MXC_PLAN_ADD(plan, MXC_OP_LISTEN, .origin = "/network/egress", .a = NAMES_PORT, .b = 0);
    if (ns_network_on_demand(from->policy) && from->filter_told) /* else nothing inside can connect at all */
        MXC_PLAN_ADD(plan, MXC_OP_SPARES, .origin = "/network/egress", .a = SPARES, .b = from->filter_told);
    lower_listeners(plan, from->policy, MXC_NET_TCP);
    lower_listeners(plan, from->policy, MXC_NET_UDP);
}
