/* policy.c: see policy.h; and the commands below `mxc policy`. What an option means is the library's business: here
 * each one is handed to the policy builder. */
#include "policy.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "text.h"

#define MOST_BYTES (1u << 20) /* of a policy: mxc.h */

static int failed(struct cli_problem *problem, mxc_status code, mxc_error *error) {
    cli_problem_take(problem, code, error);
    return -1;
}

/* One byte more than a policy may have is read, so that the library says that it is too long. */
static ssize_t read_all(int fd, char *bytes, size_t size) {
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(fd, bytes + length, size - length);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        length += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)length;
}

static int load_stdin(mxc_policy **out, struct cli_problem *problem) {
    char *text = malloc(MOST_BYTES + 1);
    if (!text)
        return failed(problem, MXC_E_NO_MEMORY, NULL);
    ssize_t length = read_all(STDIN_FILENO, text, MOST_BYTES + 1);
    if (length < 0) {
        cli_problem_system(problem, "read", "standard input", errno);
        free(text);
        return -1;
    }
    mxc_error *error = NULL;
    mxc_status status = mxc_policy_parse(out, text, (size_t)length, NULL, &error);
    free(text);
    return status == MXC_OK ? 0 : failed(problem, status, error);
}

int cli_load_policy(mxc_policy **out, const char *path, struct cli_problem *problem) {
    if (strcmp(path, "-") == 0)
        return load_stdin(out, problem);
    mxc_error *error = NULL;
    mxc_status status = mxc_policy_load(out, path, &error);
    return status == MXC_OK ? 0 : failed(problem, status, error);
}

static int usage(struct cli_problem *problem, const char *origin, const char *message, const char *hint) {
    *problem =
        (struct cli_problem){.status = "usage", .origin = origin, .message = message, .operation = "", .hint = hint};
    return -1;
}

static int start_from(mxc_policy **out, const struct cli_line *line, struct cli_problem *problem) {
    const struct cli_given *file = cli_given(line, OPT_POLICY), *preset = cli_given(line, OPT_PRESET);
    if (file && preset)
        return usage(problem, "--preset", "a policy file is given too", "choose one of --policy and --preset");
    if (file)
        return cli_load_policy(out, file->value, problem);
    mxc_error *error = NULL;
    mxc_status status = mxc_policy_preset(out, preset ? preset->value : "workspace", NULL, &error);
    return status == MXC_OK ? 0 : failed(problem, status, error);
}

/* The library wants --cwd absolute. `path` of the caller's current folder: joined, "." and "" left out. */
static mxc_status set_cwd(mxc_policy_builder *builder, const char *path, mxc_error **error) {
    char *whole = NULL, *here = *path == '/' ? NULL : getcwd(NULL, 0);
    while (here && path[0] == '.' && (path[1] == '/' || !path[1]))
        path += path[1] ? 2 : 1;
    if (here && asprintf(&whole, "%s%s%s", here, *path ? "/" : "", path) < 0)
        whole = NULL;
    mxc_status status = MXC_E_NO_MEMORY;
    if (whole || !here)
        status = mxc_policy_builder_set(builder, "/process/cwd", whole ? whole : path, error);
    free(whole);
    free(here);
    return status;
}

static mxc_status add(mxc_policy_builder *builder, const struct cli_given *given, mxc_error **error) {
    switch (given->option->id) {
    case OPT_CONTAINMENT:
        return mxc_policy_builder_set(builder, "/containment", given->value, error);
    case OPT_SYSCALLS:
        return mxc_policy_builder_set(builder, "/syscalls/profile", given->value, error);
    case OPT_RO:
        return mxc_policy_builder_path(builder, MXC_ACCESS_READ, given->value, error);
    case OPT_RW:
        return mxc_policy_builder_path(builder, MXC_ACCESS_WRITE, given->value, error);
    case OPT_DENY:
        return mxc_policy_builder_path(builder, MXC_ACCESS_DENY, given->value, error);
    case OPT_ALLOW:
        return mxc_policy_builder_allow(builder, given->value, error);
    case OPT_CWD:
        return set_cwd(builder, given->value, error);
    case OPT_ENV:
        return mxc_policy_builder_env(builder, given->value, error);
    case OPT_MEMORY:
        return mxc_policy_builder_limit(builder, MXC_LIMIT_MEMORY, given->number, error);
    case OPT_PROCS:
        return mxc_policy_builder_limit(builder, MXC_LIMIT_PROCESSES, given->number, error);
    case OPT_CPUS:
        return mxc_policy_builder_limit(builder, MXC_LIMIT_CPUS, given->number, error);
    case OPT_TIMEOUT:
        return mxc_policy_builder_limit(builder, MXC_LIMIT_WALL_TIME, given->number, error);
    case OPT_CPU_TIME:
        return mxc_policy_builder_limit(builder, MXC_LIMIT_CPU_TIME, given->number, error);
    case OPT_OUTPUT:
        return mxc_policy_builder_limit(builder, MXC_LIMIT_OUTPUT, given->number, error);
    default:
        return MXC_OK;
    }
}

static mxc_status with_options(mxc_policy **out, const struct cli_line *line, const mxc_policy *base,
                               mxc_error **error) {
    mxc_policy_builder *builder = NULL;
    mxc_status status = mxc_policy_builder_new(&builder, base, error);
    for (size_t i = 0; i < line->given_count && status == MXC_OK; i++)
        status = add(builder, &line->given[i], error);
    if (status == MXC_OK)
        status = mxc_policy_builder_build(out, builder, error);
    mxc_policy_builder_free(builder);
    return status;
}

int cli_policy_from(mxc_policy **out, const struct cli_line *line, const mxc_policy *base,
                    struct cli_problem *problem) {
    mxc_policy *start = NULL;
    if (!base && start_from(&start, line, problem) != 0)
        return -1;
    mxc_error *error = NULL;
    mxc_status status = with_options(out, line, base ? base : start, &error);
    mxc_policy_free(start);
    return status == MXC_OK ? 0 : failed(problem, status, error);
}

/* ---- mxc policy check ---- */

static int check(const char *path, int syntax_only, struct cli_problem *problem) {
    mxc_policy *policy = NULL;
    if (cli_load_policy(&policy, path, problem) != 0)
        return -1;
    mxc_error *error = NULL;
    char *receipt = NULL;
    mxc_status status = syntax_only ? MXC_OK : mxc_explain(&receipt, policy, NULL, &error);
    mxc_string_free(receipt);
    mxc_policy_free(policy);
    return status == MXC_OK ? 0 : failed(problem, status, error);
}

static void print_check(const char *path, const struct cli_problem *problem) {
    fputs(problem ? "err " : "ok  ", stdout);
    cli_put_escaped(stdout, path);
    if (problem) {
        char *text = cli_problem_line(problem);
        printf(": %s", text ? text : "out of memory");
        free(text);
    }
    putchar('\n');
}

static void list_check(json_t *list, const char *path, const struct cli_problem *problem) {
    char *text = problem ? cli_problem_json(problem) : NULL;
    json_t *entry = text ? json_loads(text, 0, NULL) : json_object();
    json_object_set_new(entry, "file", json_string(path));
    json_object_set_new(entry, "ok", json_boolean(!problem));
    json_array_append_new(list, entry);
    free(text);
}

int cli_policy_check(const struct cli_line *line) {
    json_t *list = json_array();
    int bad = 0;
    for (int i = 0; i < line->operand_count; i++) {
        struct cli_problem problem = {.code = MXC_OK};
        int wrong = check(line->operands[i], cli_given(line, OPT_SYNTAX) != NULL, &problem) != 0;
        bad |= wrong;
        if (line->json)
            list_check(list, line->operands[i], wrong ? &problem : NULL);
        else
            print_check(line->operands[i], wrong ? &problem : NULL);
        cli_problem_clear(&problem);
    }
    int failure = line->json ? 0 : cli_flush();
    if (line->json) {
        json_t *whole = json_pack("{s:O}", "files", list);
        char *text = json_dumps(whole, JSON_COMPACT);
        failure = text ? cli_write_json(text) : ENOMEM;
        free(text);
        json_decref(whole);
    }
    json_decref(list);
    return failure ? cli_written(line, failure) : bad;
}

/* ---- mxc policy print, mxc policy schema ---- */

/* What all the files allow. */
static int load_all(mxc_policy **out, const struct cli_line *line, struct cli_problem *problem) {
    mxc_policy *all = NULL;
    for (int i = 0; i < line->operand_count; i++) {
        mxc_policy *next = NULL, *both = NULL;
        mxc_error *error = NULL;
        if (cli_load_policy(&next, line->operands[i], problem) != 0) {
            mxc_policy_free(all);
            return -1;
        }
        mxc_status status = all ? mxc_policy_intersect(&both, all, next, &error) : MXC_OK;
        mxc_policy_free(all);
        all = both;
        if (i == 0)
            all = next;
        else
            mxc_policy_free(next);
        if (status != MXC_OK)
            return failed(problem, status, error);
    }
    *out = all;
    return 0;
}

static int print_policy(const mxc_policy *policy, struct cli_problem *problem) {
    char *text = NULL;
    mxc_error *error = NULL;
    mxc_status status = mxc_policy_to_json(&text, policy, &error);
    if (status != MXC_OK)
        return failed(problem, status, error);
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = 0;
    int sys_errno = cli_write_json(text);
    mxc_string_free(text);
    if (sys_errno)
        cli_problem_system(problem, "write", "standard output", sys_errno);
    return sys_errno ? -1 : 0;
}

int cli_policy_print(const struct cli_line *line) {
    struct cli_problem problem = {.code = MXC_OK};
    mxc_policy *base = NULL, *policy = NULL;
    int status = 0;
    if (line->operand_count > 0 && (cli_given(line, OPT_POLICY) || cli_given(line, OPT_PRESET)))
        status = usage(&problem, "", "files are given, and --policy or --preset too", "leave the option out");
    else if (line->operand_count > 0)
        status = load_all(&base, line, &problem);
    if (status == 0)
        status = cli_policy_from(&policy, line, base, &problem);
    if (status == 0)
        status = print_policy(policy, &problem);
    if (status != 0)
        status = cli_tell(line, &problem);
    mxc_policy_free(policy);
    mxc_policy_free(base);
    cli_problem_clear(&problem);
    return status;
}

int cli_policy_schema(const struct cli_line *line) {
    const char *schema = mxc_policy_schema();
    size_t length = strlen(schema);
    fwrite(schema, 1, length, stdout);
    if (length > 0 && schema[length - 1] != '\n')
        putchar('\n');
    return cli_written(line, cli_flush());
}
