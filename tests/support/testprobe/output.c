/* output.c: acts on the three standard streams. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static long long put(int fd, const char *bytes, long long count) {
    long long done = 0;
    while (done < count) {
        ssize_t more = write(fd, bytes + done, (size_t)(count - done));
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        done += more;
    }
    return done;
}

/* "HEAD", then the letters a to z again and again, then "TAIL": `count` bytes in all, at least 8. */
static long long pattern(int fd, long long count) {
    static char block[65536 + 26];
    long long middle = count - 8;
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (char)('a' + i % 26);
    if (count < 8 || put(fd, "HEAD", 4) < 0)
        return -1;
    for (long long done = 0; done < middle;) {
        long long part = middle - done < 65536 ? middle - done : 65536;
        if (put(fd, block + done % 26, part) < 0)
            return -1;
        done += part;
    }
    return put(fd, "TAIL", 4);
}

__attribute__((noreturn)) static void leave(long long rc) { _exit(rc < 0 ? 1 : 0); }

static void print_out(int argc, char **argv) {
    (void)argc;
    leave(pattern(1, number_of(argv[0])));
}

static void print_err(int argc, char **argv) {
    (void)argc;
    leave(pattern(2, number_of(argv[0])));
}

/* Both at the same time, so that a reader of one after the other would hang. */
static void print_both(int argc, char **argv) {
    long long count = number_of(argv[0]);
    int status;
    (void)argc;
    pid_t child = fork();
    if (!child)
        leave(pattern(2, count));
    long long rc = pattern(1, count);
    waitpid(child, &status, 0);
    leave(rc < 0 || status ? -1 : 0);
}

static void every_byte(int argc, char **argv) {
    char bytes[256];
    (void)argc;
    (void)argv;
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    leave(put(1, bytes, 256));
}

/* These two print no line of their own, and other acts may follow them. */
static void raw_text(int argc, char **argv) {
    for (int i = 0; i < argc; i++)
        if (put(1, argv[i], (long long)strlen(argv[i])) < 0 || put(1, "\n", 1) < 0)
            leave(-1);
    line_drop();
}

static void raw_error(int argc, char **argv) {
    (void)argc;
    if (put(2, argv[0], (long long)strlen(argv[0])) < 0 || put(2, "\n", 1) < 0)
        leave(-1);
    line_drop();
}

static void echo_stdin(int argc, char **argv) {
    static char block[65536];
    ssize_t got;
    (void)argc;
    (void)argv;
    while ((got = read(0, block, sizeof(block))) > 0)
        if (put(1, block, got) < 0)
            leave(-1);
    leave(got);
}

static void count_stdin(int argc, char **argv) {
    static char block[65536];
    ssize_t got;
    long long count = 0;
    (void)argc;
    (void)argv;
    while ((got = read(0, block, sizeof(block))) > 0)
        count += got;
    line_result(got);
    line_number("bytes", count);
}

/* Goes on for a while with one stream closed, then ends by itself. */
static void close_stream(int argc, char **argv) {
    (void)argc;
    close((int)number_of(argv[0]));
    sleep_ms(number_of(argv[1]));
    put(argv[0][0] == '1' ? 2 : 1, "still here\n", 11);
    leave(0);
}

/* Ends at once while a child keeps the streams. */
static void leave_child(int argc, char **argv) {
    (void)argc;
    if (!fork()) {
        sleep_ms(number_of(argv[0]));
        _exit(0);
    }
    put(1, "left\n", 5);
    leave(0);
}

const struct probe_act probe_output[] = {
    {"print", "BYTES", 1, print_out},
    {"print-err", "BYTES", 1, print_err},
    {"print-both", "BYTES", 1, print_both},
    {"binary", "", 0, every_byte},
    {"say", "TEXT...", 1, raw_text},
    {"say-err", "TEXT", 1, raw_error},
    {"echo-stdin", "", 0, echo_stdin},
    {"count-stdin", "", 0, count_stdin},
    {"close-stream", "FD MS", 2, close_stream},
    {"leave-child", "MS", 1, leave_child},
    {NULL, NULL, 0, NULL},
};
