/* sandbox.cc: running and spawning, with a sandbox of its own or in an open one. */
#include "handle.h"
#include "result.h"

static Napi::Value Ran(Napi::Env env, mxc_status status, mxc_result *result, mxc_error *error) {
    return status == MXC_OK ? WrapResult(env, result) : ThrowStatus(env, status, error);
}

static Napi::Value Spawned(Napi::Env env, mxc_status status, mxc_process *process, mxc_error *error) {
    return status == MXC_OK ? Wrap(env, process) : ThrowStatus(env, status, error);
}

static Napi::Value Run(const Napi::CallbackInfo &info) {
    Command command;
    Options options;
    mxc_result *result = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *policy = Open<mxc_policy>(info[0]);
    if (!policy || !options.Read(info[2]) || !command.Read(info[1]))
        return Napi::Value();
    mxc_status status = mxc_run(&result, policy, command.struct_pointer(), options.struct_pointer(), &error);
    return Ran(info.Env(), status, result, error);
}

static Napi::Value Spawn(const Napi::CallbackInfo &info) {
    Command command;
    Options options;
    mxc_process *process = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *policy = Open<mxc_policy>(info[0]);
    if (!policy || !options.Read(info[2]) || !command.Read(info[1]))
        return Napi::Value();
    mxc_status status = mxc_spawn(&process, policy, command.struct_pointer(), options.struct_pointer(), &error);
    return Spawned(info.Env(), status, process, error);
}

static Napi::Value OpenSandbox(const Napi::CallbackInfo &info) {
    Options options;
    mxc_sandbox *sandbox = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *policy = Open<mxc_policy>(info[0]);
    if (!policy || !options.Read(info[1]))
        return Napi::Value();
    options.ShowLanguages();
    mxc_status status = mxc_sandbox_open(&sandbox, policy, options.struct_pointer(), &error);
    return status == MXC_OK ? Wrap(info.Env(), sandbox) : ThrowStatus(info.Env(), status, error);
}

static Napi::Value SandboxRun(const Napi::CallbackInfo &info) {
    Command command;
    mxc_result *result = nullptr;
    mxc_error *error = nullptr;
    mxc_sandbox *sandbox = Open<mxc_sandbox>(info[0]);
    if (!sandbox || !command.Read(info[1]))
        return Napi::Value();
    mxc_status status = mxc_sandbox_run(&result, sandbox, command.struct_pointer(), &error);
    return Ran(info.Env(), status, result, error);
}

static Napi::Value SandboxSpawn(const Napi::CallbackInfo &info) {
    Command command;
    mxc_process *process = nullptr;
    mxc_error *error = nullptr;
    mxc_sandbox *sandbox = Open<mxc_sandbox>(info[0]);
    if (!sandbox || !command.Read(info[1]))
        return Napi::Value();
    mxc_status status = mxc_sandbox_spawn(&process, sandbox, command.struct_pointer(), &error);
    return Spawned(info.Env(), status, process, error);
}

static Napi::Value SandboxKill(const Napi::CallbackInfo &info) {
    mxc_error *error = nullptr;
    mxc_sandbox *sandbox = Open<mxc_sandbox>(info[0]);
    if (!sandbox)
        return Napi::Value();
    mxc_status status = mxc_sandbox_kill(sandbox, &error);
    return status == MXC_OK ? info.Env().Undefined() : ThrowStatus(info.Env(), status, error);
}

static Napi::Value SandboxUpdateNetwork(const Napi::CallbackInfo &info) {
    mxc_error *error = nullptr;
    mxc_sandbox *sandbox = Open<mxc_sandbox>(info[0]);
    if (!sandbox)
        return Napi::Value();
    const mxc_policy *policy = Open<mxc_policy>(info[1]);
    if (!policy)
        return Napi::Value();
    mxc_status status = mxc_sandbox_update_network(sandbox, policy, &error);
    return status == MXC_OK ? info.Env().Undefined() : ThrowStatus(info.Env(), status, error);
}

static Napi::Value SandboxPublishedPort(const Napi::CallbackInfo &info) {
    int32_t port;
    mxc_sandbox *sandbox = Open<mxc_sandbox>(info[0]);
    if (!sandbox || !ReadInt32(info[1], "port", &port))
        return Napi::Value();
    return Napi::Number::New(info.Env(), mxc_sandbox_published_port(sandbox, port));
}

static Napi::Value SandboxFd(const Napi::CallbackInfo &info) {
    mxc_sandbox *sandbox = Open<mxc_sandbox>(info[0]);
    return sandbox ? Napi::Number::New(info.Env(), mxc_sandbox_fd(sandbox)) : Napi::Value();
}

void ExportSandbox(Napi::Env env, Napi::Object exports) {
    exports.Set("run", Napi::Function::New<Run>(env));
    exports.Set("spawn", Napi::Function::New<Spawn>(env));
    exports.Set("sandboxOpen", Napi::Function::New<OpenSandbox>(env));
    exports.Set("sandboxRun", Napi::Function::New<SandboxRun>(env));
    exports.Set("sandboxSpawn", Napi::Function::New<SandboxSpawn>(env));
    exports.Set("sandboxKill", Napi::Function::New<SandboxKill>(env));
    exports.Set("sandboxUpdateNetwork", Napi::Function::New<SandboxUpdateNetwork>(env));
    exports.Set("sandboxPublishedPort", Napi::Function::New<SandboxPublishedPort>(env));
    exports.Set("sandboxFd", Napi::Function::New<SandboxFd>(env));
    exports.Set("sandboxFree", Napi::Function::New<Free<mxc_sandbox>>(env));
}
