/* error.c: see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

struct mxc_error {
    mxc_status status;
    int sys_errno;
    char *message;
    char *origin;
    char *operation;
    char *hint;
};

static mxc_error no_memory = {.status = MXC_E_NO_MEMORY, .message = (char *)"out of memory"};

static const struct {
    mxc_status status;
    const char *name;
} names[] = {
    {MXC_OK, "ok"},
    {MXC_E_NO_MEMORY, "no_memory"},
    {MXC_E_INVALID_ARGUMENT, "invalid_argument"},
    {MXC_E_POLICY_SYNTAX, "policy_syntax"},
    {MXC_E_POLICY_INVALID, "policy_invalid"},
    {MXC_E_POLICY_VERSION, "policy_version"},
    {MXC_E_POLICY_CONFLICT, "policy_conflict"},
    {MXC_E_PATH, "path"},
    {MXC_E_UNSUPPORTED, "unsupported"},
    {MXC_E_SETUP, "setup"},
    {MXC_E_VERIFY, "verify"},
    {MXC_E_COMMAND_NOT_FOUND, "command_not_found"},
    {MXC_E_COMMAND_NOT_EXECUTABLE, "command_not_executable"},
    {MXC_E_INTERPRETER, "interpreter"},
    {MXC_E_TIMEOUT, "timeout"},
    {MXC_E_CLOSED, "closed"},
    {MXC_E_SYSTEM, "system"},
    {MXC_E_INTERNAL, "internal"},
};

const char *mxc_status_name(mxc_status status) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].status == status)
            return names[i].name;
    return "unknown";
}

static int copy_texts(mxc_error *error, const struct mxc_fault *fault, const char *message) {
    error->message = mxc_strdup(message);
    if (!error->message)
        return -1;
    if (!fault)
        return 0;
    error->sys_errno = fault->sys_errno;
    error->origin = mxc_strdup(fault->origin);
    error->operation = mxc_strdup(fault->operation);
    error->hint = mxc_strdup(fault->hint);
    if ((fault->origin && !error->origin) || (fault->operation && !error->operation) || (fault->hint && !error->hint))
        return -1;
    return 0;
}

mxc_status mxc_fail_memory(mxc_error **err) {
    if (err) {
        mxc_error_free(*err);
        *err = &no_memory;
    }
    return MXC_E_NO_MEMORY;
}

mxc_status mxc_fail(mxc_error **err, mxc_status status, const struct mxc_fault *fault, const char *format, ...) {
    char message[1024];
    va_list args;
    if (!err)
        return status;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    mxc_error *error = mxc_alloc(sizeof *error);
    if (error)
        error->status = status;
    /* `fault` may point into the error that is replaced, so that one is freed last. */
    if (!error || copy_texts(error, fault, message) != 0) {
        mxc_error_free(error);
        error = &no_memory;
    }
    mxc_error_free(*err);
    *err = error;
    return error->status;
}

mxc_status mxc_fail_errno(mxc_error **err, const char *operation, int sys_errno) {
    char text[128];
    /* GNU strerror_r may return its own string instead of filling text. */
    const char *reason = strerror_r(sys_errno, text, sizeof text);
    return mxc_fail(err, MXC_E_SYSTEM, MXC_FAULT(.operation = operation, .sys_errno = sys_errno), "%s: %s", operation,
                    reason);
}

static const char *text_or_empty(const char *text) { return text ? text : ""; }

mxc_status mxc_error_status(const mxc_error *error) { return error ? error->status : MXC_OK; }

const char *mxc_error_message(const mxc_error *error) { return error ? text_or_empty(error->message) : ""; }

const char *mxc_error_operation(const mxc_error *error) { return error ? text_or_empty(error->operation) : ""; }

const char *mxc_error_origin(const mxc_error *error) { return error ? text_or_empty(error->origin) : ""; }

const char *mxc_error_hint(const mxc_error *error) { return error ? text_or_empty(error->hint) : ""; }

int32_t mxc_error_errno(const mxc_error *error) { return error ? error->sys_errno : 0; }

void mxc_error_free(mxc_error *error) {
    if (!error || error == &no_memory)
        return;
    mxc_free(error->message);
    mxc_free(error->origin);
    mxc_free(error->operation);
    mxc_free(error->hint);
    mxc_free(error);
}
