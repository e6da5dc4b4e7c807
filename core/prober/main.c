/* main.c: the acts that ask for something, and the table of them. `prober look PID PORT HIDDEN DENIED READONLY KEY`
 * tries all; `prober ACT [ARGUMENT]` uses something up (load.c). */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prober/prober.h"

#define STATUS_BYTES 8192
#define IO_URING_SETUP 425
#define LANDLOCK_CREATE 444
#define LANDLOCK_RESTRICT 446

const char *prober_answer(long result) {
    static const struct {
        int number;
        const char *name;
    } known[] = {{EPERM, "EPERM"},   {ENOENT, "ENOENT"}, {ESRCH, "ESRCH"},
                 {EACCES, "EACCES"}, {EROFS, "EROFS"},   {EAGAIN, "EAGAIN"},
                 {ENXIO, "ENXIO"},   {ENOSYS, "ENOSYS"}, {ECONNREFUSED, "ECONNREFUSED"},
                 {EFAULT, "EFAULT"}, {EMFILE, "EMFILE"}, {ENOSPC, "ENOSPC"},
                 {EINVAL, "EINVAL"}, {EBUSY, "EBUSY"},   {ENETUNREACH, "ENETUNREACH"}};
    if (result >= 0)
        return "ok";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].number == errno)
            return known[i].name;
    return "other";
}

void prober_say(const char *name, const char *answer) {
    printf("%s %s\n", name, answer);
    fflush(stdout);
}

static void say_result(const char *name, long result) { prober_say(name, prober_answer(result)); }

static void read_file(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    text[got > 0 ? got : 0] = 0;
    if (fd >= 0)
        close(fd);
}

/* The value of a line of /proc/self/status. */
static void say_status(const char *name, const char *key) {
    char text[STATUS_BYTES], value[64] = "unknown";
    read_file("/proc/self/status", text, sizeof text);
    const char *line = strstr(text, key);
    if (line)
        (void)!sscanf(line + strlen(key), "%63s", value);
    prober_say(name, value);
}

/* In a child, so that what it gains or loses does not help the next act; "signal N" when it was killed. */
static void in_child(const char *name, long (*act)(void)) {
    int status = 0, ends[2], number = 0;
    char text[32];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    pid_t child = fork();
    if (child == 0) {
        number = act() < 0 ? errno : 0;
        _exit(write(ends[1], &number, sizeof number) == sizeof number ? 0 : 1);
    }
    waitpid(child, &status, 0);
    close(ends[1]);
    if (WIFSIGNALED(status)) {
        snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
        prober_say(name, text);
    } else if (read(ends[0], &number, sizeof number) == sizeof number) {
        errno = number;
        say_result(name, number ? -1 : 0);
    }
    close(ends[0]);
}

static long new_namespace(void) { return unshare(CLONE_NEWUSER); }
static long io_uring(void) { return syscall(IO_URING_SETUP, 1, NULL); }
static long session_keyring(void) { return syscall(SYS_keyctl, 0L /* GET_KEYRING_ID */, -3L, 0L); }

#if defined(__x86_64__)
static long foreign_call(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory", "r8", "r9", "r10", "r11");
    return result;
}
#endif

/* Landlock allows 16 layers, those of ancestors counted: one less inside shows that one is there. */
static void say_layers(void) {
    struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK};
    char text[16];
    int layers = 0;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    for (long result = 0; result == 0 && layers < 64; layers += result == 0) {
        int fd = (int)syscall(LANDLOCK_CREATE, &attr, sizeof attr, 0);
        result = fd < 0 ? -1 : syscall(LANDLOCK_RESTRICT, fd, 0);
        close(fd);
    }
    snprintf(text, sizeof text, "%d", layers);
    prober_say("landlock-layers", text);
}

static void say_connection(const char *port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    say_result("connect-host", fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to));
    close(fd);
}

static void say_write(const char *folder) {
    char path[4200];
    snprintf(path, sizeof path, "%s/probe", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    say_result("write-readonly", fd);
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
}

static void say_descriptors(void) {
    char text[16];
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    snprintf(text, sizeof text, "%d", count);
    prober_say("descriptors", text);
}

static void say_own_view(void) {
    char text[STATUS_BYTES], name[65] = "";
    gethostname(name, sizeof name - 1);
    prober_say("host-name", name);
    read_file("/proc/self/cgroup", text, sizeof text);
    int below = 0;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) && *line;)
        below += strcmp(line + strlen(line) - 2, ":/") != 0;
    prober_say("cgroup-path", below ? "visible" : "/");
    prober_say("caller-variable", getenv("MXC_VERIFY_SECRET") ? "visible" : "absent");
    snprintf(text, sizeof text, "%u", getuid());
    prober_say("uid", text);
}

static int look(char **argv) {
    say_status("capabilities", "CapPrm:\t");
    say_status("bounding-set", "CapBnd:\t");
    say_status("no-new-privs", "NoNewPrivs:\t");
    say_status("filter", "Seccomp:\t");
    say_own_view();
    say_descriptors();
    say_result("open-hidden", open(argv[4], O_RDONLY | O_CLOEXEC));
    say_result("open-denied", open(argv[5], O_RDONLY | O_CLOEXEC));
    say_write(argv[6]);
    say_result("signal-host", kill((pid_t)strtol(argv[2], NULL, 10), 0));
    say_connection(argv[3]);
    say_result("shared-memory", shmget((key_t)strtol(argv[7], NULL, 10), 0, 0));
    say_result("terminal", open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    in_child("new-namespace", new_namespace);
    in_child("io-uring", io_uring);
    in_child("session-keyring", session_keyring);
#if defined(__x86_64__)
    in_child("foreign-call", foreign_call);
#endif
    say_layers(); /* last: it cannot be undone */
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 8 && strcmp(argv[1], "look") == 0)
        return look(argv);
    return argc >= 2 ? prober_load(argv[1], argc > 2 ? argv[2] : "") : 64;
}
