/* policy.h: from the command line to a policy: file or preset, then the options on top of it. */
#ifndef MXC_CLI_POLICY_H
#define MXC_CLI_POLICY_H

#include "mxc/mxc.h"
#include "parse.h"
#include "problem.h"

/* 0, or -1 with `problem` set (cli_problem_clear). "-" is standard input. */
int cli_load_policy(mxc_policy **out, const char *path, struct cli_problem *problem);
/* `base` (borrowed) or, when it is NULL, --policy, --preset or the default; then the options. */
int cli_policy_from(mxc_policy **out, const struct cli_line *line, const mxc_policy *base, struct cli_problem *problem);

#endif
