/* outcome.c: a result or an error as JSON with the keys that the command line prints, made from the accessors; and
 * a check that mxc_result_to_json() says the same. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static const struct {
    const char *name;
    int number;
} signals[] = {
    {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},   {"SIGQUIT", SIGQUIT}, {"SIGILL", SIGILL},   {"SIGTRAP", SIGTRAP},
    {"SIGABRT", SIGABRT}, {"SIGBUS", SIGBUS},   {"SIGFPE", SIGFPE},   {"SIGKILL", SIGKILL}, {"SIGUSR1", SIGUSR1},
    {"SIGSEGV", SIGSEGV}, {"SIGUSR2", SIGUSR2}, {"SIGPIPE", SIGPIPE}, {"SIGALRM", SIGALRM}, {"SIGTERM", SIGTERM},
    {"SIGXCPU", SIGXCPU}, {"SIGXFSZ", SIGXFSZ}, {"SIGSYS", SIGSYS},   {"SIGSTOP", SIGSTOP}, {"SIGCONT", SIGCONT},
};
enum { SIGNALS = sizeof(signals) / sizeof(signals[0]) };

int signal_number(const char *name) {
    for (int i = 0; i < SIGNALS; i++)
        if (!strcmp(signals[i].name, name))
            return signals[i].number;
    broken("unknown signal %s", name);
}

static json_t *signal_name(int number) {
    for (int i = 0; i < SIGNALS; i++)
        if (signals[i].number == number)
            return json_string(signals[i].name);
    return number ? json_sprintf("signal %d", number) : json_null();
}

void outcome_of_error(struct outcome *out, const mxc_error *error) {
    out->info =
        json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:i}}", "error", "status", mxc_status_name(mxc_error_status(error)),
                  "message", mxc_error_message(error), "operation", mxc_error_operation(error), "origin",
                  mxc_error_origin(error), "hint", mxc_error_hint(error), "errno", (int)mxc_error_errno(error));
    if (!out->info)
        broken("an error with a text that is not UTF-8");
}

static json_t *limit_name(mxc_limit limit) {
    return limit == MXC_LIMIT_NONE ? json_null() : json_string(mxc_limit_name(limit));
}

static json_t *denials_of(const mxc_result *result) {
    json_t *list = json_array();
    for (size_t i = 0; i < mxc_result_denial_count(result); i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I}", "kind", mxc_result_denial_kind(result, i), "what",
                                              mxc_result_denial_what(result, i), "mechanism",
                                              mxc_result_denial_mechanism(result, i), "count",
                                              (json_int_t)mxc_result_denial_times(result, i)));
    return list;
}

static void stream_of(struct outcome *out, const mxc_result *result, mxc_stream stream, const char *name) {
    char key[32];
    size_t at = stream == MXC_STDOUT ? 0 : 1;
    const char *bytes = mxc_result_output(result, stream, &out->length[at]);
    out->bytes[at] = malloc(out->length[at] + 1);
    memcpy(out->bytes[at], bytes, out->length[at]);
    out->bytes[at][out->length[at]] = 0;
    snprintf(key, sizeof(key), "%sLength", name);
    json_object_set_new(out->info, key, json_integer((json_int_t)mxc_result_output_total(result, stream)));
    snprintf(key, sizeof(key), "%sTruncated", name);
    json_object_set_new(out->info, key, json_boolean(mxc_result_output_truncated(result, stream)));
}

static void check_json(struct outcome *out, const mxc_result *result) {
    static const char *const same[] = {"exitCode",        "timedOut",        "limitHit",
                                       "stdoutLength",    "stdoutTruncated", "stderrLength",
                                       "stderrTruncated", "receipt",         NULL};
    char *text = NULL;
    json_error_t why;
    if (mxc_result_to_json(&text, result, NULL) != MXC_OK)
        broken("mxc_result_to_json failed");
    json_t *printed = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (!printed)
        broken("mxc_result_to_json: %s: %.200s", why.text, text);
    for (size_t i = 0; same[i]; i++)
        if (!json_equal(json_object_get(printed, same[i]), json_object_get(out->info, same[i])))
            broken("mxc_result_to_json and the accessors differ in %s: %.400s", same[i], text);
    out->shape = shape_text(printed);
    json_decref(printed);
    mxc_string_free(text);
}

void outcome_of_result(struct outcome *out, const mxc_result *result) {
    int32_t code = mxc_result_exit_code(result), number = mxc_result_signal(result);
    json_error_t why;
    json_t *receipt = json_loads(mxc_result_receipt_json(result), JSON_REJECT_DUPLICATES, &why);
    if (!receipt)
        broken("receipt: %s", why.text);
    out->info = json_pack("{s:o, s:o, s:b, s:o, s:o, s:o}", "exitCode", code < 0 ? json_null() : json_integer(code),
                          "signal", signal_name(number), "timedOut", mxc_result_timed_out(result), "limitHit",
                          limit_name(mxc_result_limit_hit(result)), "denials", denials_of(result), "receipt", receipt);
    stream_of(out, result, MXC_STDOUT, "stdout");
    stream_of(out, result, MXC_STDERR, "stderr");
    check_json(out, result);
}

void outcome_clear(struct outcome *out) {
    json_decref(out->info);
    free(out->bytes[0]);
    free(out->bytes[1]);
    free(out->shape);
    memset(out, 0, sizeof(*out));
}
