/* keeper.h: the inside of the keeper program: one process outside the walls that builds them, watches, and reports.
 * It parses no text, allocates nothing, and keeps fixed-size tables. */
#ifndef MXC_KEEPER_KEEPER_H
#define MXC_KEEPER_KEEPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mxc/mxc.h" /* limit numbers only */
#include "ops/ops.h"
#include "plan/channel.h"
#include "report/record.h"

#define MXC_MAX_COMMANDS 128
#define MXC_MAX_MESSAGE_FDS 6

struct mxc_capture { /* one stream: read from `pipe` straight into the shared area */
    int pipe;
    unsigned char *area; /* head, then tail ring; NULL: counted only */
    uint64_t head_size, tail_size;
    uint64_t total, head, tail;
};

struct mxc_denials {
    struct mxc_denial_entry entry[MXC_RECORD_MAX_DENIALS];
    uint32_t count, dropped;
};

enum mxc_kill_phase { MXC_ALIVE, MXC_TERM_SENT, MXC_KILL_SENT };

struct mxc_running {
    uint32_t id; /* 0: free slot */
    int last;    /* the sandbox ends with it */
    int status;  /* record goes here */
    int channel; /* to the process that tends the command */
    struct mxc_capture out, err;
    void *area;
    size_t area_size;
    uint64_t started_ns;  /* 0 until known */
    uint64_t deadline_ns; /* next step: TERM, KILL, end of everything; 0: none */
    uint64_t grace_ns;
    enum mxc_kill_phase phase;
    pid_t tender; /* pid inside of the process that tends it, for finding whose denial it is */
    uint32_t limits_hit;
    struct mxc_denials denials;
};

struct mxc_keeper {
    struct mxc_plan_view plan;
    struct mxc_apply apply;
    int control; /* host */
    int host;    /* pidfd of the host: a child that it forked may hold the socket open after its death; -1: unknown */
    int init;    /* init's socket, -1 when it has ended */
    int init_pidfd;
    pid_t init_pid;
    int listener; /* seccomp notifications */
    int proc;     /* /proc of the sandbox */
    int ready;    /* READY was sent */
    int ending;   /* no more commands */
    struct mxc_running running[MXC_MAX_COMMANDS];
    unsigned int running_count;
    uint64_t next_look_ns; /* supervisor limits */
    uint64_t look_ns;      /* pause between two looks: grows from FIRST_LOOK_NS to LOOK_NS */
    uint64_t peak_memory;
    uint32_t limits_hit; /* by the sandbox as a whole */
    /* why a start failed; stage 0: it did not */
    struct mxc_message failure;
};

uint64_t mxc_now_ns(void);

/* channel_io.c: one packet with descriptors. Receiving: bytes (0 at end of file) or -errno; descriptors beyond `room`
 * or in a malformed packet are closed. */
int mxc_message_send(int socket, const struct mxc_message *message, const int *fds, unsigned int count);
int mxc_message_receive(int socket, struct mxc_message *message, int *fds, unsigned int room, unsigned int *count);

/* start.c: the host side of the plan, then init. 0 or -errno with keeper->failure filled. */
int mxc_keeper_start(struct mxc_keeper *keeper);

/* confine.c: the keeper's own filter; needs no_new_privs. 0 or -errno. */
int mxc_keeper_confine(void);

/* loop.c: serves until host or sandbox are gone. */
void mxc_keeper_serve(struct mxc_keeper *keeper);
/* Ends everything inside, reaps, removes the groups. */
void mxc_keeper_finish(struct mxc_keeper *keeper);

/* commands.c */
void mxc_command_spawn(struct mxc_keeper *keeper, const struct mxc_message *message, int *fds, unsigned int count);
void mxc_command_from_tender(struct mxc_keeper *keeper, struct mxc_running *running);
void mxc_command_signal(struct mxc_keeper *keeper, uint32_t id, const struct mxc_message *request);
void mxc_command_kill_all(struct mxc_keeper *keeper, uint32_t limits_hit);
void mxc_command_deadline(struct mxc_keeper *keeper, struct mxc_running *running, uint64_t now);
/* Refuses all running commands and closes them: the sandbox failed or died. */
void mxc_command_abandon(struct mxc_keeper *keeper);

/* capture.c */
void mxc_capture_read(struct mxc_capture *capture);  /* what is there now, bounded */
void mxc_capture_drain(struct mxc_capture *capture); /* the rest, after all writers are gone */

/* notify.c: answers one refused call with EPERM and counts it. */
void mxc_notify_answer(struct mxc_keeper *keeper);

/* limits.c: supervisor limits; returns how long until it wants to look again (ns), 0 when never. */
uint64_t mxc_limits_look(struct mxc_keeper *keeper, uint64_t now);
void mxc_limits_settle(struct mxc_keeper *keeper,
                       uint32_t processes); /* last look at counters before a record is written */

/* init.c: pid 1. Never returns. */
void mxc_init_main(struct mxc_apply *apply, int socket) __attribute__((noreturn));

#endif
