/* process.cc: one running command. Nothing here waits: the end is told by a descriptor (end_fd.h). */
#include "end_fd.h"
#include "handle.h"
#include "result.h"

#include <string.h>

/* The result, or null when the command still runs. */
static Napi::Value Look(const Napi::CallbackInfo &info) {
    mxc_result *result = nullptr;
    mxc_error *error = nullptr;
    mxc_process *process = Open<mxc_process>(info[0]);
    if (!process)
        return Napi::Value();
    mxc_status status = mxc_process_wait(&result, process, 0, &error);
    if (status == MXC_OK)
        return WrapResult(info.Env(), result);
    if (status != MXC_E_TIMEOUT)
        return ThrowStatus(info.Env(), status, error);
    mxc_error_free(error);
    return info.Env().Null();
}

static Napi::Value Kill(const Napi::CallbackInfo &info) {
    int32_t signal;
    mxc_error *error = nullptr;
    mxc_process *process = Open<mxc_process>(info[0]);
    if (!process || !ReadInt32(info[1], "signal", &signal))
        return Napi::Value();
    mxc_status status = mxc_process_kill(process, signal, &error);
    return status == MXC_OK ? info.Env().Undefined() : ThrowStatus(info.Env(), status, error);
}

static Napi::Value Stop(const Napi::CallbackInfo &info) {
    uint64_t grace = 0;
    mxc_error *error = nullptr;
    mxc_process *process = Open<mxc_process>(info[0]);
    if (!process || !ReadUint64(info[1], "grace", &grace))
        return Napi::Value();
    mxc_status status = mxc_process_stop(process, grace, &error);
    return status == MXC_OK ? info.Env().Undefined() : ThrowStatus(info.Env(), status, error);
}

static Napi::Value StatusFd(const Napi::CallbackInfo &info) {
    mxc_process *process = Open<mxc_process>(info[0]);
    return process ? Napi::Number::New(info.Env(), mxc_process_status_fd(process)) : Napi::Value();
}

/* A descriptor of the caller's that ends (end of file) when the command has ended. */
static Napi::Value EndFd(const Napi::CallbackInfo &info) {
    mxc_process *process = Open<mxc_process>(info[0]);
    if (!process)
        return Napi::Value();
    int fd = mxc_node_end_fd(mxc_process_status_fd(process));
    if (fd >= 0)
        return Napi::Number::New(info.Env(), fd);
    Napi::Error error = Napi::Error::New(info.Env(), std::string("socketpair: ") + strerror(-fd));
    error.ThrowAsJavaScriptException();
    return Napi::Value();
}

/* The caller's end of a pipe, once: 0 stdin, 1 stdout, 2 stderr; -1 when there is none. */
static Napi::Value Take(const Napi::CallbackInfo &info) {
    static int32_t (*const take[])(mxc_process *) = {mxc_process_take_stdin, mxc_process_take_stdout,
                                                     mxc_process_take_stderr};
    int32_t stream;
    mxc_process *process = Open<mxc_process>(info[0]);
    if (!process || !ReadInt32(info[1], "stream", &stream))
        return Napi::Value();
    if (stream < 0 || stream > 2)
        return ThrowRange(info.Env(), "stream must be 0, 1 or 2");
    return Napi::Number::New(info.Env(), take[stream](process));
}

void ExportProcess(Napi::Env env, Napi::Object exports) {
    exports.Set("processLook", Napi::Function::New<Look>(env));
    exports.Set("processKill", Napi::Function::New<Kill>(env));
    exports.Set("processStop", Napi::Function::New<Stop>(env));
    exports.Set("processStatusFd", Napi::Function::New<StatusFd>(env));
    exports.Set("processEndFd", Napi::Function::New<EndFd>(env));
    exports.Set("processTake", Napi::Function::New<Take>(env));
    exports.Set("processFree", Napi::Function::New<Free<mxc_process>>(env));
}
