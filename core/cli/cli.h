/* cli.h: the mxc command as a function, for its program and for `python -m mxc`, which is the same command. */
#ifndef MXC_CLI_CLI_H
#define MXC_CLI_CLI_H

/* Does what the words say and gives the exit status. For a process of its own: it takes the signals over, writes
 * to 1 and 2, and may end the process. argv[0] is not looked at. */
int cli_main(int argc, char **argv);

#endif
