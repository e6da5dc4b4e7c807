/* process.c: one command after it was handed over: its record, its result, its end. Any number of threads may wait
 * for the same command; whoever sees the record first keeps it for the others. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "client/parts.h"

#define SLICE_MS 1000
#define ANSWER_WITHIN_MS 10000
#define ENDS_WITHIN_MS 100

/* ---- The status stream ---- */

/* End of file without a record: a keeper that gave up says why on the control socket as well. */
static void lost(struct mxc_process *process) {
    struct mxc_refusal refusal;
    process->state = MXC_LOST;
    if (process->last && mxc_readable(process->keeper->pidfd, ENDS_WITHIN_MS))
        mxc_keeper_reap(process->keeper); /* and removes what it left, when it was killed */
    if (!process->last || !mxc_keeper_refusal(process->keeper, &refusal))
        return;
    struct mxc_record record = {.magic = MXC_RECORD_MAGIC,
                                .size = sizeof record,
                                .outcome = MXC_OUTCOME_REFUSED,
                                .stage = refusal.stage,
                                .op = refusal.op,
                                .sys_errno = refusal.sys_errno,
                                .detail = refusal.detail};
    memcpy(process->bytes, &record, sizeof record);
    process->have = sizeof record;
    process->state = MXC_RECORDED;
}

static void take_in(struct mxc_process *process, size_t got) {
    process->have += got;
    long wanted = mxc_record_wanted(process->bytes, process->have);
    if (wanted < 0 || process->have > (size_t)wanted)
        process->state = MXC_GARBLED;
    else if (process->have == (size_t)wanted && mxc_record_wanted(process->bytes, (size_t)wanted) == wanted)
        process->state = MXC_RECORDED;
}

/* Reads what is there. Called with the lock held. */
static void pump(struct mxc_process *process) {
    while (process->state == MXC_RUNNING) {
        size_t room = sizeof process->bytes - process->have;
        ssize_t got = room ? recv(process->status, process->bytes + process->have, room, MSG_DONTWAIT) : 0;
        if (got > 0)
            take_in(process, (size_t)got);
        else if (got == 0)
            lost(process);
        else if (errno != EINTR && errno != ECONNRESET)
            return;
    }
    /* From now on the descriptor is readable for ever, also for a thread that is about to poll it. */
    shutdown(process->status, SHUT_RD);
}

/* ---- From record to result ---- */

static mxc_status name_denials(struct mxc_process *process, struct mxc_result *result, mxc_error **err) {
    const struct mxc_keeper *keeper = process->keeper;
    for (size_t i = 0; i < result->denial_count; i++) {
        struct mxc_denial *denial = &result->denials[i];
        denial->what = keeper->denial_text ? keeper->denial_text(denial->number, keeper->narrow) : mxc_strdup("");
        if (!denial->what)
            return mxc_fail_memory(err);
    }
    return MXC_OK;
}

static void cleanup_result(struct mxc_result **result) { mxc_result_unref(*result); }

/* The host's own stages: what it did before, the wait for the keeper's main(), and what came after the record. */
static void add_times(struct mxc_result *result, const struct mxc_process *process, const struct mxc_record *record) {
    const struct mxc_times *times = &process->keeper->times;
    uint64_t now = mxc_monotonic_ns();
    if (record->began_ns > times->since && times->since) {
        for (int i = 0; i < MXC_TIME_START; i++)
            result->time_ns[i] = times->ns[i];
        result->time_ns[MXC_TIME_START] = record->began_ns - times->since;
    }
    if (record->said_ns && now > record->said_ns)
        result->time_ns[MXC_TIME_RESULT] = now - record->said_ns;
}

static mxc_status make_result(struct mxc_process *process, const struct mxc_record *record,
                              const struct mxc_record_entries *entries, mxc_error **err) {
    __attribute__((cleanup(cleanup_result))) struct mxc_result *result = mxc_result_new(record, entries, NULL);
    if (!result || name_denials(process, result, err) != MXC_OK || mxc_keeper_tell_rules(process->keeper, result) != 0)
        return mxc_fail_memory(err);
    int failed = mxc_capture_read(&result->out, process->capture, process->limit, 0, &record->out);
    if (!failed)
        failed = mxc_capture_read(&result->err, process->capture, process->limit, 1, &record->err);
    if (failed == -ENOMEM)
        return mxc_fail_memory(err);
    if (failed)
        return mxc_fail(err, MXC_E_INTERNAL, NULL, "the captured output does not fit its record");
    if (process->last && process->keeper->sweep) {
        mxc_status status = process->keeper->sweep(result, process->keeper->before, err);
        if (status != MXC_OK)
            return status;
    }
    add_times(result, process, record);
    process->result = mxc_take(result);
    return MXC_OK;
}

static mxc_status make_killed(struct mxc_process *process, mxc_error **err) {
    struct mxc_record record = {.outcome = MXC_OUTCOME_ENDED, .exit_code = -1, .signal = SIGKILL};
    if (!atomic_load(&process->keeper->killed_at))
        return mxc_fail(err, MXC_E_CLOSED, NULL, "the sandbox ended without saying what became of the command");
    return make_result(process, &record, NULL, err);
}

/* Called with the lock held, and any number of times: it gives the same each time. */
static mxc_status settle(mxc_result **out, struct mxc_process *process, mxc_error **err) {
    struct mxc_record record;
    /* not cleared: it is large, and nothing is read of it that decoding did not write */
    MXC_AUTO_FREE struct mxc_record_entries *entries = mxc_realloc(NULL, sizeof *entries);
    if (!entries)
        return mxc_fail_memory(err);
    mxc_status status = MXC_OK;
    if (process->state == MXC_LOST && !process->result)
        status = make_killed(process, err);
    if (process->state == MXC_GARBLED ||
        (process->state == MXC_RECORDED && mxc_record_decode(&record, entries, process->bytes, process->have) != 0))
        return mxc_fail(err, MXC_E_INTERNAL, NULL, "the keeper's record is malformed");
    if (process->state == MXC_RECORDED && record.outcome == MXC_OUTCOME_REFUSED) {
        struct mxc_refusal refusal = {record.stage, record.op, record.sys_errno, record.detail};
        return mxc_refuse(err, &refusal,
                          &(struct mxc_told){.view = &process->keeper->view,
                                             .command = process->command,
                                             .path = process->path,
                                             .cwd = process->cwd});
    }
    if (process->state == MXC_RECORDED && !process->result)
        status = make_result(process, &record, entries, err);
    if (status == MXC_OK)
        *out = mxc_result_ref(process->result);
    return status;
}

/* ---- Waiting ---- */

/* A keeper that was asked to end and does not is ended. */
static void last_resort(struct mxc_keeper *keeper) {
    int64_t killed_at = atomic_load(&keeper->killed_at);
    if (killed_at && mxc_now_ms() - killed_at > MXC_LAST_RESORT_MS)
        mxc_keeper_destroy(keeper);
}

static int has_ended(struct mxc_process *process) {
    pthread_mutex_lock(&process->lock);
    if (process->state == MXC_RUNNING)
        pump(process);
    int ended = process->state != MXC_RUNNING;
    pthread_mutex_unlock(&process->lock);
    return ended;
}

/* 1 when it ended before the deadline (ms of mxc_now_ms(); negative: none). */
static int ends_before(struct mxc_process *process, int64_t deadline) {
    while (!has_ended(process)) {
        int left = mxc_left_ms(deadline, SLICE_MS);
        if (left == 0)
            return 0;
        mxc_readable(process->status, left);
        last_resort(process->keeper);
    }
    return 1;
}

static int64_t deadline_after(int64_t timeout_ms) {
    int64_t now = mxc_now_ms();
    if (timeout_ms < 0 || timeout_ms > INT64_MAX - now)
        return -1;
    return now + timeout_ms;
}

/* ---- After the result ---- */

void mxc_process_after(mxc_process *process, const struct mxc_after *after) { process->after = *after; }

static void delivered(struct mxc_process *process) {
    if (process->after.deliver && !atomic_exchange(&process->delivered, 1))
        process->after.deliver(process->after.of);
}

mxc_status mxc_process_await(mxc_result **out, mxc_process *process, int64_t timeout_ms, mxc_error **err) {
    if (!ends_before(process, deadline_after(timeout_ms)))
        return mxc_fail(err, MXC_E_TIMEOUT, NULL, "the command still runs after %lld ms", (long long)timeout_ms);
    pthread_mutex_lock(&process->lock);
    mxc_status status = settle(out, process, err);
    pthread_mutex_unlock(&process->lock);
    delivered(process);
    return status;
}

/* ---- The rest ---- */

mxc_status mxc_process_tell(mxc_process *process, uint32_t kind, uint64_t a, uint64_t b, mxc_error **err) {
    struct mxc_message message = {.kind = kind, .id = process->id, .a = a, .b = b};
    int failed = has_ended(process) ? 0 : mxc_keeper_send(process->keeper, &message, NULL, 0);
    if (failed && failed != -EPIPE)
        return mxc_fail_errno(err, "sendmsg", -failed);
    return MXC_OK;
}

int mxc_process_fd(const mxc_process *process) { return process->status; }

int mxc_process_take(mxc_process *process, int stream) { return atomic_exchange(&process->pipes[stream], -1); }

/* Its tree is gone when this returns. */
static void put_down(struct mxc_process *process) {
    if (process->last) {
        mxc_keeper_finish(process->keeper);
        return;
    }
    mxc_process_tell(process, MXC_MSG_SIGNAL, SIGKILL, 1, NULL);
    if (!ends_before(process, mxc_now_ms() + ANSWER_WITHIN_MS))
        mxc_keeper_destroy(process->keeper);
}

void mxc_process_end(mxc_process *process) {
    if (!process)
        return;
    if (!has_ended(process))
        put_down(process);
    mxc_result_unref(process->result);
    mxc_close(&process->status);
    mxc_close(&process->capture);
    for (int i = 0; i < 3; i++) {
        int fd = mxc_process_take(process, i);
        mxc_close(&fd);
    }
    mxc_free(process->command);
    mxc_free(process->path);
    mxc_free(process->cwd);
    pthread_mutex_destroy(&process->lock);
    mxc_keeper_unref(process->keeper);
    delivered(process);
    if (process->after.release)
        process->after.release(process->after.of);
    mxc_free(process);
}
