/* connections.c: the log of what a sandbox connected to, or tried to: a ring for the whole sandbox, from which each
 * record takes what changed while its command ran. */
#include <string.h>

#include "keeper/keeper.h"

/* A refusal says nothing new when it says the same again. */
static int same_refusal(const struct mxc_connection_entry *a, const struct mxc_connection_entry *b) {
    return a->outcome == b->outcome && a->outcome >= MXC_CONNECTION_DENIED && a->outcome <= MXC_CONNECTION_TOO_MANY &&
           a->port == b->port && a->protocol == b->protocol && a->family == b->family && a->rule == b->rule &&
           memcmp(a->address, b->address, sizeof a->address) == 0 && strcmp(a->name, b->name) == 0;
}

static struct mxc_connection_entry *find(struct mxc_connection_log *log, const struct mxc_connection_entry *entry) {
    for (uint32_t i = 0; i < log->count; i++)
        if (log->entry[i].id == entry->id)
            return &log->entry[i];
    for (uint32_t i = 0; i < log->count; i++)
        if (same_refusal(&log->entry[i], entry))
            return &log->entry[i];
    return NULL;
}

void mxc_connections_note(struct mxc_connection_log *log, const struct mxc_connection_entry *entry) {
    struct mxc_connection_entry *known = find(log, entry);
    if (known && known->id != entry->id) {
        known->times++;
    } else if (known) {
        *known = *entry;
    } else {
        known = &log->entry[log->next];
        *known = *entry;
        log->next = (log->next + 1) % MXC_MAX_LOGGED;
        log->count += log->count < MXC_MAX_LOGGED;
    }
    log->changed[known - log->entry] = ++log->changes;
}

uint32_t mxc_connections_since(const struct mxc_connection_log *log, uint64_t from, uint64_t began,
                               struct mxc_connection_entry *out, uint32_t *dropped) {
    uint32_t first = log->count < MXC_MAX_LOGGED ? 0 : log->next, found = 0, kept = 0;
    for (uint32_t i = 0; i < log->count; i++)
        found += log->changed[i] > from;
    *dropped = found > MXC_RECORD_MAX_CONNECTIONS ? found - MXC_RECORD_MAX_CONNECTIONS : 0;
    for (uint32_t i = 0, passed = 0; i < log->count; i++) {
        uint32_t at = (first + i) % MXC_MAX_LOGGED;
        if (log->changed[at] <= from || passed++ < *dropped)
            continue;
        out[kept] = log->entry[at];
        out[kept].started_ns = out[kept].started_ns > began ? out[kept].started_ns - began : 0;
        kept++;
    }
    return kept;
}
