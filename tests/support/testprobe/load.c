/* load.c: acts that use things up: processes, threads, memory, processor time. All are bounded by their argument. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

/* A bomb that is over in a millisecond is seen by nobody who looks from outside. On a slow machine longer: argument 2. */
static void wait_to_be_seen(int argc, char **argv) { sleep_ms(argc > 1 ? number_of(argv[1]) : 60); }

static void fork_bomb(int argc, char **argv) {
    static pid_t children[4096];
    long long wanted = number_of(argv[0]);
    int made = 0, number = 0;
    while (made < wanted && made < 4096) {
        pid_t child = fork();
        if (child < 0) {
            number = errno;
            break;
        }
        if (!child) {
            sleep_ms(20000);
            _exit(0);
        }
        children[made++] = child;
    }
    wait_to_be_seen(argc, argv);
    for (int i = 0; i < made; i++)
        kill(children[i], SIGKILL);
    for (int i = 0; i < made; i++)
        waitpid(children[i], NULL, 0);
    errno = number;
    line_result(number ? -1 : 0);
    line_number("made", made);
}

static void *idle(void *unused) {
    (void)unused;
    sleep_ms(20000);
    return NULL;
}

static void make_threads(int argc, char **argv) {
    long long wanted = number_of(argv[0]), made = 0;
    pthread_attr_t small;
    pthread_t thread;
    int number = 0;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 32768);
    while (made < wanted && !(number = pthread_create(&thread, &small, idle, NULL)))
        made++;
    wait_to_be_seen(argc, argv);
    errno = number;
    line_result(number ? -1 : 0);
    line_number("made", made);
}

static void hog_memory(int argc, char **argv) {
    long long mib = number_of(argv[0]), touched = 0;
    (void)argc;
    for (; touched < mib; touched++) {
        volatile char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) {
            line_result(-1);
            break;
        }
        for (int at = 0; at < 1 << 20; at += 4096)
            block[at] = (char)(at + touched + 1);
    }
    line_number("mib", touched);
}

/* The same spread over children, none of which is large. */
static void hog_spread(int argc, char **argv) {
    long long children = number_of(argv[0]), mib = number_of(argv[1]);
    int ended_badly = 0, status;
    (void)argc;
    for (long long i = 0; i < children; i++) {
        if (fork())
            continue;
        for (long long n = 0; n < mib; n++) {
            volatile char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            for (int at = 0; block != MAP_FAILED && at < 1 << 20; at += 4096)
                block[at] = (char)(at + 1);
        }
        sleep_ms(1500);
        _exit(0);
    }
    while (wait(&status) > 0)
        ended_badly += status != 0;
    line_number("endedBadly", ended_badly);
}

static long long now_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void spin(int argc, char **argv) {
    long long until = now_ms(CLOCK_PROCESS_CPUTIME_ID) + number_of(argv[0]);
    volatile unsigned long turns = 0;
    (void)argc;
    while (now_ms(CLOCK_PROCESS_CPUTIME_ID) < until)
        for (int i = 0; i < 100000; i++)
            turns++;
}

/* For a wall time, with every processor kept busy; how much processor time the children got. */
static void spin_wall(int argc, char **argv) {
    long long ms = number_of(argv[0]);
    int children = argc > 1 ? (int)number_of(argv[1]) : 1;
    volatile unsigned long turns = 0;
    struct rusage used;
    for (int i = 0; i < children; i++) {
        if (fork())
            continue;
        long long until = now_ms(CLOCK_MONOTONIC) + ms;
        while (now_ms(CLOCK_MONOTONIC) < until)
            for (int n = 0; n < 10000; n++)
                turns++;
        _exit(0);
    }
    while (wait(NULL) > 0) {
    }
    getrusage(RUSAGE_CHILDREN, &used);
    line_number("cpuMs", used.ru_utime.tv_sec * 1000LL + used.ru_utime.tv_usec / 1000 + used.ru_stime.tv_sec * 1000LL +
                             used.ru_stime.tv_usec / 1000);
}

static void core_limit(int argc, char **argv) {
    struct rlimit core, files, procs;
    (void)argc;
    (void)argv;
    getrlimit(RLIMIT_CORE, &core);
    getrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NPROC, &procs);
    line_number("core", core.rlim_cur == RLIM_INFINITY ? -1 : (long long)core.rlim_cur);
    line_number("coreHard", core.rlim_max == RLIM_INFINITY ? -1 : (long long)core.rlim_max);
    line_number("files", files.rlim_cur == RLIM_INFINITY ? -1 : (long long)files.rlim_cur);
    line_number("processes", procs.rlim_cur == RLIM_INFINITY ? -1 : (long long)procs.rlim_cur);
}

const struct probe_act probe_load[] = {
    {"fork-bomb", "COUNT", 1, fork_bomb},
    {"threads", "COUNT", 1, make_threads},
    {"memory", "MIB", 1, hog_memory},
    {"memory-spread", "CHILDREN MIB", 2, hog_spread},
    {"cpu", "MS", 1, spin},
    {"cpu-wall", "MS [CHILDREN]", 1, spin_wall},
    {"rlimits", "", 0, core_limit},
    {NULL, NULL, 0, NULL},
};
