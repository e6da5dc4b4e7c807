/* mounts.c: acts on mounts and roots, with the old calls and the new ones. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "probe.h"

static void mount_tmpfs(int argc, char **argv) {
    only_in_user_namespace();
    (void)argc;
    line_result(mount("none", argv[0], "tmpfs", 0, NULL));
}

static void mount_bind(int argc, char **argv) {
    only_in_user_namespace();
    (void)argc;
    line_result(mount(argv[0], argv[1], NULL, MS_BIND, NULL));
}

static void umount_path(int argc, char **argv) {
    only_in_user_namespace();
    (void)argc;
    line_result(umount2(argv[0], MNT_DETACH));
}

static void remount_rw(int argc, char **argv) {
    only_in_user_namespace();
    (void)argc;
    line_result(mount(NULL, argv[0], NULL, MS_REMOUNT | MS_BIND, NULL));
}

static void move_mount_to(int argc, char **argv) {
    only_in_user_namespace();
    (void)argc;
    line_result(mount(argv[0], argv[1], NULL, MS_MOVE, NULL));
}

static void pivot(int argc, char **argv) {
    only_in_user_namespace();
    (void)argc;
    line_result(syscall(SYS_pivot_root, argv[0], argv[0]));
}

static void change_root(int argc, char **argv) {
    only_in_user_namespace();
    (void)argc;
    line_result(chroot(argv[0]));
}

/* The classic way out of a chroot: keep a folder open, chroot deeper, climb. */
static void double_chroot(int argc, char **argv) {
    only_in_user_namespace();
    int kept = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)argc;
    int rc = chroot(argv[0]);
    line_result(rc);
    if (rc || fchdir(kept))
        return;
    for (int i = 0; i < 64; i++)
        (void)!chdir("..");
    line_outcome("out", chroot("."));
}

static void make_node(int argc, char **argv) {
    mode_t type = argv[1][0] == 'b' ? S_IFBLK : argv[1][0] == 'p' ? S_IFIFO : S_IFCHR;
    unsigned major_number = argc > 3 ? (unsigned)number_of(argv[2]) : 1;
    unsigned minor_number = argc > 3 ? (unsigned)number_of(argv[3]) : 3;
    line_result(mknod(argv[0], type | 0666, makedev(major_number, minor_number)));
}

static const struct {
    const char *name;
    int number;
} new_calls[] = {
    {"open_tree", 428}, {"move_mount", 429},    {"fsopen", 430},    {"fsconfig", 431},  {"fsmount", 432},
    {"fspick", 433},    {"mount_setattr", 442}, {"statmount", 457}, {"listmount", 458}, {"open_tree_attr", 467},
};

/* With arguments that fit nothing: a filter answers before the kernel looks at them. */
static void mount_api(int argc, char **argv) {
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < sizeof(new_calls) / sizeof(new_calls[0]); i++)
        line_outcome(new_calls[i].name, syscall(new_calls[i].number, -1L, -1L, -1L, -1L, -1L));
}

static void mount_flags(int argc, char **argv) {
    struct statvfs st;
    int rc = statvfs(argv[0], &st);
    (void)argc;
    line_result(rc);
    if (rc)
        return;
    line_flag("readonly", (st.f_flag & ST_RDONLY) != 0);
    line_flag("nosuid", (st.f_flag & ST_NOSUID) != 0);
    line_flag("nodev", (st.f_flag & 4 /* ST_NODEV */) != 0);
    line_flag("noexec", (st.f_flag & 8 /* ST_NOEXEC */) != 0);
}

static int has(const char *options, const char *option) {
    size_t size = strlen(option);
    for (const char *at = options; (at = strstr(at, option)); at += size)
        if ((at == options || at[-1] == ',') && (at[size] == ',' || !at[size]))
            return 1;
    return 0;
}

/* Each mount "point type flags", and what is missing of nosuid and nodev. */
static void mount_list(int argc, char **argv) {
    static char text[131072];
    int without = 0;
    (void)argc;
    (void)argv;
    line_result(read_text("/proc/self/mountinfo", text, sizeof(text)));
    line_list("mounts");
    char *rest = text;
    for (char *row; (row = strsep(&rest, "\n")) && *row;) {
        char root[1024], point[1024], options[512], out[2600];
        if (sscanf(row, "%*d %*d %*s %1023s %1023s %511s", root, point, options) != 3)
            continue;
        without += !has(options, "nosuid") || (!has(options, "nodev") && strncmp(point, "/dev", 4) != 0);
        snprintf(out, sizeof(out), "%s %s", point, options);
        line_item(out);
    }
    line_list_end();
    line_number("withoutNosuidOrNodev", without);
}

static void contains(int argc, char **argv) {
    static char text[262144];
    long got = read_text(argv[0], text, sizeof(text));
    line_result(got);
    for (long i = 0; i < got; i++)
        if (!text[i])
            text[i] = '\n';
    line_list("found");
    for (int i = 1; i < argc && got >= 0; i++)
        if (strstr(text, argv[i]))
            line_item(argv[i]);
    line_list_end();
}

static void proc_files(int argc, char **argv) {
    int writable = 0;
    line_object("files");
    for (int i = 0; i < argc; i++) {
        char value[64], byte;
        int fd = open(argv[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ssize_t got = fd < 0 ? -1 : read(fd, &byte, 1);
        /* an empty file and a folder are as good as hidden */
        const char *reads = got > 0 ? "ok" : got == 0 ? "empty" : errno_name(errno);
        size_t length = (size_t)snprintf(value, sizeof(value), "%s ", reads);
        if (fd >= 0)
            close(fd);
        fd = open(argv[i], O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        snprintf(value + length, sizeof(value) - length, "%s", fd < 0 ? errno_name(errno) : "ok");
        writable += fd >= 0;
        if (fd >= 0)
            close(fd);
        line_text(argv[i], value);
    }
    line_object_end();
    line_number("writable", writable);
}

const struct probe_act probe_mounts[] = {
    {"mount", "FOLDER", 1, mount_tmpfs},
    {"bind", "FROM TO", 2, mount_bind},
    {"umount", "PATH", 1, umount_path},
    {"remount", "PATH", 1, remount_rw},
    {"move-mount", "FROM TO", 2, move_mount_to},
    {"pivot-root", "FOLDER", 1, pivot},
    {"chroot", "FOLDER", 1, change_root},
    {"double-chroot", "FOLDER", 1, double_chroot},
    {"mknod", "PATH c|b|p [MAJOR MINOR]", 2, make_node},
    {"mount-api", "", 0, mount_api},
    {"mount-flags", "PATH", 1, mount_flags},
    {"mountinfo", "", 0, mount_list},
    {"file-contains", "PATH TEXT...", 2, contains},
    {"read-write", "PATH...", 1, proc_files},
    {NULL, NULL, 0, NULL},
};
