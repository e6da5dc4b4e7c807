/* rules.c: see rules.h. A denial wins over every grant. A guarded address (address.h) is open only to a rule that lies
 * within its block, so that neither a name nor 0.0.0.0/0 leads to the metadata service; an address of the host itself
 * only to a rule for exactly it. */
#include "relay/rules.h"

#include <string.h>

#include "base/hostname.h"

#define NAMES_PORT 53

static int service_matches(const struct mxc_net_entry *entry, struct mxc_service service) {
    return (entry->protocols & service.protocol) &&
           (!entry->port || (service.port >= entry->port && service.port <= entry->end_port));
}

static uint32_t last_port(const struct mxc_net_entry *entry) { return entry->port ? entry->end_port : UINT16_MAX; }

static int name_matches(const struct mxc_net_rules_view *rules, const struct mxc_net_entry *entry, const char *name) {
    const char *pattern = rules->text + entry->name;
    return entry->kind == MXC_NET_HOST && (strcmp(pattern, "*") == 0 || mxc_hostname_within(name, pattern));
}

enum mxc_permission mxc_rules_name(const struct mxc_net_rules_view *rules, const char *name, struct mxc_service service,
                                   uint32_t *entry) {
    enum mxc_permission answer = MXC_NO_RULE;
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        if (!service_matches(one, service) || !name_matches(rules, one, name) ||
            (one->allow && answer == MXC_PERMITTED))
            continue;
        *entry = i;
        if (!one->allow)
            return MXC_DENIED_BY_RULE;
        answer = MXC_PERMITTED;
    }
    return answer;
}

/* The denial of the name on this port that goes furthest, or MXC_NET_NO_ENTRY. */
static uint32_t denial_of(const struct mxc_net_rules_view *rules, const char *name, struct mxc_service service) {
    uint32_t found = MXC_NET_NO_ENTRY;
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        if (one->allow || !service_matches(one, service) || !name_matches(rules, one, name))
            continue;
        if (found == MXC_NET_NO_ENTRY || last_port(one) > last_port(&rules->entries[found]))
            found = i;
    }
    return found;
}

/* From the first port of a grant on, over whole denials to the next one that none of them has. */
static enum mxc_permission some_port(const struct mxc_net_rules_view *rules, const char *name, uint32_t grant,
                                     uint8_t protocol, uint32_t *entry) {
    const struct mxc_net_entry *granted = &rules->entries[grant];
    for (uint32_t port = granted->port ? granted->port : 1; port <= last_port(granted);) {
        uint32_t denial = denial_of(rules, name, (struct mxc_service){protocol, (uint16_t)port});
        *entry = denial == MXC_NET_NO_ENTRY ? grant : denial;
        if (denial == MXC_NET_NO_ENTRY)
            return MXC_PERMITTED;
        port = last_port(&rules->entries[denial]) + 1;
    }
    return MXC_DENIED_BY_RULE;
}

enum mxc_permission mxc_rules_know_name(const struct mxc_net_rules_view *rules, const char *name, uint32_t *entry) {
    enum mxc_permission answer = MXC_NO_RULE;
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        for (unsigned int protocol = MXC_NET_TCP; protocol <= MXC_NET_UDP; protocol++) /* the two bits */
            if (one->allow && (one->protocols & protocol) && name_matches(rules, one, name) &&
                (answer = some_port(rules, name, i, (uint8_t)protocol, entry)) == MXC_PERMITTED)
                return answer;
    }
    return answer;
}

static uint32_t find_port(const struct mxc_net_rules_view *rules, enum mxc_net_kind kind, uint16_t port,
                          uint32_t from) {
    for (uint32_t i = from; i < rules->entry_count; i++)
        if (rules->entries[i].kind == kind && rules->entries[i].port == port)
            return i;
    return MXC_NET_NO_ENTRY;
}

uint32_t mxc_rules_for_published(const struct mxc_net_rules_view *rules, uint16_t port) {
    return find_port(rules, MXC_NET_PUBLISHED, port, 0);
}

static int block_matches(const struct mxc_net_rules_view *rules, const struct mxc_net_entry *entry,
                         const struct mxc_ip *ip) {
    if (entry->kind != MXC_NET_BLOCK || !mxc_ip_within(ip, &entry->block))
        return 0;
    for (uint32_t i = 0; i < entry->except_count; i++)
        if (mxc_ip_within(ip, &rules->excepts[entry->except_first + i]))
            return 0;
    return 1;
}

/* Whether a rule for this block says the address itself and not only something around it. */
static int is_pointed(const struct mxc_net_block *block, const struct mxc_guarded *guard, int own) {
    if (own && block->prefix != (block->family == 4 ? 32 : 128))
        return 0;
    return !guard || mxc_block_within_guard(block, guard);
}

enum mxc_permission mxc_rules_address(const struct mxc_net_rules_view *rules, const struct mxc_ip *ip,
                                      struct mxc_service service, int own, int by_name, uint32_t *entry) {
    const struct mxc_guarded *guard = mxc_guard(ip);
    enum mxc_permission answer = by_name && !guard && !own ? MXC_PERMITTED : MXC_NO_RULE;
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        if (!service_matches(one, service) || !block_matches(rules, one, ip))
            continue;
        if (!one->allow) {
            *entry = i;
            return MXC_DENIED_BY_RULE;
        }
        if (answer == MXC_NO_RULE && is_pointed(&one->block, guard, own)) {
            *entry = i;
            answer = MXC_PERMITTED;
        }
    }
    if ((guard && guard->never) || (answer == MXC_NO_RULE && (guard || own)))
        return MXC_GUARDED;
    return answer;
}

uint32_t mxc_rules_for_local(const struct mxc_net_rules_view *rules, uint16_t port, uint32_t from) {
    const struct mxc_service service = {MXC_NET_TCP, port};
    uint32_t found = from;
    while ((found = find_port(rules, MXC_NET_LOCAL, port, found)) != MXC_NET_NO_ENTRY) {
        const struct mxc_ip ip = mxc_ip_of_block(&rules->entries[found].block);
        uint32_t denial;
        if (mxc_rules_address(rules, &ip, service, 0, 0, &denial) != MXC_DENIED_BY_RULE)
            break;
        found++;
    }
    return found;
}

/* Only where a rule for just that port leads: 0.0.0.0/0 is about public name servers, and the one at 127.0.0.1 that the
 * sandbox's resolv.conf names stays the relay. */
int mxc_rules_other_names(const struct mxc_net_rules_view *rules, const struct mxc_ip *ip, uint8_t protocol) {
    const struct mxc_guarded *guard = mxc_guard(ip);
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        if (one->allow && (one->protocols & protocol) && one->port == NAMES_PORT && one->end_port == NAMES_PORT &&
            block_matches(rules, one, ip) && is_pointed(&one->block, guard, 0))
            return !guard || !guard->never;
    }
    return 0;
}
