/* parts.h: what the files of this room share and the api room does not see. */
#ifndef MXC_CLIENT_PARTS_H
#define MXC_CLIENT_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/client.h"
#include "plan/channel.h"
#include "plan/network.h"
#include "plan/plan.h"
#include "report/result.h"

#define MXC_LAST_RESORT_MS 2000 /* from asking the keeper to end until it is killed */
#define MXC_SEND_PATIENCE_MS 1000

#define MXC_KEPT_RULES 16 /* generations of rules that results can still name */

struct mxc_kept_rules { /* generation 0: none */
    uint32_t generation;
    void *bytes;
    size_t length;
};

struct mxc_keeper {
    atomic_int references;
    int control; /* SEQPACKET */
    int pidfd;
    pid_t pid;
    atomic_uint next_id;
    atomic_int reaped;
    uint16_t host_port[MXC_NET_MAX_PUBLISHED]; /* of the published ports, in the plan's order, once the walls stand */
    int no_namespaces;             /* why the start failed: the kernel refuses the namespaces or what is done in them */
    atomic_int_fast64_t killed_at; /* ms of mxc_now_ms(); 0: not killed */
    int ahead;
    int work, input; /* files of a program that waits for its work, to be filled; -1: none, or it has it */
    int theirs[2];   /* the same, read-only, until it has them */
    void *plan;
    size_t plan_length;
    struct mxc_plan_view view;
    pthread_mutex_t updating; /* one update at a time */
    uint32_t generation;      /* of the rules that were sent last */
    pthread_mutex_t told;     /* of the two that follow */
    char *receipt;
    struct mxc_kept_rules rules[MXC_KEPT_RULES];
    char *(*denial_text)(uint32_t number, unsigned int narrow);
    unsigned int narrow;
    mxc_status (*sweep)(struct mxc_result *result, const void *before, mxc_error **err);
    void (*release)(void *before);
    void *before;
    struct mxc_times times;  /* the host's, of a sandbox for one command */
    struct mxc_keeper *next; /* in the list of those to reap */
};

/* Where a start failed, from a record or from MXC_MSG_FAILED. */
struct mxc_refusal {
    uint32_t stage, op, sys_errno, detail;
};

/* What a refusal is told with; strings may be NULL. */
struct mxc_told {
    const struct mxc_plan_view *view;
    const char *command, *path, *cwd;
};

/* What the host knows of a command with a slash that is not inside: 1 with `hint` written, or 0. */
int mxc_absent_hint(char *hint, size_t size, const struct mxc_told *told);
mxc_status mxc_refuse(mxc_error **err, const struct mxc_refusal *refusal, const struct mxc_told *told);

int64_t mxc_now_ms(void); /* CLOCK_MONOTONIC, never 0 */
/* What is left until `deadline` (ms of mxc_now_ms(); negative: none), at most `slice`; as poll() wants it. */
int mxc_left_ms(int64_t deadline, int slice);
/* 1 when `fd` is readable within `timeout_ms`. A signal ends the wait early. */
int mxc_readable(int fd, int timeout_ms);

/* 0 or -errno. */
int mxc_keeper_send(struct mxc_keeper *keeper, const struct mxc_message *message, const int *fds, size_t count);
/* 1 when it has ended and was reaped now or before (or by somebody else). */
int mxc_keeper_reap(struct mxc_keeper *keeper);
/* Removes the ghosts of a keeper that was killed; those that another sandbox still uses stay. */
void mxc_keeper_sweep(const struct mxc_plan_view *view);
/* SIGKILL to the keeper; its init dies with it. */
void mxc_keeper_destroy(struct mxc_keeper *keeper);
/* 1 and the refusal when it said MXC_MSG_FAILED. */
int mxc_keeper_refusal(struct mxc_keeper *keeper, struct mxc_refusal *out);

/* Names the rule of each connection by its place in the policy, and gives the receipt that holds now. 0, or -1: out of
 * memory. */
int mxc_keeper_tell_rules(struct mxc_keeper *keeper, struct mxc_result *result);
void mxc_keeper_forget_rules(struct mxc_keeper *keeper);

/* Capture area of channel.h: a memfd for two streams of `limit` bytes each, or -errno. */
int mxc_capture_new(uint64_t limit);
/* Head and tail of one stream (0 stdout, 1 stderr) joined: 0, -ENOMEM, or -EBADMSG when the record and the area
 * do not fit together. */
int mxc_capture_read(struct mxc_captured *out, int fd, uint64_t limit, int stream,
                     const struct mxc_record_stream *said);

struct mxc_process {
    struct mxc_keeper *keeper;
    uint32_t id;
    int last;
    int status;  /* SOCK_STREAM */
    int capture; /* -1: nothing is captured */
    uint64_t limit;
    atomic_int pipes[3];
    char *command, *path, *cwd; /* for messages */
    struct mxc_after after;
    atomic_int delivered;
    pthread_mutex_t lock; /* of what follows */
    enum { MXC_RUNNING, MXC_RECORDED, MXC_LOST, MXC_GARBLED } state;
    struct mxc_result *result;
    size_t have;
    unsigned char bytes[MXC_RECORD_MAX_BYTES]; /* `have` of them; last, and never cleared */
};

#endif
