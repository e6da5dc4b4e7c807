/* relay.h: between terminals and a running command. A terminal is never handed to the command, so this program copies;
 * and it turns signals into requests to the library. The only place of mxc with signal handlers. */
#ifndef MXC_CLI_RELAY_H
#define MXC_CLI_RELAY_H

#include "mxc/mxc.h"

struct cli_ends {
    int fds[3];      /* our side of the command's standard input, output and error */
    int terminal[3]; /* that one is a terminal, and the command has a pipe */
};

/* 0, or the errno. Before anything is started, so that no signal is lost. */
int cli_catch_signals(void);
/* Until the command has ended and all that it wrote has been passed on. 0, or the errno. */
int cli_relay(mxc_process *process, const struct cli_ends *ends);
/* The signal that ended it through us, or 0. */
int cli_caught(void);
/* Ends this program by the signal, as it would have without a handler. */
void cli_raise(int number);

#endif
