/* privilege.c: acts that would gain something: priority, processors, limits, hardening switched off. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "probe.h"

static int processors(void) {
    unsigned long mask[32] = {0};
    long got = syscall(SYS_sched_getaffinity, 0L, sizeof(mask), mask);
    int count = 0;
    for (size_t i = 0; got > 0 && i < sizeof(mask) / sizeof(mask[0]); i++)
        count += __builtin_popcountl(mask[i]);
    return count;
}

static void priority(int argc, char **argv) {
    struct {
        int priority;
    } real_time = {1};
    unsigned long all[32];
    int before = processors();
    (void)argc;
    (void)argv;
    line_outcome("fifo", syscall(SYS_sched_setscheduler, 0L, 1L /* SCHED_FIFO */, &real_time));
    line_outcome("nice -20", setpriority(PRIO_PROCESS, 0, -20));
    line_outcome("io real time", syscall(SYS_ioprio_set, 1L, 0L, 1L << 13 /* RT, 0 */));
    memset(all, 0xff, sizeof(all));
    (void)!syscall(SYS_sched_setaffinity, 0L, sizeof(all), all);
    line_flag("more processors", processors() > before);
}

static void personality_bits(int argc, char **argv) {
    (void)argc;
    (void)argv;
    line_outcome("READ_IMPLIES_EXEC", syscall(SYS_personality, 0x0400000L));
    line_outcome("ADDR_NO_RANDOMIZE", syscall(SYS_personality, 0x0040000L));
    line_outcome("query", syscall(SYS_personality, 0xffffffffL));
}

/* Every limit above what is allowed, of itself and of another process. */
static void raise_limits(int argc, char **argv) {
    struct rlimit now;
    int raised = 0;
    for (int which = 0; which < 16; which++) {
        if (getrlimit(which, &now) || now.rlim_max == RLIM_INFINITY)
            continue;
        now.rlim_max++;
        raised += !setrlimit(which, &now);
    }
    line_number("raised", raised);
    if (argc > 0)
        line_outcome("of another", syscall(SYS_prlimit64, number_of(argv[0]), (long)RLIMIT_NOFILE, NULL, &now));
}

static void gain(int argc, char **argv) {
    (void)argc;
    (void)argv;
    line_outcome("securebits", prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
    line_outcome("ambient", prctl(47 /* PR_CAP_AMBIENT */, 2 /* RAISE */, 21 /* SYS_ADMIN */, 0, 0));
    line_outcome("no_new_privs off", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    line_outcome("PR_SET_MM", prctl(PR_SET_MM, PR_SET_MM_BRK, 4096L, 0, 0));
    line_outcome("dumpable 2", prctl(PR_SET_DUMPABLE, 2, 0, 0, 0));
    line_outcome("capset",
                 syscall(SYS_capset, (uint32_t[2]){0x20080522, 0}, (uint32_t[6]){1u << 21, 1u << 21, 0, 0, 0, 0}));
}

/* What the processor's speculation switches stand at: PR_GET_SPECULATION_CTRL's answer for each. */
static void speculation(int argc, char **argv) {
    (void)argc;
    (void)argv;
    line_number("store bypass", prctl(52, 0, 0, 0, 0));
    line_number("indirect branch", prctl(52, 1, 0, 0, 0));
    line_outcome("disable store bypass", prctl(53, 0, 4, 0, 0));
}

static const char *const status_keys[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"};

static void *stay(void *unused) {
    (void)unused;
    sleep_ms(3000);
    return NULL;
}

/* The same lines of /proc/PID/status for every thread of a process: how many threads, and how many differ. */
static int differing(const char *pid, int *threads) {
    static char first[8192], text[8192];
    int differ = 0;
    *threads = 0;
    for (int tid = 1; tid < 32768 && *threads < 16; tid++) {
        char path[64];
        snprintf(path, sizeof(path), "/proc/%s/task/%d/status", pid, tid);
        if (read_text(path, *threads ? text : first, sizeof(text)) < 0)
            continue;
        ++*threads;
        for (size_t i = 0; *threads > 1 && i < sizeof(status_keys) / sizeof(status_keys[0]); i++) {
            char *a = strstr(first, status_keys[i]), *b = strstr(text, status_keys[i]);
            size_t length = a ? strcspn(a, "\n") : 0;
            differ += !a || !b || strncmp(a, b, length + 1) != 0;
        }
    }
    return differ;
}

static void caps_of_threads(int argc, char **argv) {
    pthread_t thread;
    int threads;
    (void)argc;
    (void)argv;
    for (int i = 0; i < 4; i++)
        pthread_create(&thread, NULL, stay, NULL);
    int differ = differing("self", &threads);
    line_number("threads", threads);
    line_number("differ", differ);
}

const struct probe_act probe_privilege[] = {
    {"priority", "", 0, priority},
    {"personality", "", 0, personality_bits},
    {"raise-limits", "[PID]", 0, raise_limits},
    {"gain", "", 0, gain},
    {"speculation", "", 0, speculation},
    {"caps-of-threads", "", 0, caps_of_threads},
    {NULL, NULL, 0, NULL},
};
