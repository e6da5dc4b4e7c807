/* snapshot.c: see snapshot.h. */
#include "snapshot.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

#define KEYCTL_GET_KEYRING_ID 0
#define KEY_SPEC_SESSION_KEYRING (-3)

static void put_descriptors(FILE *out) {
    for (int fd = 0; fd < 1024; fd++) {
        char path[64], target[256];
        int flags = fcntl(fd, F_GETFD);
        if (flags < 0)
            continue;
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(path, target, sizeof target);
        fprintf(out, "fd %d %.*s%s status %x\n", fd, length > 0 ? (int)length : 0, target,
                flags & FD_CLOEXEC ? " cloexec" : "", (unsigned)fcntl(fd, F_GETFL));
    }
}

static void put_signals(FILE *out) {
    sigset_t mask;
    for (int number = 1; number < 65; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) != 0)
            continue;
        fprintf(out, "signal %d %p %x\n", number, (void *)(size_t)action.sa_handler, (unsigned)action.sa_flags);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int number = 1; number < 65; number++)
        if (sigismember(&mask, number) == 1)
            fprintf(out, "blocked %d\n", number);
}

static void put_process(FILE *out) {
    struct itimerval timer;
    int subreaper = -1;
    char *folder = getcwd(NULL, 0);
    mode_t mask = umask(0);
    umask(mask);
    prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0);
    getitimer(ITIMER_REAL, &timer);
    fprintf(out, "umask %o\ncwd %s\nsubreaper %d\ndumpable %d\nno_new_privs %d\nname ", (unsigned)mask, folder,
            subreaper, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    char name[17] = {0};
    prctl(PR_GET_NAME, name, 0, 0, 0);
    fprintf(out, "%s\nsession %d group %d\nids %d %d %d %d\nkeyring %ld\ntimer %ld\n", name, getsid(0), getpgrp(),
            getuid(), geteuid(), getgid(), getegid(),
            syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0), (long)timer.it_value.tv_sec);
    free(folder);
    for (char **entry = environ; *entry; entry++)
        fprintf(out, "env %s\n", *entry);
    for (int limit = 0; limit < RLIM_NLIMITS; limit++) {
        struct rlimit value = {0, 0};
        getrlimit((__rlimit_resource_t)limit, &value);
        fprintf(out, "limit %d %llu %llu\n", limit, (unsigned long long)value.rlim_cur,
                (unsigned long long)value.rlim_max);
    }
}

static int count_entries(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

int count_children(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[320];
        int pid;
        snprintf(path, sizeof path, "/proc/self/task/%s/children", entry->d_name);
        FILE *file = fopen(path, "re");
        while (file && fscanf(file, "%d", &pid) == 1)
            count++;
        if (file)
            fclose(file);
    }
    if (folder)
        closedir(folder);
    return count;
}

char *snapshot(void) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    put_descriptors(out);
    put_signals(out);
    put_process(out);
    fprintf(out, "threads %d\nchildren %d\n", count_entries("/proc/self/task"), count_children());
    fclose(out);
    return text;
}

static const char *next_line(const char *at, char *line, size_t size) {
    size_t length = strcspn(at, "\n");
    snprintf(line, size, "%.*s", (int)length, at);
    return at + length + (at[length] == '\n');
}

int snapshot_differs(const char *before, const char *after) {
    int differs = 0;
    while (*before || *after) {
        char a[4096], b[4096];
        before = next_line(before, a, sizeof a);
        after = next_line(after, b, sizeof b);
        if (strcmp(a, b) == 0)
            continue;
        fprintf(stderr, "before: %s\nafter:  %s\n", a, b);
        if (++differs > 10)
            break;
    }
    return differs;
}
