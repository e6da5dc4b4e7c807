/* exec.h: from a command block to a running program. */
#ifndef MXC_KEEPER_EXEC_H
#define MXC_KEEPER_EXEC_H

#include <sys/types.h>

#include "plan/channel.h"

/* A block that was mapped and checked: pointers into the mapping. */
struct mxc_program {
    char **argv;
    char **envp;
    const char *cwd;
    const char *path;
    int cwd_required;
    int in, out, err; /* -1: /dev/null */
    int work;         /* becomes MXC_PARKED_FD; -1: none */
};

/* Maps the block and checks every length in it; the strings stay mapped until the process ends. 0 or -errno. */
int mxc_command_load(struct mxc_program *command, int block);

/* vfork, descriptors, session, folder, exec. The pid, or -errno with *stage saying where. Signals of the caller may
 * be blocked: the program starts with none blocked. */
pid_t mxc_command_exec(const struct mxc_program *command, enum mxc_stage *stage);

#endif
