/* pool.c: see pool.h. A member is a keeper with its sandbox, in the state in which it can be given its one command. All
 * is done in calls of the program: there is no thread and no timer, so what nobody asks about any more ends itself. */
#include "api/pool.h"

#include <string.h>
#include <unistd.h>

#include "api/pressure.h"
#include "api/runtime.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "filter/filter.h"
#include "plan/plan.h"
#include "policy/model.h"

#define LATER_MS 5000      /* that a member waits longer than we use it: so none ends while it is handed a command */
#define LOOK_AT 8          /* members, each time, whether they are alive */
#define WINDOW 64          /* commands after which the pool may shrink */
#define PRESSURE_MS 1000   /* between two looks */
#define PRESSURE_MOST 1000 /* hundredths of a percent: somebody waits for memory a tenth of the time */

/* ---- What members are made from ---- */

static mxc_status prepare(struct mxc_prepared *out, const mxc_pool *pool, mxc_error **err) {
    __attribute__((cleanup(mxc_strings_clear))) struct mxc_strings paths = {0};
    const mxc_sandbox_options shown = mxc_pool_shown(pool);
    mxc_policy *policy = NULL;
    mxc_status status = MXC_OK;
    if (pool->code) /* what the caller shows already is not widened, as in a cold run of code */
        status = mxc_runtime_policy(&policy, pool->policy, shown.runtime_paths, NULL, err);
    if (status == MXC_OK && pool->code)
        status = mxc_interpreter_needs(&paths, &pool->interpreter, policy, err);
    mxc_policy_unref(policy);
    return status == MXC_OK ? mxc_prepare(out, pool->policy, &shown, &paths, err) : status;
}

static mxc_status seal_program(struct mxc_model *model, const mxc_pool *pool, mxc_error **err) {
    if (!pool->parks)
        return MXC_OK;
    mxc_status status =
        mxc_parked_request(&model->parked, &model->prepared, &pool->interpreter, &pool->preload, &pool->env, err);
    if (status != MXC_OK)
        return status;
    model->program = mxc_launch_seal(&model->parked.block);
    return model->program >= 0 ? MXC_OK : mxc_fail_errno(err, "memfd_create", -model->program);
}

/* One private folder for temporary files, where the host's is seen; a port of the host. */
static int is_single(const struct mxc_prepared *prepared) {
    struct mxc_plan_view plan;
    return prepared->scratch || mxc_plan_view(&plan, prepared->plan, prepared->plan_length) != 0 ||
           mxc_plan_find(&plan, MXC_OP_PUBLISH);
}

mxc_status mxc_model_new(struct mxc_model **out, const mxc_pool *pool, mxc_error **err) {
    struct mxc_model *model = mxc_alloc(sizeof *model);
    if (!model)
        return mxc_fail_memory(err);
    atomic_init(&model->references, 1);
    model->program = -1;
    mxc_status status = prepare(&model->prepared, pool, err);
    if (status == MXC_OK)
        status = seal_program(model, pool, err);
    model->single = status == MXC_OK && is_single(&model->prepared);
    model->linked = model->prepared.host.linked_count > 0;
    if (status == MXC_OK)
        status = mxc_before_take(&model->before, &model->prepared, err);
    if (status == MXC_OK)
        *out = model;
    else
        mxc_model_unref(model);
    return status;
}

static struct mxc_model *model_ref(struct mxc_model *model) {
    if (model)
        atomic_fetch_add_explicit(&model->references, 1, memory_order_relaxed);
    return model;
}

void mxc_model_unref(struct mxc_model *model) {
    if (!model || atomic_fetch_sub_explicit(&model->references, 1, memory_order_acq_rel) != 1)
        return;
    mxc_prepared_clear(&model->prepared);
    mxc_before_unref(model->before);
    mxc_request_clear(&model->parked);
    mxc_close(&model->program);
    mxc_free(model);
}

/* ---- The pool itself ---- */

static int keep_all(struct mxc_strings *out, const char *const *items) {
    for (; items && *items; items++)
        if (mxc_strings_add(out, *items) != 0)
            return -1;
    return 0;
}

static mxc_pool *pool_new(const mxc_policy *policy, const mxc_sandbox_options *options, const mxc_pool_options *sizes) {
    mxc_pool *pool = mxc_alloc(sizeof *pool);
    if (!pool)
        return NULL;
    atomic_init(&pool->references, 1);
    pthread_mutex_init(&pool->lock, NULL);
    pool->owner = getpid();
    pool->policy = mxc_policy_ref(policy);
    pool->sizes = *sizes;
    pool->wanted = sizes->size;
    pool->most_unused = SIZE_MAX;
    pool->members = mxc_alloc((size_t)sizes->max * sizeof *pool->members);
    pool->code = sizes->language != NULL;
    if (pool->members && keep_all(&pool->preload, sizes->preload) == 0 && keep_all(&pool->env, sizes->env) == 0 &&
        keep_all(&pool->runtime, options->runtime_paths) == 0 && keep_all(&pool->languages, options->languages) == 0)
        return pool;
    mxc_pool_unref(pool);
    return NULL;
}

static mxc_status find_interpreter(mxc_pool *pool, const mxc_pool_options *sizes, mxc_error **err) {
    const mxc_command command = {
        .struct_size = sizeof command, .language = sizes->language, .interpreter = sizes->interpreter};
    if (!pool->code)
        return MXC_OK;
    mxc_status status = mxc_interpreter_find(&pool->interpreter, &command, err);
    if (status != MXC_OK)
        return status;
    pool->parks = mxc_parked_can_be(pool->interpreter.language);
    if (pool->preload.count && !pool->parks)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, MXC_FAULT(.hint = "leave preload out"),
                        "%s has no modules that could be preloaded", sizes->language);
    return MXC_OK;
}

mxc_status mxc_pool_make(mxc_pool **out, const mxc_policy *policy, const mxc_sandbox_options *options,
                         const mxc_pool_options *sizes, mxc_error **err) {
    mxc_pool *pool = pool_new(policy, options, sizes);
    if (!pool)
        return mxc_fail_memory(err);
    mxc_status status = find_interpreter(pool, sizes, err);
    if (status == MXC_OK)
        status = mxc_model_new(&pool->model, pool, err);
    pool->sizes.language = pool->sizes.interpreter = NULL; /* the caller's */
    pool->sizes.preload = pool->sizes.env = NULL;
    pool->sizes.fresh = NULL;
    if (status == MXC_OK)
        *out = pool;
    else
        mxc_pool_unref(pool);
    return status;
}

mxc_sandbox_options mxc_pool_shown(const mxc_pool *pool) {
    return (mxc_sandbox_options){.struct_size = sizeof(mxc_sandbox_options),
                                 .runtime_paths = (const char *const *)pool->runtime.items,
                                 .languages = (const char *const *)pool->languages.items};
}

mxc_pool *mxc_pool_ref(mxc_pool *pool) {
    atomic_fetch_add_explicit(&pool->references, 1, memory_order_relaxed);
    return pool;
}

void mxc_pool_unref(mxc_pool *pool) {
    if (atomic_fetch_sub_explicit(&pool->references, 1, memory_order_acq_rel) != 1)
        return;
    mxc_model_unref(pool->model);
    mxc_policy_unref(pool->policy);
    mxc_strings_clear(&pool->runtime);
    mxc_strings_clear(&pool->languages);
    mxc_strings_clear(&pool->preload);
    mxc_strings_clear(&pool->env);
    mxc_interpreter_clear(&pool->interpreter);
    pthread_mutex_destroy(&pool->lock);
    mxc_free(pool->members);
    mxc_free(pool);
}

int mxc_pool_is_here(const mxc_pool *pool) { return pool->owner == getpid(); }

/* ---- Members; all with the lock held ---- */

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct mxc_keeper *remove_at(mxc_pool *pool, size_t at) {
    struct mxc_keeper *keeper = pool->members[at].keeper;
    pool->count--;
    memmove(pool->members + at, pool->members + at + 1, (pool->count - at) * sizeof *pool->members);
    return keeper;
}

/* Does not wait: the keeper cleans up by itself, and is reaped by whoever comes next. */
static void end_at(mxc_pool *pool, size_t at, uint64_t *counter) {
    struct mxc_keeper *keeper = remove_at(pool, at);
    mxc_keeper_kill(keeper);
    mxc_keeper_unref(keeper);
    ++*counter;
}

static void begin(const mxc_pool *pool, struct mxc_member *member) {
    uint64_t idle_ms = pool->sizes.idle_ms;
    int program = pool->model ? pool->model->program : -1;
    if (mxc_keeper_begin(member->keeper, idle_ms < UINT64_MAX - LATER_MS ? idle_ms + LATER_MS : 0, program) != 0)
        mxc_keeper_kill(member->keeper); /* which whoever looks at it will see */
    member->state = MXC_MEMBER_BUILDING;
    member->since = now_ms();
}

/* 0 when it has ended and was removed. */
static int look_at(mxc_pool *pool, size_t at) {
    struct mxc_member *member = &pool->members[at];
    enum mxc_standing standing = mxc_keeper_look(member->keeper);
    if (standing == MXC_STANDS_NEVER || (standing == MXC_STANDS && member->state != MXC_MEMBER_BUILDING)) {
        end_at(pool, at, &pool->failed);
        return 0;
    }
    if (standing == MXC_STANDS)
        member->state = MXC_MEMBER_STANDS;
    return 1;
}

static int is_old(const mxc_pool *pool, const struct mxc_member *member, int64_t now) {
    return member->state != MXC_MEMBER_HELD && (uint64_t)(now - member->since) >= pool->sizes.idle_ms;
}

static void end_the_old(mxc_pool *pool) {
    int64_t now = now_ms();
    for (size_t at = pool->count; at-- > 0;)
        if (is_old(pool, &pool->members[at], now))
            end_at(pool, at, &pool->dropped);
}

static int is_of(const struct mxc_keeper *keeper, const struct mxc_model *model) {
    return model && mxc_keeper_builds(keeper, model->prepared.plan, model->prepared.plan_length);
}

/* The youngest that stands: what is never needed grows old and ends. Else the one that has been building longest. */
static struct mxc_keeper *choose(mxc_pool *pool, int *stood) {
    *stood = 1;
    for (size_t at = pool->count; at-- > 0;)
        if (pool->members[at].state != MXC_MEMBER_HELD && look_at(pool, at) &&
            pool->members[at].state == MXC_MEMBER_STANDS)
            return remove_at(pool, at);
    *stood = 0;
    if (!pool->count || pool->parks) /* only a warm interpreter can be told what to do */
        return NULL;
    if (pool->members[0].state == MXC_MEMBER_HELD)
        begin(pool, &pool->members[0]);
    return remove_at(pool, 0);
}

/* ---- Demand ---- */

static void grow(mxc_pool *pool) {
    pool->wanted += pool->wanted / 2 + 1;
    if (pool->wanted > pool->sizes.max)
        pool->wanted = pool->sizes.max;
    pool->takes = 0;
    pool->most_unused = SIZE_MAX;
}

/* After a window in which some were never needed, half of those go. */
static void shrink(mxc_pool *pool) {
    if (pool->count < pool->most_unused)
        pool->most_unused = pool->count;
    if (++pool->takes < WINDOW)
        return;
    uint64_t fewer = (pool->most_unused + 1) / 2;
    pool->wanted = pool->wanted > pool->sizes.min + fewer ? pool->wanted - fewer : pool->sizes.min;
    pool->takes = 0;
    pool->most_unused = SIZE_MAX;
}

/* While others wait for memory nothing is made ahead, and half of what waits goes with each look. */
static void yield_memory(mxc_pool *pool) {
    int64_t now = now_ms();
    if (pool->pressed_at && now - pool->pressed_at < PRESSURE_MS)
        return;
    pool->pressed_at = now;
    pool->pressed = mxc_memory_pressure() >= PRESSURE_MOST;
    for (size_t leave = pool->count / 2; pool->pressed && pool->count > leave;)
        end_at(pool, 0, &pool->dropped);
}

struct mxc_model *mxc_pool_model(mxc_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    end_the_old(pool);
    struct mxc_model *model = pool->count ? model_ref(pool->model) : NULL;
    pthread_mutex_unlock(&pool->lock);
    return model;
}

void mxc_pool_renew(mxc_pool *pool, struct mxc_model *model) {
    pthread_mutex_lock(&pool->lock);
    struct mxc_model *old = pool->model;
    pool->model = model_ref(model);
    for (size_t at = pool->count; at-- > 0;)
        if (!is_of(pool->members[at].keeper, model))
            end_at(pool, at, &pool->dropped);
    pthread_mutex_unlock(&pool->lock);
    mxc_model_unref(old);
}

struct mxc_keeper *mxc_pool_take(mxc_pool *pool, const struct mxc_model *model, int *stood) {
    struct mxc_keeper *keeper;
    pthread_mutex_lock(&pool->lock);
    while ((keeper = choose(pool, stood)) && !is_of(keeper, model)) { /* the host has changed since, and back again */
        mxc_keeper_kill(keeper);
        mxc_keeper_unref(keeper);
        pool->dropped++;
    }
    pthread_mutex_unlock(&pool->lock);
    return keeper;
}

void mxc_pool_lost(mxc_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->failed++;
    pthread_mutex_unlock(&pool->lock);
}

void mxc_pool_used(mxc_pool *pool, int stood) {
    pthread_mutex_lock(&pool->lock);
    if (stood) {
        pool->taken++;
        shrink(pool);
    } else {
        pool->cold++;
        grow(pool);
    }
    pthread_mutex_unlock(&pool->lock);
}

/* ---- Making ---- */

/* A reference to what a member is to be made from; NULL: none is missing. */
static struct mxc_model *missing(mxc_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    uint64_t wanted = pool->closed || pool->pressed ? 0 : pool->wanted;
    struct mxc_model *model = pool->count < wanted ? model_ref(pool->model) : NULL;
    pthread_mutex_unlock(&pool->lock);
    return model;
}

static void add(mxc_pool *pool, struct mxc_keeper *keeper) {
    pthread_mutex_lock(&pool->lock);
    if (!pool->closed && pool->count < pool->sizes.max) {
        pool->members[pool->count++] = (struct mxc_member){.keeper = keeper};
        keeper = NULL;
    }
    pthread_mutex_unlock(&pool->lock);
    if (keeper)
        mxc_keeper_kill(keeper);
    mxc_keeper_unref(keeper);
}

static mxc_status make(mxc_pool *pool, const struct mxc_prepared *prepared, mxc_error **err) {
    const struct mxc_keeper_args args = {.plan = prepared->plan,
                                         .plan_length = prepared->plan_length,
                                         .receipt = prepared->receipt,
                                         .denial_text = mxc_filter_denial_text,
                                         .narrow = prepared->narrow,
                                         .ahead = 1};
    struct mxc_keeper *keeper = NULL;
    mxc_status status = mxc_keeper_start(&keeper, &args, err);
    if (status != MXC_OK)
        return status;
    int failed = pool->parks ? mxc_keeper_make_files(keeper, mxc_parked_reads_files(pool->interpreter.language)) : 0;
    if (!failed) {
        add(pool, keeper);
        return MXC_OK;
    }
    mxc_keeper_kill(keeper);
    mxc_keeper_unref(keeper);
    return mxc_fail_errno(err, "memfd_create", -failed);
}

mxc_status mxc_pool_stock(mxc_pool *pool, uint64_t at_most, mxc_error **err) {
    struct mxc_model *model;
    mxc_status status = MXC_OK;
    while (status == MXC_OK && at_most-- > 0 && (model = missing(pool))) {
        status = make(pool, &model->prepared, err);
        mxc_model_unref(model);
    }
    return status;
}

void mxc_pool_turn(mxc_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    end_the_old(pool);
    for (size_t i = 0, looks = pool->count < LOOK_AT ? pool->count : LOOK_AT; i < looks && pool->count; i++) {
        pool->looked_at %= pool->count;
        pool->looked_at += look_at(pool, pool->looked_at) ? 1 : 0;
    }
    yield_memory(pool);
    while (pool->count > pool->wanted)
        end_at(pool, 0, &pool->dropped);
    for (size_t i = 0; i < pool->count; i++)
        if (pool->members[i].state == MXC_MEMBER_HELD)
            begin(pool, &pool->members[i]);
    pthread_mutex_unlock(&pool->lock);
}

mxc_status mxc_pool_await(mxc_pool *pool, int *lacks, mxc_error **err) {
    mxc_status status = MXC_OK;
    *lacks = 0;
    for (size_t i = 0; status == MXC_OK && i < pool->count; i++) {
        struct mxc_member *member = &pool->members[i];
        status = mxc_keeper_wait_ready(member->keeper, err);
        member->state = MXC_MEMBER_STANDS;
        *lacks = mxc_keeper_lacks_namespaces(member->keeper);
    }
    return status;
}

uint64_t mxc_pool_standing(mxc_pool *pool) {
    uint64_t standing = 0;
    end_the_old(pool);
    for (size_t at = pool->count; at-- > 0;)
        standing += look_at(pool, at) && pool->members[at].state == MXC_MEMBER_STANDS;
    return standing;
}

void mxc_pool_close(mxc_pool *pool) {
    int ours = mxc_pool_is_here(pool);
    pthread_mutex_lock(&pool->lock);
    pool->closed = 1;
    size_t count = pool->count;
    pool->count = 0;
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; ours && i < count; i++)
        mxc_keeper_kill(pool->members[i].keeper);
    for (size_t i = 0; i < count; i++) {
        if (ours)
            mxc_keeper_finish(pool->members[i].keeper);
        mxc_keeper_unref(pool->members[i].keeper);
    }
}
