/* arguments.cc: JavaScript values as the library takes them. Checks types itself: a wrong one is a TypeError. */
#include <climits>
#include <cmath>

#include "addon.h"

static bool BytesOf(const Napi::Value &value, std::string *out) {
    if (value.IsString()) {
        *out = value.As<Napi::String>().Utf8Value();
        return true;
    }
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
        return false;
    Napi::Uint8Array bytes = value.As<Napi::Uint8Array>();
    out->assign(reinterpret_cast<const char *>(bytes.Data()), bytes.ByteLength());
    return true;
}

bool ReadString(const Napi::Value &value, const char *what, std::string *out) {
    if (!BytesOf(value, out)) {
        ThrowType(value.Env(), std::string(what) + " must be a string");
        return false;
    }
    if (out->find('\0') != std::string::npos) {
        ThrowType(value.Env(), std::string(what) + " contains a NUL character");
        return false;
    }
    return true;
}

bool ReadOptionalString(const Napi::Value &value, const char *what, std::string *out, bool *given) {
    *given = !value.IsUndefined() && !value.IsNull();
    return !*given || ReadString(value, what, out);
}

static bool FromBigInt(const Napi::Value &value, const char *what, uint64_t *out) {
    bool lossless = false;
    *out = value.As<Napi::BigInt>().Uint64Value(&lossless);
    if (!lossless)
        ThrowRange(value.Env(), std::string(what) + " is out of range");
    return lossless;
}

bool ReadUint64(const Napi::Value &value, const char *what, uint64_t *out) {
    if (value.IsUndefined())
        return true;
    if (value.IsBigInt())
        return FromBigInt(value, what, out);
    if (!value.IsNumber()) {
        ThrowType(value.Env(), std::string(what) + " must be a number");
        return false;
    }
    double number = value.As<Napi::Number>().DoubleValue();
    if (!(number >= 0 && number <= 9007199254740991.0) || number != std::floor(number)) {
        ThrowRange(value.Env(), std::string(what) + " must be a whole number, not negative");
        return false;
    }
    *out = static_cast<uint64_t>(number);
    return true;
}

bool ReadInt32(const Napi::Value &value, const char *what, int32_t *out) {
    double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : NAN;
    if (!(number >= INT32_MIN && number <= INT32_MAX) || number != std::floor(number)) {
        ThrowType(value.Env(), std::string(what) + " must be a 32-bit integer");
        return false;
    }
    *out = static_cast<int32_t>(number);
    return true;
}

bool Strings::Read(const Napi::Value &value, const char *what) {
    if (!value.IsArray()) {
        ThrowType(value.Env(), std::string(what) + " must be an array");
        return false;
    }
    Napi::Array given = value.As<Napi::Array>();
    items_.resize(given.Length());
    for (uint32_t i = 0; i < items_.size(); i++) {
        Napi::Value item = given.Get(i);
        if (item.IsEmpty() || !ReadString(item, what, &items_[i]))
            return false;
    }
    for (const std::string &item : items_)
        pointers_.push_back(item.c_str());
    pointers_.push_back(nullptr);
    return true;
}

bool Options::Read(const Napi::Value &runtime_paths) {
    options_.struct_size = sizeof options_;
    if (!paths_.Read(runtime_paths, "runtimePaths"))
        return false;
    options_.runtime_paths = paths_.array();
    return true;
}

void Options::ShowLanguages() {
    static const char *const languages[] = {"python", "bash", "node", nullptr};
    options_.languages = languages;
}

/* ---- One command ---- */

bool Command::Read(const Napi::Value &value) {
    if (!value.IsObject()) {
        ThrowType(value.Env(), "command must be an object");
        return false;
    }
    Napi::Object given = value.As<Napi::Object>();
    command_.struct_size = sizeof command_;
    return ReadWhat(given) && ReadSurroundings(given) && ReadStreams(given) && ReadInput(given);
}

static bool ReadField(const Napi::Object &given, const char *name, std::string *out, const char **field) {
    bool there = false;
    if (!ReadOptionalString(given.Get(name), name, out, &there))
        return false;
    *field = there ? out->c_str() : nullptr;
    return true;
}

bool Command::ReadWhat(const Napi::Object &given) {
    Napi::Value argv = given.Get("argv");
    if (!argv.IsUndefined()) {
        if (!argv_.Read(argv, "an argument"))
            return false;
        command_.argv = argv_.array();
    }
    if (!ReadField(given, "code", &code_, &command_.code) ||
        !ReadField(given, "language", &language_, &command_.language) ||
        !ReadField(given, "interpreter", &interpreter_, &command_.interpreter))
        return false;
    command_.code_length = code_.size();
    return true;
}

bool Command::ReadSurroundings(const Napi::Object &given) {
    Napi::Value env = given.Get("env");
    if (!env.IsUndefined()) {
        if (!env_.Read(env, "env"))
            return false;
        command_.env = env_.array();
    }
    return ReadField(given, "cwd", &cwd_, &command_.cwd) &&
           ReadUint64(given.Get("timeoutMs"), "timeout", &command_.timeout_ms) &&
           ReadUint64(given.Get("graceMs"), "grace", &command_.grace_ms);
}

/* The last to be read: from here to the call nothing of JavaScript runs that could take the memory away. */
bool Command::ReadInput(const Napi::Object &given) {
    Napi::Value input = given.Get("input");
    if (input.IsUndefined())
        return true;
    if (!input.IsTypedArray() || input.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
        ThrowType(given.Env(), "input must be bytes");
        return false;
    }
    command_.input = input.As<Napi::Uint8Array>().Data();
    command_.input_length = input.As<Napi::Uint8Array>().ByteLength();
    return true;
}

bool Command::ReadStreams(const Napi::Object &given) {
    struct {
        const char *name;
        mxc_stdio *mode;
        int32_t *fd;
    } streams[] = {{"stdin", &command_.stdin_mode, &command_.stdin_fd},
                   {"stdout", &command_.stdout_mode, &command_.stdout_fd},
                   {"stderr", &command_.stderr_mode, &command_.stderr_fd}};
    for (auto &stream : streams) {
        Napi::Value value = given.Get(stream.name);
        if (value.IsUndefined())
            continue;
        if (!value.IsArray()) {
            ThrowType(given.Env(), std::string(stream.name) + " must be [mode, descriptor]");
            return false;
        }
        Napi::Array pair = value.As<Napi::Array>();
        if (!ReadInt32(pair.Get(0u), stream.name, stream.mode) || !ReadInt32(pair.Get(1u), stream.name, stream.fd))
            return false;
    }
    return true;
}
