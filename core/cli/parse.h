/* parse.h: the command line, checked against the table of spec.c and with its numbers read. */
#ifndef MXC_CLI_PARSE_H
#define MXC_CLI_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "spec.h"

struct cli_given {
    const struct cli_option *option;
    const char *value; /* NULL with a flag */
    uint64_t number;
};

struct cli_line {
    const struct cli_command *command;
    struct cli_given *given;
    size_t given_count;
    char **operands; /* NULL-terminated */
    int operand_count;
    int json; /* --json: errors are objects too */
};

/* The words after the name of the command. 0, or the exit status after the problem was told. */
int cli_parse(struct cli_line *line, const struct cli_command *command, char **words, int count);
void cli_line_clear(struct cli_line *line);
/* The last one given, or NULL. */
const struct cli_given *cli_given(const struct cli_line *line, enum cli_option_id id);
/* Tells that `word` is no command of mxc. */
int cli_unknown_command(const struct cli_line *line, const char *word);

#endif
