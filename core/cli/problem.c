/* problem.c: see problem.h. The exit status of a failure is decided here and nowhere else. */
#include "problem.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parse.h"
#include "spec.h"
#include "text.h"

static const char out_of_memory[] = "mxc: no_memory: out of memory\n";

void cli_problem_take(struct cli_problem *problem, mxc_status code, mxc_error *error) {
    *problem = (struct cli_problem){.code = code, .status = mxc_status_name(code), .error = error};
    problem->origin = error ? mxc_error_origin(error) : "";
    problem->message = error ? mxc_error_message(error) : "no more is known";
    problem->operation = error ? mxc_error_operation(error) : "";
    problem->hint = error ? mxc_error_hint(error) : "";
    problem->sys_errno = error ? mxc_error_errno(error) : 0;
}

void cli_problem_system(struct cli_problem *problem, const char *what, const char *name, int sys_errno) {
    *problem =
        (struct cli_problem){.status = "system", .origin = "", .operation = what, .hint = "", .sys_errno = sys_errno};
    char reason[128];
    snprintf(problem->text, sizeof(problem->text), "cannot %s %s: %s", what, name,
             strerror_r(sys_errno, reason, sizeof(reason)));
    problem->message = problem->text;
}

void cli_problem_clear(struct cli_problem *problem) {
    mxc_error_free(problem->error);
    *problem = (struct cli_problem){.code = MXC_OK};
}

char *cli_problem_line(const struct cli_problem *problem) {
    char *text = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&text, &length);
    if (!to)
        return NULL;
    fputs(problem->status, to);
    if (*problem->origin) {
        fputc(' ', to);
        cli_put_escaped(to, problem->origin);
    }
    fputs(": ", to);
    cli_put_escaped(to, problem->message);
    if (*problem->hint) {
        fputs(" (hint: ", to);
        cli_put_escaped(to, problem->hint);
        fputc(')', to);
    }
    if (fclose(to) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static void set_text(json_t *object, const char *key, const char *text) {
    json_t *string = json_string(text);
    if (!string) { /* not UTF-8: a path can be anything */
        char *escaped = NULL;
        size_t length = 0;
        FILE *to = open_memstream(&escaped, &length);
        if (to) {
            cli_put_escaped(to, text);
            fclose(to);
            string = escaped ? json_string(escaped) : NULL;
            free(escaped);
        }
    }
    json_object_set_new(object, key, string);
}

char *cli_problem_json(const struct cli_problem *problem) {
    json_t *error = json_object();
    set_text(error, "status", problem->status);
    set_text(error, "message", problem->message);
    set_text(error, "operation", problem->operation);
    set_text(error, "origin", problem->origin);
    set_text(error, "hint", problem->hint);
    json_object_set_new(error, "errno", json_integer(problem->sys_errno));
    json_t *whole = json_object();
    json_object_set_new(whole, "error", error);
    char *text = json_dumps(whole, JSON_COMPACT);
    json_decref(whole);
    return text;
}

static int exit_status(const struct cli_line *line, const struct cli_problem *problem) {
    if (strcmp(problem->status, "usage") == 0)
        return line->command->misuse;
    if (line->command->id == CMD_RUN && problem->code == MXC_E_COMMAND_NOT_FOUND)
        return 127;
    if (line->command->id == CMD_RUN && problem->code == MXC_E_COMMAND_NOT_EXECUTABLE)
        return 126;
    return line->command->failure;
}

int cli_tell(const struct cli_line *line, const struct cli_problem *problem) {
    char *text = line->json ? cli_problem_json(problem) : cli_problem_line(problem);
    if (!text) {
        (void)cli_write_all(STDERR_FILENO, out_of_memory, sizeof(out_of_memory) - 1);
    } else if (line->json) {
        (void)cli_write_json(text);
    } else {
        /* one write: lines of several mxc on one terminal stay whole */
        char *whole = NULL;
        int length = asprintf(&whole, "mxc: %s\n", text);
        if (length > 0)
            (void)cli_write_all(STDERR_FILENO, whole, (size_t)length);
        free(whole);
    }
    free(text);
    return exit_status(line, problem);
}

int cli_tell_error(const struct cli_line *line, mxc_status code, mxc_error *error) {
    struct cli_problem problem;
    cli_problem_take(&problem, code, error);
    int status = cli_tell(line, &problem);
    cli_problem_clear(&problem);
    return status;
}

int cli_written(const struct cli_line *line, int sys_errno) {
    if (sys_errno == 0)
        return 0;
    struct cli_problem problem;
    cli_problem_system(&problem, "write", "standard output", sys_errno);
    struct cli_line plain = *line;
    plain.json = 0;
    return cli_tell(&plain, &problem);
}
