/* channel.h (client): the host's end of the control socket, and socket pairs as such. The format of the messages is
 * plan/channel.h. Knows no keeper and no command. */
#ifndef MXC_CLIENT_CHANNEL_H
#define MXC_CLIENT_CHANNEL_H

#include <stddef.h>

#include "plan/channel.h"

#define MXC_CHANNEL_MAX_FDS 6

/* A connected pair of AF_UNIX sockets of `type`, above the stdio numbers: 0 or -errno. */
int mxc_channel_pair(int ends[2], int type);
/* One packet with `count` descriptors: 0, or -errno. Waits at most `patience_ms` while the other side has not taken
 * earlier packets. EPIPE: the other side has gone. */
int mxc_channel_send(int fd, const struct mxc_message *message, const int *fds, size_t count, int patience_ms);
/* The same with the block of a SPAWN that has MXC_SPAWN_WITHIN. */
int mxc_channel_send_block(int fd, const struct mxc_message *message, const void *block, const int *fds, size_t count,
                           int patience_ms);
/* Without waiting: 1 and a message, 0 when the other side has gone, -EAGAIN when there is none, -EBADMSG for a packet
 * of another form. Descriptors that come with it are closed: the host expects none. */
int mxc_channel_receive(int fd, struct mxc_message *message);

#endif
