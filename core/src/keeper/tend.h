/* tend.h: looking after one command from inside. */
#ifndef MXC_KEEPER_TEND_H
#define MXC_KEEPER_TEND_H

#include "plan/channel.h"

struct mxc_spawn { /* descriptors of a SPAWN as they reach init; -1: absent */
    int block, channel, in, out, err, work;
};

void mxc_spawn_close(const struct mxc_spawn *spawn); /* all but the channel */

enum mxc_tend_kind {
    MXC_TEND_EVERYTHING =
        1,              /* the caller is init, and what it can signal is the sandbox, which ends with this command */
    MXC_TEND_PLAIN = 2, /* no pid namespace: the dead of init are ended by somebody else, and /proc is closed */
};

/* Runs the command to its end and reports on its channel. `kind`: bits of enum mxc_tend_kind. `signals`: a signalfd
 * for SIGCHLD, which is blocked. */
void mxc_tend(const struct mxc_message *request, const struct mxc_spawn *spawn, int kind, int signals);
/* For an init without a pid namespace whose keeper is gone: kills all it may signal until no child is left. */
void mxc_end_all(void);

#endif
