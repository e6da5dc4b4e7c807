/* parked.c: see parked.h. */
#include "api/parked.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

static const struct {
    const char *option, *text;
    int by_file;
} programs[] = {
    [MXC_LANGUAGE_PYTHON] = {"-c", mxc_parked_python, 0},
    [MXC_LANGUAGE_BASH] = {NULL, NULL, 0},
    [MXC_LANGUAGE_NODE] = {"-e", mxc_parked_node, 1},
};

int mxc_parked_can_be(enum mxc_language language) { return programs[language].text != NULL; }

int mxc_parked_reads_files(enum mxc_language language) { return programs[language].by_file; }

mxc_status mxc_parked_request(struct mxc_request *out, const struct mxc_prepared *prepared,
                              const struct mxc_interpreter *interpreter, const struct mxc_strings *modules,
                              const struct mxc_strings *env, mxc_error **err) {
    MXC_AUTO_FREE const char **argv = mxc_alloc((modules->count + 5) * sizeof *argv);
    size_t count = 0;
    if (!argv)
        return mxc_fail_memory(err);
    argv[count++] = mxc_interpreter_program(interpreter);
    argv[count++] = programs[interpreter->language].option;
    argv[count++] = programs[interpreter->language].text;
    if (interpreter->language == MXC_LANGUAGE_NODE) /* else it takes what begins with a dash for an option */
        argv[count++] = "--";
    for (size_t i = 0; i < modules->count; i++)
        argv[count++] = modules->items[i];
    const mxc_command command = {.struct_size = sizeof command, .argv = argv, .env = (const char *const *)env->items};
    return mxc_request_make(out, &command, prepared, interpreter, err);
}

/* Read by the interpreter, the C library or the loader when they start. */
static int is_read_early(const char *entry) {
    static const char *const names[] = {"PYTHON", "NODE_", "UV_", "OPENSSL_", "SSL_",   "NO_COLOR", "FORCE_COLOR",
                                        "LANG",   "LC_",   "LD_", "MALLOC_",  "GLIBC_", "TZ",       "HOME="};
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

/* A descriptor may be a terminal, which an interpreter wants to know early. */
static int streams_fit(const struct mxc_launch *launch, int by_file) {
    for (int i = 0; i < 3; i++)
        if (launch->mode[i] == MXC_STDIO_FD || (by_file && launch->mode[i] == MXC_STDIO_PIPE))
            return 0;
    return !by_file || (launch->mode[1] == MXC_STDIO_DEFAULT && launch->mode[2] == MXC_STDIO_DEFAULT);
}

int mxc_parked_fits(const struct mxc_request *request, const struct mxc_request *parked, enum mxc_language language) {
    const struct mxc_launch *launch = &request->launch;
    /* [interpreter, option, code]; longer code goes by standard input */
    if (request->argv.count != 3 || strcmp(request->argv.items[0], parked->argv.items[0]) != 0 ||
        strcmp(request->argv.items[1], programs[language].option) != 0)
        return 0;
    return streams_fit(launch, programs[language].by_file) && strcmp(launch->cwd, parked->launch.cwd) == 0 &&
           covers(&request->env, &parked->env) && covers(&parked->env, &request->env);
}
