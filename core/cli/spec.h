/* spec.h: the one table of commands, options, operands, exit statuses and examples. Parsing, --help, the man pages
 * and the completion scripts are all made from it, so none of them can know something that another does not. */
#ifndef MXC_CLI_SPEC_H
#define MXC_CLI_SPEC_H

#include <stddef.h>
#include <stdint.h>

enum cli_command_id {
    CMD_ROOT, /* mxc without a command */
    CMD_RUN,
    CMD_EXPLAIN,
    CMD_DOCTOR,
    CMD_POLICY, /* only a heading for the three that follow */
    CMD_POLICY_CHECK,
    CMD_POLICY_PRINT,
    CMD_POLICY_SCHEMA,
    CMD_COMPLETION,
    CMD_MAN,
    CMD_VERSION,
    CMD_HELP,
    CMD_COUNT
};

enum cli_option_id {
    OPT_POLICY,
    OPT_PRESET,
    OPT_CONTAINMENT,
    OPT_SYSCALLS,
    OPT_RO,
    OPT_RW,
    OPT_DENY,
    OPT_ALLOW,
    OPT_CWD,
    OPT_ENV,
    OPT_MEMORY,
    OPT_PROCS,
    OPT_CPUS,
    OPT_TIMEOUT,
    OPT_CPU_TIME,
    OPT_OUTPUT,
    OPT_CODE,
    OPT_LANG,
    OPT_INPUT,
    OPT_JSON,
    OPT_RECEIPT,
    OPT_TIMINGS,
    OPT_PLAN,
    OPT_SYNTAX,
    OPT_VERIFY,
    OPT_INTO,
    OPT_VERSION,
    OPT_HELP,
};

enum cli_kind { /* of a value: how it is checked and how it is completed */
                CLI_FLAG,
                CLI_FILE,
                CLI_PATH,
                CLI_FOLDER,
                CLI_WORD, /* one of `choices`, or what the library knows beyond them */
                CLI_SIZE,
                CLI_DURATION,
                CLI_COUNT,
                CLI_CPUS,
                CLI_HOST,
                CLI_ENV,
                CLI_CODE,
};

enum cli_operands {
    OPERANDS_NONE,
    OPERANDS_COMMAND, /* a command line: it starts at the first operand and everything after belongs to it */
    OPERANDS_FILES,
    OPERANDS_SHELL,
    OPERANDS_TOPIC, /* the name of a command of mxc, at most two words */
};

struct cli_option {
    enum cli_option_id id;
    char letter; /* 0: none */
    const char *name;
    const char *metavar; /* NULL with CLI_FLAG */
    enum cli_kind kind;
    int repeats;         /* may be given more than once */
    uint32_t commands;   /* 1 << CMD_ of those that take it */
    const char *group;   /* heading in --help */
    const char *choices; /* separated by one space; NULL: none */
    const char *help;
};

struct cli_exit {
    const char *status, *meaning;
};

struct cli_example {
    const char *line, *meaning;
};

struct cli_line;

struct cli_command {
    enum cli_command_id id;
    const char *name; /* "policy check" */
    const char *operands;
    enum cli_operands operand_kind;
    int least, most; /* operands; most < 0: any number */
    int failure;     /* exit status when mxc failed */
    int misuse;      /* exit status when the command line was wrong */
    const char *summary;
    const char *text; /* paragraphs, separated by an empty line */
    const struct cli_exit *exits;
    const struct cli_example *examples; /* both end with a NULL line */
    int (*run)(const struct cli_line *line);
};

extern const struct cli_command cli_commands[CMD_COUNT];
extern const struct cli_option cli_options[];
extern const size_t cli_option_count;
extern const char cli_shells[]; /* separated by one space */

/* The option, or NULL, that `command` knows by this long name or letter. */
const struct cli_option *cli_option_named(const struct cli_command *command, const char *name, size_t length);
const struct cli_option *cli_option_lettered(const struct cli_command *command, char letter);
int cli_takes(const struct cli_command *command, const struct cli_option *option);
/* The command that these words begin with, and how many of them name it; NULL when none does. */
const struct cli_command *cli_command_of(char *const *words, int count, int *used);
/* Calls `each` for every word of a list separated by one space. */
void cli_each_word(const char *list, void (*each)(void *to, const char *word, size_t length), void *to);

#endif
