/* run.c: mxc run. Builds the policy, hands standard input, output and error over, waits, and turns the result into an
 * exit status. Everything that confines is behind mxc.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "notes.h"
#include "parse.h"
#include "policy.h"
#include "problem.h"
#include "relay.h"
#include "table.h"
#include "text.h"

struct run {
    const struct cli_line *line;
    struct cli_problem problem;
    mxc_policy *policy;
    mxc_process *process;
    mxc_result *result;
    struct cli_ends ends;
    int input; /* descriptor of --input, or -1 */
    uint64_t began, ready, ended;
};

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int failed(struct run *run, mxc_status code, mxc_error *error) {
    cli_problem_take(&run->problem, code, error);
    return -1;
}

static int misused(struct run *run, const char *origin, const char *message, const char *hint) {
    run->problem =
        (struct cli_problem){.status = "usage", .origin = origin, .message = message, .operation = "", .hint = hint};
    return -1;
}

static int reads_policy_from_stdin(const struct cli_line *line) {
    const struct cli_given *policy = cli_given(line, OPT_POLICY);
    return policy && strcmp(policy->value, "-") == 0;
}

static int check_words(struct run *run) {
    const struct cli_line *line = run->line;
    const struct cli_given *code = cli_given(line, OPT_CODE), *input = cli_given(line, OPT_INPUT);
    if (code && line->operand_count > 0)
        return misused(run, "--code", "a command is given too", "choose one of --code and a command");
    if (!code && cli_given(line, OPT_LANG))
        return misused(run, "--lang", "there is no --code", "give the source text with -c CODE");
    if (!code && line->operand_count == 0 && !cli_given(line, OPT_POLICY))
        return misused(run, "", "no command given", "mxc run [OPTION]... -- COMMAND [ARG]...");
    if (input && strcmp(input->value, "-") == 0 && reads_policy_from_stdin(line))
        return misused(run, "--input", "the policy comes from standard input already", "put the policy into a file");
    return 0;
}

/* ---- standard input, output and error ---- */

static int open_input(struct run *run) {
    const struct cli_given *input = cli_given(run->line, OPT_INPUT);
    run->ends = (struct cli_ends){.fds = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}};
    if (!input || strcmp(input->value, "-") == 0)
        return 0;
    run->input = open(input->value, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (run->input < 0) {
        cli_problem_system(&run->problem, "open", input->value, errno);
        run->problem.origin = "--input";
        return -1;
    }
    run->ends.fds[0] = run->input;
    return 0;
}

/* A terminal stays with us, a folder would be a way out, everything else is handed over. */
static int choose_mode(struct run *run, int which, mxc_stdio *mode, int32_t *fd) {
    static const char *const folders[] = {"standard input is a folder", "standard output is a folder",
                                          "standard error is a folder"};
    struct stat facts;
    if (fstat(run->ends.fds[which], &facts) == 0 && S_ISDIR(facts.st_mode))
        return misused(run, run->input >= 0 && which == 0 ? "--input" : "", folders[which], "name a file");
    run->ends.terminal[which] = isatty(run->ends.fds[which]);
    *mode = run->ends.terminal[which] ? MXC_STDIO_PIPE : MXC_STDIO_FD;
    *fd = run->ends.fds[which];
    return 0;
}

static int choose_modes(struct run *run, mxc_command *command) {
    if (open_input(run) != 0)
        return -1;
    if (reads_policy_from_stdin(run->line) && run->input < 0)
        command->stdin_mode = MXC_STDIO_NULL;
    else if (choose_mode(run, 0, &command->stdin_mode, &command->stdin_fd) != 0)
        return -1;
    if (run->line->json)
        return 0;
    if (choose_mode(run, 1, &command->stdout_mode, &command->stdout_fd) != 0)
        return -1;
    return choose_mode(run, 2, &command->stderr_mode, &command->stderr_fd);
}

/* ---- running ---- */

static int start(struct run *run) {
    const struct cli_line *line = run->line;
    const struct cli_given *code = cli_given(line, OPT_CODE), *language = cli_given(line, OPT_LANG);
    mxc_command command = {.struct_size = sizeof(command)};
    if (line->operand_count > 0)
        command.argv = (const char *const *)line->operands;
    if (code) {
        command.code = code->value;
        command.code_length = strlen(code->value);
        command.language = language ? language->value : NULL;
    }
    if (choose_modes(run, &command) != 0)
        return -1;
    int sys_errno = cli_catch_signals();
    if (sys_errno) {
        cli_problem_system(&run->problem, "make", "a pipe", sys_errno);
        return -1;
    }
    mxc_error *error = NULL;
    mxc_status status = mxc_spawn(&run->process, run->policy, &command, NULL, &error);
    return status == MXC_OK ? 0 : failed(run, status, error);
}

static int wait_for_end(struct run *run) {
    int sys_errno = cli_relay(run->process, &run->ends);
    if (sys_errno) {
        cli_problem_system(&run->problem, "poll", "the command", sys_errno);
        return -1;
    }
    mxc_error *error = NULL;
    mxc_status status = mxc_process_wait(&run->result, run->process, -1, &error);
    run->ended = now_ns();
    return status == MXC_OK ? 0 : failed(run, status, error);
}

/* ---- afterwards ---- */

/* A command that was ended by a limit cannot say so itself. */
static void print_limit(const struct run *run) {
    mxc_limit limit = mxc_result_limit_hit(run->result);
    int ends = limit == MXC_LIMIT_MEMORY || limit == MXC_LIMIT_CPU_TIME || limit == MXC_LIMIT_WALL_TIME;
    if (mxc_result_timed_out(run->result))
        fprintf(stderr, "mxc: %s: the command was ended at its deadline\n", mxc_limit_name(MXC_LIMIT_WALL_TIME));
    else if (ends && mxc_result_signal(run->result))
        fprintf(stderr, "mxc: %s: the command was ended at this limit\n", mxc_limit_name(limit));
}

static double ms(uint64_t ns) { return (double)ns / 1e6; }

static void print_timings(const struct run *run, const char *text) {
    fprintf(stderr, "mxc: timings: reading the policy %.3f ms\n", ms(run->ready - run->began));
    cli_print_timings(stderr, text);
    fprintf(stderr, "mxc: timings: total %.3f ms, processor %.2f ms, peak memory %.1f MiB\n",
            ms(run->ended - run->began), ms(mxc_result_cpu_time_ns(run->result)),
            (double)mxc_result_peak_memory(run->result) / 1048576.0);
}

static int exit_status(const mxc_result *result) {
    if (mxc_result_timed_out(result))
        return 124;
    if (mxc_result_signal(result))
        return 128 + mxc_result_signal(result);
    return mxc_result_exit_code(result);
}

/* For people: always when one is looking, and otherwise with what was asked for. */
static void print_afterwards(const struct run *run, const char *result) {
    int receipt = cli_given(run->line, OPT_RECEIPT) != NULL;
    if (receipt)
        (void)cli_print_receipt(stderr, mxc_result_receipt_json(run->result));
    if (receipt || run->ends.terminal[2])
        cli_print_notes(stderr, result);
}

/* Everything that is printed from the result as JSON: 0, or -1 with run->problem set. */
static int print_result(struct run *run, int *sys_errno) {
    char *text = NULL;
    mxc_error *error = NULL;
    mxc_status made = mxc_result_to_json(&text, run->result, &error);
    if (made != MXC_OK)
        return failed(run, made, error);
    if (run->line->json)
        *sys_errno = cli_write_json(text);
    else
        print_afterwards(run, text);
    if (cli_given(run->line, OPT_TIMINGS))
        print_timings(run, text);
    mxc_string_free(text);
    return 0;
}

/* The exit status, or -1 with run->problem set. */
static int finish(struct run *run) {
    const struct cli_line *line = run->line;
    int sys_errno = 0;
    if (!line->json)
        print_limit(run);
    int asked = line->json || cli_given(line, OPT_RECEIPT) || cli_given(line, OPT_TIMINGS) || run->ends.terminal[2];
    if (asked && print_result(run, &sys_errno) != 0)
        return -1;
    return sys_errno ? cli_written(line, sys_errno) : exit_status(run->result);
}

static int whole_run(struct run *run) {
    if (check_words(run) != 0 || cli_policy_from(&run->policy, run->line, NULL, &run->problem) != 0)
        return -1;
    run->ready = now_ns();
    if (start(run) != 0 || wait_for_end(run) != 0)
        return -1;
    return finish(run);
}

int cli_run(const struct cli_line *line) {
    struct run run = {.line = line, .input = -1, .began = now_ns()};
    int status = whole_run(&run);
    if (status < 0)
        status = cli_tell(line, &run.problem);
    /* a shell ends its script or loop only when its command was ended by the INT that it got too */
    int raised = run.result && mxc_result_signal(run.result) && cli_caught() == SIGINT ? SIGINT : 0;
    mxc_result_free(run.result);
    mxc_process_free(run.process);
    mxc_policy_free(run.policy);
    cli_problem_clear(&run.problem);
    if (run.input >= 0)
        close(run.input);
    if (raised)
        cli_raise(raised);
    return status;
}
