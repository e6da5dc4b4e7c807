/* agent_loop.c: an agent loop in C: a model proposes code, the program runs it in a sandbox and feeds back what came of
 * it, until the code prints a line that begins with "ANSWER: ". The model is a script (../script.json); the sandboxes
 * are real. Uses mxc.h, and jansson to read the script.
 *
 *     cc agent_loop.c $(pkg-config --cflags --libs mxc jansson) -o agent_loop && ./agent_loop SCRIPT DATA
 */
#include <jansson.h>
#include <mxc/mxc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER "ANSWER: "
#define FEEDBACK_MAX (64 << 10)

static void die(const char *what, const char *why) {
    fprintf(stderr, "agent_loop: %s: %s\n", what, why);
    exit(1);
}

static void check(mxc_status status, const char *what, mxc_error *error) {
    if (status == MXC_OK)
        return;
    fprintf(stderr, "%s (hint: %s)\n", mxc_error_origin(error), mxc_error_hint(error));
    die(what, mxc_error_message(error));
}

/* The code may read the data file and nothing else of the caller's; it has no network. */
static mxc_policy *policy_for(const char *data) {
    mxc_policy_builder *builder = NULL;
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    check(mxc_policy_builder_new(&builder, NULL, &error), "policy", error);
    check(mxc_policy_builder_path(builder, MXC_ACCESS_READ, data, &error), "data", error);
    check(mxc_policy_builder_limit(builder, MXC_LIMIT_MEMORY, 512u << 20, &error), "memory", error);
    check(mxc_policy_builder_limit(builder, MXC_LIMIT_PROCESSES, 16, &error), "processes", error);
    check(mxc_policy_builder_limit(builder, MXC_LIMIT_WALL_TIME, 20000, &error), "timeout", error);
    check(mxc_policy_builder_build(&policy, builder, &error), "policy", error);
    mxc_policy_builder_free(builder);
    return policy;
}

static mxc_result *run_code(const mxc_policy *policy, const char *code, const char *data) {
    const char *home = getenv("HOME");
    char where[4096], caller[4096];
    const char *const env[] = {where, caller, NULL};
    mxc_command command = {.struct_size = sizeof command, .code = code, .language = "python", .env = env};
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    snprintf(where, sizeof where, "DATA=%s", data);
    snprintf(caller, sizeof caller, "CALLER_HOME=%s", home ? home : "/");
    command.code_length = strlen(code);
    check(mxc_run(&result, policy, &command, NULL, &error), "run", error);
    return result;
}

/* What the model is told: both streams, what was refused, how it ended. */
static char *feedback_of(const mxc_result *result) {
    size_t size = 0, length;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        die("feedback", "out of memory");
    for (mxc_stream stream = MXC_STDOUT; stream <= MXC_STDERR; stream++) {
        const char *bytes = mxc_result_output(result, stream, &length);
        fwrite(bytes, 1, length < FEEDBACK_MAX ? length : FEEDBACK_MAX, out);
    }
    for (size_t i = 0; i < mxc_result_denial_count(result); i++)
        fprintf(out, "denied: %s\n", mxc_result_denial_what(result, i));
    if (mxc_result_signal(result))
        fprintf(out, "ended by signal %d\n", mxc_result_signal(result));
    else
        fprintf(out, "exit code %d\n", mxc_result_exit_code(result));
    fclose(out);
    return text;
}

/* The line of stdout that begins with ANSWER, or NULL. Owned by the caller. */
static char *answer_of(const mxc_result *result) {
    size_t length;
    const char *text = mxc_result_output(result, MXC_STDOUT, &length);
    for (const char *line = text, *end = text + length; line < end;) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t size = (size_t)((next ? next : end) - line);
        if (size > strlen(ANSWER) && memcmp(line, ANSWER, strlen(ANSWER)) == 0)
            return strndup(line, size);
        line += size + 1;
    }
    return NULL;
}

/* The script looks at what it was told, as a model would: when something else happened, it has nothing to say. */
static void must_have_seen(const char *feedback, const json_t *expect) {
    size_t i;
    json_t *text;
    json_array_foreach(expect, i, text) if (!strstr(feedback, json_string_value(text)))
        die("the script did not see", json_string_value(text));
}

/* One turn of the conversation; gives the answer when the code printed it. */
static char *turn(const mxc_policy *policy, const char *data, const json_t *step) {
    const char *code = json_string_value(json_object_get(step, "code"));
    printf("model: %s\n%s", json_string_value(json_object_get(step, "say")), code);
    mxc_result *result = run_code(policy, code, data);
    char *feedback = feedback_of(result), *answer = answer_of(result);
    printf("sandbox:\n%s\n", feedback);
    must_have_seen(feedback, json_object_get(step, "expect"));
    free(feedback);
    mxc_result_free(result);
    return answer;
}

int main(int argc, char **argv) {
    json_error_t why;
    char *answer = NULL;
    if (argc != 3)
        die("usage", "agent_loop SCRIPT DATA");
    json_t *script = json_load_file(argv[1], 0, &why);
    char *data = realpath(argv[2], NULL);
    if (!script || !data)
        die(script ? argv[2] : argv[1], script ? "no such file" : why.text);
    mxc_policy *policy = policy_for(data);
    for (size_t i = 0; !answer && i < json_array_size(script); i++)
        answer = turn(policy, data, json_array_get(script, i));
    if (answer)
        puts(answer);
    int status = answer ? 0 : 1;
    free(answer);
    mxc_policy_free(policy);
    free(data);
    json_decref(script);
    return status;
}
