/* assault.c: acts at full speed: system calls with random arguments, refused calls from many threads, exchanged
 * names. All are bounded by their arguments. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

enum { NUMBERS = 601, BATCH = 2000, HIGHEST_SIGNAL = 65 };

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Small numbers, ends of ranges, pointers to memory that is there, and noise. */
static long argument(uint64_t *state, char *memory) {
    uint64_t random = next_random(state);
    switch (random % 8) {
    case 0:
        return (long)(random >> 32 & 15);
    case 1:
        return -1 - (long)(random >> 32 & 3);
    case 2:
    case 3:
        return (long)memory + (long)(random >> 32 & 0x3fff);
    case 4:
        return 1L << (random >> 32 & 63);
    case 5:
        return (long)(random >> 40 & 0xffff);
    default:
        return (long)next_random(state);
    }
}

struct fuzz {
    uint64_t seed;
    long count;
    _Atomic long *made;
};

__attribute__((noreturn)) static void fuzz_step(struct fuzz *fuzz) {
    uint64_t state = fuzz->seed * 0x9e3779b97f4a7c15ULL | 1;
    pid_t self = getpid();
    char *memory = mmap(NULL, 0x4000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < 0x4000; i++)
        memory[i] = (char)next_random(&state);
    for (int fd = 1; fd < 3; fd++)
        close(fd); /* what it writes is no answer of ours */
    setsid();      /* signals to "my group" are its own */
    for (long i = 0; i < fuzz->count; i++) {
        long number = (long)(next_random(&state) % NUMBERS);
        long first = argument(&state, memory);
        if ((number == SYS_kill || number == SYS_tkill || number == SYS_rt_sigqueueinfo) && (int)first <= getppid())
            continue; /* everyone, or those who count: rows of their own, and the end of this one */
        atomic_fetch_add(fuzz->made, 1);
        syscall(number, first, argument(&state, memory), argument(&state, memory), argument(&state, memory),
                argument(&state, memory), argument(&state, memory));
        if (syscall(SYS_getpid) != self)
            _exit(0); /* it was fork, or one of its kin */
    }
    _exit(0);
}

/* Some calls wait for ever, and a signal could have been blocked by one before. */
static int bounded(struct fuzz *fuzz) {
    int status = 0;
    pid_t child = fork();
    if (!child)
        fuzz_step(fuzz);
    for (int waited = 0; child > 0 && waitpid(child, &status, WNOHANG | __WALL) == 0; waited++) {
        if (waited == 12)
            kill(child, SIGKILL);
        sleep_ms(1);
    }
    return status;
}

/* Children that make random calls until COUNT were made; which signals ended them. They may kill each other, and
 * this process: then there is no line, and the one who started it sees a signal. */
static void fuzz_calls(int argc, char **argv) {
    long long seed = number_of(argv[0]), count = number_of(argv[1]), ends[HIGHEST_SIGNAL] = {0}, children = 0,
              total = 0;
    _Atomic long *made = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sigset_t all;
    (void)argc;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (; total < count && children < count; children++) {
        struct fuzz fuzz = {(uint64_t)(seed + children), BATCH, made};
        *made = 0;
        int status = bounded(&fuzz);
        total += *made >= 0 && *made <= BATCH ? *made : 0; /* a call may have written there */
        ends[WIFSIGNALED(status) ? WTERMSIG(status) % HIGHEST_SIGNAL : 0]++;
        while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
            ;
    }
    line_number("calls", total);
    line_number("children", children);
    line_object("ends");
    for (int i = 0; i < HIGHEST_SIGNAL; i++) {
        char key[8];
        snprintf(key, sizeof(key), "%d", i);
        if (ends[i])
            line_number(key, ends[i]);
    }
    line_object_end();
}

static atomic_int stop;
static atomic_llong refused;

static void *refuse_on(void *unused) {
    (void)unused;
    while (!stop) {
        syscall(SYS_add_key, 0L, 0L, 0L, 0L, 0L);
        refused++;
    }
    return NULL;
}

/* Refused calls as fast as they come, from that many threads, for that many milliseconds. */
static void flood(int argc, char **argv) {
    long long threads = number_of(argv[0]);
    pthread_t thread;
    (void)argc;
    dprintf(1, "flooding\n");
    for (long long i = 0; i < threads; i++)
        pthread_create(&thread, NULL, refuse_on, NULL);
    sleep_ms(number_of(argv[1]));
    stop = 1;
    line_number("refused", refused);
}

static double monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* Exchanges two names again and again (RENAME_EXCHANGE). */
static void exchange(int argc, char **argv) {
    double until = monotonic() + (double)number_of(argv[2]);
    long long done = 0, failed = 0;
    int number = 0;
    (void)argc;
    while (monotonic() < until) {
        if (syscall(SYS_renameat2, (long)AT_FDCWD, argv[0], (long)AT_FDCWD, argv[1], 2L) == 0) {
            done++;
            continue;
        }
        number = errno;
        failed++;
    }
    errno = number;
    line_result(failed ? -1 : 0);
    line_number("done", done);
    line_number("failed", failed);
}

/* A descriptor of its own to whoever reads the stream. */
static void send_fd(int argc, char **argv) {
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    char letter = 'x';
    struct iovec byte = {&letter, 1};
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)argc;
    memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
    line_result(sendmsg((int)number_of(argv[0]), &message, 0));
}

const struct probe_act probe_assault[] = {
    {"fuzz-calls", "SEED COUNT", 2, fuzz_calls},
    {"flood", "THREADS MS", 2, flood},
    {"exchange", "PATH PATH MS", 3, exchange},
    {"send-fd", "FD", 1, send_fd},
    {NULL, NULL, 0, NULL},
};
