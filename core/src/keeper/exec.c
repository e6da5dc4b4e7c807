/* exec.c: see exec.h. Runs inside, already confined: whoever calls this can give the program nothing that it does
 * not have itself. Between vfork and exec the child shares our memory: it only makes system calls. */
#define _GNU_SOURCE
#include "keeper/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"

#define CHILD_STACK (64 * 1024)
#define PATH_ROOM 4096
#define SHORT_LIST 256

/* ---- the block ---- */

static int take_strings(char **list, uint32_t count, char **cursor, const char *end) {
    for (uint32_t i = 0; i < count; i++) {
        char *stop = memchr(*cursor, 0, (size_t)(end - *cursor));
        if (!stop)
            return -EBADMSG;
        list[i] = *cursor;
        *cursor = stop + 1;
    }
    list[count] = NULL;
    return 0;
}

static char *short_list[SHORT_LIST]; /* one block at a time is loaded */

static size_t list_size(const struct mxc_command_block *head) {
    return ((size_t)head->argc + head->envc + 2) * sizeof(char *);
}

static int parse_block(struct mxc_program *command, char *bytes, size_t size) {
    const struct mxc_command_block *head = (const void *)bytes;
    char *cursor = bytes + sizeof *head, *end = bytes + size;
    char *two[3] = {NULL};
    if (head->magic != MXC_COMMAND_MAGIC || head->total_bytes != size || !head->argc)
        return -EBADMSG;
    if (head->argc > size || head->envc > size) /* each string has at least its NUL */
        return -E2BIG;
    command->argv = short_list;
    if (list_size(head) > sizeof short_list) {
        void *list = mmap(NULL, list_size(head), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        command->argv = list == MAP_FAILED ? NULL : list;
    }
    if (!command->argv)
        return -errno;
    command->envp = command->argv + head->argc + 1;
    int result = take_strings(command->argv, head->argc, &cursor, end);
    if (result == 0)
        result = take_strings(command->envp, head->envc, &cursor, end);
    if (result == 0)
        result = take_strings(two, 2, &cursor, end);
    if (result < 0 || cursor != end)
        return -EBADMSG;
    command->cwd = two[0];
    command->path = two[1];
    command->cwd_required = !!head->cwd_required;
    return 0;
}

int mxc_command_take(struct mxc_program *command, char *bytes, size_t size) {
    if (size < sizeof(struct mxc_command_block) || size > MXC_COMMAND_MAX_BYTES)
        return -EBADMSG;
    command->bytes = bytes;
    command->size = size;
    return parse_block(command, bytes, size);
}

int mxc_command_load(struct mxc_program *command, int block) {
    struct stat info;
    if (fstat(block, &info) != 0)
        return -errno;
    if (!S_ISREG(info.st_mode) || info.st_size < (off_t)sizeof(struct mxc_command_block) ||
        info.st_size > (off_t)MXC_COMMAND_MAX_BYTES)
        return -EBADMSG;
    size_t size = (size_t)info.st_size;
    char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, block, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    command->mapped = 1;
    return mxc_command_take(command, bytes, size);
}

void mxc_command_unload(struct mxc_program *command) {
    const struct mxc_command_block *head = command->bytes;
    if (command->argv && command->argv != short_list)
        munmap(command->argv, list_size(head));
    if (command->mapped)
        munmap(command->bytes, command->size);
    command->argv = NULL;
    command->bytes = NULL;
}

/* ---- the child ---- */

struct launch { /* shared with the vfork child */
    const struct mxc_program *command;
    enum mxc_stage stage;
    int error;
};

static int open_null(int fd, int flags) { return fd >= 0 ? fd : open("/dev/null", flags | O_NOCTTY); }

/* And what a program that is to wait for its work needs, on the numbers behind them: none of these is overwritten before
 * it has been copied out of the way. */
static int place_work(const struct mxc_program *command) {
    int list[1 + MXC_PARKED_FILES] = {command->work};
    unsigned int count = 0;
    memcpy(list + 1, command->files, sizeof command->files);
    while (count < sizeof list / sizeof *list && list[count] >= 0) {
        list[count] = fcntl(list[count], F_DUPFD_CLOEXEC, MXC_PARKED_FD + (int)(sizeof list / sizeof *list));
        if (list[count++] < 0)
            return -errno;
    }
    for (unsigned int i = 0; i < count; i++)
        if (dup2(list[i], MXC_PARKED_FD + (int)i) < 0)
            return -errno;
    return (int)mxc_sys(SYS_close_range, MXC_PARKED_FD + count, ~0u, 0u);
}

/* Puts the three streams on 0, 1, 2. They came by message, so they are above 2, and so is what open gives: the
 * parent keeps 0-2 busy. */
static int place_streams(const struct mxc_program *command) {
    int in = open_null(command->in, O_RDONLY);
    int out = open_null(command->out, O_WRONLY);
    int err = open_null(command->err, O_WRONLY);
    if (in < 0 || out < 0 || err < 0)
        return -errno;
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        return -errno;
    if (command->work < 0)
        return (int)mxc_sys(SYS_close_range, 3u, ~0u, 0u);
    return place_work(command);
}

static int enter_folder(const struct mxc_program *command) {
    char here[PATH_ROOM];
    if (command->cwd[0] && chdir(command->cwd) == 0) {
        /* "(unreachable)/...": a folder outside the root (CVE-2024-21626). */
        long length = mxc_sys(SYS_getcwd, here, sizeof here);
        if (length > 0 && here[0] == '/')
            return 0;
        return length < 0 ? (int)length : -ENOENT;
    }
    if (command->cwd_required && command->cwd[0])
        return -errno;
    return chdir("/tmp") == 0 || chdir("/") == 0 ? 0 : -errno;
}

/* Like execvp(3), but with the PATH of the command and without a shell for files that nothing can execute. */
static int exec_in_path(const struct mxc_program *command) {
    const char *name = command->argv[0], *folder = command->path;
    char file[PATH_ROOM];
    int seen = ENOENT;
    if (!*name)
        return -ENOENT;
    if (strchr(name, '/')) {
        execve(name, command->argv, command->envp);
        return -errno;
    }
    size_t name_size = strlen(name) + 1;
    while (*folder) {
        size_t length = strcspn(folder, ":");
        if (length && length + 1 + name_size <= sizeof file) {
            memcpy(file, folder, length);
            file[length] = '/';
            memcpy(file + length + 1, name, name_size);
            execve(file, command->argv, command->envp);
            if (errno != ENOENT && errno != ENOTDIR)
                seen = errno;
        }
        folder += length + (folder[length] == ':');
    }
    return -seen;
}

static int launch_child(void *argument) {
    struct launch *launch = argument;
    sigset_t none;
    int result = setsid() < 0 ? -errno : 0;
    launch->stage = MXC_STAGE_COMMAND;
    if (result == 0)
        result = place_streams(launch->command);
    if (result == 0) {
        launch->stage = MXC_STAGE_CWD;
        result = enter_folder(launch->command);
    }
    if (result == 0) {
        launch->stage = MXC_STAGE_EXEC;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        umask(022);
        result = exec_in_path(launch->command);
    }
    launch->error = result;
    _exit(127);
}

pid_t mxc_command_exec(const struct mxc_program *command, enum mxc_stage *stage) {
    static char stack[CHILD_STACK] __attribute__((aligned(16)));
    struct launch launch = {.command = command, .stage = MXC_STAGE_COMMAND};
    pid_t pid = clone(launch_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &launch);
    *stage = launch.stage;
    if (pid < 0)
        return -errno;
    /* The child is gone or has its program by now; an error means that it is gone (init reaps it with the rest). */
    return launch.error ? launch.error : pid;
}
