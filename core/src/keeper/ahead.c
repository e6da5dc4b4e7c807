/* ahead.c: a keeper of a pool is started before it is needed and waits for the word to begin, so that building never
 * competes with a command that somebody waits for. What is not used in time ends itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>

#include "base/fd.h"
#include "base/sys.h"
#include "keeper/keeper.h"

/* The host says more than this first word only after it, so nothing that comes with it is lost. */
static int first_word(struct mxc_keeper *keeper) {
    struct mxc_message message;
    unsigned int count;
    int got = mxc_message_receive(keeper->control, &message, NULL, 0, &count);
    if (got <= 0 || message.kind != MXC_MSG_BEGIN)
        return -ECONNRESET;
    keeper->parks = message.b == 1;
    if (message.a && message.a < UINT64_MAX / 2000000u)
        keeper->idle_at_ns = mxc_monotonic_ns() + message.a * 1000000u;
    return 0;
}

/* The signals that end a keeper are blocked while it builds; here they are let in, as while it serves. */
int mxc_keeper_hold(struct mxc_keeper *keeper) {
    static const sigset_t none;
    struct pollfd slots[2] = {{.fd = keeper->control, .events = POLLIN}, {.fd = keeper->host, .events = POLLIN}};
    while (ppoll(slots, 2, NULL, &none) < 0)
        if (errno != EINTR || mxc_keeper_told_to_end())
            return -ECONNRESET;
    if (slots[1].revents)
        return -ECONNRESET;
    return first_word(keeper);
}

int mxc_keeper_unused(const struct mxc_keeper *keeper, uint64_t now) {
    return keeper->idle_at_ns && !keeper->running_count && !keeper->ending && now >= keeper->idle_at_ns;
}
