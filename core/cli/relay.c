/* relay.c: see relay.h. One poll loop; every copy is either reading (its buffer is empty) or writing. Terminals are
 * opened a second time where that is possible: O_NONBLOCK on the caller's own descriptor would outlive us. */
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define GRACE_MS 1000
#define DRAIN_MS 2000     /* after the end: how long to wait for the end of file of an output pipe */
#define FOREGROUND_MS 250 /* how often a job in the background looks whether it is in the foreground again */

struct copy {
    int from, to; /* -1: closed */
    int input;    /* from the terminal to the command, else the other way */
    size_t start, end;
    char bytes[1 << 16];
};

struct relay {
    mxc_process *process;
    struct copy copies[3]; /* input, output, error */
    int ended;
    int signals; /* that came in */
};

static struct {
    int ends[2];
    int first;
} caught = {{-1, -1}, 0};

/* ---- signals ---- */

static void note_signal(int number) {
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(caught.ends[1], &byte, 1);
    (void)ignored;
    errno = kept;
}

/* Only wakes a write up with EPIPE. Not SIG_IGN, which the sandbox would inherit over exec. */
static void note_nothing(int number) { (void)number; }

int cli_catch_signals(void) {
    static const int asked[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    if (pipe2(caught.ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return errno;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        struct sigaction action = {.sa_handler = asked[i] == SIGPIPE ? note_nothing : note_signal,
                                   .sa_flags = SA_RESTART};
        struct sigaction before;
        sigemptyset(&action.sa_mask);
        /* nohup and shells' background jobs ignore some of them: that stays */
        if (sigaction(asked[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(asked[i], &action, NULL);
    }
    return 0;
}

int cli_caught(void) { return caught.first; }

void cli_raise(int number) {
    signal(number, SIG_DFL);
    raise(number);
}

static void act_on_signals(struct relay *relay) {
    unsigned char numbers[16];
    ssize_t got = read(caught.ends[0], numbers, sizeof(numbers));
    for (ssize_t i = 0; i < got; i++) {
        if (relay->signals == 0)
            caught.first = numbers[i];
        (void)mxc_process_stop(relay->process, relay->signals == 0 ? GRACE_MS : 0, NULL);
        relay->signals++;
    }
}

/* ---- copies ---- */

static void shut(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void finish(struct copy *copy) {
    shut(&copy->from);
    shut(&copy->to);
    copy->start = copy->end = 0;
}

static void fill(struct copy *copy) {
    ssize_t got = read(copy->from, copy->bytes, sizeof(copy->bytes));
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        finish(copy);
        return;
    }
    copy->start = 0;
    copy->end = (size_t)got;
}

/* A reader that is gone ends the copy: its other end is closed, and the command meets SIGPIPE as it would have. */
static void drain(struct copy *copy) {
    ssize_t written = write(copy->to, copy->bytes + copy->start, copy->end - copy->start);
    if (written < 0 && errno != EAGAIN && errno != EINTR)
        finish(copy);
    if (written > 0)
        copy->start += (size_t)written;
}

/* Reading from the background would stop the whole job (SIGTTIN); a terminal that is not ours does not care. */
static int in_background(int fd) {
    pid_t group = tcgetpgrp(fd);
    return group > 0 && group != getpgrp();
}

static int second_descriptor(int fd, int flags) {
    char path[32];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return again >= 0 ? again : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static void open_copy(struct relay *relay, int which, int pipe_end, int terminal) {
    struct copy *copy = &relay->copies[which];
    if (pipe_end >= 0)
        fcntl(pipe_end, F_SETFL, O_NONBLOCK);
    copy->input = which == STDIN_FILENO;
    int other = second_descriptor(terminal, copy->input ? O_RDONLY : O_WRONLY);
    copy->from = copy->input ? other : pipe_end;
    copy->to = copy->input ? pipe_end : other;
    if (pipe_end < 0 || other < 0)
        finish(copy);
}

static void open_copies(struct relay *relay, const struct cli_ends *ends) {
    for (int i = 0; i < 3; i++)
        relay->copies[i].from = relay->copies[i].to = -1;
    if (ends->terminal[0])
        open_copy(relay, 0, mxc_process_take_stdin(relay->process), ends->fds[0]);
    if (ends->terminal[1])
        open_copy(relay, 1, mxc_process_take_stdout(relay->process), ends->fds[1]);
    if (ends->terminal[2])
        open_copy(relay, 2, mxc_process_take_stderr(relay->process), ends->fds[2]);
}

/* ---- the loop ---- */

/* Gives how long poll may wait. fds: status, signals, then from and to of each copy. */
static int prepare(const struct relay *relay, struct pollfd *fds) {
    int wait_ms = relay->ended ? DRAIN_MS : -1;
    fds[0] = (struct pollfd){relay->ended ? -1 : mxc_process_status_fd(relay->process), POLLIN, 0};
    fds[1] = (struct pollfd){caught.ends[0], POLLIN, 0};
    for (int i = 0; i < 3; i++) {
        const struct copy *copy = &relay->copies[i];
        int writing = copy->start < copy->end;
        int idle = copy->from >= 0 && copy->input && !writing && in_background(copy->from);
        fds[2 + 2 * i] = (struct pollfd){writing || idle ? -1 : copy->from, POLLIN, 0};
        /* without events: only whether the reader is gone, so that a terminal is not read in vain */
        fds[3 + 2 * i] = (struct pollfd){writing || copy->input ? copy->to : -1, writing ? POLLOUT : 0, 0};
        if (idle && wait_ms < 0)
            wait_ms = FOREGROUND_MS;
    }
    return wait_ms;
}

static void move_bytes(struct copy *copy, const struct pollfd *fds) {
    if (fds[1].revents && copy->start < copy->end)
        drain(copy);
    else if (fds[1].revents)
        finish(copy);
    else if (fds[0].revents)
        fill(copy);
}

static int waits_to_write(const struct relay *relay) {
    return relay->copies[1].start < relay->copies[1].end || relay->copies[2].start < relay->copies[2].end;
}

static int is_done(const struct relay *relay, int signals_at_end) {
    int open = relay->copies[1].from >= 0 || relay->copies[2].from >= 0;
    /* a terminal that was stopped (Ctrl-S) must not hold us for ever: one more signal gives up */
    return relay->ended && (!open || relay->signals > signals_at_end);
}

int cli_relay(mxc_process *process, const struct cli_ends *ends) {
    static struct relay relay; /* 192 KiB of buffers, untouched without a terminal */
    int failed = 0, signals_at_end = 0;
    relay.process = process;
    open_copies(&relay, ends);
    while (!is_done(&relay, signals_at_end)) {
        struct pollfd fds[8];
        int ready = poll(fds, sizeof(fds) / sizeof(fds[0]), prepare(&relay, fds));
        if (ready < 0 && errno == EINTR)
            continue;
        failed = ready < 0 ? errno : 0;
        if (failed || (ready == 0 && relay.ended && !waits_to_write(&relay)))
            break;
        for (int i = 0; i < 3; i++)
            move_bytes(&relay.copies[i], &fds[2 + 2 * i]);
        if (fds[1].revents)
            act_on_signals(&relay);
        if (fds[0].revents && !relay.ended) {
            relay.ended = 1;
            signals_at_end = relay.signals;
            finish(&relay.copies[0]);
        }
    }
    for (int i = 0; i < 3; i++)
        finish(&relay.copies[i]);
    return failed;
}
