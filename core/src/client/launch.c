/* launch.c: handing one command to the keeper: descriptors, capture area, the SPAWN message. What comes back is
 * process.c's. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "client/channel.h"
#include "client/memfd.h"
#include "client/parts.h"

/* The descriptors of one message, in their order, and which of them are ours to close afterwards. */
struct parcel {
    int fd[MXC_CHANNEL_MAX_FDS];
    int ours[MXC_CHANNEL_MAX_FDS];
    size_t count;
    uint32_t flags;
};

static void unpack(struct parcel *parcel) {
    for (size_t i = 0; i < parcel->count; i++)
        if (parcel->ours[i])
            close(parcel->fd[i]);
}

/* Gives `fd` on as it is when negative, so that calls which make descriptors can be nested in here. */
static int put(struct parcel *parcel, int fd, int ours, uint32_t flag) {
    if (fd < 0)
        return fd;
    parcel->fd[parcel->count] = fd;
    parcel->ours[parcel->count++] = ours;
    parcel->flags |= flag;
    return 0;
}

/* `ours` is the end that the program reads or writes. */
static int put_pipe(struct parcel *parcel, atomic_int *ours, int reads, uint32_t flag) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    put(parcel, ends[reads ? 1 : 0], 1, flag);
    int kept = mxc_fd_above_stdio(ends[reads ? 0 : 1]);
    atomic_store(ours, kept < 0 ? -1 : kept);
    return kept < 0 ? kept : 0;
}

static int put_stdin(struct parcel *parcel, struct mxc_process *process, const struct mxc_launch *launch) {
    if (launch->mode[0] == MXC_STDIO_PIPE)
        return put_pipe(parcel, &process->pipes[0], 0, MXC_SPAWN_STDIN);
    if (launch->mode[0] == MXC_STDIO_FD)
        return put(parcel, launch->fd[0], 0, MXC_SPAWN_STDIN);
    if (launch->mode[0] == MXC_STDIO_NULL || launch->input_length == 0)
        return 0;
    if (launch->parked && process->keeper->input >= 0) {
        parcel->flags |= MXC_SPAWN_INPUT;
        return mxc_memfd_fill(process->keeper->input, launch->input, launch->input_length, 1);
    }
    int input = mxc_memfd_sealed("mxc-input", launch->input, launch->input_length, 0);
    return put(parcel, input < 0 ? input : mxc_memfd_read_only(input), 1, MXC_SPAWN_STDIN);
}

static int put_output(struct parcel *parcel, struct mxc_process *process, const struct mxc_launch *launch, int stream) {
    uint32_t given = stream == 1 ? MXC_SPAWN_STDOUT : MXC_SPAWN_STDERR;
    if (launch->mode[stream] == MXC_STDIO_PIPE)
        return put_pipe(parcel, &process->pipes[stream], 1, given);
    if (launch->mode[stream] == MXC_STDIO_FD)
        return put(parcel, launch->fd[stream], 0, given);
    if (launch->mode[stream] == MXC_STDIO_NULL)
        parcel->flags |= stream == 1 ? MXC_SPAWN_DROP_STDOUT : MXC_SPAWN_DROP_STDERR;
    return 0;
}

static int put_capture(struct parcel *parcel, struct mxc_process *process, const struct mxc_launch *launch) {
    int wanted = launch->mode[1] == MXC_STDIO_DEFAULT || launch->mode[2] == MXC_STDIO_DEFAULT;
    if (!wanted)
        return 0;
    process->limit = launch->output_bytes;
    process->capture = mxc_capture_new(launch->output_bytes);
    return put(parcel, process->capture, 0, MXC_SPAWN_CAPTURE);
}

int mxc_launch_seal(const struct mxc_buf *block) {
    return mxc_memfd_sealed("mxc-command", block->data, block->length, 0);
}

/* A program that can be sent no descriptors reads its block from a file as well. */
static int fits_within(const struct mxc_process *process, const struct mxc_launch *launch,
                       const struct mxc_buf *block) {
    return block->length <= MXC_COMMAND_SHORT_BYTES && !(launch->parked && process->keeper->input >= 0);
}

static int pack(struct parcel *parcel, struct mxc_process *process, const struct mxc_launch *launch,
                const struct mxc_buf *block) {
    int ends[2];
    int failed = mxc_channel_pair(ends, SOCK_STREAM);
    if (failed)
        return failed;
    process->status = ends[0];
    put(parcel, ends[1], 1, 0);
    if (fits_within(process, launch, block))
        parcel->flags |= MXC_SPAWN_WITHIN;
    else if (launch->parked)
        failed = mxc_memfd_fill(process->keeper->work, block->data, block->length, 0);
    else
        failed = put(parcel, mxc_launch_seal(block), 1, 0);
    if (!failed)
        failed = put_capture(parcel, process, launch);
    if (!failed)
        failed = put_stdin(parcel, process, launch);
    if (!failed)
        failed = put_output(parcel, process, launch, 1);
    if (!failed)
        failed = put_output(parcel, process, launch, 2);
    return failed;
}

static int hand_over(struct mxc_process *process, const struct mxc_launch *launch, const struct mxc_buf *block) {
    __attribute__((cleanup(unpack))) struct parcel parcel = {.flags = (launch->last ? MXC_SPAWN_LAST : 0) |
                                                                      (launch->parked ? MXC_SPAWN_PARKED : 0)};
    int failed = pack(&parcel, process, launch, block);
    if (failed)
        return failed;
    int within = !!(parcel.flags & MXC_SPAWN_WITHIN);
    process->id = atomic_fetch_add(&process->keeper->next_id, 1) + 1;
    struct mxc_message message = {.kind = MXC_MSG_SPAWN,
                                  .id = process->id,
                                  .flags = parcel.flags,
                                  .a = launch->timeout_ms,
                                  .b = launch->grace_ms,
                                  .c = process->limit,
                                  .d = launch->parked || within ? block->length : 0};
    return mxc_channel_send_block(process->keeper->control, &message, within ? block->data : NULL, parcel.fd,
                                  parcel.count, MXC_SEND_PATIENCE_MS);
}

static void discard(struct mxc_process **process) {
    if (!*process)
        return;
    (*process)->state = MXC_LOST; /* nothing runs: not to be killed or waited for */
    (*process)->last = 0;
    mxc_process_end(*process);
}

static struct mxc_process *process_new(struct mxc_keeper *keeper, const struct mxc_launch *launch) {
    struct mxc_process *process = mxc_realloc(NULL, sizeof *process);
    if (!process)
        return NULL;
    memset(process, 0, offsetof(struct mxc_process, bytes));
    pthread_mutex_init(&process->lock, NULL);
    process->status = process->capture = -1;
    for (int i = 0; i < 3; i++)
        atomic_init(&process->pipes[i], -1);
    process->keeper = mxc_keeper_ref(keeper);
    process->last = launch->last;
    process->command = mxc_strdup(launch->argv[0]);
    process->path = mxc_strdup(launch->path);
    process->cwd = mxc_strdup(launch->cwd);
    if (process->command && process->path && process->cwd)
        return process;
    discard(&process);
    return NULL;
}

mxc_status mxc_process_launch(mxc_process **out, struct mxc_keeper *keeper, const struct mxc_launch *launch,
                              const struct mxc_buf *block, mxc_error **err) {
    __attribute__((cleanup(discard))) struct mxc_process *process = process_new(keeper, launch);
    if (!process)
        return mxc_fail_memory(err);
    int failed = atomic_load(&keeper->killed_at) ? -EPIPE : hand_over(process, launch, block);
    if (failed == -EPIPE && launch->last && !launch->ahead) {
        /* the keeper of this one command gave up already: its reason waits on the control socket */
        *out = mxc_take(process);
        return MXC_OK;
    }
    if (failed == -EPIPE)
        return mxc_fail(err, MXC_E_CLOSED, NULL, "the sandbox has ended");
    if (failed)
        return mxc_fail_errno(err, "handing the command to the keeper", -failed);
    *out = mxc_take(process);
    return MXC_OK;
}
