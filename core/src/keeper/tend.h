/* tend.h: looking after one command from inside. */
#ifndef MXC_KEEPER_TEND_H
#define MXC_KEEPER_TEND_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "keeper/process_tree.h"
#include "plan/channel.h"

struct mxc_spawn { /* descriptors of a SPAWN as they reach init; -1: absent */
    int block, channel, in, out, err, work;
    int files[MXC_PARKED_FILES]; /* of a program that waits for its work */
    char *within;                /* the block, when it is no descriptor; is written to */
    size_t within_bytes;
};

void mxc_spawn_close(const struct mxc_spawn *spawn); /* all but the channel */

enum mxc_tend_kind {
    MXC_TEND_EVERYTHING = 1, /* the caller is init: all that it can signal is the command's, but for the tenders */
    MXC_TEND_PLAIN = 2,      /* no pid namespace: the dead of init are ended by somebody else, and /proc is closed */
};

struct mxc_tend {
    uint32_t id;
    int channel;
    int everything, plain;           /* enum mxc_tend_kind */
    const struct mxc_except *others; /* tenders, with whatever is below them; NULL: this is one */
    pid_t command;
    int status; /* of the command, once `ended` */
    int ended;
    uint64_t started_ns;
    uint64_t cpu_us, max_rss_kib; /* of all that was reaped */
    uint32_t processes;           /* that were there when it had ended */
    /* ending what it left */
    int rounds;
    uint64_t pause_ns, next_ns; /* not before */
    struct timespec wait;
};

/* Starts the command. 1, or 0 when it did not start, which it has told the keeper. `others` may be NULL. */
int mxc_tend_begin(struct mxc_tend *tend, const struct mxc_message *request, const struct mxc_spawn *spawn, int kind,
                   const struct mxc_except *others);
void mxc_tend_signal(struct mxc_tend *tend, const struct mxc_message *message);
/* After every wait. 1 when the command and all that it left have ended, and the keeper knows. */
int mxc_tend_turn(struct mxc_tend *tend);
/* How long to wait at most for the next turn; NULL: until something happens. */
const struct timespec *mxc_tend_wait(struct mxc_tend *tend);

void mxc_signals_drain(int signals); /* a signalfd */

/* A tender's whole life: runs the command to its end and reports on its channel. `kind`: bits of enum mxc_tend_kind.
 * `signals`: a signalfd for SIGCHLD, which is blocked. */
void mxc_tend(const struct mxc_message *request, const struct mxc_spawn *spawn, int kind, int signals);
/* For an init without a pid namespace whose keeper is gone: kills all it may signal until no child is left. */
void mxc_end_all(void);

#endif
