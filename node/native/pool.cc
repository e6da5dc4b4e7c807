/* pool.cc: sandboxes built ahead. */
#include "handle.h"
#include "result.h"

static bool ReadSizes(const Napi::Value &value, mxc_pool_options *sizes) {
    if (!value.IsArray()) {
        ThrowType(value.Env(), "sizes must be [size, min, max, idle]");
        return false;
    }
    Napi::Array given = value.As<Napi::Array>();
    sizes->struct_size = sizeof *sizes;
    return ReadUint64(given.Get(0u), "size", &sizes->size) && ReadUint64(given.Get(1u), "min", &sizes->min) &&
           ReadUint64(given.Get(2u), "max", &sizes->max) && ReadUint64(given.Get(3u), "idle", &sizes->idle_ms);
}

static Napi::Value New(const Napi::CallbackInfo &info) {
    Options options;
    Strings preload;
    std::string language, interpreter, fresh;
    bool has_language = false, has_interpreter = false, has_fresh = false;
    mxc_pool_options sizes = {};
    mxc_pool *pool = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *policy = Open<mxc_policy>(info[0]);
    if (!policy || !options.Read(info[1]) || !ReadSizes(info[2], &sizes) ||
        !ReadOptionalString(info[3], "language", &language, &has_language) ||
        (!info[4].IsUndefined() && !preload.Read(info[4], "a module to preload")) ||
        !ReadOptionalString(info[5], "interpreter", &interpreter, &has_interpreter) ||
        !ReadOptionalString(info[6], "fresh", &fresh, &has_fresh))
        return Napi::Value();
    sizes.language = has_language ? language.c_str() : nullptr;
    sizes.preload = info[4].IsUndefined() ? nullptr : preload.array();
    sizes.interpreter = has_interpreter ? interpreter.c_str() : nullptr;
    sizes.fresh = has_fresh ? fresh.c_str() : nullptr;
    options.ShowLanguages();
    mxc_status status = mxc_pool_new(&pool, policy, options.struct_pointer(), &sizes, &error);
    return status == MXC_OK ? Wrap(info.Env(), pool) : ThrowStatus(info.Env(), status, error);
}

static Napi::Value Run(const Napi::CallbackInfo &info) {
    Command command;
    mxc_result *result = nullptr;
    mxc_error *error = nullptr;
    mxc_pool *pool = Open<mxc_pool>(info[0]);
    if (!pool || !command.Read(info[1]))
        return Napi::Value();
    mxc_status status = mxc_pool_run(&result, pool, command.struct_pointer(), &error);
    return status == MXC_OK ? WrapResult(info.Env(), result) : ThrowStatus(info.Env(), status, error);
}

static Napi::Value Spawn(const Napi::CallbackInfo &info) {
    Command command;
    mxc_process *process = nullptr;
    mxc_error *error = nullptr;
    mxc_pool *pool = Open<mxc_pool>(info[0]);
    if (!pool || !command.Read(info[1]))
        return Napi::Value();
    mxc_status status = mxc_pool_spawn(&process, pool, command.struct_pointer(), &error);
    return status == MXC_OK ? Wrap(info.Env(), process) : ThrowStatus(info.Env(), status, error);
}

static Napi::Value Count(const Napi::CallbackInfo &info) {
    int32_t counter;
    mxc_pool *pool = Open<mxc_pool>(info[0]);
    if (!pool || !ReadInt32(info[1], "counter", &counter))
        return Napi::Value();
    return Napi::Number::New(info.Env(), static_cast<double>(mxc_pool_count(pool, counter)));
}

void ExportPool(Napi::Env env, Napi::Object exports) {
    exports.Set("poolNew", Napi::Function::New<New>(env));
    exports.Set("poolRun", Napi::Function::New<Run>(env));
    exports.Set("poolSpawn", Napi::Function::New<Spawn>(env));
    exports.Set("poolCount", Napi::Function::New<Count>(env));
    exports.Set("poolFree", Napi::Function::New<Free<mxc_pool>>(env));
}
