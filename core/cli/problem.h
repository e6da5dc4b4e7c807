/* problem.h: what went wrong, from the library or from this program, and the one way it is told: a line on standard
 * error, or an object on standard output with --json. */
#ifndef MXC_CLI_PROBLEM_H
#define MXC_CLI_PROBLEM_H

#include "mxc/mxc.h"

struct cli_line;

struct cli_problem {
    mxc_status code;    /* of the library; MXC_OK: this program's own */
    const char *status; /* "path", "usage" */
    const char *origin; /* JSON pointer or option; "" */
    const char *message, *operation, *hint;
    int sys_errno;
    mxc_error *error; /* owned: what the strings point into, or NULL */
    char text[1024];  /* or this */
};

/* Takes the error. */
void cli_problem_take(struct cli_problem *problem, mxc_status code, mxc_error *error);
/* "cannot <what> <name>: <errno text>" */
void cli_problem_system(struct cli_problem *problem, const char *what, const char *name, int sys_errno);
void cli_problem_clear(struct cli_problem *problem);
/* Without the name of this program: "path /filesystem/readonlyPaths/0: no such path (hint: ...)", escaped. NULL when
 * there is no memory; the caller frees. */
char *cli_problem_line(const struct cli_problem *problem);
/* {"error": {...}}; NULL when there is no memory; the caller frees. */
char *cli_problem_json(const struct cli_problem *problem);
/* Tells it and gives the exit status. */
int cli_tell(const struct cli_line *line, const struct cli_problem *problem);
/* The same for an error of the library, which it takes. */
int cli_tell_error(const struct cli_line *line, mxc_status code, mxc_error *error);
/* A result of writing standard output: 0, or tells that and gives the exit status. */
int cli_written(const struct cli_line *line, int sys_errno);

#endif
