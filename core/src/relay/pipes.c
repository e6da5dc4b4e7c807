/* pipes.c: pipes that carry the bytes of busy flows from socket to socket without a copy. A flow has one only while it
 * holds bytes, so a few do for many flows; who finds none free copies. A pipe counts against the pipes of its user, so
 * none is made before there is a use for it, and being refused one is no failure. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "relay/relay.h"

static int make(struct mxc_pipe *pipe) {
    int end[2];
    if (pipe2(end, O_NONBLOCK | O_CLOEXEC) != 0)
        return 0;
    pipe->read = end[0];
    pipe->write = end[1];
    pipe->made = 1;
    if (fcntl(pipe->write, F_SETPIPE_SZ, MXC_RELAY_PIPE_BYTES) >= (int)MXC_RELAY_PIPE_BYTES)
        return 1;
    mxc_pipe_discard(pipe);
    return 0;
}

int mxc_pipe_take(struct mxc_relay *relay, struct mxc_flow *flow) {
    for (int i = 0; i < MXC_RELAY_PIPES && !relay->without_pipes && flow->pipe < 0; i++) {
        struct mxc_pipe *pipe = &relay->pipe[i];
        if (pipe->taken)
            continue;
        if (!pipe->made && !make(pipe))
            relay->without_pipes = 1;
        else
            flow->pipe = i;
    }
    if (flow->pipe < 0)
        return 0;
    relay->pipe[flow->pipe].taken = 1;
    return 1;
}

void mxc_pipe_discard(struct mxc_pipe *pipe) {
    mxc_close(&pipe->read);
    mxc_close(&pipe->write);
    *pipe = (struct mxc_pipe){.made = 0};
}

/* What is still in it belongs to this flow and must not come out of another one. */
void mxc_pipe_give_back(struct mxc_relay *relay, struct mxc_flow *flow) {
    if (flow->pipe < 0)
        return;
    struct mxc_pipe *pipe = &relay->pipe[flow->pipe];
    if (flow->length)
        mxc_pipe_discard(pipe);
    pipe->taken = 0;
    flow->pipe = -1;
}

ssize_t mxc_pipe_fill(struct mxc_relay *relay, const struct mxc_flow *flow, int from) {
    int to = relay->pipe[flow->pipe].write;
    ssize_t got = splice(from, NULL, to, NULL, MXC_RELAY_PIPE_BYTES, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (got < 0 && (errno == EINVAL || errno == ENOSYS || errno == EPERM)) { /* not in this kernel, or not granted */
        relay->without_pipes = 1;
        errno = EINTR;
    }
    return got;
}

ssize_t mxc_pipe_drain(struct mxc_relay *relay, const struct mxc_flow *flow, int to) {
    return splice(relay->pipe[flow->pipe].read, NULL, to, NULL, flow->length, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
}
