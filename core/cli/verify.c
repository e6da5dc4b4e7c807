/* verify.c: the claims, one row each: what is tried, what it gives without a sandbox (the positive control: the act
 * works at all), and what it must give inside. A row is proven when the second holds and the first was possible. */
#define _GNU_SOURCE
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mxc/mxc.h"

#define TEXT_BYTES 8192
#define PROGRAM "/proc/self/fd/0" /* the prober comes as standard input */

struct claim {
    const char *mechanism, *claim, *act; /* act: the name of the prober's line */
    const char *inside;                  /* the answer that proves it; NULL: a smaller number than without */
    const char *without;                 /* the answer that shows that the act works; NULL: any other than inside */
};

static const struct claim claims[] = {
    {"capabilities", "no capability", "capabilities", "0000000000000000", ""},
    {"capabilities", "none can be had again", "bounding-set", "0000000000000000", ""},
    {"no_new_privs", "no program gives rights", "no-new-privs", "1", ""},
    {"user namespace", "a user of its own", "uid", "1000", ""},
    {"user namespace", "no further namespace", "new-namespace", "EPERM", ""},
    {"mount namespace", "what is not granted is not there", "open-hidden", "ENOENT", "ok"},
    {"mount", "a denied file cannot be read", "open-denied", "EACCES", "ok"},
    {"mount", "a read-only folder cannot be written", "write-readonly", "EROFS", "ok"},
    {"landlock", "a second lock on files", "landlock-layers", NULL, NULL}, /* one layer less than without */
    {"pid namespace", "processes of the host cannot be reached", "signal-host", "ESRCH", "ok"},
    {"ipc namespace", "shared memory of the host is not there", "shared-memory", "ENOENT", "ok"},
    {"uts namespace", "a host name of its own", "host-name", "sandbox", ""},
    {"cgroup namespace", "the place in the control groups is hidden", "cgroup-path", "/", ""},
    {"network namespace", "the host's loopback is not reached", "connect-host", "ECONNREFUSED", "ok"},
    {"seccomp", "a filter is there", "filter", "2", ""},
    {"seccomp", "a dangerous call is refused unseen", "io-uring", "EPERM", ""},
    {"seccomp", "calls of another machine end the process", "foreign-call", "signal 31", ""},
    {"keyring", "the kernel's keys cannot be asked for", "session-keyring", "EPERM", ""},
    {"session", "no terminal", "terminal", "ENXIO", ""},
    {"close_range", "only the descriptors 0, 1 and 2", "descriptors", "3", NULL},
    {"init", "the caller's environment stays outside", "caller-variable", "absent", "visible"},
};
enum { CLAIMS = sizeof claims / sizeof *claims };

/* A limit is shown by a run of its own that goes over it. */
struct trial {
    const char *mechanism, *claim;
    const char *act;    /* of the prober */
    const char *limits; /* members of the policy's "limits" */
    mxc_limit hit;      /* what the result must say; 0: look at `line` */
    const char *line;   /* of the output */
};

static const struct trial trials[] = {
    {"limits.memoryBytes", "a hog is ended", "memory", "\"memoryBytes\": 67108864", MXC_LIMIT_MEMORY, NULL},
    {"limits.processes", "a fork bomb stops", "processes", "\"processes\": 16", 0, "processes EAGAIN"},
    {"limits.openFiles", "descriptors end", "descriptors", "\"openFiles\": 32", 0, "descriptors EMFILE"},
    {"limits.wallTimeMs", "the deadline ends it", "sleep", "\"wallTimeMs\": 300", MXC_LIMIT_WALL_TIME, NULL},
    {"limits.cpuTimeMs", "processor time ends it", "spin", "\"cpuTimeMs\": 200", MXC_LIMIT_CPU_TIME, NULL},
    {"limits.fileBytes", "a file stops growing", "big-file", "\"fileBytes\": 1048576", MXC_LIMIT_FILE_SIZE, NULL},
    {"limits.outputBytes", "captured output is bounded", "output", "\"outputBytes\": 65536", MXC_LIMIT_OUTPUT, NULL},
};
enum { TRIALS = sizeof trials / sizeof *trials };

static mxc_status policy_with(mxc_policy **policy, const struct verify_ground *ground, const char *limits,
                              mxc_error **error) {
    char text[1024];
    int length = snprintf(text, sizeof text,
                          "{\"version\": \"1.0.0\", \"filesystem\": {\"readwritePaths\": [\"%s\"], "
                          "\"readonlyPaths\": [\"%s\"], \"deniedPaths\": [\"%s\"]}, \"limits\": {%s}}",
                          ground->work, ground->readonly, ground->denied, limits);
    return mxc_policy_parse(policy, text, (size_t)length, NULL, error);
}

static mxc_status run(mxc_result **result, const struct verify_ground *ground, const char *limits,
                      const char *const *argv, mxc_error **error) {
    mxc_policy *policy = NULL;
    const mxc_command command = {.struct_size = sizeof command,
                                 .argv = argv,
                                 .timeout_ms = 15000,
                                 .stdin_mode = MXC_STDIO_FD,
                                 .stdin_fd = ground->program};
    mxc_status status = policy_with(&policy, ground, limits, error);
    if (status == MXC_OK)
        status = mxc_run(result, policy, &command, NULL, error);
    mxc_policy_free(policy);
    return status;
}

/* The answer of an act in the prober's output; "nothing" when it says none. */
static void answer_of(const char *text, const char *act, char *answer, size_t size) {
    size_t length = strlen(act);
    snprintf(answer, size, "nothing");
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, act, length) == 0 && line[length] == ' ')
            snprintf(answer, size, "%.*s", (int)strcspn(line + length + 1, "\n"), line + length + 1);
    }
}

struct row {
    const char *mechanism, *claim, *act, *without, *inside;
};

static void add_row(json_t *rows, const struct row *row, int proven) {
    json_array_append_new(rows,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "mechanism", row->mechanism, "claim", row->claim,
                                    "act", row->act, "without", row->without, "inside", row->inside, "proven", proven));
}

static int is_proven(const struct claim *claim, const char *without, const char *within) {
    if (!claim->inside)
        return strtol(without, NULL, 10) > strtol(within, NULL, 10) && strtol(within, NULL, 10) > 0;
    if (strcmp(within, claim->inside) != 0)
        return 0;
    if (!claim->without)
        return strcmp(without, claim->inside) != 0;
    return !claim->without[0] || strcmp(without, claim->without) == 0;
}

static void judge_claim(json_t *rows, const struct claim *claim, const char *outside, const char *inside) {
    char without[80], within[80];
    answer_of(outside, claim->act, without, sizeof without);
    answer_of(inside, claim->act, within, sizeof within);
    if (strcmp(without, "nothing") == 0 && strcmp(within, "nothing") == 0)
        return; /* not on this machine: calls of i386 */
    add_row(rows, &(struct row){claim->mechanism, claim->claim, claim->act, without, within},
            is_proven(claim, without, within));
}

static void judge_record(json_t *rows, const mxc_result *result) {
    char text[32] = "none";
    uint64_t times = 0;
    for (size_t i = 0; i < mxc_result_denial_count(result); i++) {
        if (strcmp(mxc_result_denial_what(result, i), "io_uring_setup") == 0)
            times = mxc_result_denial_times(result, i);
    }
    if (times)
        snprintf(text, sizeof text, "recorded %llu", (unsigned long long)times);
    add_row(rows, &(struct row){"seccomp notify", "refused calls are recorded", "io-uring", "-", text}, times == 1);
}

static void failed_run(json_t *rows, struct row row, mxc_status status, mxc_error *error) {
    row.without = "-";
    row.inside = error ? mxc_error_message(error) : mxc_status_name(status);
    add_row(rows, &row, 0);
    mxc_error_free(error);
}

static void look(json_t *rows, const struct verify_ground *ground) {
    const char *const argv[] = {PROGRAM,        "look",           ground->pid, ground->port, ground->hidden,
                                ground->denied, ground->readonly, ground->key, NULL};
    char outside[TEXT_BYTES] = "";
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    (void)verify_ground_outside(ground, argv, outside, sizeof outside);
    int reached_before = verify_ground_reached(ground);
    mxc_status status = run(&result, ground, "", argv, &error);
    if (status != MXC_OK) {
        failed_run(rows, (struct row){"process wall", "a sandbox starts", "look", NULL, NULL}, status, error);
        return;
    }
    size_t length;
    const char *inside = mxc_result_output(result, MXC_STDOUT, &length);
    for (int i = 0; i < CLAIMS; i++)
        judge_claim(rows, &claims[i], outside, inside);
    int reached = verify_ground_reached(ground);
    add_row(rows,
            &(struct row){"network namespace", "nothing arrives at the host's listener", "connect-host",
                          reached_before ? "a connection" : "nothing", reached ? "a connection" : "nothing"},
            reached_before && !reached);
    judge_record(rows, result);
    mxc_result_free(result);
}

static void try_limit(json_t *rows, const struct verify_ground *ground, const struct trial *trial) {
    const char *const argv[] = {PROGRAM, trial->act, ground->work, NULL};
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    mxc_status status = run(&result, ground, trial->limits, argv, &error);
    if (status != MXC_OK) {
        failed_run(rows, (struct row){trial->mechanism, trial->claim, trial->act, NULL, NULL}, status, error);
        return;
    }
    size_t length;
    const char *text = mxc_result_output(result, MXC_STDOUT, &length);
    mxc_limit hit = mxc_result_limit_hit(result);
    int proven = trial->line ? strstr(text, trial->line) != NULL : mxc_result_hit(result, trial->hit);
    char answer[80];
    snprintf(answer, sizeof answer, "%s", hit ? mxc_limit_name(hit) : "no limit was hit");
    if (trial->line)
        answer_of(text, trial->act, answer, sizeof answer);
    add_row(rows, &(struct row){trial->mechanism, trial->claim, trial->act, "-", answer}, proven);
    mxc_result_free(result);
}

/* What a command leaves behind is gone when its result is there: it would write to our pipe for seconds. */
static void leave_something(json_t *rows, const struct verify_ground *ground) {
    const char *const argv[] = {PROGRAM, "daemon", NULL};
    struct timespec began, ended;
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    char text[48];
    clock_gettime(CLOCK_MONOTONIC, &began);
    mxc_status status = run(&result, ground, "", argv, &error);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    if (status != MXC_OK) {
        failed_run(rows, (struct row){"pid namespace", "nothing stays behind", "daemon", NULL, NULL}, status, error);
        return;
    }
    double seconds = (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
    snprintf(text, sizeof text, "ended after %.0f ms", seconds * 1e3);
    add_row(rows, &(struct row){"pid namespace", "nothing stays behind", "daemon", "-", text},
            seconds < 4 && mxc_result_exit_code(result) == 0);
    mxc_result_free(result);
}

json_t *verify_all(const struct verify_ground *ground) {
    json_t *rows = json_array();
    if (!rows)
        return NULL;
    look(rows, ground);
    for (int i = 0; i < TRIALS; i++)
        try_limit(rows, ground, &trials[i]);
    leave_something(rows, ground);
    return rows;
}
