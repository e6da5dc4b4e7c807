/* handover.c: mounts that the keeper makes on the host, by root, go to the builder as descriptors while that builds: to
 * open and map one takes as long as a good part of the building. A packet without a descriptor is the last. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "ops/ops.h"

#define PATIENCE_MS 10000

struct packet {
    uint32_t op;
    char below[MXC_MAX_BELOW];
};

union fd_room {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

int mxc_trees_wanted(const struct mxc_apply *apply) {
    if (!apply->session)
        return 0;
    for (uint32_t i = 0; i < apply->plan->op_count; i++)
        if (apply->plan->ops[i].kind == MXC_OP_BIND && (apply->plan->ops[i].a & MXC_BIND_IDMAP))
            return 1;
    return 0;
}

/* The keeper's end does not block: a builder that is busy with something else will have read the earlier ones. */
static int send_packet(int builder, const struct packet *packet, int fd) {
    struct iovec part = {.iov_base = (void *)packet, .iov_len = sizeof *packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct pollfd room_again = {.fd = builder, .events = POLLOUT};
    union fd_room room = {{0}};
    if (fd >= 0) {
        message.msg_control = room.bytes;
        message.msg_controllen = sizeof room.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    for (;;) {
        if (sendmsg(builder, &message, MSG_NOSIGNAL) == sizeof *packet)
            return 0;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        if (errno == EAGAIN && poll(&room_again, 1, PATIENCE_MS) == 0)
            return -ETIMEDOUT;
    }
}

int mxc_trees_tell(struct mxc_apply *apply, int builder) {
    static struct packet packet;
    int result = 0;
    for (unsigned int i = 0; i < apply->tree_count; i++) {
        struct mxc_tree *tree = &apply->trees[i];
        packet.op = tree->op;
        memcpy(packet.below, tree->below, sizeof packet.below);
        if (result == 0)
            result = send_packet(builder, &packet, tree->fd);
        mxc_close(&tree->fd);
    }
    apply->tree_count = 0;
    if (result == 0)
        result = send_packet(builder, &packet, -1);
    return mxc_peer_gone(result) ? 0 : result; /* a builder that has given up already has said why */
}

/* 1: `*fd` is a tree; 0: there are no more. */
static int receive_packet(int keeper, struct packet *packet, int *fd) {
    struct iovec part = {.iov_base = packet, .iov_len = sizeof *packet};
    union fd_room room = {{0}};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room.bytes, .msg_controllen = sizeof room.bytes};
    ssize_t got;
    do
        got = recvmsg(keeper, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got != sizeof *packet || (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)))
        return got < 0 ? -errno : got ? -EBADMSG : -ECHILD;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
        return 0;
    memcpy(fd, CMSG_DATA(head), sizeof *fd);
    return 1;
}

int mxc_trees_hear(struct mxc_apply *apply) {
    static struct packet packet;
    int fd = -1, more = apply->trees_heard ? 0 : 1;
    while (more > 0 && (more = receive_packet(apply->keeper, &packet, &fd)) > 0) {
        if (apply->tree_count == MXC_MAX_TREES)
            return -E2BIG;
        struct mxc_tree *tree = &apply->trees[apply->tree_count++];
        *tree = (struct mxc_tree){.op = packet.op, .fd = fd};
        memcpy(tree->below, packet.below, sizeof tree->below);
    }
    apply->trees_heard = 1;
    return more;
}
