/* no_userns.c: runs a command on a host that forbids user namespaces, without changing the host.
 *   no-userns setting -- COMMAND...  in a user namespace of its own (all ids as outside) whose max_user_namespaces is 0
 *   no-userns filter  -- COMMAND...  under a filter that answers clone and unshare as containers do: EPERM
 * Exit status: the command's; 77 when this host does not let it be made. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), yes, no)
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (uint32_t)(value))

static void write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
        fprintf(stderr, "no-userns: %s: %s\n", path, strerror(errno));
        exit(77);
    }
    close(fd);
}

static void map_all(pid_t pid, const char *file) {
    char path[64], map[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    if (geteuid() == 0)
        snprintf(map, sizeof map, "0 0 4294967295");
    else
        snprintf(map, sizeof map, "%u %u 1", strcmp(file, "uid_map") ? getgid() : getuid(),
                 strcmp(file, "uid_map") ? getgid() : getuid());
    write_text(path, map);
}

/* The child makes the namespace, the parent (who has the rights) its maps; only then may the child go on. */
static int in_setting(char **command) {
    int made[2], mapped[2], status;
    char byte = 0;
    if (pipe2(made, O_CLOEXEC) != 0 || pipe2(mapped, O_CLOEXEC) != 0)
        return 77;
    pid_t pid = fork();
    if (pid == 0) {
        if (unshare(CLONE_NEWUSER) != 0 || write(made[1], &byte, 1) != 1 || read(mapped[0], &byte, 1) != 1)
            _exit(77);
        write_text("/proc/sys/user/max_user_namespaces", "0");
        execvp(command[0], command);
        _exit(77);
    }
    close(made[1]);
    if (read(made[0], &byte, 1) == 1) {
        char deny[64];
        snprintf(deny, sizeof deny, "/proc/%d/setgroups", pid);
        if (geteuid() != 0)
            write_text(deny, "deny");
        map_all(pid, "gid_map");
        map_all(pid, "uid_map");
        if (write(mapped[1], &byte, 1) != 1)
            return 77;
    }
    if (waitpid(pid, &status, 0) != pid)
        return 77;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int in_filter(char **command) {
    struct sock_filter program[] = {
        LOAD(nr),
        IS(SYS_unshare, 5, 0),
        IS(SYS_clone3, 5, 0),
        IS(SYS_clone, 0, 2),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 1, 0),
        ANSWER(SECCOMP_RET_ALLOW),
        ANSWER(SECCOMP_RET_ERRNO | EPERM),
        ANSWER(SECCOMP_RET_ERRNO | ENOSYS),
    };
    const struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        return 77;
    execvp(command[0], command);
    return 77;
}

int main(int argc, char **argv) {
    if (argc < 4 || strcmp(argv[2], "--") != 0) {
        fprintf(stderr, "usage: no-userns setting|filter -- COMMAND...\n");
        return 2;
    }
    return strcmp(argv[1], "filter") == 0 ? in_filter(argv + 3) : in_setting(argv + 3);
}
