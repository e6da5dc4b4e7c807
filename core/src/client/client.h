/* client.h: what the api room sees: a keeper (one sandbox) and the commands it runs. Knows no policy: limits come in
 * as numbers, the receipt as text. Handles are reference counted, because a command may outlive its sandbox. */
#ifndef MXC_CLIENT_CLIENT_H
#define MXC_CLIENT_CLIENT_H

#include "base/buf.h"
#include "base/timing.h"
#include "mxc/mxc.h"

struct mxc_keeper;

struct mxc_keeper_args {
    const void *plan; /* wire form, copied: failures are told in its words */
    size_t plan_length;
    const char *receipt;                                        /* JSON, copied: every result carries it */
    char *(*denial_text)(uint32_t number, unsigned int narrow); /* words for a denial, freed with mxc_free */
    unsigned int narrow;                                        /* what is given to denial_text */
    /* Called once for the result of the last command, with `before`; `release` frees that one, also when the start
     * fails. All NULL: nothing is looked at afterwards. */
    mxc_status (*sweep)(struct mxc_result *result, const void *before, mxc_error **err);
    void (*release)(void *before);
    void *before;
    int ahead;                     /* of a pool: it does nothing before mxc_keeper_begin() */
    const struct mxc_times *times; /* of the host's stages until now; `since`: when the last of them ended. Or NULL */
};

/* Starts the keeper and does not wait for its walls. MXC_E_SETUP when the program itself cannot be started. */
mxc_status mxc_keeper_start(struct mxc_keeper **out, const struct mxc_keeper_args *args, mxc_error **err);
/* The files of a program that will be executed ahead, made while nobody waits. `by_file`: it can be sent no descriptors, so
 * its input is put into a file that it has from the start. 0 or -errno. */
int mxc_keeper_make_files(struct mxc_keeper *keeper, int by_file);
/* One that was started ahead builds now, and ends itself when no command comes within `idle_ms` (0: never). Does not
 * wait. `program`: a sealed command block that is executed ahead, with the files of before; the sandbox stands when it says
 * that it waits for its work. -1: none. 0, or -errno: it builds nothing. */
int mxc_keeper_begin(struct mxc_keeper *keeper, uint64_t idle_ms, int program);
enum mxc_standing { MXC_STANDS, MXC_STANDS_NOT_YET, MXC_STANDS_NEVER };
/* What has become of one that was begun, without waiting; to be asked by one thread at a time, and no more once it said
 * MXC_STANDS. */
enum mxc_standing mxc_keeper_look(struct mxc_keeper *keeper);
/* 1 when it builds from exactly this plan. */
int mxc_keeper_builds(const struct mxc_keeper *keeper, const void *plan, size_t length);
/* What the result of its one command is compared with, where that is not known at the start. Taken over. */
void mxc_keeper_sweeps(struct mxc_keeper *keeper, const struct mxc_keeper_args *args);
/* Waits until the walls stand: MXC_OK, or why they do not (in the words of the plan). */
mxc_status mxc_keeper_wait_ready(struct mxc_keeper *keeper, mxc_error **err);
/* The port of the host's 127.0.0.1 at which a port inside is published; 0: it is not. Only when the walls stand. */
uint16_t mxc_keeper_published_port(const struct mxc_keeper *keeper, uint16_t port);
/* 1 when that failed because the host refuses namespaces, or what is done inside new ones. */
int mxc_keeper_lacks_namespaces(const struct mxc_keeper *keeper);
/* Gives the relay other rules (plan/network.h) and waits until they hold; results name their places in the policy from
 * then on, and carry `receipt` (taken over in any case, freed with mxc_free). A sandbox of which nobody can say which
 * rules hold is ended. */
mxc_status mxc_keeper_update_rules(struct mxc_keeper *keeper, const void *rules, size_t length, char *receipt,
                                   mxc_error **err);
/* 1 when it has a relay. */
int mxc_keeper_has_relay(const struct mxc_keeper *keeper);
/* Asks it to end everything; commands that were running count as killed. Does not wait. */
void mxc_keeper_kill(struct mxc_keeper *keeper);
/* Kills, and waits until it has ended and is reaped: by force when it does not within two seconds. */
void mxc_keeper_finish(struct mxc_keeper *keeper);
/* Pollable: readable when it has ended. */
int mxc_keeper_fd(const struct mxc_keeper *keeper);
struct mxc_keeper *mxc_keeper_ref(struct mxc_keeper *keeper);
/* The last one closes the control socket, which ends the keeper if it still runs; it is reaped later. */
void mxc_keeper_unref(struct mxc_keeper *keeper);
/* Reaps keepers that have ended since their last reference went. Called by every start and finish. */
void mxc_keepers_reap(void);

/* One command, checked by the caller: strings without NUL, PATH and environment final. */
struct mxc_launch {
    const char *const *argv;
    const char *const *env;
    const char *cwd; /* "": /tmp */
    int cwd_required;
    const char *path; /* in which argv[0] is looked up */
    const void *input;
    size_t input_length;
    uint64_t timeout_ms;   /* 0: none */
    uint64_t grace_ms;     /* between TERM and KILL */
    uint64_t output_bytes; /* captured per stream */
    mxc_stdio mode[3];
    int fd[3];  /* with MXC_STDIO_FD */
    int last;   /* the sandbox ends with this command */
    int parked; /* for the program that was executed ahead */
    int ahead;  /* and was built ahead: one that has ended meanwhile is MXC_E_CLOSED, and there may be others */
};

/* A sealed copy of a block for mxc_keeper_begin(), or -errno. */
int mxc_launch_seal(const struct mxc_buf *block);
/* The command block. Checks everything that can be checked before a keeper is started: sizes, descriptors. */
mxc_status mxc_launch_encode(struct mxc_buf *block, const struct mxc_launch *launch, mxc_error **err);
/* Hands the command to the keeper and returns. With `launch->last` the process owns the keeper: freeing it ends it. */
mxc_status mxc_process_launch(mxc_process **out, struct mxc_keeper *keeper, const struct mxc_launch *launch,
                              const struct mxc_buf *block, mxc_error **err);
/* `deliver` is called once, when somebody has been given the result or nobody can be any more; `release` at the end. */
struct mxc_after {
    void (*deliver)(void *of);
    void (*release)(void *of);
    void *of;
};
void mxc_process_after(mxc_process *process, const struct mxc_after *after);
/* timeout_ms as in mxc_process_wait(). The result is a reference of the caller's. */
mxc_status mxc_process_await(mxc_result **out, mxc_process *process, int64_t timeout_ms, mxc_error **err);
/* kind: MXC_MSG_SIGNAL or MXC_MSG_STOP of plan/channel.h. MXC_OK also when the command has ended. */
mxc_status mxc_process_tell(mxc_process *process, uint32_t kind, uint64_t a, uint64_t b, mxc_error **err);
int mxc_process_fd(const mxc_process *process);
/* The host's end of a pipe, once; 0 stdin, 1 stdout, 2 stderr. */
int mxc_process_take(mxc_process *process, int stream);
void mxc_process_end(mxc_process *process);

#endif
