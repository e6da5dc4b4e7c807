/* update.c: other rules for a sandbox that runs. They are whole and well formed before one of them counts; then every
 * connection that they do not grant is cut, and only then the host hears that they hold. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "mxc/mxc.h"
#include "relay/relay.h"

static int read_rules(unsigned char *area, size_t length, int from) {
    size_t have = 0;
    while (have < length) {
        ssize_t got = pread(from, area + have, length - have, (off_t)have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        have += (size_t)got;
    }
    return 0;
}

static int take_rules(struct mxc_relay *relay, const struct mxc_message *message, int from) {
    unsigned char *area = relay->rules_area[relay->rules_at];
    struct mxc_net_rules_view view;
    if (message->a > MXC_NET_MAX_BYTES || message->id > MXC_NET_LAST_GENERATION ||
        read_rules(area, (size_t)message->a, from) != 0 || mxc_net_view(&view, area, (size_t)message->a) != 0)
        return -1;
    relay->rules = view;
    relay->generation = message->id;
    relay->rules_at ^= 1;
    return 0;
}

void mxc_relay_update(struct mxc_relay *relay, const struct mxc_message *message, int *fds, unsigned int count) {
    static const char done = 1;
    if (count == 2 && take_rules(relay, message, fds[0]) == 0) {
        for (unsigned int i = 0; i < relay->link_room; i++)
            if (relay->link[i].state != MXC_LINK_FREE && relay->link[i].state != MXC_LINK_UNTOLD &&
                !mxc_dial_granted(relay, &relay->link[i]))
                mxc_link_end(relay, &relay->link[i], MXC_CONNECTION_CUT);
        (void)send(fds[1], &done, sizeof done, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    while (count)
        close(fds[--count]);
}
