/* look_api.c: mxc_probe, mxc_explain, mxc_plan_text: what would be, without starting anything. */
#include "api/prepare.h"
#include "api/structs.h"
#include "base/alloc.h"
#include "base/error.h"

mxc_status mxc_probe(char **out, mxc_error **err) {
    __attribute__((cleanup(mxc_host_clear))) struct mxc_host host = {0};
    MXC_AUTO_BUF struct mxc_buf text = {0};
    if (!out)
        return mxc_fail_null(err, "out");
    mxc_status status = mxc_host_probe(&host, err);
    if (status != MXC_OK)
        return status;
    mxc_host_json(&text, &host);
    char *taken = mxc_buf_take(&text);
    if (!taken)
        return mxc_fail_memory(err);
    *out = taken;
    return MXC_OK;
}

static mxc_status prepare(struct mxc_prepared *prepared, const mxc_policy *policy, const mxc_sandbox_options *options,
                          mxc_error **err) {
    mxc_sandbox_options with;
    if (!policy)
        return mxc_fail_null(err, "policy");
    mxc_status status = mxc_options_read(&with, options, err);
    return status == MXC_OK ? mxc_prepare(prepared, policy, &with, NULL, err) : status;
}

mxc_status mxc_explain(char **out, const mxc_policy *policy, const mxc_sandbox_options *options, mxc_error **err) {
    __attribute__((cleanup(mxc_prepared_clear))) struct mxc_prepared prepared = {0};
    if (!out)
        return mxc_fail_null(err, "out");
    mxc_status status = prepare(&prepared, policy, options, err);
    if (status == MXC_OK)
        *out = mxc_take(prepared.receipt);
    return status;
}

mxc_status mxc_plan_text(char **out, const mxc_policy *policy, const mxc_sandbox_options *options, mxc_error **err) {
    __attribute__((cleanup(mxc_prepared_clear))) struct mxc_prepared prepared = {0};
    if (!out)
        return mxc_fail_null(err, "out");
    mxc_status status = prepare(&prepared, policy, options, err);
    return status == MXC_OK ? mxc_prepared_text(out, &prepared, err) : status;
}
