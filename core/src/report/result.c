/* result.c: the life of a result and what can be asked of it. Must not know where its bytes came from. */
#include "report/result.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/alloc.h"

static void take_connection(struct mxc_connection *connection, const struct mxc_connection_entry *entry) {
    connection->entry = *entry;
    if (entry->family)
        inet_ntop(entry->family == 4 ? AF_INET : AF_INET6, entry->address, connection->address,
                  sizeof connection->address);
}

struct mxc_result *mxc_result_new(const struct mxc_record *record, const struct mxc_record_entries *entries,
                                  const char *receipt) {
    struct mxc_result *result = mxc_alloc(sizeof *result);
    if (!result)
        return NULL;
    atomic_init(&result->references, 1);
    result->exit_code = record->exit_code;
    result->signal = record->signal;
    result->limits_hit = record->limits_hit;
    result->wall_ns = record->wall_ns;
    result->cpu_ns = record->cpu_ns;
    result->peak_memory = record->peak_memory;
    memcpy(result->time_ns, record->time_ns, sizeof result->time_ns);
    result->receipt = mxc_strdup(receipt ? receipt : "[]");
    result->denials = mxc_alloc(record->denial_count * sizeof *result->denials);
    result->connections = mxc_alloc(record->connection_count * sizeof *result->connections);
    if (!result->receipt || !result->denials || !result->connections) {
        mxc_result_unref(result);
        return NULL;
    }
    result->denial_count = record->denial_count;
    for (size_t i = 0; i < result->denial_count; i++)
        result->denials[i] = (struct mxc_denial){.number = entries->denials[i].number,
                                                 .times = entries->denials[i].times,
                                                 .first_ns = entries->denials[i].first_ns};
    result->connection_count = record->connection_count;
    result->connections_dropped = record->connections_dropped;
    for (size_t i = 0; i < result->connection_count; i++)
        take_connection(&result->connections[i], &entries->connections[i]);
    return result;
}

struct mxc_result *mxc_result_ref(struct mxc_result *result) {
    atomic_fetch_add_explicit(&result->references, 1, memory_order_relaxed);
    return result;
}

void mxc_result_unref(struct mxc_result *result) {
    if (!result || atomic_fetch_sub_explicit(&result->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < result->denial_count; i++)
        mxc_free(result->denials[i].what);
    mxc_free(result->denials);
    for (size_t i = 0; i < result->connection_count; i++)
        mxc_free(result->connections[i].rule);
    mxc_free(result->connections);
    mxc_findings_clear(&result->findings);
    mxc_free(result->out.data);
    mxc_free(result->err.data);
    mxc_free(result->receipt);
    mxc_free(result);
}

int mxc_result_has_hit(const struct mxc_result *result, mxc_limit limit) {
    if (limit <= MXC_LIMIT_NONE || limit > MXC_LIMIT_DISK)
        return 0;
    if (limit == MXC_LIMIT_WALL_TIME && (result->limits_hit & MXC_RECORD_TIMED_OUT))
        return 1;
    if (limit == MXC_LIMIT_OUTPUT && (result->out.truncated || result->err.truncated))
        return 1;
    return (int)(result->limits_hit >> limit) & 1;
}

mxc_limit mxc_result_first_hit(const struct mxc_result *result) {
    /* The order of the public header first, then the rest of the list. */
    static const mxc_limit order[] = {MXC_LIMIT_MEMORY,    MXC_LIMIT_CPU_TIME,  MXC_LIMIT_WALL_TIME,
                                      MXC_LIMIT_PROCESSES, MXC_LIMIT_FILE_SIZE, MXC_LIMIT_OUTPUT,
                                      MXC_LIMIT_DISK,      MXC_LIMIT_TMP,       MXC_LIMIT_OPEN_FILES,
                                      MXC_LIMIT_SWAP,      MXC_LIMIT_CPUS};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (mxc_result_has_hit(result, order[i]))
            return order[i];
    return MXC_LIMIT_NONE;
}
