/* channel_io.c: packets of plan/channel.h with descriptors. Anything unexpected is refused, and whatever came with
 * it is closed. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "keeper/keeper.h"

union fd_room {
    char bytes[CMSG_SPACE(MXC_MAX_MESSAGE_FDS * sizeof(int))];
    struct cmsghdr align;
};

int mxc_message_send(int socket, const struct mxc_message *message, const int *fds, unsigned int count) {
    return mxc_packet_send(socket, message, NULL, fds, count);
}

int mxc_packet_send(int socket, const struct mxc_message *message, const void *block, const int *fds,
                    unsigned int count) {
    size_t length = block ? mxc_packet_block(message) : 0;
    struct iovec parts[2] = {{.iov_base = (void *)message, .iov_len = sizeof *message},
                             {.iov_base = (void *)block, .iov_len = length}};
    struct msghdr packet = {.msg_iov = parts, .msg_iovlen = length ? 2 : 1};
    union fd_room room;
    if (count) {
        memset(&room, 0, sizeof room);
        packet.msg_control = room.bytes;
        packet.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&packet);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    }
    ssize_t sent;
    do
        sent = sendmsg(socket, &packet, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : (size_t)sent == sizeof *message + length ? 0 : -EIO;
}

static unsigned int collect_fds(struct msghdr *packet, int *fds, unsigned int room) {
    unsigned int count = 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(packet); head; head = CMSG_NXTHDR(packet, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t items = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < items; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (count < room)
                fds[count++] = fd;
            else
                close(fd);
        }
    }
    return count;
}

/* Into `message` and what is behind it, `size` bytes in all. */
static int receive(int socket, struct mxc_message *message, size_t size, int *fds, unsigned int room,
                   unsigned int *count) {
    struct iovec part = {.iov_base = message, .iov_len = size};
    union fd_room control;
    struct msghdr packet = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got;
    /* ECONNRESET is said once when the other side has left packets of ours unread, and before its own last words. */
    do
        got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    int failed = got < 0 ? -errno : got ? -EBADMSG : 0;
    *count =
        got >= 0 ? collect_fds(&packet, fds, room) : 0; /* an empty packet, which looks like the end, may have some */
    if (got >= (ssize_t)sizeof *message && !(packet.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) &&
        (size_t)got - sizeof *message == (size > sizeof *message ? mxc_packet_block(message) : 0))
        return (int)got;
    for (; *count; --*count)
        close(fds[*count - 1]);
    return failed;
}

int mxc_message_receive(int socket, struct mxc_message *message, int *fds, unsigned int room, unsigned int *count) {
    return receive(socket, message, sizeof *message, fds, room, count);
}

int mxc_packet_receive(int socket, struct mxc_packet *packet, int *fds, unsigned int room, unsigned int *count) {
    return receive(socket, &packet->message, sizeof *packet, fds, room, count);
}
