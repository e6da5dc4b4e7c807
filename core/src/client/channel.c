/* channel.c: see channel.h. */
#include "client/channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "client/memfd.h"

int mxc_channel_pair(int ends[2], int type) {
    int pair[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    ends[0] = mxc_fd_above_stdio(pair[0]);
    ends[1] = mxc_fd_above_stdio(pair[1]);
    if (ends[0] >= 0 && ends[1] >= 0)
        return 0;
    int failed = ends[0] < 0 ? ends[0] : ends[1];
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    return failed;
}

static ssize_t send_once(int fd, const struct mxc_message *message, const void *block, const int *fds, size_t count) {
    union {
        char space[CMSG_SPACE(sizeof(int) * MXC_CHANNEL_MAX_FDS)];
        struct cmsghdr align;
    } control;
    size_t length = block ? mxc_packet_block(message) : 0;
    struct iovec parts[2] = {{(void *)message, sizeof *message}, {(void *)block, length}};
    struct msghdr header = {.msg_iov = parts, .msg_iovlen = length ? 2 : 1};
    if (count > 0) {
        memset(&control, 0, sizeof control);
        header.msg_control = control.space;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(rights), fds, sizeof(int) * count);
    }
    return sendmsg(fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Until the other side takes packets: poll does it for a full queue, but nothing announces that the descriptors in
 * flight (ETOOMANYREFS counts them for the whole user) have become fewer. */
static void wait_for_room(int fd, int failure) {
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    const struct timespec moment = {.tv_nsec = 1000000};
    if (failure == ETOOMANYREFS)
        nanosleep(&moment, NULL);
    else
        poll(&writable, 1, 1);
}

int mxc_channel_send(int fd, const struct mxc_message *message, const int *fds, size_t count, int patience_ms) {
    return mxc_channel_send_block(fd, message, NULL, fds, count, patience_ms);
}

int mxc_channel_send_block(int fd, const struct mxc_message *message, const void *block, const int *fds, size_t count,
                           int patience_ms) {
    if (count > MXC_CHANNEL_MAX_FDS)
        return -EINVAL;
    for (;;) {
        if (send_once(fd, message, block, fds, count) >= 0)
            return 0;
        int failure = errno;
        if (failure == ECONNRESET || failure == ENOTCONN)
            return -EPIPE;
        if (failure == EINTR)
            continue;
        if ((failure != EAGAIN && failure != ETOOMANYREFS) || patience_ms-- <= 0)
            return -failure;
        wait_for_room(fd, failure);
    }
}

static int close_rights(struct msghdr *header) {
    int found = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            close(fd);
            found = 1;
        }
    }
    return found;
}

int mxc_channel_receive(int fd, struct mxc_message *message) {
    union {
        char space[CMSG_SPACE(sizeof(int) * MXC_CHANNEL_MAX_FDS)];
        struct cmsghdr align;
    } control;
    struct iovec part = {message, sizeof *message};
    struct msghdr header = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    ssize_t length;
    /* ECONNRESET is reported once when the other side left packets of ours unread, and before what it said itself. */
    do
        length = recvmsg(fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (length < 0 && (errno == EINTR || errno == ECONNRESET));
    if (length < 0)
        return -errno;
    int rights = close_rights(&header); /* also of an empty packet, which looks like the end */
    if (length == 0)
        return 0;
    if (rights || length != sizeof *message || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || message->reserved)
        return -EBADMSG;
    return 1;
}
