/* result.cc: results. Numbers are read at once, the rest when it is asked for. */
#include "result.h"

#include "handle.h"

/* What a result holds besides its output, about: the collector must know that a handle is not a few bytes. */
#define RESULT_BYTES 4096

Napi::Value WrapResult(Napi::Env env, mxc_result *result) {
    size_t out = 0, err = 0;
    mxc_result_output(result, MXC_STDOUT, &out);
    mxc_result_output(result, MXC_STDERR, &err);
    return Wrap(env, result, static_cast<int64_t>(RESULT_BYTES + out + err));
}

static Napi::Value NumberOf(Napi::Env env, uint64_t value) {
    return Napi::Number::New(env, static_cast<double>(value));
}

static Napi::Value LimitsHit(Napi::Env env, const mxc_result *result) {
    Napi::Array hit = Napi::Array::New(env);
    uint32_t count = 0;
    for (mxc_limit limit = MXC_LIMIT_MEMORY; limit <= MXC_LIMIT_DISK; limit++)
        if (mxc_result_hit(result, limit))
            hit.Set(count++, Napi::String::New(env, mxc_limit_name(limit)));
    return hit;
}

static Napi::Value Numbers(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    const mxc_result *result = Open<mxc_result>(info[0]);
    if (!result)
        return Napi::Value();
    mxc_limit limit = mxc_result_limit_hit(result);
    Napi::Object made = Napi::Object::New(env);
    made.Set("exitCode", Napi::Number::New(env, mxc_result_exit_code(result)));
    made.Set("signal", Napi::Number::New(env, mxc_result_signal(result)));
    made.Set("timedOut", Napi::Boolean::New(env, mxc_result_timed_out(result) != 0));
    made.Set("limitHit", limit == MXC_LIMIT_NONE ? env.Null() : Napi::String::New(env, mxc_limit_name(limit)));
    made.Set("limitsHit", LimitsHit(env, result));
    made.Set("stdoutLength", NumberOf(env, mxc_result_output_total(result, MXC_STDOUT)));
    made.Set("stderrLength", NumberOf(env, mxc_result_output_total(result, MXC_STDERR)));
    made.Set("stdoutTruncated", Napi::Boolean::New(env, mxc_result_output_truncated(result, MXC_STDOUT) != 0));
    made.Set("stderrTruncated", Napi::Boolean::New(env, mxc_result_output_truncated(result, MXC_STDERR) != 0));
    made.Set("wallTimeNs", NumberOf(env, mxc_result_wall_time_ns(result)));
    made.Set("cpuTimeNs", NumberOf(env, mxc_result_cpu_time_ns(result)));
    made.Set("peakMemoryBytes", NumberOf(env, mxc_result_peak_memory(result)));
    return made;
}

static Napi::Value Output(const Napi::CallbackInfo &info) {
    int32_t stream;
    size_t length = 0;
    const mxc_result *result = Open<mxc_result>(info[0]);
    if (!result || !ReadInt32(info[1], "stream", &stream))
        return Napi::Value();
    if (stream != MXC_STDOUT && stream != MXC_STDERR)
        return ThrowRange(info.Env(), "stream must be 1 or 2");
    const char *data = mxc_result_output(result, stream, &length);
    return Napi::Buffer<char>::Copy(info.Env(), data, length);
}

static Napi::Value Denials(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    const mxc_result *result = Open<mxc_result>(info[0]);
    if (!result)
        return Napi::Value();
    Napi::Array made = Napi::Array::New(env);
    for (uint32_t i = 0; i < mxc_result_denial_count(result); i++) {
        Napi::Object denial = Napi::Object::New(env);
        denial.Set("kind", Napi::String::New(env, mxc_result_denial_kind(result, i)));
        denial.Set("what", Napi::String::New(env, mxc_result_denial_what(result, i)));
        denial.Set("mechanism", Napi::String::New(env, mxc_result_denial_mechanism(result, i)));
        denial.Set("count", NumberOf(env, mxc_result_denial_times(result, i)));
        denial.Set("firstNs", NumberOf(env, mxc_result_denial_first_ns(result, i)));
        made.Set(i, denial);
    }
    return made;
}

static Napi::Value Connections(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    const mxc_result *result = Open<mxc_result>(info[0]);
    if (!result)
        return Napi::Value();
    Napi::Array made = Napi::Array::New(env);
    for (uint32_t i = 0; i < mxc_result_connection_count(result); i++) {
        Napi::Object one = Napi::Object::New(env);
        one.Set("name", Napi::String::New(env, mxc_result_connection_name(result, i)));
        one.Set("address", Napi::String::New(env, mxc_result_connection_address(result, i)));
        one.Set("protocol", Napi::String::New(env, mxc_result_connection_protocol(result, i)));
        one.Set("port", Napi::Number::New(env, mxc_result_connection_port(result, i)));
        one.Set("direction", Napi::String::New(env, mxc_result_connection_inbound(result, i) ? "in" : "out"));
        one.Set("outcome",
                Napi::String::New(env, mxc_connection_outcome_name(mxc_result_connection_outcome(result, i))));
        one.Set("rule", Napi::String::New(env, mxc_result_connection_rule(result, i)));
        one.Set("count", NumberOf(env, mxc_result_connection_times(result, i)));
        one.Set("bytesIn", NumberOf(env, mxc_result_connection_bytes_in(result, i)));
        one.Set("bytesOut", NumberOf(env, mxc_result_connection_bytes_out(result, i)));
        one.Set("durationNs", NumberOf(env, mxc_result_connection_duration_ns(result, i)));
        made.Set(i, one);
    }
    return made;
}

static Napi::Value ConnectionsDropped(const Napi::CallbackInfo &info) {
    const mxc_result *result = Open<mxc_result>(info[0]);
    return result ? NumberOf(info.Env(), mxc_result_connections_dropped(result)) : Napi::Value();
}

static Napi::Value Receipt(const Napi::CallbackInfo &info) {
    const mxc_result *result = Open<mxc_result>(info[0]);
    return result ? Napi::String::New(info.Env(), mxc_result_receipt_json(result)) : Napi::Value();
}

static Napi::Value ToJson(const Napi::CallbackInfo &info) {
    char *text = nullptr;
    mxc_error *error = nullptr;
    const mxc_result *result = Open<mxc_result>(info[0]);
    if (!result)
        return Napi::Value();
    mxc_status status = mxc_result_to_json(&text, result, &error);
    if (status != MXC_OK)
        return ThrowStatus(info.Env(), status, error);
    Napi::Value made = Napi::String::New(info.Env(), text);
    mxc_string_free(text);
    return made;
}

void ExportResult(Napi::Env env, Napi::Object exports) {
    exports.Set("resultNumbers", Napi::Function::New<Numbers>(env));
    exports.Set("resultOutput", Napi::Function::New<Output>(env));
    exports.Set("resultDenials", Napi::Function::New<Denials>(env));
    exports.Set("resultConnections", Napi::Function::New<Connections>(env));
    exports.Set("resultConnectionsDropped", Napi::Function::New<ConnectionsDropped>(env));
    exports.Set("resultReceipt", Napi::Function::New<Receipt>(env));
    exports.Set("resultToJson", Napi::Function::New<ToJson>(env));
}
