/* result_api.c: mxc_result_*: what a result says. All accept what is out of range and none fails. */
#include "api/structs.h"
#include "base/error.h"
#include "report/result.h"

static const struct mxc_captured *stream_of(const mxc_result *result, mxc_stream stream) {
    static const struct mxc_captured nothing;
    if (!result || (stream != MXC_STDOUT && stream != MXC_STDERR))
        return &nothing;
    return stream == MXC_STDOUT ? &result->out : &result->err;
}

static const struct mxc_denial *denial_at(const mxc_result *result, size_t index) {
    return result && index < result->denial_count ? &result->denials[index] : NULL;
}

int32_t mxc_result_exit_code(const mxc_result *result) { return result ? result->exit_code : -1; }

int32_t mxc_result_signal(const mxc_result *result) { return result ? result->signal : 0; }

int32_t mxc_result_timed_out(const mxc_result *result) {
    return result ? mxc_result_has_hit(result, MXC_LIMIT_WALL_TIME) : 0;
}

mxc_limit mxc_result_limit_hit(const mxc_result *result) {
    return result ? mxc_result_first_hit(result) : MXC_LIMIT_NONE;
}

int32_t mxc_result_hit(const mxc_result *result, mxc_limit limit) {
    return result ? mxc_result_has_hit(result, limit) : 0;
}

const char *mxc_result_output(const mxc_result *result, mxc_stream stream, size_t *length) {
    const struct mxc_captured *captured = stream_of(result, stream);
    if (length)
        *length = captured->length;
    return captured->data ? captured->data : "";
}

uint64_t mxc_result_output_total(const mxc_result *result, mxc_stream stream) {
    return stream_of(result, stream)->total;
}

int32_t mxc_result_output_truncated(const mxc_result *result, mxc_stream stream) {
    return stream_of(result, stream)->truncated;
}

size_t mxc_result_output_head(const mxc_result *result, mxc_stream stream) { return stream_of(result, stream)->head; }

uint64_t mxc_result_wall_time_ns(const mxc_result *result) { return result ? result->wall_ns : 0; }

uint64_t mxc_result_cpu_time_ns(const mxc_result *result) { return result ? result->cpu_ns : 0; }

uint64_t mxc_result_peak_memory(const mxc_result *result) { return result ? result->peak_memory : 0; }

size_t mxc_result_denial_count(const mxc_result *result) { return result ? result->denial_count : 0; }

const char *mxc_result_denial_kind(const mxc_result *result, size_t index) {
    return denial_at(result, index) ? "syscall" : NULL;
}

const char *mxc_result_denial_what(const mxc_result *result, size_t index) {
    const struct mxc_denial *denial = denial_at(result, index);
    return denial ? denial->what : NULL;
}

const char *mxc_result_denial_mechanism(const mxc_result *result, size_t index) {
    return denial_at(result, index) ? "seccomp" : NULL;
}

uint64_t mxc_result_denial_times(const mxc_result *result, size_t index) {
    const struct mxc_denial *denial = denial_at(result, index);
    return denial ? denial->times : 0;
}

uint64_t mxc_result_denial_first_ns(const mxc_result *result, size_t index) {
    const struct mxc_denial *denial = denial_at(result, index);
    return denial ? denial->first_ns : 0;
}

static const struct mxc_connection *connection_at(const mxc_result *result, size_t index) {
    return result && index < result->connection_count ? &result->connections[index] : NULL;
}

size_t mxc_result_connection_count(const mxc_result *result) { return result ? result->connection_count : 0; }

uint64_t mxc_result_connections_dropped(const mxc_result *result) { return result ? result->connections_dropped : 0; }

const char *mxc_result_connection_name(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->entry.name : NULL;
}

const char *mxc_result_connection_address(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->address : NULL;
}

const char *mxc_result_connection_protocol(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? mxc_connection_protocol(connection) : NULL;
}

int32_t mxc_result_connection_port(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->entry.port : 0;
}

int32_t mxc_result_connection_inbound(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? (int32_t)connection->entry.inbound : 0;
}

mxc_connection_outcome mxc_result_connection_outcome(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->entry.outcome : 0;
}

const char *mxc_result_connection_rule(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return !connection ? NULL : connection->rule ? connection->rule : "";
}

uint64_t mxc_result_connection_times(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->entry.times : 0;
}

uint64_t mxc_result_connection_bytes_in(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->entry.bytes_in : 0;
}

uint64_t mxc_result_connection_bytes_out(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->entry.bytes_out : 0;
}

uint64_t mxc_result_connection_duration_ns(const mxc_result *result, size_t index) {
    const struct mxc_connection *connection = connection_at(result, index);
    return connection ? connection->entry.duration_ns : 0;
}

size_t mxc_result_finding_count(const mxc_result *result) { return result ? result->findings.count : 0; }

const char *mxc_result_finding_kind(const mxc_result *result, size_t index) {
    return result && index < result->findings.count ? result->findings.items[index].kind : NULL;
}

const char *mxc_result_finding_path(const mxc_result *result, size_t index) {
    return result && index < result->findings.count ? result->findings.items[index].path : NULL;
}

const char *mxc_result_receipt_json(const mxc_result *result) { return result ? result->receipt : "[]"; }

mxc_status mxc_result_to_json(char **out, const mxc_result *result, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    if (!out || !result)
        return mxc_fail_null(err, out ? "result" : "out");
    mxc_result_json(&text, result);
    char *taken = mxc_buf_take(&text);
    if (!taken)
        return mxc_fail_memory(err);
    *out = taken;
    return MXC_OK;
}

void mxc_result_free(mxc_result *result) { mxc_result_unref(result); }
