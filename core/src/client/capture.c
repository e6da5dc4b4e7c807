/* capture.c: what a command wrote, read from the area that the keeper filled. With pread and not through a mapping:
 * most outputs are short, and a mapping of a file that another process holds can fault. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "client/memfd.h"
#include "client/parts.h"

int mxc_capture_new(uint64_t limit) {
    if (limit > INT64_MAX / 2)
        return -EFBIG;
    return mxc_fd_above_stdio(mxc_memfd_sized("mxc-capture", (size_t)limit * 2));
}

static int read_all(int fd, char *data, uint64_t length, uint64_t offset) {
    while (length > 0) {
        ssize_t got = pread(fd, data, length, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -EBADMSG;
        data += got;
        length -= (uint64_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

/* The ring from its oldest byte on. */
static int read_tail(int fd, char *data, const struct mxc_record_stream *said, uint64_t ring, uint64_t offset) {
    uint64_t behind_head = said->total - said->head;
    uint64_t oldest = behind_head > ring ? behind_head % ring : 0;
    uint64_t first = said->tail < ring - oldest ? said->tail : ring - oldest;
    int failed = read_all(fd, data, first, offset + oldest);
    return failed ? failed : read_all(fd, data + first, said->tail - first, offset);
}

static int plausible(const struct mxc_record_stream *said, uint64_t head, uint64_t ring) {
    if (said->head > head || said->tail > ring || said->head > said->total)
        return 0;
    uint64_t behind_head = said->total - said->head;
    /* nothing goes to the ring before the head is full, and the ring keeps all it can */
    return said->tail == (behind_head < ring ? behind_head : ring) && (behind_head == 0 || said->head == head);
}

int mxc_capture_read(struct mxc_captured *out, int fd, uint64_t limit, int stream,
                     const struct mxc_record_stream *said) {
    uint64_t head = MXC_CAPTURE_HEAD(limit), ring = MXC_CAPTURE_TAIL(limit), offset = (uint64_t)stream * limit;
    out->total = said->total;
    if (fd < 0 || said->head + said->tail == 0) {
        out->truncated = fd >= 0 && said->total > 0;
        return 0;
    }
    if (!plausible(said, head, ring))
        return -EBADMSG;
    MXC_AUTO_FREE char *data = mxc_alloc(said->head + said->tail + 1);
    if (!data)
        return -ENOMEM;
    int failed = read_all(fd, data, said->head, offset);
    if (!failed && said->tail)
        failed = read_tail(fd, data + said->head, said, ring, offset + head);
    if (failed)
        return failed;
    out->head = said->head;
    out->length = said->head + said->tail;
    out->truncated = said->total > out->length;
    out->data = mxc_take(data);
    return 0;
}
