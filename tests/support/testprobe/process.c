/* process.c: acts about processes and signals: ending, staying, hiding, outliving. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

static void do_nothing(int argc, char **argv) {
    (void)argc;
    (void)argv;
}

static void exit_with(int argc, char **argv) {
    (void)argc;
    _exit((int)number_of(argv[0]));
}

static void signal_self(int argc, char **argv) {
    (void)argc;
    signal((int)number_of(argv[0]), SIG_DFL);
    line_result(kill(getpid(), (int)number_of(argv[0])));
}

static void exec_path(int argc, char **argv) {
    (void)argc;
    line_result(execv(argv[0], argv));
}

struct tried {
    char **argv;
    int report;
};

static void exec_step(void *data) {
    struct tried *tried = data;
    execv(tried->argv[0], tried->argv);
    (void)!write(tried->report, &errno, sizeof(errno));
    _exit(120);
}

/* exec in a child: the errno, or the exit status of what ran. */
static void try_exec(int argc, char **argv) {
    int ends[2], number = 0;
    (void)argc;
    if (pipe2(ends, O_CLOEXEC)) {
        line_result(-1);
        return;
    }
    struct tried tried = {argv, ends[1]};
    int status = in_child(exec_step, &tried);
    close(ends[1]);
    ssize_t got = read(ends[0], &number, sizeof(number));
    errno = number;
    line_result(got == (ssize_t)sizeof(number) ? -1 : 0);
    line_number("status", status);
}

static void sleep_for(int argc, char **argv) {
    (void)argc;
    sleep_ms(number_of(argv[0]));
}

static void say(const char *text) { (void)!write(1, text, strlen(text)); }

static void ignore_endings(void) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
}

static void stubborn(int argc, char **argv) {
    (void)argc;
    ignore_endings();
    say("stubborn\n");
    sleep_ms(number_of(argv[0]));
}

static int code_on_term;

static void leave_on_term(int number) {
    (void)number;
    say("got TERM\n");
    _exit(code_on_term);
}

static void polite(int argc, char **argv) {
    (void)argc;
    code_on_term = (int)number_of(argv[1]);
    signal(SIGTERM, leave_on_term);
    say("polite\n");
    sleep_ms(number_of(argv[0]));
}

static const char *beat_file;

__attribute__((noreturn)) static void beat_forever(void) {
    for (long n = 0; n < 3000; n++) { /* one minute, so that a failed test leaves nothing for good */
        char text[32];
        int fd = open(beat_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        int length = snprintf(text, sizeof(text), "%ld\n", n);
        if (fd >= 0) {
            (void)!write(fd, text, (size_t)length);
            close(fd);
        }
        sleep_ms(20);
    }
    _exit(0);
}

/* A daemon as they are made: two forks and a session of its own; it ignores what can be ignored, keeps stdout and
 * stderr open and writes its beat. */
static void daemonise(int argc, char **argv) {
    int ready[2];
    char byte;
    (void)argc;
    beat_file = argv[0];
    if (pipe2(ready, O_CLOEXEC)) {
        line_result(-1);
        return;
    }
    pid_t child = fork();
    if (!child) {
        setsid();
        if (fork())
            _exit(0);
        ignore_endings();
        prctl(PR_SET_NAME, "mxc-daemon");
        close(open(beat_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
        (void)!write(ready[1], "r", 1);
        beat_forever();
    }
    close(ready[1]);
    if (child > 0)
        waitpid(child, NULL, 0);
    line_result(child < 0 || read(ready[0], &byte, 1) != 1 ? -1 : 0);
}

static void beat_here(int argc, char **argv) {
    (void)argc;
    beat_file = argv[0];
    say("beating\n");
    beat_forever();
}

static void fork_again(int number) {
    (void)number;
    if (!fork()) {
        signal(SIGTERM, fork_again);
        return;
    }
    _exit(0);
}

/* Answers each TERM with a new copy of itself. */
static void fork_on_term(int argc, char **argv) {
    (void)argc;
    beat_file = argv[0];
    signal(SIGTERM, fork_again);
    say("ready\n");
    beat_forever();
}

static void kill_pid(int argc, char **argv) {
    line_result(kill((pid_t)number_of(argv[0]), argc > 1 ? (int)number_of(argv[1]) : 0));
}

/* Everyone that it can reach, itself spared by the kernel. */
static void kill_everyone(int argc, char **argv) {
    only_in_namespaces();
    signal(SIGTERM, SIG_IGN);
    line_result(kill(-1, argc > 0 ? (int)number_of(argv[0]) : SIGTERM));
}

static void pids(int argc, char **argv) {
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    long long count = 0, highest = 0;
    (void)argc;
    (void)argv;
    line_result(dir ? 0 : -1);
    line_list("pids");
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        line_item(entry->d_name);
        long long pid = number_of(entry->d_name);
        highest = pid > highest ? pid : highest;
        count++;
    }
    line_list_end();
    line_number("count", count);
    line_number("highest", highest);
    line_number("self", getpid());
    line_number("parent", getppid());
    if (dir)
        closedir(dir);
}

static void zombies(int argc, char **argv) {
    long long count = number_of(argv[0]), made = 0;
    (void)argc;
    for (; made < count; made++) {
        pid_t child = fork(); /* whose own child init must reap */
        if (child < 0)
            break;
        if (!child)
            _exit(fork() < 0 ? 1 : 0);
        waitpid(child, NULL, 0);
    }
    line_number("made", made);
}

/* A command that another command of the same sandbox finds. */
static void wait_for_file(int argc, char **argv) {
    long long left = number_of(argv[1]);
    (void)argc;
    while (access(argv[0], F_OK) && left > 0) {
        sleep_ms(5);
        left -= 5;
    }
    line_result(access(argv[0], F_OK));
}

const struct probe_act probe_process[] = {
    {"true", "", 0, do_nothing},
    {"exit", "CODE", 1, exit_with},
    {"signal", "NUMBER", 1, signal_self},
    {"exec", "PATH [ARGUMENT...]", 1, exec_path},
    {"try-exec", "PATH [ARGUMENT...]", 1, try_exec},
    {"sleep", "MS", 1, sleep_for},
    {"stubborn", "MS", 1, stubborn},
    {"polite", "MS CODE", 2, polite},
    {"daemon", "BEATFILE", 1, daemonise},
    {"beat", "BEATFILE", 1, beat_here},
    {"fork-on-term", "BEATFILE", 1, fork_on_term},
    {"kill", "PID [SIGNAL]", 1, kill_pid},
    {"kill-everyone", "[SIGNAL]", 0, kill_everyone},
    {"pids", "", 0, pids},
    {"zombies", "COUNT", 1, zombies},
    {"wait-for-file", "PATH MS", 2, wait_for_file},
    {NULL, NULL, 0, NULL},
};
