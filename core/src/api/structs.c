/* structs.c: see structs.h. */
#include "api/structs.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"

#define MOST_BYTES 65536u /* a struct_size beyond this is an uninitialised field */
#define MOST_CODE (4u << 20)

mxc_status mxc_fail_null(mxc_error **err, const char *what) {
    return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "%s must not be NULL", what);
}

struct shape {
    const char *name;
    size_t first, ours; /* bytes of the first version and of this one */
};

static mxc_status read_struct(void *out, const struct shape *shape, const void *given, mxc_error **err) {
    size_t size;
    memcpy(&size, given, sizeof size);
    if (size < shape->first || size > MOST_BYTES)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.hint = "set struct_size to the sizeof of the struct"),
                        "%s.struct_size is %zu, it must be at least %zu", shape->name, size, shape->first);
    for (size_t i = shape->ours; i < size; i++)
        if (((const unsigned char *)given)[i])
            return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.hint = "a newer library is needed"),
                            "%s has a field that this version of the library does not know", shape->name);
    memset(out, 0, shape->ours);
    memcpy(out, given, size < shape->ours ? size : shape->ours);
    return MXC_OK;
}

static int is_mode(mxc_stdio mode) { return mode >= MXC_STDIO_DEFAULT && mode <= MXC_STDIO_NULL; }

static const char *wrong_env(const char *const *entry) {
    for (; entry && *entry; entry++)
        if (!strchr(*entry, '=') || **entry == '=')
            return "each env entry is NAME=VALUE";
    return NULL;
}

static const char *wrong_command(const mxc_command *command) {
    if (command->argv && command->code)
        return "argv and code exclude each other";
    if (command->argv && !command->argv[0])
        return "the command is empty";
    if (!command->code && command->code_length)
        return "code_length is set and code is NULL";
    if (command->code_length > MOST_CODE)
        return "code is longer than 4 MiB";
    if (command->code && memchr(command->code, 0, command->code_length))
        return "code contains a NUL byte";
    if (!command->input && command->input_length)
        return "input_length is set and input is NULL";
    if (!is_mode(command->stdin_mode) || !is_mode(command->stdout_mode) || !is_mode(command->stderr_mode))
        return "stdin_mode, stdout_mode and stderr_mode are 0 to 3";
    if (command->input_length && command->stdin_mode != MXC_STDIO_DEFAULT)
        return "input needs the default stdin_mode";
    if (command->cwd && command->cwd[0] != '/')
        return "cwd must be absolute";
    return wrong_env(command->env);
}

mxc_status mxc_command_read(mxc_command *out, const mxc_command *given, mxc_error **err) {
    static const struct shape shape = {"mxc_command", sizeof(mxc_command), sizeof(mxc_command)};
    if (!given)
        return mxc_fail_null(err, "command");
    mxc_status status = read_struct(out, &shape, given, err);
    if (status != MXC_OK)
        return status;
    const char *wrong = wrong_command(out);
    return wrong ? mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "%s", wrong) : MXC_OK;
}

mxc_status mxc_options_read(mxc_sandbox_options *out, const mxc_sandbox_options *given, mxc_error **err) {
    static const struct shape shape = {"mxc_sandbox_options", sizeof(mxc_sandbox_options), sizeof(mxc_sandbox_options)};
    if (!given) {
        memset(out, 0, sizeof *out);
        return MXC_OK;
    }
    mxc_status status = read_struct(out, &shape, given, err);
    for (const char *const *path = out->runtime_paths; status == MXC_OK && path && *path; path++)
        if (**path != '/')
            return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "runtime_paths: '%s' is not absolute", *path);
    return status;
}

#define MOST_READY 1024u
#define USUALLY_AT_MOST 8u
#define USUALLY_IDLE_MS 300000u

static void fill_in(mxc_pool_options *options) {
    if (!options->size)
        options->size = options->min > 1 ? options->min : 1;
    if (!options->min)
        options->min = options->size;
    if (!options->max)
        options->max = options->size > USUALLY_AT_MOST ? options->size : USUALLY_AT_MOST;
    if (!options->idle_ms)
        options->idle_ms = USUALLY_IDLE_MS;
}

static const char *wrong_interpreter(const mxc_pool_options *options) {
    if (!options->language && (options->interpreter || (options->preload && *options->preload)))
        return "interpreter and preload need a language";
    if (options->fresh && (!options->language || strcmp(options->fresh, "interpreter") != 0))
        return "fresh can be \"interpreter\", with a language";
    return wrong_env(options->env);
}

mxc_status mxc_pool_options_read(mxc_pool_options *out, const mxc_pool_options *given, mxc_error **err) {
    static const struct shape shape = {"mxc_pool_options", offsetof(mxc_pool_options, language),
                                       sizeof(mxc_pool_options)};
    memset(out, 0, sizeof *out);
    mxc_status status = given ? read_struct(out, &shape, given, err) : MXC_OK;
    if (status != MXC_OK)
        return status;
    fill_in(out);
    const char *wrong = wrong_interpreter(out);
    if (wrong)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "%s", wrong);
    if (out->min > out->size || out->size > out->max || out->max > MOST_READY)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.hint = "min <= size <= max <= 1024"),
                        "a pool of min %llu, size %llu, max %llu cannot be", (unsigned long long)out->min,
                        (unsigned long long)out->size, (unsigned long long)out->max);
    return MXC_OK;
}
