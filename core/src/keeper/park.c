/* park.c: a program that was executed ahead, behind all walls, and waits on a socket for its work: an interpreter of a
 * pool. Its clock, its output and its record begin when it is given the work. From then on its socket may bring one more
 * word, that the work is done: where nothing of the sandbox could reach anything outside meanwhile, the record need not
 * wait until the kernel has taken a large process apart. A word that is false harms only its own run. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/timing.h"
#include "keeper/keeper.h"

static int pair_of(int *ours, int *theirs) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    (void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
    *ours = pair[0];
    *theirs = pair[1];
    return 0;
}

/* To init: [block, socket, stdout, stderr, files]. */
static int start_program(struct mxc_keeper *keeper, uint32_t id, const int *fds, unsigned int count) {
    struct mxc_parked *parked = &keeper->parked;
    const struct mxc_message message = {.kind = MXC_MSG_PARK, .id = id, .flags = MXC_SPAWN_LAST | MXC_SPAWN_BY_INIT};
    int list[4 + MXC_PARKED_FILES] = {fds[0], -1, -1, -1};
    memcpy(list + 4, fds + 1, (count - 1) * sizeof *fds);
    int result = pair_of(&parked->work, &list[1]);
    if (result == 0)
        result = mxc_capture_open(&parked->out, &list[2]);
    if (result == 0)
        result = mxc_capture_open(&parked->err, &list[3]);
    if (result == 0)
        result = mxc_message_send(keeper->init, &message, list, 3 + count);
    for (int i = 1; i < 4; i++)
        mxc_close(&list[i]);
    parked->id = result == 0 ? id : 0;
    return result;
}

/* Before the host was told that the sandbox is ready this is why it never will be; after that nothing is left to wait
 * for. */
static void lost(struct mxc_keeper *keeper, uint32_t stage, uint32_t error) {
    keeper->parked.id = 0;
    if (!keeper->parked.warm)
        keeper->failure = (struct mxc_message){.kind = MXC_MSG_FAILED, .a = stage, .c = error};
    else
        mxc_close(&keeper->control);
}

void mxc_park(struct mxc_keeper *keeper, const struct mxc_message *request, const int *fds, unsigned int count) {
    int result = -EINVAL;
    int fits = count > 1 && count <= 1 + MXC_PARKED_FILES && request->id && keeper->init >= 0;
    if (fits && keeper->parks && !keeper->parked.id && !keeper->running_count)
        result = start_program(keeper, request->id, fds, count);
    for (unsigned int i = 0; i < count; i++)
        close(fds[i]);
    if (result < 0)
        lost(keeper, MXC_STAGE_COMMAND, (uint32_t)-result);
}

/* ---- while it waits ---- */

static int word(struct mxc_parked *parked, struct mxc_parked_word *out) {
    struct mxc_parked_word said[2]; /* more than one is none */
    ssize_t got = read(parked->work, said, sizeof said);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got != sizeof *out) {
        mxc_close(&parked->work);
        return -1;
    }
    *out = said[0];
    return 1;
}

static void is_warm(struct mxc_keeper *keeper) {
    const struct mxc_message ready = {.kind = MXC_MSG_READY};
    struct mxc_spent spent = mxc_limits_spent(keeper);
    keeper->parked.warm = 1;
    keeper->parked.cpu_ns = spent.cpu_ns;
    keeper->cpu_ms_before = spent.cpu_ns / 1000000u;
    (void)mxc_message_send(keeper->control, &ready, NULL, 0);
}

/* What it prints before it has work belongs to nobody's result. */
static void drop_output(struct mxc_parked *parked) {
    mxc_capture_read(&parked->out);
    mxc_capture_read(&parked->err);
}

void mxc_park_event(struct mxc_keeper *keeper) {
    struct mxc_parked_word said;
    drop_output(&keeper->parked);
    if (word(&keeper->parked, &said) > 0 && said.magic == MXC_PARKED_WARM && keeper->ready && !keeper->parked.warm)
        is_warm(keeper);
}

int mxc_park_from_init(struct mxc_keeper *keeper, const struct mxc_message *message) {
    if (!keeper->parked.id || message->id != keeper->parked.id)
        return -1;
    if (message->kind == MXC_MSG_NO_EXEC)
        lost(keeper, (uint32_t)message->b, (uint32_t)message->a);
    else
        lost(keeper, MXC_STAGE_PARKED, 0);
    return 0;
}

/* ---- when it is used ---- */

static int reaches_outside(const struct mxc_plan_view *plan) {
    for (uint32_t i = 0; i < plan->op_count; i++)
        if ((plan->ops[i].kind == MXC_OP_BIND && !(plan->ops[i].a & MXC_BIND_READONLY)) ||
            plan->ops[i].kind == MXC_OP_RELAY || plan->ops[i].kind == MXC_OP_GHOST)
            return 1;
    return 0;
}

int mxc_park_use(struct mxc_keeper *keeper, struct mxc_running *running, const struct mxc_packet *request,
                 const int *fds, unsigned int count) {
    struct mxc_parked *parked = &keeper->parked;
    struct mxc_message message = request->message;
    if (parked->id != message.id || !parked->warm)
        return -EAGAIN;
    drop_output(parked);
    parked->early = !reaches_outside(&keeper->plan);
    message.flags &= ~(uint32_t)MXC_SPAWN_EARLY;
    message.flags |= parked->early ? MXC_SPAWN_EARLY : 0;
    int result = mxc_packet_send(parked->work, &message, request->block, fds, count);
    if (result < 0)
        return result;
    parked->id = 0; /* from now on init speaks of the command */
    running->cpu_ns_before = parked->cpu_ns;
    if (!parked->early)
        mxc_close(&parked->work);
    return 0;
}

/* Streams of the program's own go on to the record unless the request has others. */
void mxc_park_streams(struct mxc_parked *parked, struct mxc_running *running, int out, int err) {
    if (out)
        running->out.pipe = mxc_take_fd(&parked->out.pipe);
    if (err)
        running->err.pipe = mxc_take_fd(&parked->err.pipe);
    mxc_close(&parked->out.pipe);
    mxc_close(&parked->err.pipe);
}

int mxc_park_done(struct mxc_keeper *keeper, struct mxc_message *ended) {
    struct mxc_parked_word said;
    if (word(&keeper->parked, &said) <= 0 || said.magic != MXC_PARKED_DONE || !keeper->parked.early)
        return 0;
    struct mxc_spent spent = mxc_limits_spent(keeper);
    *ended = (struct mxc_message){.kind = MXC_MSG_ENDED,
                                  .flags = spent.processes,
                                  .a = (uint64_t)(said.value & 255u) << 8,
                                  .b = spent.cpu_ns / 1000u,
                                  .d = spent.peak_kib};
    return 1;
}
