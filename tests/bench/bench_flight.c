/* bench_flight.c: many runs in flight from one thread that waits with poll(2). Starts TOTAL runs, never more than FLIGHT at
 * the same time, and prints how long all took in nanoseconds and the most threads that the process had.
 *
 *     bench_flight exec|mxc FLIGHT TOTAL FOLDER ARGV...
 *
 * exec: posix_spawn; mxc: mxc_spawn under the preset "workspace" on FOLDER. A run that does not end with 0 ends it all. */
#include <mxc/mxc.h>

#include <inttypes.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct flight {
    char **argv;
    mxc_policy *policy; /* NULL: exec */
    struct pollfd *wait;
    union run {
        mxc_process *process;
        pid_t child;
    } * run; /* beside wait */
    size_t flying;
};

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

__attribute__((noreturn)) static void die(const char *why) {
    fprintf(stderr, "bench_flight: %s\n", why);
    exit(1);
}

static void check(mxc_status status, mxc_error *const *error) {
    if (status != MXC_OK)
        die(mxc_error_message(*error));
}

static void start(struct flight *flight) {
    const mxc_command command = {.struct_size = sizeof command, .argv = (const char *const *)flight->argv};
    union run *run = &flight->run[flight->flying];
    struct pollfd *wait = &flight->wait[flight->flying++];
    mxc_error *error = NULL;
    *wait = (struct pollfd){.events = POLLIN};
    if (flight->policy) {
        check(mxc_spawn(&run->process, flight->policy, &command, NULL, &error), &error);
        wait->fd = mxc_process_status_fd(run->process);
    } else {
        if (posix_spawn(&run->child, flight->argv[0], NULL, NULL, flight->argv, environ) != 0)
            die("posix_spawn failed");
        wait->fd = (int)syscall(SYS_pidfd_open, run->child, 0);
    }
    if (wait->fd < 0)
        die("no descriptor to wait for");
}

static void land(struct flight *flight, size_t at) {
    mxc_result *result = NULL;
    mxc_error *error = NULL;
    int status = 1;
    if (flight->policy) {
        check(mxc_process_wait(&result, flight->run[at].process, 0, &error), &error);
        status = mxc_result_exit_code(result);
        mxc_result_free(result);
        mxc_process_free(flight->run[at].process);
    } else {
        close(flight->wait[at].fd);
        if (waitpid(flight->run[at].child, &status, 0) < 0)
            die("waitpid failed");
    }
    if (status != 0)
        die("a run did not end with 0");
    flight->flying--;
    flight->run[at] = flight->run[flight->flying];
    flight->wait[at] = flight->wait[flight->flying];
}

static unsigned long threads(void) {
    char line[256];
    unsigned long count = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "Threads:", 8) == 0)
            count = strtoul(line + 8, NULL, 10);
    if (file)
        fclose(file);
    return count;
}

int main(int argc, char **argv) {
    struct flight flight = {.argv = argv + 5};
    mxc_error *error = NULL;
    unsigned long most = 0;
    if (argc < 6 || chdir(argv[4]) != 0)
        die("bench_flight exec|mxc FLIGHT TOTAL FOLDER ARGV...");
    size_t room = strtoul(argv[2], NULL, 10), left = strtoul(argv[3], NULL, 10);
    if (room < 1 || room > 10000)
        die("FLIGHT is 1 to 10000");
    flight.wait = calloc(room, sizeof *flight.wait);
    flight.run = calloc(room, sizeof *flight.run);
    if (!flight.wait || !flight.run)
        die("out of memory");
    if (strcmp(argv[1], "mxc") == 0)
        check(mxc_policy_preset(&flight.policy, "workspace", argv[4], &error), &error);
    uint64_t began = now();
    while (left || flight.flying) {
        for (; left && flight.flying < room; left--)
            start(&flight);
        most = most ? most : threads();
        if (poll(flight.wait, (nfds_t)flight.flying, 60000) <= 0)
            die("nothing ended for a minute");
        for (size_t i = flight.flying; i > 0; i--)
            if (flight.wait[i - 1].revents)
                land(&flight, i - 1);
    }
    printf("%" PRIu64 "\t%lu\n", now() - began, most);
    mxc_policy_free(flight.policy);
    free(flight.wait);
    free(flight.run);
    return 0;
}
