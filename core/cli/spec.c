/* spec.c: the table itself. Adding an option: a row here, an id in spec.h, and the place that acts on it. */
#include "spec.h"

#include <string.h>

#include "commands.h"

#define ON(id) (1u << (id))
#define POLICY (ON(CMD_RUN) | ON(CMD_EXPLAIN) | ON(CMD_POLICY_PRINT))
#define EVERY 0xffffffffu

static const char policy_group[] = "Policy";
static const char limit_group[] = "Limits";
static const char command_group[] = "Command";
static const char output_group[] = "Output";

const char cli_shells[] = "bash zsh fish";

const struct cli_option cli_options[] = {
    {OPT_POLICY, 0, "policy", "FILE", CLI_FILE, 0, POLICY, policy_group, NULL,
     "Policy file (JSON); its relative paths are taken from the folder of the file. With - it is read from standard "
     "input, relative paths are taken from the current folder, and the command gets an empty standard input."},
    {OPT_PRESET, 0, "preset", "NAME", CLI_WORD, 0, POLICY, policy_group, "strict read-only workspace",
     "Start from a preset: strict (nothing but the system view), read-only (the current folder readable), workspace "
     "(the current folder writable, no network). Default without --policy: workspace, also when --ro or --rw is given."},
    {OPT_CONTAINMENT, 0, "containment", "NAME", CLI_WORD, 0, POLICY, policy_group,
     "process session container vm microvm auto", "Which wall. Default: process."},
    {OPT_SYSCALLS, 0, "syscalls", "NAME", CLI_WORD, 0, POLICY, policy_group, "default strict",
     "System call profile. Default: default."},
    {OPT_RO, 0, "ro", "PATH", CLI_PATH, 1, POLICY, policy_group, NULL, "Readable inside. May be given again."},
    {OPT_RW, 0, "rw", "PATH", CLI_PATH, 1, POLICY, policy_group, NULL,
     "Readable and writable inside. May be given again."},
    {OPT_DENY, 0, "deny", "PATH", CLI_PATH, 1, POLICY, policy_group, NULL,
     "Hidden inside, also within a granted path. May be given again."},
    {OPT_ALLOW, 0, "allow", "HOST[:PORT]", CLI_HOST, 1, POLICY, policy_group, NULL,
     "Connections that may be opened (TCP): HOST, *.SUFFIX, an address or CIDR, each with or without :PORT. May be "
     "given again."},
    {OPT_CWD, 0, "cwd", "PATH", CLI_FOLDER, 0, POLICY, policy_group, NULL,
     "Folder inside in which the command starts. Default: the first writable path, else the first readable folder, "
     "else /tmp."},
    {OPT_ENV, 0, "env", "NAME=VALUE", CLI_ENV, 1, POLICY, policy_group, NULL,
     "Add to the environment of the command; nothing of the caller's environment goes in by itself. May be given again."},

    {OPT_MEMORY, 0, "memory", "SIZE", CLI_SIZE, 0, POLICY, limit_group, NULL,
     "Memory of all processes together, bytes or with K, M, G, T (powers of 1024). Default: 1G."},
    {OPT_PROCS, 0, "procs", "COUNT", CLI_COUNT, 0, POLICY, limit_group, NULL, "Processes and threads. Default: 256."},
    {OPT_CPUS, 0, "cpus", "NUMBER", CLI_CPUS, 0, POLICY, limit_group, NULL,
     "Processors' worth of time per second, such as 1 or 1.5. Default: all of the host."},
    {OPT_TIMEOUT, 0, "timeout", "TIME", CLI_DURATION, 0, POLICY, limit_group, NULL,
     "End the command (TERM, then KILL a second later) after this time: seconds, or with ms, s, m, h. Default: none."},
    {OPT_CPU_TIME, 0, "cpu-time", "TIME", CLI_DURATION, 0, POLICY, limit_group, NULL,
     "Processor time of all processes together: seconds, or with ms, s, m, h. Default: none."},
    {OPT_OUTPUT, 0, "output", "SIZE", CLI_SIZE, 0, POLICY, limit_group, NULL,
     "Bytes kept of each captured stream (head and tail); output is captured with --json only. Default: 1M."},

    {OPT_CODE, 'c', "code", "CODE", CLI_CODE, 0, ON(CMD_RUN), command_group, NULL,
     "Run this source text instead of a command."},
    {OPT_LANG, 0, "lang", "NAME", CLI_WORD, 0, ON(CMD_RUN), command_group, "python bash node",
     "Language of --code. Default: python."},
    {OPT_INPUT, 0, "input", "FILE", CLI_FILE, 0, ON(CMD_RUN), command_group, NULL,
     "Standard input of the command. Default: that of mxc."},

    {OPT_JSON, 0, "json", NULL, CLI_FLAG, 0, ON(CMD_RUN), output_group, NULL,
     "Capture standard output and error and print the result as one JSON object. The exit status stays the same."},
    {OPT_JSON, 0, "json", NULL, CLI_FLAG, 0, ON(CMD_EXPLAIN) | ON(CMD_DOCTOR) | ON(CMD_POLICY_CHECK) | ON(CMD_VERSION),
     output_group, NULL, "Print one JSON object instead of text."},
    {OPT_RECEIPT, 0, "receipt", NULL, CLI_FLAG, 0, ON(CMD_RUN), output_group, NULL,
     "Afterwards print the receipt on standard error: what enforced each item of the policy, and what was refused. With "
     "--json it is in the object anyway."},
    {OPT_TIMINGS, 0, "timings", NULL, CLI_FLAG, 0, ON(CMD_RUN), output_group, NULL,
     "Afterwards print times and peak memory on standard error."},
    {OPT_PLAN, 0, "plan", NULL, CLI_FLAG, 0, ON(CMD_EXPLAIN), output_group, NULL,
     "Print the plan: every operation in order, with the item of the policy that it serves."},
    {OPT_SYNTAX, 0, "syntax", NULL, CLI_FLAG, 0, ON(CMD_POLICY_CHECK), "Options", NULL,
     "Check the text only, not whether this host has the paths and can enforce the rules."},
    {OPT_VERIFY, 0, "verify", NULL, CLI_FLAG, 0, ON(CMD_DOCTOR), "Options", NULL,
     "Start sandboxes and show each mechanism from inside, beside the same act without a sandbox."},
    {OPT_INTO, 0, "into", "FOLDER", CLI_FOLDER, 0, ON(CMD_MAN), "Options", NULL,
     "Write every page into this folder instead of printing one."},
    {OPT_VERSION, 'V', "version", NULL, CLI_FLAG, 0, ON(CMD_ROOT), "Options", NULL, "Print the version."},
    {OPT_HELP, 'h', "help", NULL, CLI_FLAG, 0, EVERY, "Options", NULL, "Print this help."},
};
const size_t cli_option_count = sizeof(cli_options) / sizeof(cli_options[0]);

static const struct cli_exit plain_exits[] = {{"0", "Done."},
                                              {"1", "It failed; one line on standard error says why."},
                                              {"2", "The command line was wrong."},
                                              {NULL, NULL}};

static const struct cli_exit run_exits[] = {
    {"0-255", "That of the command, which may use the following numbers too."},
    {"124", "The command was ended at its deadline (--timeout)."},
    {"125", "mxc failed and nothing was run, or the command line was wrong; one line on standard error says why."},
    {"126", "The command exists inside and cannot be executed."},
    {"127", "The command was not found inside."},
    {"128+N", "Signal N ended the command."},
    {NULL, NULL}};

static const struct cli_exit doctor_exits[] = {
    {"0", "The process wall works here; with --verify: every claim was proven."},
    {"1", "It does not."},
    {"2", "The command line was wrong."},
    {NULL, NULL}};

static const struct cli_exit check_exits[] = {
    {"0", "All files are good."}, {"1", "At least one is not."}, {"2", "The command line was wrong."}, {NULL, NULL}};

static const struct cli_example root_examples[] = {
    {"mxc run -- python3 analyse.py", "Only the current folder is writable, there is no network."},
    {"mxc doctor", "Does it work on this host, and what is missing?"},
    {NULL, NULL}};

static const struct cli_example run_examples[] = {
    {"mxc run -- make test", "The current folder is writable, the rest of the host is absent."},
    {"mxc run --preset strict --ro data --rw out --memory 512M --timeout 30s -- python3 job.py",
     "Only these two folders, half a gibibyte, half a minute."},
    {"mxc run --policy job.json --json -c 'print(6*7)'", "Source text under a policy file, result as JSON."},
    {"mxc run --deny .env --receipt -- ./build.sh", "Hide one file of the workspace, and say what enforced it."},
    {NULL, NULL}};

static const struct cli_example explain_examples[] = {
    {"mxc explain --policy job.json", "Which mechanism will enforce each item, and how strongly."},
    {"mxc explain --rw out --plan", "The same policy as `mxc run --rw out`, as the list of operations."},
    {NULL, NULL}};

static const struct cli_example doctor_examples[] = {
    {"mxc doctor --json", "For machines: the features, the trial run, the verdict."},
    {"mxc doctor --verify", "Do the walls hold here? Each claim, and what came of trying it."},
    {NULL, NULL}};

static const struct cli_example check_examples[] = {
    {"mxc policy check policies/*.json", "One line per file."},
    {"mxc policy check --syntax -", "The text on standard input, whatever host it is for."},
    {NULL, NULL}};

static const struct cli_example print_examples[] = {
    {"mxc policy print admin.json user.json", "What both allow."},
    {"mxc policy print --preset strict --ro data", "The policy that these options stand for."},
    {NULL, NULL}};

static const struct cli_example schema_examples[] = {
    {"mxc policy schema >mxc-policy.schema.json", "For editors that check JSON while it is written."}, {NULL, NULL}};

static const struct cli_example completion_examples[] = {
    {"mxc completion bash >~/.local/share/bash-completion/completions/mxc", "For bash, from the next shell on."},
    {"mxc completion zsh >~/.zfunc/_mxc", "For zsh, with ~/.zfunc in fpath."},
    {"mxc completion fish >~/.config/fish/completions/mxc.fish", "For fish."},
    {NULL, NULL}};

static const struct cli_example man_examples[] = {{"mxc man run | man -l -", "Read the page of mxc run."},
                                                  {NULL, NULL}};

static const struct cli_example version_examples[] = {{"mxc version --json", "For machines."}, {NULL, NULL}};
static const struct cli_example help_examples[] = {{"mxc help policy check", "The same as mxc policy check --help."},
                                                   {NULL, NULL}};

static const char root_text[] =
    "mxc runs code that nobody has vetted under a policy, and says afterwards what was enforced. The command sees only "
    "the paths that the policy grants, has no network unless it is granted, cannot use more memory, processes or time "
    "than it may, and leaves no process behind.";

static const char run_text[] =
    "Runs COMMAND in a sandbox of its own. Options come before it; the first word that is not an option starts the "
    "command, and everything after it belongs to the command. Without a command and without --code the process section "
    "of the policy file says what to run.\n"
    "\n"
    "Options add to the policy file or the preset: they may narrow or widen it. An option that is not marked as "
    "repeatable may be given once.\n"
    "\n"
    "Standard input, output and error are handed over as they are, except terminals: a command that held one could "
    "type into it or change its modes, so mxc copies between the terminal and pipes. INT, TERM and HUP end the command "
    "as its deadline would; a second one kills it at once.\n"
    "\n"
    "A size is a number of bytes, or a number with K, M, G or T (powers of 1024), which may be followed by B or iB: "
    "512M, 1.5GiB. A time is a number of seconds, or a number with ms, s, m or h: 30, 1.5s, 10m.";

static const char explain_text[] =
    "Says what `mxc run` would do with the same options, and starts nothing: for every item of the policy the mechanism "
    "that will enforce it and the level: kernel (the kernel refuses), supervisor (mxc watches and acts, there is a "
    "window) or none. It fails where a start would fail. A command after the options is accepted and not looked at.";

static const char doctor_text[] =
    "Says what this host can do: each feature, whether it is there, and the command that would enable what is missing. "
    "Then it runs /bin/true in a sandbox once and says how long that took. With --verify it also tries what the walls "
    "claim to refuse, once without a sandbox and once inside, and what goes over each limit.";

static const char policy_text[] = "Checks, prints and describes policies.";

static const char check_text[] =
    "Reads policy files (- is standard input) and prints one line for each: ok, or the error with the place in the "
    "file. Unless --syntax is given it also asks what `mxc explain` asks: do the paths exist, can this host enforce "
    "the rules. Nothing is started.";

static const char print_text[] =
    "Prints a policy as canonical JSON: fixed order, defaults left out, absolute paths. Of several files it prints what "
    "all of them allow. Options add to the files or the preset, as with `mxc run`; without files and options it prints "
    "the workspace preset.";

static const char schema_text[] = "Prints the JSON Schema of the policy language.";

static const char completion_text[] = "Prints the completion script for a shell.";

static const char man_text[] =
    "Prints the manual page of mxc or of one of its commands (roff), or writes all of them into a folder.";

static const char version_text[] = "Prints the version of the library that this command was built with.";
static const char help_text[] = "Prints the help of mxc or of one of its commands.";

const struct cli_command cli_commands[CMD_COUNT] = {
    {CMD_ROOT, "", "COMMAND [ARG]...", OPERANDS_TOPIC, 0, -1, 1, 2, "run code that nobody has vetted under a policy",
     root_text, plain_exits, root_examples, cli_root},
    {CMD_RUN, "run", "[--] [COMMAND [ARG]...]", OPERANDS_COMMAND, 0, -1, 125, 125, "run a command in a sandbox",
     run_text, run_exits, run_examples, cli_run},
    {CMD_EXPLAIN, "explain", "[--] [COMMAND [ARG]...]", OPERANDS_COMMAND, 0, -1, 1, 2,
     "say beforehand what enforces each item of a policy", explain_text, plain_exits, explain_examples, cli_explain},
    {CMD_DOCTOR, "doctor", NULL, OPERANDS_NONE, 0, 0, 1, 2, "say what this host can do and what is missing",
     doctor_text, doctor_exits, doctor_examples, cli_doctor},
    {CMD_POLICY, "policy", "check|print|schema", OPERANDS_TOPIC, 0, -1, 1, 2, "check, print and describe policies",
     policy_text, plain_exits, check_examples, cli_policy},
    {CMD_POLICY_CHECK, "policy check", "FILE...", OPERANDS_FILES, 1, -1, 1, 2, "check policy files", check_text,
     check_exits, check_examples, cli_policy_check},
    {CMD_POLICY_PRINT, "policy print", "[FILE]...", OPERANDS_FILES, 0, -1, 1, 2, "print a policy as canonical JSON",
     print_text, plain_exits, print_examples, cli_policy_print},
    {CMD_POLICY_SCHEMA, "policy schema", NULL, OPERANDS_NONE, 0, 0, 1, 2, "print the JSON Schema of policies",
     schema_text, plain_exits, schema_examples, cli_policy_schema},
    {CMD_COMPLETION, "completion", "SHELL", OPERANDS_SHELL, 1, 1, 1, 2, "print a shell completion script",
     completion_text, plain_exits, completion_examples, cli_completion},
    {CMD_MAN, "man", "[COMMAND]", OPERANDS_TOPIC, 0, 2, 1, 2, "print a manual page", man_text, plain_exits,
     man_examples, cli_man},
    {CMD_VERSION, "version", NULL, OPERANDS_NONE, 0, 0, 1, 2, "print the version", version_text, plain_exits,
     version_examples, cli_version},
    {CMD_HELP, "help", "[COMMAND]", OPERANDS_TOPIC, 0, 2, 1, 2, "print help", help_text, plain_exits, help_examples,
     cli_help},
};

int cli_takes(const struct cli_command *command, const struct cli_option *option) {
    return (option->commands & ON(command->id)) != 0;
}

const struct cli_option *cli_option_named(const struct cli_command *command, const char *name, size_t length) {
    for (size_t i = 0; i < cli_option_count; i++) {
        const struct cli_option *option = &cli_options[i];
        if (cli_takes(command, option) && strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return option;
    }
    return NULL;
}

const struct cli_option *cli_option_lettered(const struct cli_command *command, char letter) {
    for (size_t i = 0; i < cli_option_count; i++) {
        if (letter && cli_takes(command, &cli_options[i]) && cli_options[i].letter == letter)
            return &cli_options[i];
    }
    return NULL;
}

static int names(const char *name, char *const *words, int count) {
    const char *space = strchr(name, ' ');
    size_t first = space ? (size_t)(space - name) : strlen(name);
    if (count < (space ? 2 : 1) || strlen(words[0]) != first || memcmp(words[0], name, first) != 0)
        return 0;
    if (!space)
        return 1;
    return strcmp(words[1], space + 1) == 0 ? 2 : 0;
}

const struct cli_command *cli_command_of(char *const *words, int count, int *used) {
    const struct cli_command *found = NULL;
    *used = 0;
    for (int id = CMD_RUN; id < CMD_COUNT; id++) {
        int words_named = names(cli_commands[id].name, words, count);
        if (words_named > *used) {
            *used = words_named;
            found = &cli_commands[id];
        }
    }
    return found;
}

void cli_each_word(const char *list, void (*each)(void *to, const char *word, size_t length), void *to) {
    while (list && *list) {
        size_t length = strcspn(list, " ");
        each(to, list, length);
        list += length + (list[length] == ' ');
    }
}
