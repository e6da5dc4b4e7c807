/* addon.h: what the files of the addon share. The addon is leaves only: every function makes one call of mxc.h, on the
 * thread that calls it, and returns. It starts no thread, waits in no loop and keeps nothing per process: what it keeps
 * is per environment (main thread or worker), in the instance data. */
#ifndef MXC_NODE_ADDON_H
#define MXC_NODE_ADDON_H

#include <mxc/mxc.h>
#include <napi.h>

#include <string>
#include <vector>

struct Addon {
    Napi::FunctionReference make_error; /* (status, name, message, operation, origin, hint, errno) => MxcError */
};

/* ---- Throwing. All return an empty value, for `return`. ---- */

Napi::Value ThrowType(Napi::Env env, const std::string &message);
Napi::Value ThrowRange(Napi::Env env, const std::string &message);
/* The exception of the package for a failed call; frees `error`. */
Napi::Value ThrowStatus(Napi::Env env, mxc_status status, mxc_error *error);

/* ---- Arguments. False: an exception is pending. ---- */

/* A string, or bytes (Uint8Array); without NUL. */
bool ReadString(const Napi::Value &value, const char *what, std::string *out);
/* undefined and null leave `out` as it is and give false in `given`. */
bool ReadOptionalString(const Napi::Value &value, const char *what, std::string *out, bool *given);
/* A whole number, 0 to 2^64-1, as number or bigint; undefined: 0. */
bool ReadUint64(const Napi::Value &value, const char *what, uint64_t *out);
bool ReadInt32(const Napi::Value &value, const char *what, int32_t *out);

/* NULL-terminated strings for the library, alive as long as this object. */
class Strings {
  public:
    bool Read(const Napi::Value &value, const char *what);
    const char *const *array() const { return pointers_.data(); }
    bool empty() const { return items_.empty(); }

  private:
    std::vector<std::string> items_;
    std::vector<const char *> pointers_;
};

/* mxc_sandbox_options from an array of paths. */
class Options {
  public:
    bool Read(const Napi::Value &runtime_paths);
    /* An open sandbox does not know yet which language it will be given. */
    void ShowLanguages();
    const mxc_sandbox_options *struct_pointer() const { return &options_; }

  private:
    Strings paths_;
    mxc_sandbox_options options_ = {};
};

/* mxc_command from a plain object; see native.d.ts for its fields. */
class Command {
  public:
    bool Read(const Napi::Value &value);
    const mxc_command *struct_pointer() const { return &command_; }

  private:
    bool ReadWhat(const Napi::Object &given);
    bool ReadSurroundings(const Napi::Object &given);
    bool ReadStreams(const Napi::Object &given);
    bool ReadInput(const Napi::Object &given);

    std::string code_, language_, interpreter_, cwd_;
    Strings argv_, env_;
    mxc_command command_ = {};
};

/* ---- The groups of functions, each defined in a file of its own ---- */

void ExportLibrary(Napi::Env env, Napi::Object exports);
void ExportPolicy(Napi::Env env, Napi::Object exports);
void ExportSandbox(Napi::Env env, Napi::Object exports);
void ExportPool(Napi::Env env, Napi::Object exports);
void ExportProcess(Napi::Env env, Napi::Object exports);
void ExportResult(Napi::Env env, Napi::Object exports);

#endif
