/* explain.c: the commands that look and start nothing that lasts: mxc explain and mxc doctor. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "commands.h"
#include "parse.h"
#include "policy.h"
#include "problem.h"
#include "table.h"
#include "text.h"
#include "verify.h"

static int no_memory(const struct cli_line *line) { return cli_tell_error(line, MXC_E_NO_MEMORY, NULL); }

/* Takes the object. */
static int print_object(const struct cli_line *line, json_t *object) {
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!text)
        return no_memory(line);
    int failed = cli_write_json(text);
    free(text);
    return cli_written(line, failed);
}

/* ---- mxc explain ---- */

static json_t *lines_of(const char *text) {
    json_t *lines = json_array();
    while (*text) {
        size_t length = strcspn(text, "\n");
        json_array_append_new(lines, json_stringn(text, length));
        text += length + (text[length] == '\n');
    }
    return lines;
}

static void print_plan(const char *plan) {
    while (*plan) {
        size_t length = strcspn(plan, "\n");
        char *line = strndup(plan, length);
        cli_put_escaped(stdout, line ? line : "");
        putchar('\n');
        free(line);
        plan += length + (plan[length] == '\n');
    }
}

static int print_explained(const struct cli_line *line, const char *receipt, const char *plan) {
    if (line->json) {
        json_t *object = json_object();
        json_object_set_new(object, "receipt", json_loads(receipt, 0, NULL));
        if (plan)
            json_object_set_new(object, "plan", lines_of(plan));
        return print_object(line, object);
    }
    if (plan)
        print_plan(plan);
    else if (cli_print_receipt(stdout, receipt) != 0)
        return no_memory(line);
    return cli_written(line, cli_flush());
}

int cli_explain(const struct cli_line *line) {
    struct cli_problem problem = {.code = MXC_OK};
    mxc_policy *policy = NULL;
    if (cli_policy_from(&policy, line, NULL, &problem) != 0) {
        int failed = cli_tell(line, &problem);
        cli_problem_clear(&problem);
        return failed;
    }
    char *receipt = NULL, *plan = NULL;
    mxc_error *error = NULL;
    mxc_status status = mxc_explain(&receipt, policy, NULL, &error);
    if (status == MXC_OK && cli_given(line, OPT_PLAN))
        status = mxc_plan_text(&plan, policy, NULL, &error);
    int result = status == MXC_OK ? print_explained(line, receipt, plan) : cli_tell_error(line, status, error);
    mxc_string_free(plan);
    mxc_string_free(receipt);
    mxc_policy_free(policy);
    return result;
}

/* ---- mxc doctor ---- */

struct trial {
    struct cli_problem problem;
    int works;
    double ms;
};

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The trial's own words for a run that started and did not end well. */
static void judge(struct trial *trial, const mxc_result *result) {
    trial->works = mxc_result_exit_code(result) == 0;
    if (trial->works)
        return;
    trial->problem = (struct cli_problem){.status = "setup", .origin = "", .operation = "", .hint = ""};
    snprintf(trial->problem.text, sizeof(trial->problem.text), "/bin/true ended with exit code %d, signal %d",
             mxc_result_exit_code(result), mxc_result_signal(result));
    trial->problem.message = trial->problem.text;
}

static mxc_status trial_policy(mxc_policy **out, int weaker, mxc_error **error) {
    static const char report[] = "{\"onUnsupported\": \"report\"}";
    return weaker ? mxc_policy_parse(out, report, sizeof(report) - 1, "/", error)
                  : mxc_policy_preset(out, "strict", NULL, error);
}

static void try_run(struct trial *trial, int weaker) {
    static const char *const argv[] = {"/bin/true", NULL};
    mxc_command command = {.struct_size = sizeof(command), .argv = argv, .timeout_ms = 10000};
    mxc_policy *policy = NULL;
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    double began = now_ms();
    mxc_status status = trial_policy(&policy, weaker, &error);
    if (status == MXC_OK)
        status = mxc_run(&result, policy, &command, NULL, &error);
    trial->ms = now_ms() - began;
    if (status == MXC_OK)
        judge(trial, result);
    else
        cli_problem_take(&trial->problem, status, error);
    mxc_result_free(result);
    mxc_policy_free(policy);
}

static const char *available_colour(const char *cell) {
    if (strcmp(cell, "available") == 0)
        return "32";
    return strcmp(cell, "missing") == 0 ? "31" : NULL;
}

struct trials { /* the second only where the first fails: without namespaces, as onUnsupported "report" has it */
    struct trial whole, weaker;
};

static void print_doctor(const json_t *host, const struct trials *trials) {
    static const struct cli_column columns[] = {
        {"FEATURE", "name", "", ""}, {"STATE", "available", "available", "missing"}, {"DETAIL", "detail", "", ""}};
    static const struct cli_table table = {columns, sizeof(columns) / sizeof(columns[0]), "remedy", "remedy",
                                           available_colour};
    cli_print_table(stdout, &table, json_object_get(host, "features"));
    putchar('\n');
    if (trials->whole.works) {
        printf("trial: /bin/true ran in a sandbox in %.1f ms\nverdict: the process wall works on this host\n",
               trials->whole.ms);
        return;
    }
    char *text = cli_problem_line(&trials->whole.problem);
    printf("trial: /bin/true did not run: %s\n", text ? text : "");
    free(text);
    if (trials->weaker.works)
        printf(
            "trial with onUnsupported \"report\": /bin/true ran in a weaker sandbox in %.1f ms; mxc explain says what "
            "is weaker\n",
            trials->weaker.ms);
    puts("verdict: the process wall does not work on this host");
}

static int print_doctor_json(const struct cli_line *line, json_t *host, const struct trials *trials) {
    const struct trial *trial = &trials->whole;
    json_t *object = json_object();
    json_object_set_new(object, "ok", json_boolean(trial->works));
    json_object_set_new(object, "wallTimeMs", json_real(trial->ms));
    if (!trial->works) {
        char *text = cli_problem_json(&trial->problem);
        json_t *problem = text ? json_loads(text, 0, NULL) : NULL;
        json_object_update(object, problem);
        json_decref(problem);
        free(text);
    }
    json_object_set_new(host, "trial", object);
    json_object_set_new(host, "works", json_boolean(trial->works));
    json_object_set_new(host, "worksWithReport", json_boolean(trial->works || trials->weaker.works));
    return print_object(line, json_incref(host));
}

static const char *proven_colour(const char *cell) {
    return strcmp(cell, "proven") == 0 ? "32" : strcmp(cell, "NOT PROVEN") == 0 ? "31" : NULL;
}

static int count_proven(const json_t *rows) {
    int proven = 0;
    for (size_t i = 0; i < json_array_size(rows); i++)
        proven += json_is_true(json_object_get(json_array_get(rows, i), "proven"));
    return proven;
}

static void print_verified(const json_t *rows) {
    static const struct cli_column columns[] = {{"MECHANISM", "mechanism", "", ""},
                                                {"CLAIM", "claim", "", ""},
                                                {"WITHOUT", "without", "", ""},
                                                {"INSIDE", "inside", "", ""},
                                                {"STATE", "proven", "proven", "NOT PROVEN"}};
    static const struct cli_table table = {columns, sizeof(columns) / sizeof(columns[0]), NULL, NULL, proven_colour};
    putchar('\n');
    cli_print_table(stdout, &table, rows);
    printf("\nverified: %d of %zu claims proven\n", count_proven(rows), json_array_size(rows));
}

/* The rows of a verification; NULL with `what` when it could not even be tried. */
static json_t *verify(const char **what) {
    struct verify_ground ground;
    json_t *rows = verify_ground_make(&ground, what) == 0 ? verify_all(&ground) : NULL;
    verify_ground_remove(&ground);
    return rows;
}

/* Adds the rows to the object of --json, or prints them afterwards. 0 when every claim was proven. */
static int doctor_verify(const struct cli_line *line, json_t *host, json_t **rows) {
    const char *what = "";
    *rows = verify(&what);
    if (!*rows) {
        fprintf(stderr, "mxc: system --verify: %s could not be made\n", what);
        return 1;
    }
    int all = (size_t)count_proven(*rows) == json_array_size(*rows);
    if (line->json) {
        json_object_set(host, "verified", *rows);
        json_object_set_new(host, "proven", json_boolean(all));
    }
    return !all;
}

int cli_doctor(const struct cli_line *line) {
    char *text = NULL;
    mxc_error *error = NULL;
    mxc_status status = mxc_probe(&text, &error);
    if (status != MXC_OK)
        return cli_tell_error(line, status, error);
    json_t *host = json_loads(text, 0, NULL);
    mxc_string_free(text);
    if (!host)
        return no_memory(line);
    struct trials trials = {.whole = {.works = 0}};
    try_run(&trials.whole, 0);
    if (!trials.whole.works)
        try_run(&trials.weaker, 1);
    int failed = 0, unproven = 0;
    json_t *rows = NULL;
    if (cli_given(line, OPT_VERIFY))
        unproven = doctor_verify(line, host, &rows);
    if (line->json) {
        failed = print_doctor_json(line, host, &trials);
    } else {
        print_doctor(host, &trials);
        if (rows)
            print_verified(rows);
        failed = cli_written(line, cli_flush());
    }
    cli_problem_clear(&trials.whole.problem);
    cli_problem_clear(&trials.weaker.problem);
    json_decref(rows);
    json_decref(host);
    return failed ? failed : !trials.whole.works || unproven;
}
