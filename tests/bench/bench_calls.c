/* bench_calls.c: what single system calls and fork+exec cost where this runs. Prints name, tab, nanoseconds for each:
 *
 *     bench_calls FILE        FILE: one that can be read */
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS 20000
#define SPAWNS 100

extern char **environ;
static const char *file;
static int opened;

static void call_getppid(void) { (void)syscall(SYS_getppid); }

static void call_open(void) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        exit(1);
    close(fd);
}

static void call_stat(void) {
    struct stat facts;
    if (stat(file, &facts) != 0)
        exit(1);
}

static void call_read(void) {
    char bytes[4096];
    if (pread(opened, bytes, sizeof bytes, 0) <= 0)
        exit(1);
}

static void call_spawn(void) {
    char *const argv[] = {(char *)"/bin/true", NULL};
    pid_t child;
    int status;
    if (posix_spawn(&child, argv[0], NULL, NULL, argv, environ) != 0 || waitpid(child, &status, 0) < 0 || status != 0)
        exit(1);
}

static void measure(const char *name, void (*act)(void), int times) {
    struct timespec before, after;
    for (int i = 0; i < times / 10; i++)
        act();
    clock_gettime(CLOCK_MONOTONIC, &before);
    for (int i = 0; i < times; i++)
        act();
    clock_gettime(CLOCK_MONOTONIC, &after);
    int64_t took = (int64_t)(after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
    printf("%s\t%" PRId64 "\n", name, took / times);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return 2;
    file = argv[1];
    opened = open(file, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return 1;
    measure("getppid", call_getppid, CALLS);
    measure("open and close", call_open, CALLS);
    measure("stat", call_stat, CALLS);
    measure("read 4 KiB", call_read, CALLS);
    measure("spawn /bin/true", call_spawn, SPAWNS);
    return 0;
}
