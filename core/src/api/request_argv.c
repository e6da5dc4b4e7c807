/* request_argv.c: argv: the caller's, the policy's, or an interpreter's for source code. */
#include <string.h>

#include "api/request.h"
#include "base/error.h"
#include "policy/model.h"

/* An argument ends at 128 KiB in the kernel; longer source goes by standard input. */
#define LONGEST_INLINE (96u << 10)

static mxc_status put(struct mxc_request *out, const char *text, mxc_error **err) {
    return mxc_strings_add(&out->argv, text) == 0 ? MXC_OK : mxc_fail_memory(err);
}

static mxc_status put_all(struct mxc_request *out, const char *const *items, mxc_error **err) {
    mxc_status status = MXC_OK;
    for (; status == MXC_OK && *items; items++)
        status = put(out, *items, err);
    return status;
}

/* The code as one argument. Node takes one that begins with "-" for an option, and none for a missing value: a blank
 * in front changes no line number. */
static mxc_status put_code(struct mxc_request *out, const mxc_command *command, enum mxc_language language,
                           mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    if (language == MXC_LANGUAGE_NODE && (command->code_length == 0 || command->code[0] == '-'))
        mxc_buf_text(&text, " ");
    mxc_buf_bytes(&text, command->code, command->code_length);
    return text.failed ? mxc_fail_memory(err) : put(out, text.data ? text.data : "", err);
}

/* What stands before the code: such that tracebacks and $0 read as usual, and code like "-x" is no option. */
static const char *const *before_code(enum mxc_language language, int inlined) {
    static const char *const python[] = {"-c", NULL}, *const bash[] = {"-c", "--", NULL}, *const node[] = {"-e", NULL};
    static const char *const python_input[] = {"-", NULL}, *const bash_input[] = {"-s", NULL};
    if (language == MXC_LANGUAGE_BASH)
        return inlined ? bash : bash_input;
    if (language == MXC_LANGUAGE_NODE)
        return inlined ? node : python_input;
    return inlined ? python : python_input;
}

static mxc_status code_argv(struct mxc_request *out, const mxc_command *command,
                            const struct mxc_interpreter *interpreter, mxc_error **err) {
    int inlined = command->code_length <= LONGEST_INLINE;
    if (!inlined && (command->input_length || command->stdin_mode != MXC_STDIO_DEFAULT))
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.hint = "put the code into a file and run that"),
                        "code longer than %u bytes is passed by standard input, which is used for something else",
                        LONGEST_INLINE);
    mxc_status status = put(out, mxc_interpreter_program(interpreter), err);
    if (status == MXC_OK)
        status = put_all(out, before_code(interpreter->language, inlined), err);
    if (status == MXC_OK && inlined)
        status = put_code(out, command, interpreter->language, err);
    if (status == MXC_OK && inlined && interpreter->language == MXC_LANGUAGE_BASH)
        status = put(out, "bash", err); /* $0: messages begin with it */
    if (!inlined) {
        out->launch.input = command->code;
        out->launch.input_length = command->code_length;
    }
    return status;
}

static mxc_status policy_argv(struct mxc_request *out, const mxc_policy *policy, mxc_error **err) {
    const char *const shell[] = {"/bin/sh", "-c", policy->process.command_line, NULL};
    if (policy->process.argv.count > 0)
        return put_all(out, (const char *const *)policy->process.argv.items, err);
    if (policy->process.command_line)
        return put_all(out, shell, err);
    return mxc_fail(err, MXC_E_INVALID_ARGUMENT,
                    MXC_FAULT(.origin = "/process", .hint = "give argv or code, or process.argv in the policy"),
                    "neither the call nor the policy says what to run");
}

mxc_status mxc_request_argv(struct mxc_request *out, const mxc_command *command, const mxc_policy *policy,
                            const struct mxc_interpreter *interpreter, mxc_error **err) {
    mxc_status status;
    out->launch.input = command->input;
    out->launch.input_length = command->input_length;
    if (command->code)
        status = code_argv(out, command, interpreter, err);
    else if (command->argv)
        status = put_all(out, command->argv, err);
    else
        status = policy_argv(out, policy, err);
    out->launch.argv = (const char *const *)out->argv.items;
    return status;
}
