/* command.c: carrying out a case through the public API: one command, or the steps in an open sandbox. */
#include <string.h>

#include "suite.h"

static const char *text_of(json_t *object, const char *key) { return json_string_value(json_object_get(object, key)); }

static const char **strings_of(const char **out, size_t size, json_t *list) {
    size_t i;
    json_t *item;
    if (!list)
        return NULL;
    if (json_array_size(list) >= size)
        broken("a list of %zu texts is too long", json_array_size(list));
    json_array_foreach(list, i, item) out[i] = json_string_value(item);
    out[json_array_size(list)] = NULL;
    return out;
}

void command_of(struct command *out, json_t *run) {
    json_t *input = json_object_get(run, "input"), *code = json_object_get(run, "code");
    memset(out, 0, sizeof(*out));
    out->call = (mxc_command){
        .struct_size = sizeof(mxc_command),
        .argv = strings_of(out->argv, sizeof(out->argv) / sizeof(out->argv[0]), json_object_get(run, "argv")),
        .env = strings_of(out->env, sizeof(out->env) / sizeof(out->env[0]), json_object_get(run, "env")),
        .code = json_string_value(code),
        .code_length = json_string_length(code),
        .language = text_of(run, "language"),
        .interpreter = text_of(run, "interpreter"),
        .cwd = text_of(run, "cwd"),
        .input = json_string_value(input),
        .input_length = json_string_length(input),
        .timeout_ms = (uint64_t)json_integer_value(json_object_get(run, "timeoutMs")),
        .grace_ms = (uint64_t)json_integer_value(json_object_get(run, "graceMs")),
    };
}

/* Exactly one of result and error is given; both are freed here. */
static void take(struct outcome *out, mxc_status status, mxc_result *result, mxc_error *error, long began) {
    memset(out, 0, sizeof(*out));
    if ((status == MXC_OK) != (result != NULL) || (status != MXC_OK) != (error != NULL))
        broken("status %d, result %p, error %p do not agree", status, (void *)result, (void *)error);
    if (error && mxc_error_status(error) != status)
        broken("status %d, but the error says %d", status, mxc_error_status(error));
    out->took_ms = now_ms() - began;
    if (error)
        outcome_of_error(out, error);
    else
        outcome_of_result(out, result);
    mxc_error_free(error);
    mxc_result_free(result);
}

static mxc_status policy_of(mxc_policy **out, json_t *filled, const struct ground *ground, mxc_error **error) {
    const char *text = text_of(filled, "policyText");
    char *printed = text ? strdup(text) : json_dumps(json_object_get(filled, "policy"), 0);
    mxc_status status = mxc_policy_parse(out, printed, strlen(printed), ground->root, error);
    free(printed);
    return status;
}

/* spawn, the actions at their times, wait */
static mxc_status run_acting(mxc_result **result, const mxc_policy *policy, const mxc_command *command, json_t *actions,
                             mxc_error **error) {
    mxc_process *process = NULL;
    long began = now_ms();
    size_t i;
    json_t *action;
    mxc_status status = mxc_spawn(&process, policy, command, NULL, error);
    if (status != MXC_OK)
        return status;
    json_array_foreach(actions, i, action) {
        const char *name = text_of(action, "signal");
        long left = began + (long)json_integer_value(json_object_get(action, "afterMs")) - now_ms();
        wait_ms(left > 0 ? left : 0);
        if (name)
            status = mxc_process_kill(process, signal_number(name), error);
        else
            status =
                mxc_process_stop(process, (uint64_t)json_integer_value(json_object_get(action, "stopGraceMs")), error);
        if (status != MXC_OK)
            goto out;
    }
    status = mxc_process_wait(result, process, 60000, error);
out:
    mxc_process_free(process);
    return status;
}

void run_single(struct outcome *out, json_t *filled, const struct ground *ground) {
    struct command command;
    mxc_policy *policy = NULL;
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    json_t *actions = json_object_get(filled, "actions");
    long began = now_ms();
    command_of(&command, json_object_get(filled, "run"));
    mxc_status status = policy_of(&policy, filled, ground, &error);
    if (status == MXC_OK && json_array_size(actions))
        status = run_acting(&result, policy, &command.call, actions, &error);
    else if (status == MXC_OK)
        status = mxc_run(&result, policy, &command.call, NULL, &error);
    take(out, status, result, error, began);
    mxc_policy_free(policy);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

#define NAMED 16

struct steps {
    const struct ground *ground;
    json_t *filled, *faults, *records;
    mxc_policy *policy;
    mxc_sandbox *sandbox;
    struct {
        const char *name;
        mxc_process *process;
        mxc_error *error; /* of a spawn that failed; told at its wait */
        json_t *waited;   /* the record of its first wait, borrowed: all others must be equal */
        mxc_status status;
    } named[NAMED];
    size_t count;
};

static void must(mxc_status status, mxc_error *error, const char *what) {
    if (status != MXC_OK)
        broken("%s: %s %s: %s", what, mxc_status_name(status), mxc_error_origin(error), mxc_error_message(error));
}

static void step_close(struct steps *steps) {
    mxc_sandbox_free(steps->sandbox);
    steps->sandbox = NULL;
}

static void step_open(struct steps *steps) {
    mxc_error *error = NULL;
    step_close(steps);
    mxc_status status = mxc_sandbox_open(&steps->sandbox, steps->policy, NULL, &error);
    must(status, error, "open");
}

static size_t named(const struct steps *steps, const char *name) {
    for (size_t i = 0; i < steps->count; i++)
        if (!strcmp(steps->named[i].name, name))
            return i;
    broken("no process named %s", name);
}

/* Gives the record, which belongs to the steps. */
static json_t *judge_step(struct steps *steps, const struct outcome *outcome, json_t *step, size_t number) {
    json_t *found = json_array(), *one;
    size_t i;
    judge_faults(outcome, json_object_get(step, "expect"), found);
    json_array_foreach(found, i, one) fault(steps->faults, "step %zu: %s", number, json_string_value(one));
    json_decref(found);
    json_t *record = judge_record(outcome, steps->ground->base, json_object_get(steps->filled, "volatile"));
    json_array_append_new(steps->records, record);
    return record;
}

static void step_run(struct steps *steps, json_t *step, size_t number) {
    struct command command;
    struct outcome outcome;
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    long began = now_ms();
    command_of(&command, json_object_get(step, "run"));
    mxc_status status = mxc_sandbox_run(&result, steps->sandbox, &command.call, &error);
    take(&outcome, status, result, error, began);
    judge_step(steps, &outcome, step, number);
    outcome_clear(&outcome);
}

static void step_spawn(struct steps *steps, json_t *step) {
    struct command command;
    size_t at = steps->count++;
    if (at >= NAMED)
        broken("too many processes");
    command_of(&command, json_object_get(step, "command"));
    steps->named[at].name = text_of(step, "spawn");
    steps->named[at].status =
        mxc_sandbox_spawn(&steps->named[at].process, steps->sandbox, &command.call, &steps->named[at].error);
}

static void step_wait(struct steps *steps, json_t *step, size_t number) {
    json_t *limit = json_object_get(step, "timeoutMs");
    struct outcome outcome;
    mxc_result *result = NULL;
    size_t at = named(steps, text_of(step, "wait"));
    mxc_error *error = steps->named[at].error;
    mxc_status status = steps->named[at].status;
    long began = now_ms();
    steps->named[at].error = NULL;
    if (status == MXC_OK)
        status = mxc_process_wait(&result, steps->named[at].process, limit ? json_integer_value(limit) : 60000, &error);
    take(&outcome, status, result, error, began);
    json_t *record = judge_step(steps, &outcome, step, number);
    if (outcome.shape && !steps->named[at].waited)
        steps->named[at].waited = record;
    else if (outcome.shape && !json_equal(record, steps->named[at].waited))
        fault(steps->faults, "step %zu: waiting again gave another result", number);
    outcome_clear(&outcome);
}

static void step_other(struct steps *steps, json_t *step) {
    const char *name;
    mxc_error *error = NULL;
    if ((name = text_of(step, "kill")))
        must(mxc_process_kill(steps->named[named(steps, name)].process, signal_number(text_of(step, "signal")), &error),
             error, "kill");
    else if ((name = text_of(step, "stop")))
        must(mxc_process_stop(steps->named[named(steps, name)].process,
                              (uint64_t)json_integer_value(json_object_get(step, "graceMs")), &error),
             error, "stop");
    else if (json_object_get(step, "killSandbox"))
        must(mxc_sandbox_kill(steps->sandbox, &error), error, "kill of the sandbox");
    else if (json_object_get(step, "close"))
        step_close(steps);
    else if (json_object_get(step, "reopen"))
        step_open(steps);
    else if (json_object_get(step, "sleepMs"))
        wait_ms((long)json_integer_value(json_object_get(step, "sleepMs")));
    else
        host_check(json_object_get(step, "host"), steps->faults);
}

json_t *run_steps(json_t *filled, const struct ground *ground, json_t *faults) {
    struct steps steps = {.ground = ground, .filled = filled, .faults = faults, .records = json_array()};
    mxc_error *error = NULL;
    size_t i;
    json_t *step;
    mxc_status status = policy_of(&steps.policy, filled, ground, &error);
    must(status, error, "policy");
    step_open(&steps);
    json_array_foreach(json_object_get(filled, "steps"), i, step) {
        if (json_object_get(step, "run"))
            step_run(&steps, step, i);
        else if (json_object_get(step, "spawn"))
            step_spawn(&steps, step);
        else if (json_object_get(step, "wait"))
            step_wait(&steps, step, i);
        else
            step_other(&steps, step);
    }
    for (i = 0; i < steps.count; i++) {
        mxc_process_free(steps.named[i].process);
        mxc_error_free(steps.named[i].error);
    }
    mxc_sandbox_free(steps.sandbox);
    mxc_policy_free(steps.policy);
    return steps.records;
}
