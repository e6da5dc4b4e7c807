/* parked.c: see parked.h. */
#include "api/parked.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

mxc_status mxc_parked_check(const char *language, mxc_error **err) {
    if (strcmp(language, "python") == 0)
        return MXC_OK;
    return mxc_fail(
        err, MXC_E_UNSUPPORTED,
        MXC_FAULT(.hint = "leave language out: code of any language runs in sandboxes that are built ahead"),
        "interpreters of '%s' are not started ahead, only python's are", language);
}

mxc_status mxc_parked_request(struct mxc_request *out, const struct mxc_prepared *prepared,
                              const struct mxc_interpreter *interpreter, const struct mxc_strings *modules,
                              const struct mxc_strings *env, mxc_error **err) {
    MXC_AUTO_FREE const char **argv = mxc_alloc((modules->count + 4) * sizeof *argv);
    if (!argv)
        return mxc_fail_memory(err);
    argv[0] = mxc_interpreter_program(interpreter);
    argv[1] = "-c";
    argv[2] = mxc_parked_python;
    for (size_t i = 0; i < modules->count; i++)
        argv[3 + i] = modules->items[i];
    const mxc_command command = {.struct_size = sizeof command, .argv = argv, .env = (const char *const *)env->items};
    return mxc_request_make(out, &command, prepared, interpreter, err);
}

/* Read by the interpreter, the C library or the loader when they start. */
static int is_read_early(const char *entry) {
    static const char *const names[] = {"PYTHON", "LANG", "LC_", "LD_", "MALLOC_", "GLIBC_", "TZ", "HOME="};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return 1;
    return 0;
}

static int has(const struct mxc_strings *list, const char *entry) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], entry) == 0)
            return 1;
    return 0;
}

static int covers(const struct mxc_strings *these, const struct mxc_strings *those) {
    for (size_t i = 0; i < those->count; i++)
        if (is_read_early(those->items[i]) && !has(these, those->items[i]))
            return 0;
    return 1;
}

int mxc_parked_fits(const struct mxc_request *request, const struct mxc_request *parked) {
    const struct mxc_launch *launch = &request->launch;
    /* [interpreter, "-c", code]; longer code goes by standard input */
    if (request->argv.count != 3 || strcmp(request->argv.items[0], parked->argv.items[0]) != 0 ||
        strcmp(request->argv.items[1], "-c") != 0)
        return 0;
    for (int i = 0; i < 3; i++) /* a descriptor may be a terminal, which an interpreter wants to know early */
        if (launch->mode[i] == MXC_STDIO_FD)
            return 0;
    return strcmp(launch->cwd, parked->launch.cwd) == 0 && covers(&request->env, &parked->env) &&
           covers(&parked->env, &request->env);
}
