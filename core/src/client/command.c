/* command.c: the command block of plan/channel.h, made from what the caller wants to run. Everything that can be
 * wrong with a command is found here, before a keeper exists. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "client/client.h"
#include "base/error.h"
#include "plan/channel.h"

/* MAX_ARG_STRLEN of the kernel with 4 KiB pages, its NUL included: a longer one cannot be executed anywhere. */
#define LONGEST_STRING 131072u

static mxc_status check_descriptors(const struct mxc_launch *launch, mxc_error **err) {
    static const char *const names[] = {"stdin_fd", "stdout_fd", "stderr_fd"};
    struct stat facts;
    for (int i = 0; i < 3; i++) {
        if (launch->mode[i] != MXC_STDIO_FD)
            continue;
        if (launch->fd[i] < 0 || fcntl(launch->fd[i], F_GETFD) < 0)
            return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.sys_errno = EBADF),
                            "%s: %d is not an open descriptor", names[i], launch->fd[i]);
        if (fstat(launch->fd[i], &facts) == 0 && S_ISDIR(facts.st_mode))
            return mxc_fail(err, MXC_E_INVALID_ARGUMENT,
                            MXC_FAULT(.sys_errno = EISDIR, .hint = "grant the folder in the policy instead"),
                            "%s: %d is a folder, which would be a way out of the sandbox", names[i], launch->fd[i]);
    }
    return MXC_OK;
}

/* Number of strings, or -1 and an error. */
static long put_strings(struct mxc_buf *block, const char *what, const char *const *items, mxc_error **err) {
    long count = 0;
    for (; items && items[count]; count++) {
        size_t length = strlen(items[count]) + 1;
        if (length > LONGEST_STRING) {
            mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.hint = "pass large data by a file or by standard input"),
                     "%s %ld is longer than %u bytes, which no program can be given", what, count, LONGEST_STRING - 1);
            return -1;
        }
        mxc_buf_bytes(block, items[count], length);
    }
    return count;
}

mxc_status mxc_launch_encode(struct mxc_buf *block, const struct mxc_launch *launch, mxc_error **err) {
    struct mxc_command_block head = {.magic = MXC_COMMAND_MAGIC, .cwd_required = launch->cwd_required ? 1u : 0u};
    mxc_status status = check_descriptors(launch, err);
    if (status != MXC_OK)
        return status;
    mxc_buf_bytes(block, &head, sizeof head);
    long argc = put_strings(block, "argument", launch->argv, err);
    long envc = argc < 0 ? -1 : put_strings(block, "environment entry", launch->env, err);
    if (envc < 0)
        return MXC_E_INVALID_ARGUMENT;
    if (argc == 0 || !launch->argv[0][0])
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "the command is empty");
    mxc_buf_bytes(block, launch->cwd, strlen(launch->cwd) + 1);
    mxc_buf_bytes(block, launch->path, strlen(launch->path) + 1);
    if (block->failed)
        return mxc_fail_memory(err);
    if (block->length > MXC_COMMAND_MAX_BYTES)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "arguments and environment have %zu bytes, at most %u",
                        block->length, MXC_COMMAND_MAX_BYTES);
    head.total_bytes = (uint32_t)block->length;
    head.argc = (uint32_t)argc;
    head.envc = (uint32_t)envc;
    memcpy(block->data, &head, sizeof head);
    return MXC_OK;
}
