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
    int enlarged;        /* the pipe, or it could not be */
    unsigned char *area; /* head, then tail ring; NULL: counted only */
    uint64_t head_size, tail_size;
    uint64_t total, head, tail;
};

struct mxc_denials {
    struct mxc_denial_entry entry[MXC_RECORD_MAX_DENIALS];
    uint32_t count, dropped;
};

#define MXC_MAX_LOGGED 256 /* connections that are remembered, of the whole sandbox */

struct mxc_connection_log { /* the oldest that has ended goes first */
    struct mxc_connection_entry entry[MXC_MAX_LOGGED];
    uint64_t changed[MXC_MAX_LOGGED]; /* when: counts up with every change */
    uint64_t born[MXC_MAX_LOGGED];
    uint64_t changes;
    uint32_t count;
};

struct mxc_parked { /* a program that was executed ahead */
    uint32_t id;    /* of the command that it is for; 0: there is none, or it was used */
    int work;       /* its socket */
    struct mxc_capture out, err;
    int warm; /* it waits for work */
    int early;
    uint64_t cpu_ns; /* spent until it was warm */
};

struct mxc_spent { /* by all but init */
    uint64_t cpu_ns, peak_kib;
    uint32_t processes;
};

enum mxc_kill_phase { MXC_ALIVE, MXC_TERM_SENT, MXC_KILL_SENT };

struct mxc_running {
    uint32_t id; /* 0: free slot */
    int last;    /* the sandbox ends with it */
    int status;  /* record goes here */
    int by_init; /* init tends it: the only command when it came. Else a tender does: */
    int channel; /* to the tender; -1: by init */
    struct mxc_capture out, err;
    void *area;
    size_t area_size;
    uint64_t asked_ns;
    uint64_t started_ns; /* 0 until known */
    uint64_t ended_ns;
    uint64_t deadline_ns; /* next step: TERM, KILL, end of everything; 0: none */
    uint64_t grace_ns;
    enum mxc_kill_phase phase;
    pid_t tender; /* pid inside of the process that tends it, for finding whose denial it is; 0: not known yet */
    uint32_t limits_hit;
    struct mxc_denials denials;
    uint64_t cpu_ns_before; /* spent by its process before it was asked for */
    uint64_t log_from;      /* connections that changed after this are the command's */
    uint32_t unlogged;      /* of those: not in the log any more */
};

struct mxc_demand { /* listeners that are made as connections ask for them */
    uint32_t told;  /* enum mxc_told_call: calls that ask; 0: the plan has none of it */
    struct mxc_net_rules_view rules;
    int spare[MXC_NET_MAX_SPARES];
    unsigned int spare_count;
    int asked; /* init was asked for more */
    int dry;   /* it had none */
    struct mxc_demanded {
        struct mxc_target {
            uint8_t address[16]; /* an IPv4 address in its IPv6 form */
            uint16_t port;       /* 0: nothing listens in this place */
        } at;
        uint64_t used; /* the last connection that asked for it, counted */
    } place[MXC_NET_MAX_DEMANDED];
    uint64_t uses;
    int waiting;              /* one call has to, and with it all others */
    int full;                 /* for the relay to read what it was sent */
    uint64_t caller;          /* the call */
    struct mxc_target wanted; /* where it goes */
};

struct seccomp_notif;

enum mxc_group_number { /* that the groups are asked for */
                        MXC_GROUP_KILLS,
                        MXC_GROUP_REFUSALS,
                        MXC_GROUP_PEAK,
                        MXC_GROUP_NUMBERS,
};

struct mxc_keeper {
    struct mxc_plan_view plan;
    struct mxc_apply apply;
    int control; /* host */
    int host;    /* pidfd of the host: a child that it forked may hold the socket open after its death; -1: unknown */
    int init;    /* init's socket, -1 when it has ended */
    int init_pidfd;
    pid_t init_pid;
    int listener;                /* seccomp notifications */
    int proc;                    /* /proc of the sandbox */
    int ready;                   /* READY was sent */
    uint64_t began_ns, built_ns; /* main(), BUILT */
    int ahead;                   /* of a pool */
    int parks;                   /* a program is executed ahead */
    struct mxc_parked parked;
    uint64_t cpu_ms_before; /* spent before the command was asked for: of no limit */
    uint64_t idle_at_ns;    /* when it ends itself unless it was asked for something; 0: never */
    int ending;             /* no more commands */
    struct mxc_running running[MXC_MAX_COMMANDS];
    unsigned int running_top; /* those from here on were never used: looking at one costs a page */
    unsigned int running_count;
    uint64_t next_look_ns; /* supervisor limits */
    int groups_open;       /* the files below were opened; -1: could not be */
    int group_fd[MXC_GROUP_NUMBERS];
    int woken;        /* this turn has something to do besides looking */
    uint64_t look_ns; /* pause between two looks: grows from FIRST_LOOK_NS to LOOK_NS */
    uint64_t peak_memory;
    uint32_t limits_hit; /* by the sandbox as a whole */
    int relay;           /* socket to the relay; -1: none, or it has ended */
    int relay_pidfd;
    int relay_ready;
    pid_t relay_pid;
    struct mxc_connection_log log;
    struct mxc_demand demand;
    /* why a start failed; stage 0: it did not */
    struct mxc_message failure;
};

/* channel_io.c: one packet with descriptors. Receiving: bytes (0 at end of file) or -errno; descriptors beyond `room`
 * or in a malformed packet are closed. */
int mxc_message_send(int socket, const struct mxc_message *message, const int *fds, unsigned int count);
int mxc_message_receive(int socket, struct mxc_message *message, int *fds, unsigned int room, unsigned int *count);
/* The same with the block of a SPAWN, if it has one; receiving: as many bytes of it as its message says. */
int mxc_packet_send(int socket, const struct mxc_message *message, const void *block, const int *fds,
                    unsigned int count);
int mxc_packet_receive(int socket, struct mxc_packet *packet, int *fds, unsigned int room, unsigned int *count);

/* start.c: the host side of the plan, then init. 0 or -errno with keeper->failure filled. */
int mxc_keeper_start(struct mxc_keeper *keeper);

/* ahead.c: waits for the word to begin: 0, or -errno when it never comes. */
int mxc_keeper_hold(struct mxc_keeper *keeper);
/* Leaves the caller's session keyring for an empty one. */
long mxc_keyring_leave(void);
/* 1 when it has waited long enough for a command. */
int mxc_keeper_unused(const struct mxc_keeper *keeper, uint64_t now);
/* park.c */
void mxc_park(struct mxc_keeper *keeper, const struct mxc_message *request, const int *fds, unsigned int count);
void mxc_park_event(struct mxc_keeper *keeper);
/* 0, or -1 when it is not of the program that waits. */
int mxc_park_from_init(struct mxc_keeper *keeper, const struct mxc_message *message);
/* Gives it the command of `running`: 0 or -errno. */
int mxc_park_use(struct mxc_keeper *keeper, struct mxc_running *running, const struct mxc_packet *request,
                 const int *fds, unsigned int count);
void mxc_park_streams(struct mxc_parked *parked, struct mxc_running *running, int out, int err);
/* 1 and how it ended when it says that it is done and need not be waited for. */
int mxc_park_done(struct mxc_keeper *keeper, struct mxc_message *ended);

/* yield.c: whoever builds ahead gives way to others, and takes it back before its filter: what it starts later inherits nothing. */
void mxc_keeper_yield(struct mxc_apply *apply);
void mxc_keeper_yield_no_more(const struct mxc_apply *apply);

/* confine.c: the keeper's own filter; needs no_new_privs. 0 or -errno. */
int mxc_keeper_confine(int plain, int on_demand);

/* loop.c: from now on TERM and its like end the sandbox as the host does, when serving. */
void mxc_keeper_signals(void);
int mxc_keeper_told_to_end(void); /* by one of them */
/* Serves until host or sandbox are gone. */
void mxc_keeper_serve(struct mxc_keeper *keeper);
/* Waits until nothing inside is alive, a second at most; by force, or because init is about to end by itself. */
void mxc_inside_end(struct mxc_keeper *keeper, int by_force);
/* Ends everything inside, reaps, removes ghosts and groups. */
void mxc_keeper_finish(struct mxc_keeper *keeper);

/* Without a pid namespace: ends everything inside and removes its folder. With one it does nothing. */
void mxc_plain_end(struct mxc_keeper *keeper);

/* commands.c */
void mxc_command_spawn(struct mxc_keeper *keeper, const struct mxc_packet *packet, int *fds, unsigned int count);
void mxc_command_from_tender(struct mxc_keeper *keeper, struct mxc_running *running);
/* 0, or -1 when it is of no command that init tends. */
int mxc_command_from_init(struct mxc_keeper *keeper, const struct mxc_message *message);
/* Init has ended, and so has what it tended. */
void mxc_command_init_lost(struct mxc_keeper *keeper);
void mxc_command_signal(struct mxc_keeper *keeper, uint32_t id, const struct mxc_message *request);
void mxc_command_kill_all(struct mxc_keeper *keeper, uint32_t limits_hit);
void mxc_command_deadline(struct mxc_keeper *keeper, struct mxc_running *running, uint64_t now);
/* Refuses all running commands and closes them: the sandbox failed or died. */
void mxc_command_abandon(struct mxc_keeper *keeper);

void mxc_command_done(struct mxc_keeper *keeper); /* the socket of a parked program has something to say */

/* capture.c */
int mxc_capture_open(struct mxc_capture *capture, int *workload_end);
void mxc_capture_read(struct mxc_capture *capture);  /* what is there now, bounded */
void mxc_capture_drain(struct mxc_capture *capture); /* the rest, after all writers are gone */

/* notify.c: answers one refused call with EPERM and counts it. */
void mxc_notify_answer(struct mxc_keeper *keeper);

/* limits.c: a command begins: the first looks come close together, but none before there is something to see. */
void mxc_limits_begin(struct mxc_keeper *keeper, uint64_t now);
/* Opens the files that groups are read from, those that are not open yet. */
void mxc_limits_open(struct mxc_keeper *keeper);
/* Supervisor limits; returns how long until it wants to look again (ns), 0 when never. */
uint64_t mxc_limits_look(struct mxc_keeper *keeper, uint64_t now);
struct mxc_spent mxc_limits_spent(const struct mxc_keeper *keeper);
void mxc_limits_settle(struct mxc_keeper *keeper,
                       uint32_t processes); /* last look at counters before a record is written */

/* relay.c: 0 when the plan has no relay. A relay that ends leaves a sandbox without any network. */
int mxc_relay_start(struct mxc_keeper *keeper);
int mxc_relay_hand_over(struct mxc_keeper *keeper, const struct mxc_message *message, const int *fds,
                        unsigned int count);
int mxc_relay_await(struct mxc_keeper *keeper, uint32_t kind, int patience_ms); /* 0 or -errno */
void mxc_relay_event(struct mxc_keeper *keeper);
void mxc_relay_finish(struct mxc_keeper *keeper);

/* demand.c: after the clone, while the builder waits for the word at its op SPARES: whether the keeper may read inside.
 * 0, also when the plan has no spares, or -errno. */
int mxc_demand_begin(struct mxc_keeper *keeper);
/* Answers a call that asks for a listener and lets it go on: 1; 0 when it is none of these. */
int mxc_demand_answer(struct mxc_keeper *keeper, const struct seccomp_notif *request);
void mxc_demand_take(struct mxc_keeper *keeper, const int *fds, unsigned int count); /* spares of init */
/* Looks after the call that has to wait for a listener. `relay_reads`: it may have read what it was sent. */
void mxc_demand_again(struct mxc_keeper *keeper, int relay_reads);

/* connections.c: what the relay has told. When what had to make room for it had changed last; 0: nothing had to. */
uint64_t mxc_connections_note(struct mxc_connection_log *log, const struct mxc_connection_entry *entry);
/* Those that changed after `from`, newest kept, in the order of their beginning, with times after `began`: their
 * number; *dropped: how many more. */
uint32_t mxc_connections_since(const struct mxc_connection_log *log, uint64_t from, uint64_t began,
                               struct mxc_connection_entry *out, uint32_t *dropped);

/* init.c: pid 1. Never returns. */
void mxc_init_main(struct mxc_apply *apply, int socket) __attribute__((noreturn));

#endif
