/* tend.h: looking after one command from inside. */
#ifndef MXC_KEEPER_TEND_H
#define MXC_KEEPER_TEND_H

#include "plan/channel.h"

struct mxc_spawn { /* descriptors of a SPAWN as they reach init; -1: absent */
    int block, channel, in, out, err;
};

void mxc_spawn_close(const struct mxc_spawn *spawn); /* all but the channel */

/* Runs the command to its end and reports on its channel. `everything`: the caller is init and the sandbox ends
 * with this command. `signals`: a signalfd for SIGCHLD, which is blocked. */
void mxc_tend(const struct mxc_message *request, const struct mxc_spawn *spawn, int everything, int signals);

#endif
