/* sandbox_api.c: mxc_run, mxc_spawn and mxc_sandbox_*: checks, then preparing, then the client. A one-shot run is a
 * sandbox that ends with its command and has no handle. */
#include "api/sandbox.h"

#include "api/interpreter.h"
#include "api/prepare.h"
#include "api/request.h"
#include "api/runtime.h"
#include "api/structs.h"
#include "api/sweep.h"
#include "base/alloc.h"
#include "base/error.h"
#include "client/client.h"
#include "filter/filter.h"
#include "policy/ceiling.h"
#include "policy/model.h"

struct mxc_sandbox {
    struct mxc_prepared prepared;
    struct mxc_before *before; /* NULL: no writable folder with names to protect */
    struct mxc_keeper *keeper;
};

#define AUTO(clear) __attribute__((cleanup(clear)))

static void drop_keeper(struct mxc_keeper **keeper) { mxc_keeper_unref(*keeper); }

/* With `before` the result of the last command is given what it left behind; it is taken over in any case. */
static mxc_status start_keeper(struct mxc_keeper **out, struct mxc_prepared *prepared, struct mxc_before *before,
                               mxc_error **err) {
    mxc_time_spent(&prepared->times, MXC_TIME_REQUEST);
    struct mxc_keeper_args args = {.plan = prepared->plan,
                                   .plan_length = prepared->plan_length,
                                   .receipt = prepared->receipt,
                                   .denial_text = mxc_filter_denial_text,
                                   .narrow = prepared->narrow,
                                   .sweep = before ? mxc_sweep_result : NULL,
                                   .release = before ? mxc_sweep_release : NULL,
                                   .before = before,
                                   .times = &prepared->times};
    return mxc_keeper_start(out, &args, err);
}

static void give_up_keeper(struct mxc_keeper **keeper) {
    if (*keeper)
        mxc_keeper_finish(*keeper);
    mxc_keeper_unref(*keeper);
    *keeper = NULL;
}

/* Waits for the walls; settings of the host do not tell all (a container's filter, a security module), so where the
 * kernel refuses namespaces a policy that says so gets the walls without. */
static mxc_status start_and_wait(struct mxc_keeper **out, struct mxc_prepared *prepared, struct mxc_before *before,
                                 mxc_error **err) {
    mxc_status status = start_keeper(out, prepared, before, err);
    if (status == MXC_OK)
        status = mxc_keeper_wait_ready(*out, err);
    if (status == MXC_OK || !*out || !mxc_keeper_lacks_namespaces(*out) ||
        !mxc_prepare_without_namespaces(prepared, &status, err))
        return status;
    give_up_keeper(out);
    if (status == MXC_OK) /* that wall does not look for what a run leaves behind */
        status = start_keeper(out, prepared, NULL, err);
    return status == MXC_OK ? mxc_keeper_wait_ready(*out, err) : status;
}

/* ---- One shot ---- */

struct last { /* what a one-shot run starts from; borrowed */
    struct mxc_prepared *prepared;
    struct mxc_request *request;
    const mxc_command *command;
    const struct mxc_interpreter *interpreter;
};

/* Only a policy that takes a weaker wall has to wait whether it comes to that; then the folders are others. */
static mxc_status start_keeper_for(struct mxc_keeper **out, const struct last *last, mxc_error **err) {
    int had_namespaces = last->prepared->has_namespaces;
    struct mxc_before *before = NULL;
    mxc_status status = mxc_before_take(&before, last->prepared, err);
    if (status != MXC_OK)
        return status;
    if (!last->prepared->policy->report_unsupported)
        return start_keeper(out, last->prepared, before, err);
    status = start_and_wait(out, last->prepared, before, err);
    if (status != MXC_OK || last->prepared->has_namespaces == had_namespaces)
        return status;
    mxc_request_clear(last->request);
    return mxc_request_make(last->request, last->command, last->prepared, last->interpreter, err);
}

/* Without waiting for the walls: they are built while the command is sent. */
static mxc_status start_last(mxc_process **out, const struct last *last, mxc_error **err) {
    AUTO(drop_keeper) struct mxc_keeper *keeper = NULL;
    struct mxc_request *request = last->request;
    mxc_status status = start_keeper_for(&keeper, last, err);
    if (status != MXC_OK) {
        give_up_keeper(&keeper);
        return status;
    }
    request->launch.last = 1;
    status = mxc_process_launch(out, keeper, &request->launch, &request->block, err);
    if (status != MXC_OK)
        mxc_keeper_finish(keeper);
    return status;
}

static mxc_status prepare_last(struct mxc_prepared *prepared, struct mxc_interpreter *interpreter,
                               const mxc_policy *policy, const mxc_command *command, const mxc_sandbox_options *options,
                               mxc_error **err) {
    AUTO(mxc_strings_clear) struct mxc_strings paths = {0};
    uint64_t began = mxc_monotonic_ns();
    if (command->code) {
        mxc_policy *shown = NULL;
        mxc_status status = mxc_interpreter_find(interpreter, command, err);
        /* What the caller shows already is not widened to the whole tree of the interpreter. */
        if (status == MXC_OK)
            status = mxc_runtime_policy(&shown, policy, options->runtime_paths, NULL, err);
        if (status == MXC_OK)
            status = mxc_interpreter_needs(&paths, interpreter, shown, err);
        mxc_policy_free(shown);
        if (status != MXC_OK)
            return status;
    }
    uint64_t found = mxc_monotonic_ns();
    mxc_status status = mxc_prepare(prepared, policy, options, &paths, err);
    prepared->times.ns[MXC_TIME_POLICY] += found - began;
    return status;
}

mxc_status mxc_spawn(mxc_process **out, const mxc_policy *policy, const mxc_command *command,
                     const mxc_sandbox_options *options, mxc_error **err) {
    AUTO(mxc_interpreter_clear) struct mxc_interpreter interpreter = {0};
    AUTO(mxc_prepared_clear) struct mxc_prepared prepared = {0};
    AUTO(mxc_request_clear) struct mxc_request request = {0};
    mxc_command wanted;
    mxc_sandbox_options with;
    if (!out || !policy)
        return mxc_fail_null(err, out ? "policy" : "out");
    mxc_status status = mxc_command_read(&wanted, command, err);
    if (status == MXC_OK)
        status = mxc_options_read(&with, options, err);
    if (status == MXC_OK)
        status = prepare_last(&prepared, &interpreter, policy, &wanted, &with, err);
    if (status == MXC_OK)
        status = mxc_request_make(&request, &wanted, &prepared, &interpreter, err);
    if (status == MXC_OK)
        status = start_last(out, &(struct last){&prepared, &request, &wanted, &interpreter}, err);
    return status;
}

mxc_status mxc_process_end_with(mxc_result **out, mxc_process *process, mxc_error **err) {
    mxc_status status = mxc_process_await(out, process, -1, err);
    mxc_process_end(process);
    return status;
}

/* With a pipe mxc_run() would wait for a command that waits for somebody at the other end. */
mxc_status mxc_check_runnable(void *out, const mxc_command *command, mxc_error **err) {
    mxc_command wanted;
    if (!out)
        return mxc_fail_null(err, "out");
    mxc_status status = mxc_command_read(&wanted, command, err);
    if (status != MXC_OK)
        return status;
    if (wanted.stdin_mode == MXC_STDIO_PIPE || wanted.stdout_mode == MXC_STDIO_PIPE ||
        wanted.stderr_mode == MXC_STDIO_PIPE)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.hint = "use spawn, which gives the pipes out"),
                        "a run cannot have pipes");
    return MXC_OK;
}

mxc_status mxc_run(mxc_result **out, const mxc_policy *policy, const mxc_command *command,
                   const mxc_sandbox_options *options, mxc_error **err) {
    mxc_process *process = NULL;
    mxc_status status = mxc_check_runnable(out, command, err);
    if (status == MXC_OK)
        status = mxc_spawn(&process, policy, command, options, err);
    return status == MXC_OK ? mxc_process_end_with(out, process, err) : status;
}

/* ---- Open sandboxes ---- */

static void drop_sandbox(mxc_sandbox **sandbox) { mxc_sandbox_free(*sandbox); }

mxc_status mxc_sandbox_open(mxc_sandbox **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                            mxc_error **err) {
    mxc_sandbox_options with;
    if (!out || !policy)
        return mxc_fail_null(err, out ? "policy" : "out");
    mxc_status status = mxc_options_read(&with, options, err);
    if (status != MXC_OK)
        return status;
    AUTO(drop_sandbox) mxc_sandbox *sandbox = mxc_alloc(sizeof *sandbox);
    if (!sandbox)
        return mxc_fail_memory(err);
    status = mxc_prepare(&sandbox->prepared, policy, &with, NULL, err);
    if (status == MXC_OK)
        status = mxc_before_take(&sandbox->before, &sandbox->prepared, err);
    if (status == MXC_OK)
        status = start_and_wait(&sandbox->keeper, &sandbox->prepared, NULL, err);
    if (status == MXC_OK)
        *out = mxc_take(sandbox);
    return status;
}

mxc_status mxc_sandbox_spawn(mxc_process **out, mxc_sandbox *sandbox, const mxc_command *command, mxc_error **err) {
    AUTO(mxc_interpreter_clear) struct mxc_interpreter interpreter = {0};
    AUTO(mxc_request_clear) struct mxc_request request = {0};
    mxc_command wanted;
    if (!out || !sandbox)
        return mxc_fail_null(err, out ? "sandbox" : "out");
    mxc_status status = mxc_command_read(&wanted, command, err);
    if (status == MXC_OK && wanted.code) {
        status = mxc_interpreter_find(&interpreter, &wanted, err);
        if (status == MXC_OK)
            status = mxc_interpreter_visible(&interpreter, sandbox->prepared.policy, err);
    }
    if (status == MXC_OK)
        status = mxc_request_make(&request, &wanted, &sandbox->prepared, &interpreter, err);
    if (status == MXC_OK)
        status = mxc_process_launch(out, sandbox->keeper, &request.launch, &request.block, err);
    return status;
}

mxc_status mxc_sandbox_run(mxc_result **out, mxc_sandbox *sandbox, const mxc_command *command, mxc_error **err) {
    mxc_process *process = NULL;
    mxc_status status = mxc_check_runnable(out, command, err);
    if (status == MXC_OK)
        status = mxc_sandbox_spawn(&process, sandbox, command, err);
    return status == MXC_OK ? mxc_process_end_with(out, process, err) : status;
}

mxc_status mxc_sandbox_kill(mxc_sandbox *sandbox, mxc_error **err) {
    if (!sandbox)
        return mxc_fail_null(err, "sandbox");
    mxc_keeper_kill(sandbox->keeper);
    return MXC_OK;
}

mxc_status mxc_sandbox_findings(char **out, const mxc_sandbox *sandbox, mxc_error **err) {
    AUTO(mxc_findings_clear) struct mxc_findings findings = {0};
    MXC_AUTO_BUF struct mxc_buf text = {0};
    if (!out || !sandbox)
        return mxc_fail_null(err, out ? "sandbox" : "out");
    mxc_status status = sandbox->before ? mxc_before_compare(&findings, sandbox->before, err) : MXC_OK;
    if (status != MXC_OK)
        return status;
    mxc_findings_json(&text, &findings);
    char *taken = mxc_buf_take(&text);
    if (!taken)
        return mxc_fail_memory(err);
    *out = taken;
    return MXC_OK;
}

mxc_status mxc_sandbox_update_network(mxc_sandbox *sandbox, const mxc_policy *policy, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf rules = {0};
    MXC_AUTO_POLICY mxc_policy *wanted = NULL;
    char *receipt = NULL;
    if (!sandbox || !policy)
        return mxc_fail_null(err, sandbox ? "policy" : "sandbox");
    mxc_status status = mxc_policy_with_network(&wanted, sandbox->prepared.policy, policy, err);
    if (status == MXC_OK)
        status = mxc_prepare_network(&rules, &receipt, &sandbox->prepared, wanted, err);
    if (status != MXC_OK)
        return status;
    if (mxc_keeper_has_relay(sandbox->keeper))
        return mxc_keeper_update_rules(sandbox->keeper, rules.data, rules.length, receipt, err);
    mxc_free(receipt); /* opened without any grant, so there is nothing that could be changed */
    return MXC_OK;
}

int32_t mxc_sandbox_published_port(const mxc_sandbox *sandbox, int32_t port) {
    return sandbox && port > 0 && port <= UINT16_MAX ? mxc_keeper_published_port(sandbox->keeper, (uint16_t)port) : 0;
}

int32_t mxc_sandbox_fd(const mxc_sandbox *sandbox) { return sandbox ? mxc_keeper_fd(sandbox->keeper) : -1; }

void mxc_sandbox_free(mxc_sandbox *sandbox) {
    if (!sandbox)
        return;
    if (sandbox->keeper)
        mxc_keeper_finish(sandbox->keeper);
    mxc_keeper_unref(sandbox->keeper);
    mxc_before_unref(sandbox->before);
    mxc_prepared_clear(&sandbox->prepared);
    mxc_free(sandbox);
}
