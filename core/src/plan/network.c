/* network.c: decides whether some bytes are well-formed rules (network.h). Freestanding. */
#include "plan/network.h"

static int block_ok(const struct mxc_net_block *block) {
    return (block->family == 4 && block->prefix <= 32) || (block->family == 6 && block->prefix <= 128);
}

static int string_ok(const struct mxc_net_header *header, const char *text, uint32_t offset) {
    return offset < header->text_bytes && (!offset || !text[offset - 1]);
}

static int is_loopback(const struct mxc_net_block *block) {
    uint8_t rest = 0;
    for (int i = 0; i < 15; i++)
        rest |= block->address[i];
    return block->family == 4 ? block->prefix == 32 && block->address[0] == 127
                              : block->prefix == 128 && !rest && block->address[15] == 1;
}

static int entry_ok(const struct mxc_net_header *header, const char *text, const struct mxc_net_entry *entry) {
    if (entry->allow > 1 || !string_ok(header, text, entry->origin) || !string_ok(header, text, entry->name))
        return 0;
    if (!entry->protocols || entry->protocols > (MXC_NET_TCP | MXC_NET_UDP) || entry->reserved)
        return 0;
    if (entry->end_port < entry->port || (!entry->port && entry->end_port))
        return 0;
    if (entry->except_first > header->except_count || entry->except_count > header->except_count - entry->except_first)
        return 0;
    if (entry->kind == MXC_NET_HOST)
        return text[entry->name] != 0;
    if (entry->kind == MXC_NET_LOCAL || entry->kind == MXC_NET_PUBLISHED)
        return entry->allow && entry->protocols == MXC_NET_TCP && entry->port && entry->port == entry->end_port &&
               !entry->except_count && block_ok(&entry->block) && is_loopback(&entry->block);
    return entry->kind == MXC_NET_BLOCK && block_ok(&entry->block);
}

static size_t text_at(const struct mxc_net_header *header) {
    return sizeof *header + header->entry_count * sizeof(struct mxc_net_entry) +
           header->except_count * sizeof(struct mxc_net_block);
}

int mxc_net_view(struct mxc_net_rules_view *view, const void *bytes, size_t length) {
    const struct mxc_net_header *header = bytes;
    if (!bytes || (uintptr_t)bytes % 4 || length < sizeof *header || header->magic != MXC_NET_MAGIC ||
        header->total_bytes != length || header->reserved)
        return -1;
    if (header->entry_count > MXC_NET_MAX_ENTRIES || header->except_count > MXC_NET_MAX_ENTRIES ||
        !header->text_bytes || header->text_bytes > length || text_at(header) + header->text_bytes != length)
        return -1;
    struct mxc_net_rules_view found = {
        .entries = (const struct mxc_net_entry *)(const void *)(header + 1),
        .text = (const char *)bytes + text_at(header),
        .entry_count = header->entry_count,
    };
    found.excepts = (const struct mxc_net_block *)(const void *)(found.entries + header->entry_count);
    if (found.text[0] || found.text[header->text_bytes - 1])
        return -1;
    for (uint32_t i = 0; i < header->except_count; i++)
        if (!block_ok(&found.excepts[i]))
            return -1;
    for (uint32_t i = 0; i < header->entry_count; i++)
        if (!entry_ok(header, found.text, &found.entries[i]))
            return -1;
    *view = found;
    return 0;
}

int mxc_net_grants_port(const struct mxc_net_rules_view *view, uint16_t port) {
    for (uint32_t i = 0; i < view->entry_count; i++) {
        const struct mxc_net_entry *entry = &view->entries[i];
        if (entry->allow && (entry->protocols & MXC_NET_TCP) &&
            (entry->kind == MXC_NET_HOST || entry->kind == MXC_NET_BLOCK) &&
            (!entry->port || (port >= entry->port && port <= entry->end_port)))
            return 1;
    }
    return 0;
}
