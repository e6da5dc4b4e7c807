/* connections.c: connections and refusals of a result as JSON, refusals with the rule that would have let them pass. */
#include <inttypes.h>

#include "report/result.h"

const char *mxc_outcome_text(mxc_connection_outcome outcome) {
    static const char *const names[] = {[MXC_CONNECTION_OPEN] = "open",
                                        [MXC_CONNECTION_CLOSED] = "closed",
                                        [MXC_CONNECTION_RESET] = "reset",
                                        [MXC_CONNECTION_UNREACHABLE] = "unreachable",
                                        [MXC_CONNECTION_UNRESOLVED] = "unresolved",
                                        [MXC_CONNECTION_DENIED] = "denied",
                                        [MXC_CONNECTION_GUARDED] = "guarded",
                                        [MXC_CONNECTION_UNKNOWN_NAME] = "unknown_name",
                                        [MXC_CONNECTION_TOO_MANY] = "too_many",
                                        [MXC_CONNECTION_CUT] = "cut"};
    if (outcome < 1 || (size_t)outcome >= sizeof names / sizeof *names)
        return "unknown";
    return names[outcome];
}

const char *mxc_connection_protocol(const struct mxc_connection *connection) {
    static const char *const names[] = {"", "tcp", "udp"};
    return names[connection->entry.protocol]; /* record.c has looked at it */
}

static int is_refusal(const struct mxc_connection *connection) {
    return connection->entry.outcome >= MXC_CONNECTION_DENIED &&
           connection->entry.outcome <= MXC_CONNECTION_UNKNOWN_NAME;
}

/* An entry for network.egress.allow. A name that was only asked for has no port yet: 443 is the likely one. For a
 * denial by a rule, and for an address that nobody may reach, no entry would help. */
static void put_grant(struct mxc_buf *out, const struct mxc_connection *connection) {
    const struct mxc_connection_entry *entry = &connection->entry;
    int by_name = entry->name[0] && entry->outcome != MXC_CONNECTION_GUARDED;
    if (!is_refusal(connection) || entry->inbound || entry->never ||
        (connection->rule && connection->rule[0] && entry->outcome == MXC_CONNECTION_DENIED))
        return;
    mxc_buf_text(out, by_name ? ", \"grant\": {\"to\": [{\"host\": " : ", \"grant\": {\"to\": [{\"cidr\": ");
    mxc_buf_json(out, by_name ? entry->name : connection->address);
    mxc_buf_format(out, "}], \"ports\": [{\"protocol\": \"%s\", \"port\": %u}]}",
                   entry->protocol ? mxc_connection_protocol(connection) : "tcp", entry->port ? entry->port : 443u);
}

static void put_ms(struct mxc_buf *out, const char *key, uint64_t ns) {
    uint64_t us = ns / 1000;
    mxc_buf_format(out, ", \"%s\": %" PRIu64 ".%03u", key, us / 1000, (unsigned)(us % 1000));
}

static void put_connection(struct mxc_buf *out, const struct mxc_connection *connection) {
    const struct mxc_connection_entry *entry = &connection->entry;
    mxc_buf_text(out, "{\"name\": ");
    mxc_buf_json(out, entry->name);
    mxc_buf_text(out, ", \"address\": ");
    mxc_buf_json(out, connection->address);
    mxc_buf_format(out, ", \"protocol\": \"%s\", \"port\": %u, \"direction\": \"%s\", \"outcome\": \"%s\", \"rule\": ",
                   mxc_connection_protocol(connection), entry->port, entry->inbound ? "in" : "out",
                   mxc_outcome_text(entry->outcome));
    mxc_buf_json(out, connection->rule ? connection->rule : "");
    mxc_buf_format(out, ", \"count\": %u, \"bytesIn\": %" PRIu64 ", \"bytesOut\": %" PRIu64, entry->times,
                   entry->bytes_in, entry->bytes_out);
    put_ms(out, "startedMs", entry->started_ns);
    put_ms(out, "durationMs", entry->duration_ns);
    put_grant(out, connection);
    mxc_buf_text(out, "}");
}

void mxc_connections_json(struct mxc_buf *out, const struct mxc_result *result) {
    mxc_buf_text(out, "[");
    for (size_t i = 0; i < result->connection_count; i++) {
        mxc_buf_text(out, i ? ", " : "");
        put_connection(out, &result->connections[i]);
    }
    mxc_buf_text(out, "]");
}
