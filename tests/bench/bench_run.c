/* bench_run.c: times of rows that take turns in one process, so that all of them meet the same load: round 1 of each,
 * round 2 of each, and so on. Knows the public API only. Prints a line per row: its name and every sample in
 * nanoseconds, separated by tabs.
 *
 *     bench_run ROUNDS FOLDER KIND NAME ARGV... [; KIND NAME ARGV...]...
 *
 * Kinds: exec (posix_spawn and wait), try (exec, but a row that fails once has no samples), api (mxc_run), open (a command in a sandbox that is already open), pipe (exec, all
 * of its output read and dropped), capture (mxc_run, all of its output captured, bounded), leave (what comes after the
 * result of mxc_run has been delivered, until its keeper has ended), close (mxc_sandbox_free; opening is not timed),
 * pool (mxc_pool_run; the pool is full before each round of every row). */
#include <mxc/mxc.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 3
#define MAX_ROWS 32
#define POOL_SIZE 2
#define PIPE_BYTES (1 << 20)

extern char **environ;

struct bench {
    mxc_policy *policy;
    mxc_sandbox *open;
    mxc_pool *pool;
};

struct row {
    const char *kind, *name;
    char **argv;
    uint64_t *samples; /* nanoseconds */
    int failed;
};

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

__attribute__((noreturn)) static void die(const char *name, const char *why) {
    fprintf(stderr, "bench_run: %s: %s\n", name, why);
    exit(1);
}

static void check(mxc_status status, const char *name, mxc_error *error) {
    if (status != MXC_OK) {
        fprintf(stderr, "%s (hint: %s)\n", mxc_error_origin(error), mxc_error_hint(error));
        die(name, mxc_error_message(error));
    }
}

static int status_of(const struct row *row, pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die(row->name, strerror(errno));
    return status;
}

static void reap(const struct row *row, pid_t child) {
    if (status_of(row, child) != 0)
        die(row->name, "did not end with 0");
}

static pid_t start_exec(const struct row *row) {
    pid_t child;
    int error = posix_spawnp(&child, row->argv[0], NULL, NULL, row->argv, environ);
    if (error)
        die(row->name, strerror(error));
    return child;
}

static void run_exec(const struct row *row) { reap(row, start_exec(row)); }

static void run_try(struct row *row) { row->failed |= status_of(row, start_exec(row)) != 0; }

static void run_pipe(const struct row *row) {
    static char buffer[256 << 10];
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t child;
    if (pipe2(ends, O_CLOEXEC) != 0)
        die(row->name, strerror(errno));
    fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    int error = posix_spawnp(&child, row->argv[0], &actions, NULL, row->argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (error)
        die(row->name, strerror(error));
    while (read(ends[0], buffer, sizeof buffer) > 0)
        continue;
    close(ends[0]);
    reap(row, child);
}

static void run_mxc(const struct bench *bench, const struct row *row) {
    mxc_command command = {.struct_size = sizeof command, .argv = (const char *const *)row->argv};
    mxc_error *error = NULL;
    mxc_result *result = NULL;
    mxc_status status;
    if (strcmp(row->kind, "open") == 0)
        status = mxc_sandbox_run(&result, bench->open, &command, &error);
    else if (strcmp(row->kind, "pool") == 0)
        status = mxc_pool_run(&result, bench->pool, &command, &error);
    else
        status = mxc_run(&result, bench->policy, &command, NULL, &error);
    check(status, row->name, error);
    if (mxc_result_exit_code(result) != 0)
        die(row->name, "did not end with 0");
    mxc_result_free(result);
}

/* Nothing else is our child then: `leave` and `open` are never in one call. */
static uint64_t time_leave(const struct bench *bench, const struct row *row) {
    siginfo_t info;
    run_mxc(bench, row);
    uint64_t start = now();
    while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) != 0)
        if (errno == ECHILD)
            break; /* it had ended before, and the library has reaped it */
        else if (errno != EINTR)
            die(row->name, strerror(errno));
    return now() - start;
}

static uint64_t time_close(const struct bench *bench, const struct row *row) {
    mxc_error *error = NULL;
    mxc_sandbox *sandbox = NULL;
    check(mxc_sandbox_open(&sandbox, bench->policy, NULL, &error), row->name, error);
    uint64_t start = now();
    mxc_sandbox_free(sandbox);
    return now() - start;
}

/* What is built ahead is not what is measured: waits for it, and for it to come to rest. Every row of such a call does,
 * or it would meet the building, and would not have slept like the others. */
static void wait_until_full(const struct row *row, const mxc_pool *pool) {
    uint64_t until = now() + 10000000000u;
    while (mxc_pool_count(pool, MXC_POOL_READY) < POOL_SIZE) {
        if (now() > until)
            die(row->name, "the pool does not fill");
        usleep(500);
    }
    usleep(5000);
}

static uint64_t time_row(const struct bench *bench, struct row *row) {
    if (strcmp(row->kind, "leave") == 0)
        return time_leave(bench, row);
    if (strcmp(row->kind, "close") == 0)
        return time_close(bench, row);
    if (bench->pool)
        wait_until_full(row, bench->pool);
    uint64_t start = now();
    if (strcmp(row->kind, "exec") == 0)
        run_exec(row);
    else if (strcmp(row->kind, "try") == 0)
        run_try(row);
    else if (strcmp(row->kind, "pipe") == 0)
        run_pipe(row);
    else
        run_mxc(bench, row);
    return now() - start;
}

/* Cuts the words after FOLDER into rows at each ";". */
static size_t parse(struct row *rows, char **words, size_t rounds) {
    size_t count = 0;
    while (*words) {
        if (count == MAX_ROWS || !words[0] || !words[1] || !words[2])
            die("arguments", "KIND NAME ARGV... [; ...]");
        rows[count] = (struct row){.kind = words[0], .name = words[1], .argv = words + 2};
        rows[count].samples = calloc(rounds, sizeof *rows->samples);
        if (!rows[count].samples)
            die("arguments", "too many rounds");
        count++;
        while (*words && strcmp(*words, ";") != 0)
            words++;
        if (*words)
            *words++ = NULL;
    }
    return count;
}

/* One line that is written over, on a terminal only. */
static void progress(size_t round, size_t rounds) {
    static uint64_t shown;
    if (!isatty(2) || (round < rounds && now() - shown < 200000000u))
        return;
    shown = now();
    fprintf(stderr, round < rounds ? "\r\033[K  round %zu of %zu" : "\r\033[K", round, rounds);
}

static void measure(const struct bench *bench, struct row *rows, size_t count, size_t rounds) {
    for (size_t round = 0; round < rounds + WARM_UP; round++) {
        progress(round, rounds + WARM_UP);
        for (size_t turn = 0; turn < count; turn++) {
            /* who comes first changes, so that nobody always follows the same neighbour's cleaning up */
            struct row *row = &rows[(turn + round) % count];
            uint64_t taken = time_row(bench, row);
            if (round >= WARM_UP)
                row->samples[round - WARM_UP] = taken;
        }
    }
    progress(rounds, rounds);
}

static int any_of(const struct row *rows, size_t count, const char *kind) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].kind, kind) == 0)
            return 1;
    return 0;
}

static void print(const struct row *rows, size_t count, size_t rounds) {
    for (size_t i = 0; i < count; i++) {
        printf("%s", rows[i].name);
        for (size_t round = 0; !rows[i].failed && round < rounds; round++)
            printf("\t%" PRIu64, rows[i].samples[round]);
        putchar('\n');
    }
}

int main(int argc, char **argv) {
    struct row rows[MAX_ROWS] = {0};
    struct bench bench = {0};
    mxc_error *error = NULL;
    if (argc < 6)
        die("usage", "bench_run ROUNDS FOLDER KIND NAME ARGV... [; KIND NAME ARGV...]...");
    size_t rounds = strtoul(argv[1], NULL, 10);
    if (rounds < 1 || rounds > 100000 || chdir(argv[2]) != 0)
        die("usage", "ROUNDS is 1 to 100000, FOLDER a folder");
    size_t count = parse(rows, argv + 3, rounds);
    check(mxc_policy_preset(&bench.policy, "workspace", argv[2], &error), "policy", error);
    if (any_of(rows, count, "open"))
        check(mxc_sandbox_open(&bench.open, bench.policy, NULL, &error), "sandbox", error);
    mxc_pool_options sizes = {.struct_size = sizeof sizes, .size = POOL_SIZE, .max = POOL_SIZE};
    if (any_of(rows, count, "pool"))
        check(mxc_pool_new(&bench.pool, bench.policy, NULL, &sizes, &error), "pool", error);
    measure(&bench, rows, count, rounds);
    print(rows, count, rounds);
    mxc_sandbox_free(bench.open);
    mxc_pool_free(bench.pool);
    mxc_policy_free(bench.policy);
    for (size_t i = 0; i < count; i++)
        free(rows[i].samples);
    return 0;
}
