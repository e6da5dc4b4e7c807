/* exec.h: from a command block to a running program. */
#ifndef MXC_KEEPER_EXEC_H
#define MXC_KEEPER_EXEC_H

#include <stddef.h>
#include <sys/types.h>

#include "plan/channel.h"

/* A block that was loaded and checked: pointers into it. */
struct mxc_program {
    char **argv;
    char **envp;
    const char *cwd;
    const char *path;
    int cwd_required;
    int in, out, err;            /* -1: /dev/null */
    int work;                    /* becomes MXC_PARKED_FD; -1: none, and no files */
    int files[MXC_PARKED_FILES]; /* become those behind it; -1: none */
    void *bytes;                 /* the block */
    size_t size;
    int mapped;
};

/* Loads the block and checks every length in it. 0 or -errno; unload it in any case, before the next one. */
int mxc_command_load(struct mxc_program *command, int block);
/* The same for a block that is in memory already, aligned like its head, and stays there. */
int mxc_command_take(struct mxc_program *command, char *bytes, size_t size);
void mxc_command_unload(struct mxc_program *command);

/* vfork, descriptors, session, folder, exec. The pid, or -errno with *stage saying where. Signals of the caller may
 * be blocked: the program starts with none blocked. */
pid_t mxc_command_exec(const struct mxc_program *command, enum mxc_stage *stage);

#endif
