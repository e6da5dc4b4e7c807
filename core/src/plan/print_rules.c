/* print_rules.c: the relay's rules as text, a line each: what may be reached, as it is enforced and not as it was
 * written. Host side only. */
#include <arpa/inet.h>

#include "plan/builder.h"
#include "plan/network.h"

static void put_block(struct mxc_buf *out, const struct mxc_net_block *block) {
    char text[INET6_ADDRSTRLEN];
    mxc_buf_text(out, inet_ntop(block->family == 4 ? AF_INET : AF_INET6, block->address, text, sizeof text));
    if (block->prefix != (block->family == 4 ? 32 : 128))
        mxc_buf_format(out, "/%u", block->prefix);
}

static void put_ports(struct mxc_buf *out, const struct mxc_net_entry *entry) {
    mxc_buf_text(out, entry->protocols == MXC_NET_TCP ? " tcp" : entry->protocols == MXC_NET_UDP ? " udp" : "");
    if (!entry->port)
        mxc_buf_text(out, " every port");
    else if (entry->port == entry->end_port)
        mxc_buf_format(out, " port %u", entry->port);
    else
        mxc_buf_format(out, " ports %u-%u", entry->port, entry->end_port);
}

static void put_peer(struct mxc_buf *out, const struct mxc_net_rules_view *rules, const struct mxc_net_entry *entry) {
    if (entry->kind == MXC_NET_HOST) {
        mxc_plan_put_text(out, rules->text + entry->name);
        return;
    }
    put_block(out, &entry->block);
    for (uint32_t i = 0; i < entry->except_count; i++) {
        mxc_buf_text(out, i ? ", " : " except ");
        put_block(out, &rules->excepts[entry->except_first + i]);
    }
}

static void put_entry(struct mxc_buf *out, const struct mxc_net_rules_view *rules, const struct mxc_net_entry *entry) {
    if (entry->kind == MXC_NET_LOCAL || entry->kind == MXC_NET_PUBLISHED) {
        mxc_buf_format(out, "  port %u inside %s ", entry->port,
                       entry->kind == MXC_NET_LOCAL ? "leads to the host's" : "is published at the host's");
        put_block(out, &entry->block);
    } else {
        mxc_buf_text(out, entry->allow ? "  allow " : "  deny ");
        put_peer(out, rules, entry);
        put_ports(out, entry);
    }
    if (rules->text[entry->origin]) {
        mxc_buf_text(out, "  # ");
        mxc_plan_put_text(out, rules->text + entry->origin);
    }
    mxc_buf_text(out, "\n");
}

void mxc_plan_print_rules(struct mxc_buf *out, const void *bytes, size_t length) {
    struct mxc_net_rules_view rules;
    if (mxc_net_view(&rules, bytes, length) != 0) {
        mxc_buf_format(out, "  %zu bytes that are no rules\n", length);
        return;
    }
    for (uint32_t i = 0; i < rules.entry_count; i++)
        put_entry(out, &rules, &rules.entries[i]);
}
