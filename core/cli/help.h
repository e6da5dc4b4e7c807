/* help.h: what --help prints. */
#ifndef MXC_CLI_HELP_H
#define MXC_CLI_HELP_H

#include <stdio.h>

#include "spec.h"

void cli_print_help(FILE *to, const struct cli_command *command);
/* The command that the operands of `help` and `man` name; NULL after telling that there is none. */
const struct cli_command *cli_topic(const struct cli_line *line, int *status);
/* Commands below a heading: "policy check" below "policy", and those of one word below the root. */
int cli_is_below(const struct cli_command *command, const struct cli_command *heading);

#endif
