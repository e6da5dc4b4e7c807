/* foreign.c: system calls by the other ABIs of an x86-64 kernel, each in a child that may be killed for it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

struct call {
    long number, first, second, third;
    int report;
};

static void answer(const struct call *call, long rc) { (void)!write(call->report, &rc, sizeof(rc)); }

#if defined(__x86_64__)
static void i386_step(void *data) {
    struct call *call = data;
    long rc;
    __asm__ volatile("int $0x80"
                     : "=a"(rc)
                     : "a"(call->number), "b"(call->first), "c"(call->second), "d"(call->third)
                     : "memory", "r8", "r9", "r10", "r11");
    answer(call, (int)rc);
}
#endif

static void x32_step(void *data) {
    struct call *call = data;
    long rc = syscall(call->number | 0x40000000L, call->first, call->second, call->third);
    answer(call, rc < 0 ? -errno : rc);
}

/* "signal": what killed the child, or 0; "errno" as usual when it got an answer. */
static void tried(void (*step)(void *), int argc, char **argv) {
    struct call call = {0};
    int ends[2];
    long rc = -EIO;
    if (pipe2(ends, O_CLOEXEC)) {
        line_result(-1);
        return;
    }
    call.number = (long)number_of(argv[0]);
    call.first = argc > 1 ? (long)number_of(argv[1]) : 0;
    call.second = argc > 2 ? (long)number_of(argv[2]) : 0;
    call.third = argc > 3 ? (long)number_of(argv[3]) : 0;
    call.report = ends[1];
    int status = in_child(step, &call);
    close(ends[1]);
    ssize_t got = read(ends[0], &rc, sizeof(rc));
    line_number("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    errno = got == (ssize_t)sizeof(rc) ? (int)-rc : EIO;
    line_result(got == (ssize_t)sizeof(rc) && rc >= 0 ? 0 : -1);
}

static void i386_call(int argc, char **argv) {
#if defined(__x86_64__)
    tried(i386_step, argc, argv);
#else
    (void)argc;
    (void)argv;
    errno = ENOSYS;
    line_result(-1);
#endif
}

static void x32_call(int argc, char **argv) { tried(x32_step, argc, argv); }

const struct probe_act probe_foreign[] = {
    {"i386", "NUMBER [A [B [C]]]", 1, i386_call},
    {"x32", "NUMBER [A [B [C]]]", 1, x32_call},
    {NULL, NULL, 0, NULL},
};
