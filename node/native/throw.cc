/* throw.cc: how a failure becomes an exception. The classes are TypeScript's (errors.ts); native code calls what makes
 * one with the parts of the library's error. */
#include "addon.h"

Napi::Value ThrowType(Napi::Env env, const std::string &message) {
    Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
    return Napi::Value();
}

Napi::Value ThrowRange(Napi::Env env, const std::string &message) {
    Napi::RangeError::New(env, message).ThrowAsJavaScriptException();
    return Napi::Value();
}

static std::string MessageOf(mxc_status status, const mxc_error *error) {
    if (error)
        return mxc_error_message(error);
    return status == MXC_E_CLOSED ? "it is closed" : "the library gave no details";
}

static std::vector<napi_value> PartsOf(Napi::Env env, mxc_status status, const mxc_error *error) {
    return {Napi::Number::New(env, status),
            Napi::String::New(env, mxc_status_name(status)),
            Napi::String::New(env, MessageOf(status, error)),
            Napi::String::New(env, error ? mxc_error_operation(error) : ""),
            Napi::String::New(env, error ? mxc_error_origin(error) : ""),
            Napi::String::New(env, error ? mxc_error_hint(error) : ""),
            Napi::Number::New(env, error ? mxc_error_errno(error) : 0)};
}

Napi::Value ThrowStatus(Napi::Env env, mxc_status status, mxc_error *error) {
    Addon *addon = env.GetInstanceData<Addon>();
    std::vector<napi_value> parts = PartsOf(env, status, error);
    mxc_error_free(error);
    if (addon->make_error.IsEmpty()) {
        Napi::Error::New(env, Napi::Value(env, parts[2]).ToString()).ThrowAsJavaScriptException();
        return Napi::Value();
    }
    Napi::Value made = addon->make_error.Call(parts);
    if (!env.IsExceptionPending())
        napi_throw(env, made);
    return Napi::Value();
}
