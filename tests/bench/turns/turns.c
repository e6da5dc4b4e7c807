/* turns.c: the C side of the languages' rows. Reads lines on stdin, each a number N; makes N runs of /bin/true under the
 * preset "workspace" on FOLDER, and prints N times in nanoseconds, separated by tabs, on one line. Ends with its input.
 *
 *     turns_c FOLDER */
#include <mxc/mxc.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void check(mxc_status status, mxc_error *error) {
    if (status == MXC_OK)
        return;
    fprintf(stderr, "turns_c: %s %s\n", mxc_error_origin(error), mxc_error_message(error));
    exit(1);
}

static uint64_t time_of_run(const mxc_policy *policy) {
    const char *const argv[] = {"/bin/true", NULL};
    mxc_command command = {.struct_size = sizeof command, .argv = argv};
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    uint64_t start = now();
    check(mxc_run(&result, policy, &command, NULL, &error), error);
    if (mxc_result_exit_code(result) != 0)
        exit(1);
    mxc_result_free(result);
    return now() - start;
}

int main(int argc, char **argv) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    int turns;
    if (argc != 2 || chdir(argv[1]) != 0)
        return 2;
    check(mxc_policy_preset(&policy, "workspace", argv[1], &error), error);
    while (scanf("%d", &turns) == 1) {
        for (int i = 0; i < turns; i++)
            printf("%s%" PRIu64, i ? "\t" : "", time_of_run(policy));
        putchar('\n');
        fflush(stdout);
    }
    mxc_policy_free(policy);
    return 0;
}
