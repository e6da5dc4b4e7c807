/* pool.h: the sandboxes that a pool has ready, and when it makes more. What a member is used for is pool_api.c's. */
#ifndef MXC_API_POOL_H
#define MXC_API_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "api/parked.h"
#include "api/prepare.h"
#include "api/sweep.h"
#include "client/client.h"

enum mxc_member_state {
    MXC_MEMBER_HELD,     /* its keeper is there and waits for the word to begin */
    MXC_MEMBER_BUILDING, /* begun */
    MXC_MEMBER_STANDS,
};

struct mxc_member {
    struct mxc_keeper *keeper;
    enum mxc_member_state state;
    int64_t since; /* ms: when it was begun */
};

/* From what members are made, and commands for them: shared, and never changed. */
struct mxc_model {
    atomic_int references;
    int linked; /* denied folders were looked through for it, which is not repeated by itself */
    int single; /* it names something that only one sandbox at a time can have: none is made ahead */
    struct mxc_prepared prepared;
    struct mxc_before *before; /* what was in its writable folders; NULL: none */
    struct mxc_request parked; /* of the program that is executed ahead, */
    int program;               /* sealed; -1: none */
};
mxc_status mxc_model_new(struct mxc_model **out, const mxc_pool *pool, mxc_error **err);
void mxc_model_unref(struct mxc_model *model); /* NULL is fine */

struct mxc_pool {
    atomic_int references; /* the handle's, and one of each process */
    pid_t owner;           /* a forked child has no part in the members */
    mxc_policy *policy;
    struct mxc_strings runtime, languages;
    mxc_pool_options sizes;
    int code;  /* it is for source code of one language, whose interpreter the members show, */
    int parks; /* and which is started ahead in each */
    struct mxc_interpreter interpreter;
    struct mxc_strings preload, env;

    pthread_mutex_t lock; /* of all below; never held while something is waited for */
    int closed;
    struct mxc_model *model;    /* of the next member; NULL: this wall has none made ahead */
    struct mxc_member *members; /* the oldest first; sizes.max of them at most */
    size_t count;
    size_t looked_at;   /* where the next round of looking begins */
    uint64_t wanted;    /* members, between min and max */
    unsigned takes;     /* in this window, */
    size_t most_unused; /* in which never fewer than so many were left */
    int64_t pressed_at; /* ms: when the host's memory was looked at */
    int pressed;
    uint64_t taken, cold, failed, dropped;
};

/* Filled in but for the members. */
mxc_status mxc_pool_make(mxc_pool **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                         const mxc_pool_options *sizes, mxc_error **err);
mxc_pool *mxc_pool_ref(mxc_pool *pool);
void mxc_pool_unref(mxc_pool *pool);
int mxc_pool_is_here(const mxc_pool *pool); /* 0 in a forked child */
/* The options that it was made with, as a struct whose lists live as long as the pool. */
mxc_sandbox_options mxc_pool_shown(const mxc_pool *pool);

/* A reference to the model of the members, NULL when there are none. */
struct mxc_model *mxc_pool_model(mxc_pool *pool);
/* What members are made from, from now on; those that wait and have another plan are dropped. NULL: no members. */
void mxc_pool_renew(mxc_pool *pool, struct mxc_model *model);
/* A member of exactly this plan, the caller's from now on; NULL: none. *stood 0: it is still being built. */
struct mxc_keeper *mxc_pool_take(mxc_pool *pool, const struct mxc_model *model, int *stood);
/* One that was taken had ended already. */
void mxc_pool_lost(mxc_pool *pool);
/* A command has been given one that stood; or not, and the pool was too small. */
void mxc_pool_used(mxc_pool *pool, int stood);

/* Starts what is missing, held. `at_most`: so many at once. An error is the next command's to tell. */
mxc_status mxc_pool_stock(mxc_pool *pool, uint64_t at_most, mxc_error **err);
/* Ends those that are too old or too many, and lets the others begin. */
void mxc_pool_turn(mxc_pool *pool);
/* Waits until all that were begun stand; MXC_OK, or why one of them does not. *lacks: namespaces are refused. */
mxc_status mxc_pool_await(mxc_pool *pool, int *lacks, mxc_error **err);
uint64_t mxc_pool_standing(mxc_pool *pool);
/* Ends all, and waits for that where they are this process's. */
void mxc_pool_close(mxc_pool *pool);

#endif
