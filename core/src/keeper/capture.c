/* capture.c: bounded capture of a command's output: the first bytes and the last bytes are kept, all are counted,
 * and reading never stops, so the command never blocks and the host's memory stays flat. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "keeper/keeper.h"

#define READ_ROUND (1u << 20) /* bytes per turn of the loop, so that nothing else starves */
#define PIPE_BYTES 65536      /* a new pipe's */
#define LARGE_PIPE_BYTES (1 << 20)
#define LARGER_PIPE_BYTES (256 << 10)
#define DRAIN_LIMIT (64u << 20)

static unsigned char scratch[65536];

/* Where the next bytes go and how many fit there. */
static unsigned char *next_room(const struct mxc_capture *capture, size_t *room) {
    if (capture->area && capture->head < capture->head_size) {
        *room = capture->head_size - capture->head;
        return capture->area + capture->head;
    }
    if (capture->area && capture->tail_size) {
        uint64_t at = (capture->total - capture->head) % capture->tail_size;
        *room = capture->tail_size - at;
        return capture->area + capture->head_size + at;
    }
    *room = sizeof scratch;
    return scratch;
}

static void account(struct mxc_capture *capture, size_t got) {
    capture->total += got;
    if (capture->area && capture->head < capture->head_size) {
        capture->head += got;
    } else if (capture->area) {
        capture->tail += got;
        if (capture->tail > capture->tail_size)
            capture->tail = capture->tail_size;
    }
}

/* A command that fills its pipe gets a larger one. Not before: most write little, and unprivileged users share a budget
 * of pipe memory (fs.pipe-user-pages-soft). Beyond it the default size does as well, only slower. */
static void enlarge(struct mxc_capture *capture) {
    capture->enlarged = 1;
    if (fcntl(capture->pipe, F_SETPIPE_SZ, LARGE_PIPE_BYTES) < 0)
        (void)fcntl(capture->pipe, F_SETPIPE_SZ, LARGER_PIPE_BYTES);
}

static void read_up_to(struct mxc_capture *capture, size_t limit) {
    size_t done = 0;
    while (capture->pipe >= 0 && done < limit) {
        size_t room;
        unsigned char *place = next_room(capture, &room);
        ssize_t got = read(capture->pipe, place, room);
        if (got > 0) {
            account(capture, (size_t)got);
            done += (size_t)got;
            if (!capture->enlarged && capture->total >= PIPE_BYTES)
                enlarge(capture);
        } else if (got == 0) {
            mxc_close(&capture->pipe);
        } else if (errno != EINTR) {
            if (errno != EAGAIN)
                mxc_close(&capture->pipe);
            return;
        }
    }
}

void mxc_capture_read(struct mxc_capture *capture) { read_up_to(capture, READ_ROUND); }

void mxc_capture_drain(struct mxc_capture *capture) {
    read_up_to(capture, DRAIN_LIMIT);
    mxc_close(&capture->pipe);
}
