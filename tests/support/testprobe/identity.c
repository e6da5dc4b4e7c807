/* identity.c: who and where the process is: ids, capabilities, descriptors, environment, names. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe.h"

extern char **environ;

static void env_list(int argc, char **argv) {
    (void)argc;
    (void)argv;
    line_list("env");
    for (char **entry = environ; *entry; entry++)
        line_item(*entry);
    line_list_end();
}

static void env_one(int argc, char **argv) {
    (void)argc;
    line_text("value", getenv(argv[0]));
}

static void arguments(int argc, char **argv) {
    line_list("argv");
    for (int i = 0; i < argc; i++)
        line_item(argv[i]);
    line_list_end();
}

static void cwd(int argc, char **argv) {
    char path[4096];
    (void)argc;
    (void)argv;
    line_result(getcwd(path, sizeof(path)) ? 0 : -1);
    line_text("cwd", path);
}

static void file_field(const char *key, const char *path) {
    static char text[4096];
    if (read_text(path, text, sizeof(text)) < 0) {
        line_text(key, NULL);
        return;
    }
    text[strcspn(text, "\n")] = 0;
    line_text(key, text);
}

static void ids(int argc, char **argv) {
    gid_t groups[64];
    char text[24];
    int count = getgroups(64, groups);
    (void)argc;
    (void)argv;
    line_number("uid", getuid());
    line_number("euid", geteuid());
    line_number("gid", getgid());
    line_number("egid", getegid());
    line_list("groups");
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "%u", groups[i]);
        line_item(text);
    }
    line_list_end();
    file_field("uidMap", "/proc/self/uid_map");
    file_field("gidMap", "/proc/self/gid_map");
    file_field("setgroups", "/proc/self/setgroups");
}

/* The lines of a status file that say what the process may do. */
static void caps_of(int argc, char **argv) {
    static const char *const wanted[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"};
    static char text[8192];
    char path[64];
    snprintf(path, sizeof(path), "/proc/%s/status", argc > 0 ? argv[0] : "self");
    long got = read_text(path, text, sizeof(text));
    line_result(got);
    for (size_t i = 0; got >= 0 && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        char key[32];
        snprintf(key, sizeof(key), "\n%s:\t", wanted[i]);
        char *found = strstr(text, key);
        char value[64] = "";
        if (found)
            (void)!sscanf(found + strlen(key), "%63s", value);
        line_text(wanted[i], found ? value : NULL);
    }
}

static void fds(int argc, char **argv) {
    char path[64], target[512];
    int count = 0;
    (void)argc;
    (void)argv;
    line_object("fds");
    for (int fd = 0; fd < 4096; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            continue;
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        ssize_t got = readlink(path, target, sizeof(target) - 1);
        target[got > 0 ? got : 0] = 0;
        snprintf(path, sizeof(path), "%d", fd);
        line_text(path, target);
        count++;
    }
    line_object_end();
    line_number("count", count);
}

static void hostname(int argc, char **argv) {
    char name[256] = "";
    (void)argc;
    (void)argv;
    line_result(gethostname(name, sizeof(name) - 1));
    line_text("hostname", name);
}

static void terminal(int argc, char **argv) {
    char name[256];
    (void)argc;
    (void)argv;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    line_result(fd);
    line_text("name", ttyname_r(0, name, sizeof(name)) ? NULL : name);
    line_flag("stdinIsTty", isatty(0));
    line_number("session", getsid(0) == getpid() || getsid(0) > 0);
}

/* Regain what was given up. */
static void set_ids(int argc, char **argv) {
    gid_t none = 0;
    (void)argc;
    (void)argv;
    line_outcome("setuid", setresuid(0, 0, 0));
    line_outcome("setgid", setresgid(0, 0, 0));
    line_outcome("setgroups", setgroups(1, &none));
    line_number("euid", geteuid());
}

const struct probe_act probe_identity[] = {
    {"env", "", 0, env_list},
    {"getenv", "NAME", 1, env_one},
    {"args", "[ARGUMENT...]", 0, arguments},
    {"cwd", "", 0, cwd},
    {"ids", "", 0, ids},
    {"caps", "[PID]", 0, caps_of},
    {"fds", "", 0, fds},
    {"hostname", "", 0, hostname},
    {"tty", "", 0, terminal},
    {"become-root", "", 0, set_ids},
    {NULL, NULL, 0, NULL},
};
