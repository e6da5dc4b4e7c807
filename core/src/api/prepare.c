/* prepare.c: see prepare.h. Straight down: policy, host, wall, filter, receipt, plan. */
#include "api/prepare.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "api/runtime.h"
#include "backend/backend.h"
#include "base/alloc.h"
#include "base/error.h"
#include "filter/filter.h"
#include "plan/network.h"
#include "policy/model.h"

typedef mxc_status looker(struct mxc_host *host, const char *path, mxc_error **err);

static mxc_status look_at(struct mxc_host *host, const struct mxc_strings *paths, looker *look, mxc_error **err) {
    mxc_status status = MXC_OK;
    for (size_t i = 0; status == MXC_OK && i < paths->count; i++)
        status = look(host, paths->items[i], err);
    return status;
}

static mxc_status look_round(struct mxc_prepared *out, const struct mxc_backend *wall, unsigned round,
                             mxc_error **err) {
    __attribute__((cleanup(mxc_wants_clear))) struct mxc_wants wants = {0};
    mxc_status status = wall->wants(&wants, round, out->policy, &out->host, err);
    if (status == MXC_OK)
        status = look_at(&out->host, &wants.paths, mxc_host_look, err);
    if (status == MXC_OK)
        status = look_at(&out->host, &wants.trees, mxc_host_walk, err);
    return status == MXC_OK ? look_at(&out->host, &wants.denied, mxc_host_look_links, err) : status;
}

/* Facts about the paths of the policy and about those the wall needs besides. */
static mxc_status look(struct mxc_prepared *out, const struct mxc_backend *wall, mxc_error **err) {
    mxc_status status = MXC_OK;
    for (unsigned round = 0; status == MXC_OK && round < MXC_WANTS_ROUNDS; round++)
        status = look_round(out, wall, round, err);
    return status;
}

static mxc_status keep_receipt(struct mxc_prepared *out, const struct mxc_receipt *receipt, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    mxc_receipt_json(&text, receipt);
    out->receipt = receipt->failed ? NULL : mxc_buf_take(&text);
    return out->receipt ? MXC_OK : mxc_fail_memory(err);
}

static mxc_status lower(struct mxc_prepared *out, const struct mxc_backend *wall, const struct mxc_lowering *from,
                        mxc_error **err) {
    __attribute__((cleanup(mxc_receipt_clear))) struct mxc_receipt receipt = {0};
    __attribute__((cleanup(mxc_plan_clear))) struct mxc_plan plan = {0};
    mxc_status status = wall->check(&receipt, from, err);
    if (status == MXC_OK)
        status = keep_receipt(out, &receipt, err);
    if (status == MXC_OK)
        status = wall->lower(&plan, from, err);
    if (status != MXC_OK)
        return status;
    out->plan = mxc_plan_encode(&plan, &out->plan_length);
    return out->plan ? MXC_OK : mxc_fail_memory(err);
}

/* The folder of the wall and a name that nobody can guess or take before. */
static mxc_status name_scratch(struct mxc_prepared *out, const struct mxc_backend *wall, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf path = {0};
    uint64_t random[2];
    if (!wall->scratch)
        return MXC_OK;
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return mxc_fail_errno(err, "getrandom", errno);
    mxc_buf_format(&path, "%s/mxc-scratch-%016" PRIx64 "%016" PRIx64, wall->scratch, random[0], random[1]);
    out->scratch = mxc_buf_take(&path);
    return out->scratch ? MXC_OK : mxc_fail_memory(err);
}

/* For `policy`, on the host and in the folder that `out` has. */
static mxc_status lower_for(struct mxc_prepared *out, const struct mxc_backend *wall, const mxc_policy *policy,
                            mxc_error **err) {
    __attribute__((cleanup(mxc_filter_clear))) struct mxc_filter filter = {0};
    out->narrow = wall->narrows ? wall->narrows(policy, &out->host) : 0;
    mxc_status status = mxc_filter_for(&filter, policy, out->narrow, err);
    if (status == MXC_OK && !out->scratch)
        status = name_scratch(out, wall, err);
    if (status != MXC_OK)
        return status;
    struct mxc_lowering from = {.policy = policy,
                                .host = &out->host,
                                .filter = filter.program,
                                .filter_count = filter.count,
                                .filter_told = filter.told,
                                .scratch = out->scratch ? strrchr(out->scratch, '/') + 1 : NULL};
    return lower(out, wall, &from, err);
}

static mxc_status build(struct mxc_prepared *out, mxc_error **err) {
    const struct mxc_backend *wall = NULL;
    mxc_status status = mxc_backend_choose(&wall, out->policy, &out->host, err);
    if (status == MXC_OK)
        status = look(out, wall, err);
    mxc_time_spent(&out->times, MXC_TIME_FACTS);
    if (status != MXC_OK)
        return status;
    out->has_namespaces = wall == &mxc_backend_namespaces;
    status = lower_for(out, wall, out->policy, err);
    mxc_time_spent(&out->times, MXC_TIME_PLAN);
    return status;
}

static mxc_status prepare(struct mxc_prepared *out, mxc_error **err) {
    mxc_status status = mxc_host_probe(&out->host, err);
    return status == MXC_OK ? build(out, err) : status;
}

int mxc_prepare_without_namespaces(struct mxc_prepared *prepared, mxc_status *status, mxc_error **err) {
    if (!prepared->has_namespaces || !prepared->policy->report_unsupported || prepared->host.landlock_abi <= 0)
        return 0;
    mxc_free(prepared->host.user_namespaces_why);
    prepared->host.user_namespaces = 0;
    prepared->host.user_namespaces_why = mxc_strdup(err && *err ? mxc_error_message(*err) : "the kernel refuses them");
    mxc_free(mxc_take(prepared->plan));
    mxc_free(mxc_take(prepared->receipt));
    if (err)
        mxc_error_free(mxc_take(*err));
    *status = prepared->host.user_namespaces_why ? build(prepared, err) : mxc_fail_memory(err);
    return 1;
}

mxc_status mxc_prepare(struct mxc_prepared *out, const mxc_policy *policy, const mxc_sandbox_options *options,
                       const struct mxc_strings *more_paths, mxc_error **err) {
    __attribute__((cleanup(mxc_strings_clear))) struct mxc_strings shown = {0};
    memset(out, 0, sizeof *out);
    out->times.since = mxc_monotonic_ns();
    if (more_paths && mxc_strings_copy(&shown, more_paths) != 0)
        return mxc_fail_memory(err);
    mxc_status status = mxc_languages_need(&shown, options->languages, policy, err);
    if (status == MXC_OK)
        status = mxc_runtime_policy(&out->policy, policy, options->runtime_paths, &shown, err);
    mxc_time_spent(&out->times, MXC_TIME_POLICY);
    if (status == MXC_OK)
        status = prepare(out, err);
    if (status != MXC_OK)
        mxc_prepared_clear(out);
    return status;
}

void mxc_prepared_clear(struct mxc_prepared *prepared) {
    mxc_policy_unref(prepared->policy);
    mxc_host_clear(&prepared->host);
    mxc_free(prepared->receipt);
    mxc_free(prepared->plan);
    mxc_free(prepared->scratch);
    memset(prepared, 0, sizeof *prepared);
}

/* ---- another network ---- */

static void forget_host(struct mxc_prepared *prepared) {
    memset(&prepared->host, 0, sizeof prepared->host); /* it is another one's */
    mxc_prepared_clear(prepared);
}

static void put_no_rules(struct mxc_buf *rules) {
    struct mxc_net_header header = {
        .magic = MXC_NET_MAGIC, .total_bytes = sizeof header + 1, .text_bytes = 1 /* the empty string */};
    mxc_buf_bytes(rules, &header, sizeof header);
    mxc_buf_bytes(rules, "", 1);
}

static mxc_status take_rules(struct mxc_buf *rules, const struct mxc_prepared *changed, mxc_error **err) {
    struct mxc_plan_view view;
    if (mxc_plan_view(&view, changed->plan, changed->plan_length) != 0)
        return mxc_fail(err, MXC_E_INTERNAL, NULL, "the plan is not well formed");
    const struct mxc_op *relay = mxc_plan_find(&view, MXC_OP_RELAY);
    if (relay)
        mxc_buf_bytes(rules, view.blobs + relay->blob, relay->blob_length);
    else
        put_no_rules(rules);
    return rules->failed ? mxc_fail_memory(err) : MXC_OK;
}

mxc_status mxc_prepare_network(struct mxc_buf *rules, char **receipt, const struct mxc_prepared *prepared,
                               const mxc_policy *policy, mxc_error **err) {
    __attribute__((cleanup(forget_host))) struct mxc_prepared changed = {.host = prepared->host};
    const struct mxc_backend *wall = NULL;
    if (prepared->scratch) {
        changed.scratch = mxc_strdup(prepared->scratch);
        if (!changed.scratch)
            return mxc_fail_memory(err);
    }
    mxc_status status = mxc_backend_choose(&wall, policy, &changed.host, err);
    if (status == MXC_OK)
        status = lower_for(&changed, wall, policy, err);
    if (status == MXC_OK)
        status = take_rules(rules, &changed, err);
    if (status == MXC_OK)
        *receipt = mxc_take(changed.receipt);
    return status;
}

mxc_status mxc_prepared_text(char **out, const struct mxc_prepared *prepared, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    struct mxc_plan_view view;
    if (mxc_plan_view(&view, prepared->plan, prepared->plan_length) != 0)
        return mxc_fail(err, MXC_E_INTERNAL, NULL, "the plan is not well formed");
    mxc_plan_print(&text, &view, 0);
    char *taken = mxc_buf_take(&text);
    if (!taken)
        return mxc_fail_memory(err);
    *out = taken;
    return MXC_OK;
}
