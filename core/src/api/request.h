/* request.h: what is run, from what the caller said, what the policy says and the defaults: argv, environment,
 * folder, times. */
#ifndef MXC_API_REQUEST_H
#define MXC_API_REQUEST_H

#include "api/interpreter.h"
#include "api/prepare.h"
#include "client/client.h"

struct mxc_request {
    struct mxc_launch launch; /* points into the rest */
    struct mxc_buf block;     /* the command block */
    struct mxc_strings argv, env;
    char *path;
};

/* `command` was read with mxc_command_read(); `interpreter` is there when it has code. */
mxc_status mxc_request_make(struct mxc_request *out, const mxc_command *command, const struct mxc_prepared *prepared,
                            const struct mxc_interpreter *interpreter, mxc_error **err);
void mxc_request_clear(struct mxc_request *request);

/* The files behind it. */
mxc_status mxc_request_argv(struct mxc_request *out, const mxc_command *command, const mxc_policy *policy,
                            const struct mxc_interpreter *interpreter, mxc_error **err);
mxc_status mxc_request_env(struct mxc_request *out, const mxc_command *command, const struct mxc_prepared *prepared,
                           const struct mxc_interpreter *interpreter, mxc_error **err);

#endif
