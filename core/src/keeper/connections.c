/* connections.c: the log of what a sandbox connected to, or tried to: a table for the whole sandbox, from which each
 * record takes what changed while its command ran. What had to make room is counted by whoever it was for. */
#include <string.h>

#include "keeper/keeper.h"
#include "mxc/mxc.h"

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

/* A place that is free, or that of the oldest one that has ended: what is still open has its end to tell. */
static uint32_t place_for_one(const struct mxc_connection_log *log) {
    uint32_t oldest = 0, ended = MXC_MAX_LOGGED;
    if (log->count < MXC_MAX_LOGGED)
        return log->count;
    for (uint32_t i = 0; i < log->count; i++) {
        if (log->born[i] < log->born[oldest])
            oldest = i;
        if (log->entry[i].outcome != MXC_CONNECTION_OPEN &&
            (ended == MXC_MAX_LOGGED || log->born[i] < log->born[ended]))
            ended = i;
    }
    return ended < MXC_MAX_LOGGED ? ended : oldest;
}

uint64_t mxc_connections_note(struct mxc_connection_log *log, const struct mxc_connection_entry *entry) {
    struct mxc_connection_entry *known = find(log, entry);
    uint64_t gone = 0;
    if (known && known->id != entry->id) {
        known->times++;
    } else if (known) {
        *known = *entry;
        known->times = 1;
    } else if (!entry->times) {
        return 0; /* more of one that had to make room, and was counted then */
    } else {
        uint32_t at = place_for_one(log);
        gone = at < log->count ? log->changed[at] : 0;
        log->count += at == log->count;
        log->born[at] = log->changes + 1;
        known = &log->entry[at];
        *known = *entry;
    }
    log->changed[known - log->entry] = ++log->changes;
    return gone;
}

uint32_t mxc_connections_since(const struct mxc_connection_log *log, uint64_t from, uint64_t began,
                               struct mxc_connection_entry *out, uint32_t *dropped) {
    uint32_t order[MXC_MAX_LOGGED], found = 0, kept = 0;
    for (uint32_t i = 0; i < log->count; i++) {
        uint32_t at = found;
        if (log->changed[i] <= from)
            continue;
        for (; at && log->born[order[at - 1]] > log->born[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
        found++;
    }
    *dropped = found > MXC_RECORD_MAX_CONNECTIONS ? found - MXC_RECORD_MAX_CONNECTIONS : 0;
    for (uint32_t i = *dropped; i < found; i++) {
        out[kept] = log->entry[order[i]];
        out[kept].started_ns = out[kept].started_ns > began ? out[kept].started_ns - began : 0;
        kept++;
    }
    return kept;
}
