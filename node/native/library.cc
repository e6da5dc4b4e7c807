/* library.cc: the module itself and what concerns no handle: version, names, probing. */
#include "../src/generated/constants.h"
#include "handle.h"

static Napi::Value Version(const Napi::CallbackInfo &info) { return Napi::String::New(info.Env(), mxc_version()); }

static Napi::Value Schema(const Napi::CallbackInfo &info) { return Napi::String::New(info.Env(), mxc_policy_schema()); }

static Napi::Value StatusName(const Napi::CallbackInfo &info) {
    int32_t status;
    if (!ReadInt32(info[0], "status", &status))
        return Napi::Value();
    return Napi::String::New(info.Env(), mxc_status_name(status));
}

static Napi::Value LimitName(const Napi::CallbackInfo &info) {
    int32_t limit;
    if (!ReadInt32(info[0], "limit", &limit))
        return Napi::Value();
    return Napi::String::New(info.Env(), mxc_limit_name(limit));
}

/* Takes the text over. */
static Napi::Value TextOf(Napi::Env env, mxc_status status, char *text, mxc_error *error) {
    if (status != MXC_OK)
        return ThrowStatus(env, status, error);
    Napi::Value made = Napi::String::New(env, text);
    mxc_string_free(text);
    return made;
}

static Napi::Value Probe(const Napi::CallbackInfo &info) {
    char *text = nullptr;
    mxc_error *error = nullptr;
    mxc_status status = mxc_probe(&text, &error);
    return TextOf(info.Env(), status, text, error);
}

template <mxc_status (*Function)(char **, const mxc_policy *, const mxc_sandbox_options *, mxc_error **)>
static Napi::Value Look(const Napi::CallbackInfo &info) {
    Options options;
    char *text = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *policy = Open<mxc_policy>(info[0]);
    if (!policy || !options.Read(info[1]))
        return Napi::Value();
    mxc_status status = Function(&text, policy, options.struct_pointer(), &error);
    return TextOf(info.Env(), status, text, error);
}

static Napi::Value SetErrorMaker(const Napi::CallbackInfo &info) {
    if (!info[0].IsFunction())
        return ThrowType(info.Env(), "not a function");
    info.Env().GetInstanceData<Addon>()->make_error = Napi::Persistent(info[0].As<Napi::Function>());
    return info.Env().Undefined();
}

template <size_t N> static Napi::Object Table(Napi::Env env, const struct mxc_constant (&rows)[N]) {
    Napi::Object table = Napi::Object::New(env);
    for (const struct mxc_constant &row : rows)
        table.Set(row.key, Napi::Number::New(env, row.value));
    return table;
}

/* The lists as this addon was compiled with them: those of constants.ts must be equal. */
static Napi::Value Constants(const Napi::CallbackInfo &info) {
    Napi::Env env = info.Env();
    Napi::Object made = Napi::Object::New(env);
    made.Set("access", Table(env, mxc_access_constants));
    made.Set("limit", Table(env, mxc_limit_constants));
    made.Set("mechanism", Table(env, mxc_mechanism_constants));
    made.Set("status", Table(env, mxc_status_constants));
    made.Set("stdio", Table(env, mxc_stdio_constants));
    made.Set("stream", Table(env, mxc_stream_constants));
    return made;
}

void ExportLibrary(Napi::Env env, Napi::Object exports) {
    exports.Set("version", Napi::Function::New<Version>(env));
    exports.Set("schema", Napi::Function::New<Schema>(env));
    exports.Set("constants", Napi::Function::New<Constants>(env));
    exports.Set("statusName", Napi::Function::New<StatusName>(env));
    exports.Set("limitName", Napi::Function::New<LimitName>(env));
    exports.Set("probe", Napi::Function::New<Probe>(env));
    exports.Set("explain", Napi::Function::New<Look<mxc_explain>>(env));
    exports.Set("planText", Napi::Function::New<Look<mxc_plan_text>>(env));
    exports.Set("setErrorMaker", Napi::Function::New<SetErrorMaker>(env));
}

static Napi::Object Start(Napi::Env env, Napi::Object exports) {
    env.SetInstanceData(new Addon());
    ExportLibrary(env, exports);
    ExportPolicy(env, exports);
    ExportSandbox(env, exports);
    ExportPool(env, exports);
    ExportProcess(env, exports);
    ExportResult(env, exports);
    return exports;
}

NODE_API_MODULE(mxc, Start)
