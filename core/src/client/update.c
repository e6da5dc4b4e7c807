/* update.c: other rules for the relay of a sandbox that runs, and which rule a record means: it names them by
 * generation and index, and the last few generations are kept. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "client/channel.h"
#include "client/memfd.h"
#include "client/parts.h"
#include "plan/network.h"

#define ANSWER_WITHIN_MS 10000

int mxc_keeper_has_relay(const struct mxc_keeper *keeper) { return mxc_plan_find(&keeper->view, MXC_OP_RELAY) != NULL; }

/* ---- what records mean ---- */

static int find_rules(struct mxc_net_rules_view *out, const struct mxc_keeper *keeper, uint32_t generation) {
    const struct mxc_op *op = mxc_plan_find(&keeper->view, MXC_OP_RELAY);
    const struct mxc_kept_rules *kept = &keeper->rules[generation % MXC_KEPT_RULES];
    if (!op)
        return -1;
    if (!generation)
        return mxc_net_view(out, keeper->view.blobs + op->blob, op->blob_length);
    return kept->generation == generation ? mxc_net_view(out, kept->bytes, kept->length) : -1;
}

static int name_rules(const struct mxc_keeper *keeper, struct mxc_result *result) {
    for (size_t i = 0; i < result->connection_count; i++) {
        struct mxc_connection *connection = &result->connections[i];
        uint32_t rule = connection->entry.rule;
        struct mxc_net_rules_view rules;
        if (rule == MXC_NET_NO_ENTRY || find_rules(&rules, keeper, MXC_NET_GENERATION(rule)) != 0 ||
            MXC_NET_INDEX(rule) >= rules.entry_count)
            continue;
        connection->rule = mxc_strdup(rules.text + rules.entries[MXC_NET_INDEX(rule)].origin);
        if (!connection->rule)
            return -1;
    }
    return 0;
}

int mxc_keeper_tell_rules(struct mxc_keeper *keeper, struct mxc_result *result) {
    pthread_mutex_lock(&keeper->told);
    int failed = name_rules(keeper, result);
    mxc_free(result->receipt);
    result->receipt = mxc_strdup(keeper->receipt);
    pthread_mutex_unlock(&keeper->told);
    return failed || !result->receipt ? -1 : 0;
}

void mxc_keeper_forget_rules(struct mxc_keeper *keeper) {
    for (unsigned int i = 0; i < MXC_KEPT_RULES; i++)
        mxc_free(keeper->rules[i].bytes);
    pthread_mutex_destroy(&keeper->updating);
    pthread_mutex_destroy(&keeper->told);
}

/* ---- changing them ---- */

/* 1: they hold; 0: end of file, they do not; -ETIMEDOUT. */
static int await_answer(int socket) {
    int64_t deadline = mxc_now_ms() + ANSWER_WITHIN_MS;
    char answer = 0;
    for (;;) {
        ssize_t got = recv(socket, &answer, sizeof answer, MSG_DONTWAIT);
        if (got >= 0)
            return got == 1;
        if (errno != EAGAIN && errno != EINTR)
            return 0;
        int left = mxc_left_ms(deadline, ANSWER_WITHIN_MS);
        if (left == 0)
            return -ETIMEDOUT;
        mxc_readable(socket, left);
    }
}

static mxc_status send_rules(struct mxc_keeper *keeper, const void *rules, size_t length, mxc_error **err) {
    struct mxc_message message = {.kind = MXC_MSG_RULES, .id = keeper->generation, .a = length};
    int ends[2];
    MXC_AUTO_FD int memory = mxc_memfd_sealed("mxc-rules", rules, length, 0);
    if (memory < 0)
        return mxc_fail_errno(err, "memfd_create", -memory);
    int failed = mxc_channel_pair(ends, SOCK_STREAM);
    if (failed)
        return mxc_fail_errno(err, "socketpair", -failed);
    MXC_AUTO_FD int answer = ends[0];
    const int fds[2] = {memory, ends[1]};
    failed = mxc_keeper_send(keeper, &message, fds, 2);
    mxc_close(&ends[1]); /* only the relay's copy is left: its end is an answer too */
    if (failed)
        return failed == -EPIPE ? mxc_fail(err, MXC_E_CLOSED, NULL, "the sandbox has ended")
                                : mxc_fail_errno(err, "sendmsg", -failed);
    int said = await_answer(answer);
    if (said == 1)
        return MXC_OK;
    if (said == 0)
        return mxc_fail(err, MXC_E_CLOSED, NULL, "the relay of this sandbox has ended: it has no network any more");
    mxc_keeper_kill(keeper);
    return mxc_fail(err, MXC_E_CLOSED, MXC_FAULT(.sys_errno = ETIMEDOUT),
                    "the relay did not say that the new rules hold, so the sandbox was ended");
}

static void keep(struct mxc_keeper *keeper, void **bytes, size_t length, char **receipt) {
    struct mxc_kept_rules *place = &keeper->rules[keeper->generation % MXC_KEPT_RULES];
    pthread_mutex_lock(&keeper->told);
    mxc_free(place->bytes);
    *place = (struct mxc_kept_rules){keeper->generation, mxc_take(*bytes), length};
    mxc_free(keeper->receipt);
    keeper->receipt = mxc_take(*receipt);
    pthread_mutex_unlock(&keeper->told);
}

static mxc_status update(struct mxc_keeper *keeper, const void *rules, size_t length, char **receipt, mxc_error **err) {
    MXC_AUTO_FREE void *copy = mxc_alloc(length);
    if (!copy)
        return mxc_fail_memory(err);
    memcpy(copy, rules, length);
    if (length > MXC_NET_MAX_BYTES || keeper->generation == MXC_NET_LAST_GENERATION)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = "/network/egress", .hint = "open another sandbox, with fewer rules"),
                        "these rules are too long, or they were changed too often");
    keeper->generation++;
    mxc_status status = send_rules(keeper, rules, length, err);
    if (status == MXC_OK)
        keep(keeper, &copy, length, receipt);
    return status;
}

mxc_status mxc_keeper_update_rules(struct mxc_keeper *keeper, const void *rules, size_t length, char *receipt,
                                   mxc_error **err) {
    pthread_mutex_lock(&keeper->updating);
    mxc_status status = update(keeper, rules, length, &receipt, err);
    pthread_mutex_unlock(&keeper->updating);
    mxc_free(receipt);
    return status;
}
