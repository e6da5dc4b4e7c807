/* end_fd.cc: a second socket pair, one end of which travels to the keeper on the status socket and stays there unread.
 * The kernel drops a message that nobody took together with the socket it waits in, and with the message the
 * descriptor in it (unix(7), SCM_RIGHTS): so the end that is kept here sees end of file when the keeper closes the
 * status socket, which it does right after the record. */
#include "end_fd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int Send(int socket, int fd) {
    char byte = 0;
    union {
        char space[CMSG_SPACE(sizeof fd)];
        struct cmsghdr aligned;
    } control = {};
    struct iovec data = {&byte, 1};
    struct msghdr message = {};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.space;
    message.msg_controllen = sizeof control.space;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int mxc_node_end_fd(int status) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return -errno;
    int failed = Send(status, ends[1]);
    close(ends[1]);
    /* the command has ended already: so has the socket that is kept */
    if (!failed || failed == -EPIPE || failed == -ECONNRESET)
        return ends[0];
    close(ends[0]);
    return failed;
}
