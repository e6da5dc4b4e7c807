/* record.c: reading an exit record. The keeper is ours, but a record is still bytes from another process: every
 * field is checked here, once, so that nobody behind this has to. */
#include <string.h>

#include "report/result.h"

static int plausible_end(const struct mxc_record *record) {
    if (record->signal == 0)
        return record->exit_code >= 0 && record->exit_code <= 255;
    return record->signal >= 1 && record->signal <= 64 && record->exit_code == -1;
}

static int plausible_stream(const struct mxc_record_stream *stream) {
    return stream->head <= stream->total && stream->tail <= stream->total - stream->head;
}

long mxc_record_wanted(const void *bytes, size_t length) {
    struct mxc_record record;
    if (length < sizeof record)
        return (long)sizeof record;
    memcpy(&record, bytes, sizeof record);
    if (record.magic != MXC_RECORD_MAGIC || record.denial_count > MXC_RECORD_MAX_DENIALS ||
        record.connection_count > MXC_RECORD_MAX_CONNECTIONS ||
        record.size != sizeof record + record.denial_count * sizeof(struct mxc_denial_entry) +
                           record.connection_count * sizeof(struct mxc_connection_entry))
        return -1;
    return (long)record.size;
}

static int plausible_connection(const struct mxc_connection_entry *entry) {
    int known = entry->outcome >= MXC_CONNECTION_OPEN && entry->outcome <= MXC_CONNECTION_CUT;
    int family = entry->family == 0 || entry->family == 4 || entry->family == 6;
    int flags = entry->inbound <= 1 && entry->never <= 1 && entry->protocol <= 2;
    return known && family && flags && memchr(entry->name, 0, sizeof entry->name);
}

int mxc_record_decode(struct mxc_record *record, struct mxc_record_entries *entries, const void *bytes, size_t length) {
    long wanted = mxc_record_wanted(bytes, length);
    if (wanted < 0 || length != (size_t)wanted)
        return -1;
    memcpy(record, bytes, sizeof *record);
    const char *rest = (const char *)bytes + sizeof *record;
    memcpy(entries->denials, rest, record->denial_count * sizeof *entries->denials);
    rest += record->denial_count * sizeof *entries->denials;
    memcpy(entries->connections, rest, record->connection_count * sizeof *entries->connections);
    for (uint32_t i = 0; i < record->connection_count; i++)
        if (!plausible_connection(&entries->connections[i]))
            return -1;
    if (record->outcome == MXC_OUTCOME_REFUSED)
        return 0;
    if (record->outcome != MXC_OUTCOME_ENDED || !plausible_end(record))
        return -1;
    return plausible_stream(&record->out) && plausible_stream(&record->err) ? 0 : -1;
}
