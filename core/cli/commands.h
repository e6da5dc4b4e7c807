/* commands.h: what each command of mxc does; the table in spec.c points here. All give the exit status. */
#ifndef MXC_CLI_COMMANDS_H
#define MXC_CLI_COMMANDS_H

struct cli_line;

int cli_root(const struct cli_line *line);
int cli_run(const struct cli_line *line);
int cli_explain(const struct cli_line *line);
int cli_doctor(const struct cli_line *line);
int cli_policy(const struct cli_line *line);
int cli_policy_check(const struct cli_line *line);
int cli_policy_print(const struct cli_line *line);
int cli_policy_schema(const struct cli_line *line);
int cli_completion(const struct cli_line *line);
int cli_man(const struct cli_line *line);
int cli_version(const struct cli_line *line);
int cli_help(const struct cli_line *line);

#endif
