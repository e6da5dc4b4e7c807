/* pool_api.c: mxc_pool_*: a run of a pool is a run of its own, given a sandbox that was made ahead. Before it is given
 * one, the host is looked at as for a cold run, and a member whose plan is no longer the one that would be made now is
 * not used: what a policy means does not depend on when a sandbox was built. */
#include "api/interpreter.h"
#include "api/pool.h"
#include "api/request.h"
#include "api/sandbox.h"
#include "api/structs.h"
#include "api/sweep.h"
#include "base/alloc.h"
#include "base/error.h"

#include <string.h>

#define AT_ONCE 2 /* made for each command, so that a pool can grow */
#define AUTO(clear) __attribute__((cleanup(clear)))

static void drop_error(mxc_error **err) {
    if (err) {
        mxc_error_free(*err);
        *err = NULL;
    }
}

/* ---- Making and freeing ---- */

static mxc_status fill(mxc_pool *pool, mxc_error **err) {
    int lacks = 0;
    mxc_status status;
    if (pool->model->single)
        mxc_pool_renew(pool, NULL);
    status = mxc_pool_stock(pool, pool->sizes.size, err);
    mxc_pool_turn(pool);
    if (status == MXC_OK)
        status = mxc_pool_await(pool, &lacks, err);
    if (status == MXC_OK || !lacks || !mxc_prepare_without_namespaces(&pool->model->prepared, &status, err))
        return status;
    mxc_pool_renew(pool, NULL);
    return status;
}

mxc_status mxc_pool_new(mxc_pool **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                        const mxc_pool_options *sizes, mxc_error **err) {
    mxc_sandbox_options with;
    mxc_pool_options wanted;
    mxc_pool *pool = NULL;
    if (!out || !policy)
        return mxc_fail_null(err, out ? "policy" : "out");
    mxc_status status = mxc_options_read(&with, options, err);
    if (status == MXC_OK)
        status = mxc_pool_options_read(&wanted, sizes, err);
    /* a port of the host is one sandbox's, and a free one could not be told */
    if (status == MXC_OK && policy->network.publish_count)
        status =
            mxc_fail(err, MXC_E_UNSUPPORTED, MXC_FAULT(.origin = "/network/publish", .hint = "open a sandbox for it"),
                     "the sandboxes of a pool cannot publish ports");
    if (status == MXC_OK)
        status = mxc_pool_make(&pool, policy, &with, &wanted, err);
    if (status == MXC_OK)
        status = fill(pool, err);
    if (status == MXC_OK)
        *out = pool;
    else
        mxc_pool_free(pool);
    return status;
}

void mxc_pool_free(mxc_pool *pool) {
    if (!pool)
        return;
    mxc_pool_close(pool);
    mxc_pool_unref(pool);
}

uint64_t mxc_pool_count(const mxc_pool *pool, mxc_pool_counter counter) {
    mxc_pool *looked_at = (mxc_pool *)pool; /* counting those that stand also finds those that do not any more */
    uint64_t value = 0;
    if (!pool || !mxc_pool_is_here(pool))
        return 0;
    pthread_mutex_lock(&looked_at->lock);
    switch (counter) {
    case MXC_POOL_READY:
        value = mxc_pool_standing(looked_at);
        break;
    case MXC_POOL_WANTED:
        value = pool->wanted;
        break;
    case MXC_POOL_TAKEN:
        value = pool->taken;
        break;
    case MXC_POOL_COLD:
        value = pool->cold;
        break;
    case MXC_POOL_FAILED:
        value = pool->failed;
        break;
    case MXC_POOL_DROPPED:
        value = pool->dropped;
        break;
    default:
        break;
    }
    pthread_mutex_unlock(&looked_at->lock);
    return value;
}

/* ---- Running ---- */

/* A result has been given out: what was used is replaced now, not before. */
static void deliver(void *of) {
    mxc_pool *pool = of;
    if (mxc_pool_is_here(pool) && !pool->closed)
        mxc_pool_turn(pool);
}

static void release(void *of) { mxc_pool_unref(of); }

struct order { /* a command for a member */
    const mxc_command *command;
    struct mxc_model *model;
    struct mxc_interpreter found;              /* for this command, unless it is the pool's */
    const struct mxc_interpreter *interpreter; /* of its code */
    struct mxc_request request;
    struct mxc_before *before;
};

static void order_clear(struct order *order) {
    mxc_model_unref(order->model);
    mxc_interpreter_clear(&order->found);
    mxc_request_clear(&order->request);
    mxc_before_unref(order->before);
}

static void drop_model(struct mxc_model **model) { mxc_model_unref(*model); }

/* 1 when the same model would be made now. A ghost may stand in for nothing, but not for what the policy names. */
static int is_still(const struct mxc_model *model) {
    const mxc_policy *policy = model->prepared.policy;
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        const struct mxc_path_fact *fact = mxc_host_path(&model->prepared.host, policy->filesystem.rules[i].path);
        if (fact && !mxc_path_unheld(fact))
            return 0;
    }
    return !model->linked && mxc_host_still(&model->prepared.host) && mxc_before_still(model->before);
}

/* What a cold run would be made from now. */
static mxc_status look_again(struct order *order, mxc_pool *pool, mxc_error **err) {
    AUTO(drop_model) struct mxc_model *fresh = NULL;
    mxc_status status = is_still(order->model) ? MXC_OK : mxc_model_new(&fresh, pool, err);
    if (status != MXC_OK)
        return status;
    if (fresh) {
        mxc_pool_renew(pool, fresh->single ? NULL : fresh);
        mxc_model_unref(order->model);
        order->model = mxc_take(fresh);
    }
    order->before = mxc_before_ref(order->model->before);
    return MXC_OK;
}

/* complete() has given the command the very name that the pool's was found by. */
static int has_the_pools(const mxc_command *command, const mxc_pool *pool) {
    return pool->code && command->interpreter && strcmp(command->interpreter, pool->interpreter.found) == 0 &&
           strcmp(command->language, mxc_language_name(pool->interpreter.language)) == 0 &&
           mxc_interpreter_still(&pool->interpreter);
}

/* *fits 0: the members do not show the interpreter of this code. */
static mxc_status find_interpreter(struct order *order, const mxc_pool *pool, int *fits, mxc_error **err) {
    *fits = 1;
    if (!order->command->code)
        return MXC_OK;
    int known = has_the_pools(order->command, pool);
    mxc_status status = known ? MXC_OK : mxc_interpreter_find(&order->found, order->command, err);
    if (status != MXC_OK)
        return status;
    order->interpreter = known ? &pool->interpreter : &order->found;
    if (mxc_interpreter_visible(order->interpreter, order->model->prepared.policy, err) == MXC_OK)
        return MXC_OK;
    drop_error(err);
    *fits = 0;
    return MXC_OK;
}

static mxc_status make_order(struct order *order, mxc_pool *pool, int *fits, mxc_error **err) {
    mxc_status status = look_again(order, pool, err);
    const struct mxc_prepared *prepared = &order->model->prepared;
    if (status == MXC_OK)
        status = find_interpreter(order, pool, fits, err);
    if (status == MXC_OK && *fits)
        status = mxc_request_make(&order->request, order->command, prepared, order->interpreter, err);
    if (status == MXC_OK && *fits && pool->parks)
        *fits =
            order->command->code && mxc_parked_fits(&order->request, &order->model->parked, pool->interpreter.language);
    order->request.launch.parked = pool->parks;
    return status;
}

/* The member is given the command, with what its folders looked like just now. */
static mxc_status hand_over(mxc_process **out, struct order *order, struct mxc_keeper *keeper, mxc_error **err) {
    const struct mxc_keeper_args args = {.sweep = order->before ? mxc_sweep_result : NULL,
                                         .release = order->before ? mxc_sweep_release : NULL,
                                         .before = order->before};
    order->request.launch.last = order->request.launch.ahead = 1;
    mxc_status status = mxc_process_launch(out, keeper, &order->request.launch, &order->request.block, err);
    if (status != MXC_OK)
        return status;
    mxc_keeper_sweeps(keeper, &args);
    order->before = NULL;
    return MXC_OK;
}

/* MXC_OK with *out NULL: there is none to be had. */
static mxc_status use_member(mxc_process **out, mxc_pool *pool, struct order *order, mxc_error **err) {
    struct mxc_keeper *keeper;
    int stood;
    while ((keeper = mxc_pool_take(pool, order->model, &stood))) {
        mxc_status status = hand_over(out, order, keeper, err);
        if (status != MXC_OK)
            mxc_keeper_kill(keeper);
        mxc_keeper_unref(keeper);
        if (status == MXC_OK)
            mxc_pool_used(pool, stood);
        if (status != MXC_E_CLOSED)
            return status;
        drop_error(err);
        mxc_pool_lost(pool);
    }
    return MXC_OK;
}

static mxc_status from_pool(mxc_process **out, mxc_pool *pool, const mxc_command *command, mxc_error **err) {
    AUTO(order_clear) struct order order = {.command = command, .model = mxc_pool_model(pool)};
    int fits = 0;
    if (!order.model)
        return MXC_OK;
    mxc_status status = make_order(&order, pool, &fits, err);
    return status == MXC_OK && fits ? use_member(out, pool, &order, err) : status;
}

/* Code without a language is the pool's, and is given the pool's interpreter. */
static void complete(mxc_command *command, const mxc_pool *pool) {
    if (!command->code || !pool->code)
        return;
    const char *language = mxc_language_name(pool->interpreter.language);
    if (!command->language)
        command->language = language;
    if (!command->interpreter && strcmp(command->language, language) == 0)
        command->interpreter = pool->interpreter.found;
}

mxc_status mxc_pool_spawn(mxc_process **out, mxc_pool *pool, const mxc_command *command, mxc_error **err) {
    mxc_command wanted;
    mxc_process *process = NULL;
    if (!out || !pool)
        return mxc_fail_null(err, out ? "pool" : "out");
    const mxc_sandbox_options shown = mxc_pool_shown(pool);
    mxc_status status = mxc_command_read(&wanted, command, err);
    if (status != MXC_OK)
        return status;
    complete(&wanted, pool);
    wanted.struct_size = sizeof wanted;
    if (!mxc_pool_is_here(pool))
        return mxc_spawn(out, pool->policy, &wanted, &shown, err);
    status = from_pool(&process, pool, &wanted, err);
    if (status == MXC_OK && !process) {
        mxc_pool_used(pool, 0);
        status = mxc_spawn(&process, pool->policy, &wanted, &shown, err);
    }
    if (status != MXC_OK)
        return status;
    mxc_process_after(process, &(struct mxc_after){.deliver = deliver, .release = release, .of = mxc_pool_ref(pool)});
    (void)mxc_pool_stock(pool, AT_ONCE, NULL); /* a host that cannot start it now tells the next cold run */
    *out = process;
    return MXC_OK;
}

mxc_status mxc_pool_run(mxc_result **out, mxc_pool *pool, const mxc_command *command, mxc_error **err) {
    mxc_process *process = NULL;
    mxc_status status = mxc_check_runnable(out, command, err);
    if (status == MXC_OK)
        status = mxc_pool_spawn(&process, pool, command, err);
    return status == MXC_OK ? mxc_process_end_with(out, process, err) : status;
}
