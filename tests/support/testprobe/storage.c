/* storage.c: acts on what a file system is made of: depth, number, holes, unnamed files, files kept open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef O_TMPFILE
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

/* One in the other, entered each time, so that no path is too long. */
static void deep_folders(int argc, char **argv) {
    long long wanted = number_of(argv[1]), made = 0;
    (void)argc;
    int rc = chdir(argv[0]);
    while (!rc && made < wanted) {
        rc = mkdir("d", 0755) || chdir("d");
        made += !rc;
    }
    line_result(rc ? -1 : 0);
    line_number("made", made);
}

static void many_files(int argc, char **argv) {
    long long wanted = number_of(argv[1]), made = 0;
    int rc = 0;
    (void)argc;
    for (; made < wanted && rc >= 0; made += rc >= 0) {
        char path[4300];
        snprintf(path, sizeof(path), "%s/n%lld", argv[0], made);
        rc = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (rc >= 0)
            close(rc);
    }
    line_result(rc);
    line_number("made", made);
}

static void long_name(int argc, char **argv) {
    char path[4500], name[257];
    (void)argc;
    memset(name, 'n', 256);
    name[256] = 0;
    snprintf(path, sizeof(path), "%s/%s", argv[0], name);
    line_outcome("256", open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    path[strlen(path) - 1] = 0;
    line_outcome("255", open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

/* A file of that size without a byte in it, and the same with the blocks taken. */
static void big_file(int argc, char **argv) {
    int fd = open(argv[0], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    off_t size = (off_t)number_of(argv[1]);
    (void)argc;
    line_outcome("sparse", ftruncate(fd, size));
    line_outcome("allocated", syscall(SYS_fallocate, fd, 0L, 0L, size));
    close(fd);
}

static void copy_range(int argc, char **argv) {
    int from = open(argv[0], O_RDONLY | O_CLOEXEC), to = open(argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    (void)argc;
    line_outcome("open", from);
    line_result(syscall(SYS_copy_file_range, from, NULL, to, NULL, 4096L, 0L));
}

static long link_fd(int fd, const char *to, const char *key_empty, const char *key_proc) {
    char self[64];
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    long one = linkat(fd, "", AT_FDCWD, to, AT_EMPTY_PATH);
    line_outcome(key_empty, one);
    long two = linkat(AT_FDCWD, self, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
    line_outcome(key_proc, two);
    return one < 0 ? two : one;
}

/* A name for a file that has none yet, in another folder. */
static void tmpfile_link(int argc, char **argv) {
    int fd = open(argv[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    (void)argc;
    line_outcome("tmpfile", fd);
    line_result(link_fd(fd, argv[1], "empty path", "proc"));
}

/* A second name by descriptor instead of by path. */
static void link_by_fd(int argc, char **argv) {
    int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
    (void)argc;
    line_outcome("open", fd);
    line_result(link_fd(fd, argv[1], "empty path", "proc"));
}

/* Waits in a folder until a file appears elsewhere, then climbs: the folder may have been moved meanwhile. */
static void climb(int argc, char **argv) {
    static char text[64];
    (void)argc;
    int rc = chdir(argv[0]);
    dprintf(1, "ready\n");
    for (int i = 0; i < 2000 && access(argv[1], F_OK); i++)
        sleep_ms(5);
    line_result(rc);
    line_outcome("up", read_text("../canary.txt", text, sizeof(text)));
    line_outcome("up twice", read_text("../../outside/canary.txt", text, sizeof(text)));
    line_outcome("write up", open("../walls-climbed", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    line_outcome("rename out", rename("inner", argv[2]));
    line_outcome("list up", open("..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* Shortens whatever file is open for writing already, by number. */
static void truncate_fds(int argc, char **argv) {
    int done = 0;
    (void)argc;
    (void)argv;
    for (int fd = 3; fd < 1024; fd++)
        done += !ftruncate(fd, 0);
    line_number("truncated", done);
}

static void memfd_step(void *data) {
    const char *const argv[] = {"memfd", "exit", "7", NULL}, *const envp[] = {NULL};
    char block[65536];
    ssize_t got;
    (void)data;
    int to = (int)syscall(SYS_memfd_create, "code", 0L), from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    while ((got = read(from, block, sizeof(block))) > 0)
        if (write(to, block, (size_t)got) != got)
            _exit(101);
    syscall(SYS_execveat, to, "", argv, envp, (long)AT_EMPTY_PATH);
    _exit(100);
}

/* A program without a file: exit status 7 when it ran. */
static void memfd_exec(int argc, char **argv) {
    int status = in_child(memfd_step, NULL);
    (void)argc;
    (void)argv;
    line_number("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

const struct probe_act probe_storage[] = {
    {"deep-folders", "FOLDER COUNT", 2, deep_folders},
    {"many-files", "FOLDER COUNT", 2, many_files},
    {"long-name", "FOLDER", 1, long_name},
    {"big-file", "PATH BYTES", 2, big_file},
    {"copy-range", "FROM TO", 2, copy_range},
    {"tmpfile-link", "FOLDER TO", 2, tmpfile_link},
    {"link-by-fd", "FROM TO", 2, link_by_fd},
    {"climb", "FOLDER WHEN TO", 3, climb},
    {"truncate-fds", "", 0, truncate_fds},
    {"memfd-exec", "", 0, memfd_exec},
    {NULL, NULL, 0, NULL},
};
