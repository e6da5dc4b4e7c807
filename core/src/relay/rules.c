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

static int name_matches(const struct mxc_net_rules_view *rules, const struct mxc_net_entry *entry, const char *name) {
    const char *pattern = rules->text + entry->name;
    return entry->kind == MXC_NET_HOST && (strcmp(pattern, "*") == 0 || mxc_hostname_within(name, pattern));
}

static int denies_everything(const struct mxc_net_entry *entry) {
    return !entry->allow && !entry->port && entry->protocols == (MXC_NET_TCP | MXC_NET_UDP);
}

enum mxc_permission mxc_rules_know_name(const struct mxc_net_rules_view *rules, const char *name, uint32_t *entry) {
    enum mxc_permission answer = MXC_NO_RULE;
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        if ((!one->allow && !denies_everything(one)) || !name_matches(rules, one, name))
            continue;
        if (!one->allow) {
            *entry = i;
            return MXC_DENIED_BY_RULE;
        }
        answer = MXC_PERMITTED;
    }
    return answer;
}

enum mxc_permission mxc_rules_name(const struct mxc_net_rules_view *rules, const char *name, struct mxc_service service,
                                   uint32_t *entry) {
    enum mxc_permission answer = MXC_NO_RULE;
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        if (!service_matches(one, service) || !name_matches(rules, one, name))
            continue;
        if (!one->allow) {
            *entry = i;
            return MXC_DENIED_BY_RULE;
        }
        if (answer == MXC_NO_RULE)
            *entry = i;
        answer = MXC_PERMITTED;
    }
    return answer;
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

int mxc_rules_other_names(const struct mxc_net_rules_view *rules, const struct mxc_ip *ip, uint8_t protocol) {
    for (uint32_t i = 0; i < rules->entry_count; i++) {
        const struct mxc_net_entry *one = &rules->entries[i];
        if (one->allow && (one->protocols & protocol) && one->port == NAMES_PORT && one->end_port == NAMES_PORT &&
            block_matches(rules, one, ip))
            return 1;
    }
    return 0;
}

/* Whether a rule for this block says the address itself and not only something around it. */
static int is_pointed(const struct mxc_net_block *block, const struct mxc_guarded *guard, int own) {
    if (own && block->prefix != (block->family == 4 ? 32 : 128))
        return 0;
    return !guard || mxc_block_within(block, &guard->block);
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
