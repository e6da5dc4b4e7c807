/* files.c: acts on files and folders. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "probe.h"

static void open_as(const char *path, int flags, mode_t mode, const char *text) {
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
    long rc = fd;
    if (fd >= 0 && text)
        rc = (long)write(fd, text, strlen(text));
    line_result(rc);
    if (fd >= 0)
        close(fd);
}

static void open_read(int argc, char **argv) {
    static char text[4096];
    long got = read_text(argv[0], text, argc > 1 ? 2 : sizeof(text));
    line_result(got);
    if (got >= 0)
        line_bytes("text", text, (size_t)got);
}

static void open_write(int argc, char **argv) {
    (void)argc;
    open_as(argv[0], O_WRONLY, 0, NULL);
}

static void open_with(int argc, char **argv) {
    (void)argc;
    open_as(argv[0], (int)number_of(argv[1]), 0, NULL);
}

static void write_file(int argc, char **argv) {
    (void)argc;
    open_as(argv[0], O_WRONLY | O_CREAT | O_TRUNC, 0644, argv[1]);
}

static void create_file(int argc, char **argv) {
    mode_t mode = argc > 1 ? (mode_t)number_of(argv[1]) : 0644;
    open_as(argv[0], O_WRONLY | O_CREAT | O_EXCL, mode, "made inside\n");
}

static void append_file(int argc, char **argv) {
    (void)argc;
    open_as(argv[0], O_WRONLY | O_APPEND, 0, argv[1]);
}

static void truncate_file(int argc, char **argv) {
    line_result(truncate(argv[0], argc > 1 ? (off_t)number_of(argv[1]) : 0));
}

static void unlink_file(int argc, char **argv) {
    (void)argc;
    line_result(unlink(argv[0]));
}

static void rmdir_path(int argc, char **argv) {
    (void)argc;
    line_result(rmdir(argv[0]));
}

static void rename_path(int argc, char **argv) {
    (void)argc;
    line_result(rename(argv[0], argv[1]));
}

static void link_file(int argc, char **argv) {
    (void)argc;
    line_result(link(argv[0], argv[1]));
}

static void symlink_at(int argc, char **argv) {
    (void)argc;
    line_result(symlink(argv[0], argv[1]));
}

static void readlink_at(int argc, char **argv) {
    char target[4096];
    ssize_t got = readlink(argv[0], target, sizeof(target));
    (void)argc;
    line_result(got);
    if (got >= 0)
        line_bytes("target", target, (size_t)got);
}

static void chown_path(int argc, char **argv) {
    (void)argc;
    line_result(lchown(argv[0], (uid_t)number_of(argv[1]), (gid_t)number_of(argv[2])));
}

static void touch_path(int argc, char **argv) {
    struct timespec when[2] = {{1, 0}, {1, 0}};
    (void)argc;
    line_result(utimensat(AT_FDCWD, argv[0], when, AT_SYMLINK_NOFOLLOW));
}

/* A value that begins with "hex:" is bytes. */
static void xattr_path(int argc, char **argv) {
    unsigned char bytes[256];
    size_t length = 0;
    const char *value = argv[2];
    (void)argc;
    if (!strncmp(value, "hex:", 4)) {
        for (value += 4; length < sizeof(bytes) && sscanf(value, "%2hhx", &bytes[length]) == 1; value += 2)
            length++;
        value = (const char *)bytes;
    } else {
        length = strlen(value);
    }
    line_result(setxattr(argv[0], argv[1], value, length, 0));
}

static void mkdir_path(int argc, char **argv) {
    line_result(mkdir(argv[0], argc > 1 ? (mode_t)number_of(argv[1]) : 0755));
}

static const char *type_name(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "file";
    case S_IFDIR:
        return "folder";
    case S_IFLNK:
        return "symlink";
    case S_IFCHR:
        return "char";
    case S_IFBLK:
        return "block";
    case S_IFIFO:
        return "fifo";
    default:
        return "socket";
    }
}

static void stat_path(int argc, char **argv) {
    struct stat st;
    int rc = lstat(argv[0], &st);
    char mode[8];
    (void)argc;
    line_result(rc);
    if (rc)
        return;
    snprintf(mode, sizeof(mode), "%04o", st.st_mode & 07777);
    line_text("type", type_name(st.st_mode));
    line_text("mode", mode);
    line_number("uid", st.st_uid);
    line_number("gid", st.st_gid);
    line_number("size", (long long)st.st_size);
    line_number("links", (long long)st.st_nlink);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void readdir_path(int argc, char **argv) {
    static char *names[4096];
    size_t count = 0;
    DIR *dir = opendir(argv[0]);
    struct dirent *entry;
    (void)argc;
    line_result(dir ? 0 : -1);
    if (!dir)
        return;
    while (count < 4096 && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            names[count++] = strdup(entry->d_name);
    closedir(dir);
    qsort(names, count, sizeof(names[0]), by_name);
    line_list("names");
    for (size_t i = 0; i < count; i++)
        line_item(names[i]);
    line_list_end();
}

/* The same file by every other name that it may have here. */
static void read_aliases(int argc, char **argv) {
    static char text[256], name[4200];
    static const char *const forms[] = {
        "%s", "/tmp/..%s", "/proc/self/root%s", "/proc/1/root%s", "/proc/1/cwd/..%s", "/proc/self/task/1/root%s"};
    int reached = 0;
    (void)argc;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(name, sizeof(name), forms[i], argv[0]);
#pragma GCC diagnostic pop
        long got = read_text(name, text, sizeof(text));
        reached += got >= 0;
        line_outcome(forms[i], got);
    }
    struct {
        struct file_handle_head {
            unsigned int bytes;
            int type;
        } head;
        unsigned char data[128];
    } handle = {{128, 0}, {0}};
    int mount_id;
    long rc = syscall(SYS_name_to_handle_at, AT_FDCWD, argv[0], &handle, &mount_id, 0);
    reached += rc >= 0;
    line_outcome("name_to_handle_at", rc);
    line_number("reached", reached);
}

/* 50 links in a row, a loop, and links to names that lead out. */
static void symlink_maze(int argc, char **argv) {
    static char text[256];
    char at[64];
    (void)argc;
    if (chdir(argv[0])) {
        line_result(-1);
        return;
    }
    (void)!symlink(argv[1], "maze0");
    for (int i = 1; i < 50; i++) {
        char to[64];
        snprintf(at, sizeof(at), "maze%d", i);
        snprintf(to, sizeof(to), "maze%d", i - 1);
        (void)!symlink(to, at);
    }
    (void)!symlink("loop", "loop");
    line_outcome("one", read_text("maze0", text, sizeof(text)));
    line_outcome("ten", read_text("maze9", text, sizeof(text)));
    line_outcome("fifty", read_text("maze49", text, sizeof(text)));
    line_outcome("loop", read_text("loop", text, sizeof(text)));
}

static void fill_file(int argc, char **argv) {
    static char block[1 << 16];
    long long limit = number_of(argv[1]), wrote = 0;
    int fd = open(argv[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ssize_t more = fd;
    (void)argc;
    while (fd >= 0 && wrote < limit && (more = write(fd, block, sizeof(block))) > 0)
        wrote += more;
    line_result(more);
    line_number("bytes", wrote);
}

static void open_many(int argc, char **argv) {
    long long wanted = number_of(argv[0]), made = 0;
    int fd = 0;
    (void)argc;
    while (made < wanted && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        made++;
    int number = errno;
    for (int i = 3; i < (int)made + 8; i++)
        close(i);
    errno = number;
    line_result(fd);
    line_number("made", made);
}

/* Swaps the parent of a protected name for a new one. */
static void rebuild_parent(int argc, char **argv) {
    char aside[4200], inner[4200];
    (void)argc;
    snprintf(aside, sizeof(aside), "%s.aside", argv[0]);
    snprintf(inner, sizeof(inner), "%s/%s", argv[0], argv[1]);
    line_outcome("rename", rename(argv[0], aside));
    line_outcome("mkdir", mkdir(argv[0], 0755));
    int fd = open(inner, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    line_outcome("write", fd);
    line_result(fd);
}

const struct probe_act probe_files[] = {
    {"open-read", "PATH [first]", 1, open_read},
    {"open-write", "PATH", 1, open_write},
    {"write", "PATH TEXT", 2, write_file},
    {"create", "PATH [MODE]", 1, create_file},
    {"append", "PATH TEXT", 2, append_file},
    {"open-with", "PATH FLAGS", 2, open_with},
    {"truncate", "PATH [SIZE]", 1, truncate_file},
    {"unlink", "PATH", 1, unlink_file},
    {"rmdir", "PATH", 1, rmdir_path},
    {"rename", "FROM TO", 2, rename_path},
    {"link", "FROM TO", 2, link_file},
    {"symlink", "TARGET PATH", 2, symlink_at},
    {"readlink", "PATH", 1, readlink_at},
    {"chown", "PATH UID GID", 3, chown_path},
    {"touch", "PATH", 1, touch_path},
    {"setxattr", "PATH NAME TEXT|hex:BYTES", 3, xattr_path},
    {"mkdir", "PATH [MODE]", 1, mkdir_path},
    {"stat", "PATH", 1, stat_path},
    {"readdir", "PATH", 1, readdir_path},
    {"read-aliases", "PATH", 1, read_aliases},
    {"symlink-maze", "FOLDER TARGET", 2, symlink_maze},
    {"fill", "PATH BYTES", 2, fill_file},
    {"open-many", "COUNT", 1, open_many},
    {"rebuild-parent", "FOLDER NAME", 2, rebuild_parent},
    {NULL, NULL, 0, NULL},
};
