/* pooled.c: linked into a program in front of the library (-Wl,--wrap=mxc_spawn,--wrap=mxc_run), it gives every command a
 * sandbox that was built ahead: so whatever tests that program tests pools. A command that would not get one ends the
 * program: a test must not pass on a cold run instead. Source code is given to an interpreter that was started ahead, where
 * one of its pool could run it. With POOLED_WARM a command with arguments is executed by an
 * interpreter that was started ahead, where the policy shows one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mxc/mxc.h"

#ifndef POOLED_WARM
#define POOLED_WARM 0
#endif

mxc_status __real_mxc_spawn(mxc_process **out, const mxc_policy *policy, const mxc_command *command,
                            const mxc_sandbox_options *options, mxc_error **err);
mxc_status __wrap_mxc_spawn(mxc_process **out, const mxc_policy *policy, const mxc_command *command,
                            const mxc_sandbox_options *options, mxc_error **err);
mxc_status __wrap_mxc_run(mxc_result **out, const mxc_policy *policy, const mxc_command *command,
                          const mxc_sandbox_options *options, mxc_error **err);

__attribute__((noreturn)) static void was_cold(void) {
    fprintf(stderr, "pooled: the command was given a cold sandbox\n");
    exit(99);
}

static _Thread_local int within; /* a call of the library's own */

/* The interpreter of this code waits, started with what it reads at its start. */
static void wait_for(mxc_pool_options *sizes, const mxc_command *command) {
    sizes->language = command->language ? command->language : "python";
    sizes->interpreter = command->interpreter;
    sizes->env = command->env;
}

/* What is shown for other source code depends on the interpreter, which the pool does not know when it builds. */
static mxc_status pool_for(mxc_pool **out, const mxc_policy *policy, const mxc_command *command,
                           const mxc_sandbox_options *options, mxc_error **err) {
    const char *const languages[] = {command && command->language ? command->language : "python", NULL};
    mxc_pool_options sizes = {.struct_size = sizeof sizes, .size = 1, .max = 1};
    mxc_sandbox_options shown = {.struct_size = sizeof shown};
    if (options)
        shown = *options;
    if (command && command->code && !command->cwd)
        wait_for(&sizes, command);
    else if (command && command->code)
        shown.languages = languages;
    return mxc_pool_new(out, policy, &shown, &sizes, err);
}

/* Code that replaces the interpreter by a program. */
static char *code_of(const char *const *argv) {
    size_t size = 128;
    for (const char *const *item = argv; *item; item++)
        size += 4 * strlen(*item) + 8;
    char *code = malloc(size), *at = code + sprintf(code, "import os\nargv = [");
    for (; *argv; argv++) {
        at += sprintf(at, "b'");
        for (const char *byte = *argv; *byte; byte++)
            at += sprintf(at, "\\x%02x", (unsigned)(unsigned char)*byte);
        at += sprintf(at, "', ");
    }
    sprintf(at, "]\nos.execvp(argv[0], argv)\n");
    return code;
}

/* What makes it a cold run: see docs/pools.md. */
static int could_be_warm(const mxc_command *command) {
    return command->stdin_mode != MXC_STDIO_FD && command->stdout_mode != MXC_STDIO_FD &&
           command->stderr_mode != MXC_STDIO_FD && !command->cwd && !command->env;
}

/* Pools refuse policies that publish ports, and say so. */
static int is_refused(mxc_status status, mxc_error *const *err) {
    const char *origin = status == MXC_E_UNSUPPORTED && err && *err ? mxc_error_origin(*err) : NULL;
    return origin && strcmp(origin, "/network/publish") == 0;
}

/* *out NULL: it cannot be done this way, and nothing was started. */
static void spawn_warm(mxc_process **out, const mxc_policy *policy, const mxc_command *command,
                       const mxc_sandbox_options *options) {
    const mxc_pool_options sizes = {
        .struct_size = sizeof sizes, .size = 1, .max = 1, .language = "python", .interpreter = "/usr/bin/python3"};
    mxc_pool *pool = NULL;
    mxc_command as_code = *command;
    if (mxc_pool_new(&pool, policy, options, &sizes, NULL) != MXC_OK)
        return;
    char *code = code_of(command->argv);
    as_code.argv = NULL;
    as_code.code = code;
    as_code.code_length = strlen(code);
    as_code.interpreter = sizes.interpreter;
    if (mxc_pool_spawn(out, pool, &as_code, NULL) == MXC_OK && mxc_pool_count(pool, MXC_POOL_TAKEN) != 1 &&
        mxc_pool_count(pool, MXC_POOL_DROPPED) == 0)
        was_cold();
    mxc_pool_free(pool);
    free(code);
}

/* Not where the host has changed meanwhile, or the code asks for an interpreter that only a cold run shows. */
static int should_be_pooled(const mxc_pool *pool, const mxc_command *command) {
    return mxc_pool_count(pool, MXC_POOL_DROPPED) == 0 && !(command && command->code && command->interpreter);
}

mxc_status __wrap_mxc_spawn(mxc_process **out, const mxc_policy *policy, const mxc_command *command,
                            const mxc_sandbox_options *options, mxc_error **err) {
    mxc_pool *pool = NULL;
    if (within)
        return __real_mxc_spawn(out, policy, command, options, err);
    within = 1;
    mxc_process *warm = NULL;
    if (POOLED_WARM && command && command->argv && policy && could_be_warm(command))
        spawn_warm(&warm, policy, command, options);
    if (warm) {
        within = 0;
        *out = warm;
        return MXC_OK;
    }
    mxc_status status = pool_for(&pool, policy, command, options, err);
    if (is_refused(status, err)) {
        within = 0;
        mxc_error_free(*err);
        *err = NULL;
        return __real_mxc_spawn(out, policy, command, options, err);
    }
    int ready = status == MXC_OK && mxc_pool_count(pool, MXC_POOL_READY) == 1;
    if (status == MXC_OK)
        status = mxc_pool_spawn(out, pool, command, err);
    within = 0;
    if (status == MXC_OK && ready && should_be_pooled(pool, command) && mxc_pool_count(pool, MXC_POOL_TAKEN) != 1) {
        was_cold();
    }
    mxc_pool_free(pool);
    return status;
}

mxc_status __wrap_mxc_run(mxc_result **out, const mxc_policy *policy, const mxc_command *command,
                          const mxc_sandbox_options *options, mxc_error **err) {
    mxc_process *process = NULL;
    mxc_status status = __wrap_mxc_spawn(&process, policy, command, options, err);
    if (status == MXC_OK)
        status = mxc_process_wait(out, process, -1, err);
    mxc_process_free(process);
    return status;
}
