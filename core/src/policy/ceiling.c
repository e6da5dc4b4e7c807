/* ceiling.c: see ceiling.h. Each grant must lie within one grant of the ceiling: that is stricter than "within all of
 * them together", never laxer. */
#include "policy/ceiling.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "policy/model.h"
#include "policy/network.h"

static mxc_status beyond(mxc_error **err, const char *origin) {
    return mxc_fail(err, MXC_E_POLICY_CONFLICT,
                    MXC_FAULT(.origin = origin,
                              .hint = "open the sandbox with all that it may ever need, and narrow it from there"),
                    "this grants more than the policy that the sandbox was opened with");
}

static mxc_status egress_within(const mxc_policy *ceiling, const mxc_policy *wanted, mxc_error **err) {
    const char *origin = NULL;
    MXC_AUTO_NET_RULES struct mxc_net_rules all = {0};
    if (wanted->network.egress_default > ceiling->network.egress_default)
        return beyond(err, "/network/egress/default");
    if (mxc_net_rules_copy(&all, &ceiling->network.allow) ||
        (ceiling->network.egress_default == MXC_VERDICT_ALLOW && mxc_net_everything(&all)))
        return mxc_fail_memory(err);
    int within = mxc_net_within(&wanted->network.allow, &all, &origin);
    return within < 0 ? mxc_fail_memory(err) : within ? MXC_OK : beyond(err, origin);
}

static int is_published(const mxc_policy *policy, struct mxc_publish item) {
    for (size_t i = 0; i < policy->network.publish_count; i++)
        if (policy->network.publish[i].port == item.port && policy->network.publish[i].host_port == item.host_port)
            return 1;
    return 0;
}

static mxc_status ingress_within(const mxc_policy *ceiling, const mxc_policy *wanted, mxc_error **err) {
    if (wanted->network.ingress_default > ceiling->network.ingress_default)
        return beyond(err, "/network/ingress/default");
    if (wanted->network.host_loopback > ceiling->network.host_loopback)
        return beyond(err, "/network/ingress/hostLoopback");
    for (size_t i = 0; i < wanted->network.publish_count; i++)
        if (!is_published(ceiling, wanted->network.publish[i]))
            return beyond(err, "/network/publish");
    return MXC_OK;
}

static mxc_status check_within(const mxc_policy *ceiling, const mxc_policy *wanted, mxc_error **err) {
    const char *proxy = wanted->network.proxy;
    mxc_status status = egress_within(ceiling, wanted, err);
    if (status == MXC_OK)
        status = ingress_within(ceiling, wanted, err);
    if (status == MXC_OK && proxy && (!ceiling->network.proxy || strcmp(proxy, ceiling->network.proxy) != 0))
        status = beyond(err, "/runtimeConfig/networkProxy");
    return status;
}

static int add_rules(struct mxc_net_rules *to, const struct mxc_net_rules *from) {
    MXC_AUTO_NET_RULES struct mxc_net_rules copy = {0};
    int failed = mxc_net_rules_copy(&copy, from);
    for (size_t i = 0; !failed && i < copy.count; i++)
        failed = mxc_net_rules_add(to, &copy.items[i]);
    return failed;
}

mxc_status mxc_policy_with_network(mxc_policy **out, const mxc_policy *ceiling, const mxc_policy *wanted,
                                   mxc_error **err) {
    MXC_AUTO_POLICY mxc_policy *policy = NULL;
    mxc_status status = check_within(ceiling, wanted, err);
    if (status == MXC_OK)
        status = mxc_policy_copy(&policy, ceiling, err);
    if (status != MXC_OK)
        return status;
    /* a proxy goes with no rules at all, so then there is nothing denied that could be kept */
    if (mxc_policy_replace_network(policy, wanted) ||
        (!wanted->network.proxy && add_rules(&policy->network.deny, &ceiling->network.deny)))
        return mxc_fail_memory(err);
    status = mxc_policy_freeze(policy, err);
    if (status == MXC_OK)
        *out = mxc_take(policy);
    return status;
}
