/* policy.cc: policies. One is built in one call from a list of additions, so no builder is ever seen outside. */
#include <memory>

#include "handle.h"

static Napi::Value Made(Napi::Env env, mxc_status status, mxc_policy *policy, mxc_error *error) {
    return status == MXC_OK ? Wrap(env, policy) : ThrowStatus(env, status, error);
}

static Napi::Value Parse(const Napi::CallbackInfo &info) {
    std::string folder;
    bool given;
    mxc_policy *policy = nullptr;
    mxc_error *error = nullptr;
    if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
        return ThrowType(info.Env(), "json must be bytes");
    if (!ReadOptionalString(info[1], "baseDir", &folder, &given))
        return Napi::Value();
    Napi::Uint8Array json = info[0].As<Napi::Uint8Array>();
    /* an empty view has no address */
    const char *text = json.ByteLength() ? reinterpret_cast<const char *>(json.Data()) : "";
    mxc_status status = mxc_policy_parse(&policy, text, json.ByteLength(), given ? folder.c_str() : nullptr, &error);
    return Made(info.Env(), status, policy, error);
}

static Napi::Value Load(const Napi::CallbackInfo &info) {
    std::string path;
    mxc_policy *policy = nullptr;
    mxc_error *error = nullptr;
    if (!ReadString(info[0], "path", &path))
        return Napi::Value();
    mxc_status status = mxc_policy_load(&policy, path.c_str(), &error);
    return Made(info.Env(), status, policy, error);
}

static Napi::Value Preset(const Napi::CallbackInfo &info) {
    std::string name, folder;
    bool given;
    mxc_policy *policy = nullptr;
    mxc_error *error = nullptr;
    if (!ReadString(info[0], "preset", &name) || !ReadOptionalString(info[1], "dir", &folder, &given))
        return Napi::Value();
    mxc_status status = mxc_policy_preset(&policy, name.c_str(), given ? folder.c_str() : nullptr, &error);
    return Made(info.Env(), status, policy, error);
}

static Napi::Value Intersect(const Napi::CallbackInfo &info) {
    mxc_policy *policy = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *a = Open<mxc_policy>(info[0]);
    const mxc_policy *b = a ? Open<mxc_policy>(info[1]) : nullptr;
    if (!b)
        return Napi::Value();
    mxc_status status = mxc_policy_intersect(&policy, a, b, &error);
    return Made(info.Env(), status, policy, error);
}

static Napi::Value ToJson(const Napi::CallbackInfo &info) {
    char *text = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *policy = Open<mxc_policy>(info[0]);
    if (!policy)
        return Napi::Value();
    mxc_status status = mxc_policy_to_json(&text, policy, &error);
    if (status != MXC_OK)
        return ThrowStatus(info.Env(), status, error);
    Napi::Value made = Napi::String::New(info.Env(), text);
    mxc_string_free(text);
    return made;
}

/* ---- Building ---- */

struct FreeBuilder {
    void operator()(mxc_policy_builder *builder) const { mxc_policy_builder_free(builder); }
};
using Builder = std::unique_ptr<mxc_policy_builder, FreeBuilder>;

static bool Check(Napi::Env env, mxc_status status, mxc_error *error) {
    if (status == MXC_OK)
        return true;
    ThrowStatus(env, status, error);
    return false;
}

static bool AddPath(mxc_policy_builder *builder, const Napi::Array &item) {
    mxc_error *error = nullptr;
    std::string path;
    int32_t access;
    if (!ReadInt32(item.Get(1u), "access", &access) || !ReadString(item.Get(2u), "a path", &path))
        return false;
    return Check(item.Env(), mxc_policy_builder_path(builder, access, path.c_str(), &error), error);
}

static bool AddLimit(mxc_policy_builder *builder, const Napi::Array &item) {
    mxc_error *error = nullptr;
    uint64_t value = 0;
    int32_t limit;
    if (!ReadInt32(item.Get(1u), "limit", &limit) || !ReadUint64(item.Get(2u), "a limit", &value))
        return false;
    return Check(item.Env(), mxc_policy_builder_limit(builder, limit, value, &error), error);
}

static bool AddText(mxc_policy_builder *builder, const Napi::Array &item,
                    mxc_status (*add)(mxc_policy_builder *, const char *, mxc_error **)) {
    mxc_error *error = nullptr;
    std::string text;
    if (!ReadString(item.Get(1u), "a policy's text", &text))
        return false;
    return Check(item.Env(), add(builder, text.c_str(), &error), error);
}

/* ["path", access, path], ["limit", limit, value], ["allow", target], ["env", "NAME=VALUE"] */
static bool Add(mxc_policy_builder *builder, const Napi::Value &value) {
    std::string kind;
    if (!value.IsArray()) {
        ThrowType(value.Env(), "an addition must be an array");
        return false;
    }
    Napi::Array item = value.As<Napi::Array>();
    if (!ReadString(item.Get(0u), "the kind of an addition", &kind))
        return false;
    if (kind == "path")
        return AddPath(builder, item);
    if (kind == "limit")
        return AddLimit(builder, item);
    if (kind == "allow")
        return AddText(builder, item, mxc_policy_builder_allow);
    if (kind == "env")
        return AddText(builder, item, mxc_policy_builder_env);
    ThrowType(value.Env(), "no addition is named " + kind);
    return false;
}

static Napi::Value Build(const Napi::CallbackInfo &info) {
    mxc_policy_builder *made = nullptr;
    mxc_policy *policy = nullptr;
    mxc_error *error = nullptr;
    const mxc_policy *base = nullptr;
    if (!info[0].IsNull() && !(base = Open<mxc_policy>(info[0])))
        return Napi::Value();
    if (!info[1].IsArray())
        return ThrowType(info.Env(), "additions must be an array");
    if (!Check(info.Env(), mxc_policy_builder_new(&made, base, &error), error))
        return Napi::Value();
    Builder builder(made);
    Napi::Array additions = info[1].As<Napi::Array>();
    for (uint32_t i = 0; i < additions.Length(); i++) {
        Napi::Value item = additions.Get(i);
        if (item.IsEmpty() || !Add(builder.get(), item))
            return Napi::Value();
    }
    mxc_status status = mxc_policy_builder_build(&policy, builder.get(), &error);
    return Made(info.Env(), status, policy, error);
}

void ExportPolicy(Napi::Env env, Napi::Object exports) {
    exports.Set("policyParse", Napi::Function::New<Parse>(env));
    exports.Set("policyLoad", Napi::Function::New<Load>(env));
    exports.Set("policyPreset", Napi::Function::New<Preset>(env));
    exports.Set("policyIntersect", Napi::Function::New<Intersect>(env));
    exports.Set("policyToJson", Napi::Function::New<ToJson>(env));
    exports.Set("policyBuild", Napi::Function::New<Build>(env));
}
