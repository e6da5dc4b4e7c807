/* model.c: the life of a policy: made with safe defaults, copied whole, shared by counted references.
 * Knows what the parts of the model own, and nothing of what they mean. */
#include "policy/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

mxc_policy *mxc_policy_new(void) {
    mxc_policy *policy = mxc_alloc(sizeof *policy);
    if (!policy)
        return NULL;
    policy->references = 1;
    policy->layers = 1;
    policy->filesystem.tmp_bytes = MXC_UNSET;
    memset(&policy->limits, 0xff, sizeof policy->limits); /* every field MXC_UNSET */
    return policy;
}

mxc_policy *mxc_policy_ref(const mxc_policy *policy) {
    mxc_policy *counted = (mxc_policy *)policy; /* the counter is the one part of a frozen policy that changes */
    __atomic_add_fetch(&counted->references, 1, __ATOMIC_RELAXED);
    return counted;
}

static void clear_rules(mxc_policy *policy) {
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        mxc_free(policy->filesystem.rules[i].path);
        mxc_free(policy->filesystem.rules[i].origin);
    }
    mxc_free(policy->filesystem.rules);
}

static void clear_network(mxc_policy *policy) {
    mxc_net_rules_clear(&policy->network.allow);
    mxc_net_rules_clear(&policy->network.deny);
    mxc_free(policy->network.publish);
    mxc_free(policy->network.proxy);
    memset(&policy->network, 0, sizeof policy->network);
}

void mxc_policy_unref(mxc_policy *policy) {
    if (!policy || __atomic_sub_fetch(&policy->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    mxc_free(policy->container_id);
    mxc_free(policy->process.command_line);
    mxc_strings_clear(&policy->process.argv);
    mxc_free(policy->process.cwd);
    mxc_strings_clear(&policy->process.env);
    mxc_free(policy->process.user);
    clear_rules(policy);
    mxc_strings_clear(&policy->filesystem.protected_names);
    clear_network(policy);
    mxc_free(policy->lxc.distribution);
    mxc_free(policy->lxc.release);
    mxc_strings_clear(&policy->syscalls.allow);
    mxc_strings_clear(&policy->syscalls.deny);
    mxc_free(policy);
}

/* ---- copying --------------------------------------------------------------------------------------------- */

static int copy_text(char **to, const char *from) {
    *to = mxc_strdup(from);
    return from && !*to ? -1 : 0;
}

static int copy_rules(mxc_policy *to, const mxc_policy *from) {
    if (mxc_reserve(&to->filesystem.rules, &to->filesystem.capacity, from->filesystem.count,
                    sizeof *to->filesystem.rules))
        return -1;
    for (size_t i = 0; i < from->filesystem.count; i++) {
        const struct mxc_path_rule *source = &from->filesystem.rules[i];
        struct mxc_path_rule *rule = &to->filesystem.rules[to->filesystem.count++];
        *rule = (struct mxc_path_rule){.access = source->access};
        if (copy_text(&rule->path, source->path) || copy_text(&rule->origin, source->origin))
            return -1;
    }
    return 0;
}

static int copy_network(mxc_policy *to, const mxc_policy *from) {
    size_t published = from->network.publish_count;
    to->network.egress_default = from->network.egress_default;
    to->network.ingress_default = from->network.ingress_default;
    to->network.host_loopback = from->network.host_loopback;
    if (mxc_net_rules_copy(&to->network.allow, &from->network.allow) ||
        mxc_net_rules_copy(&to->network.deny, &from->network.deny) ||
        copy_text(&to->network.proxy, from->network.proxy))
        return -1;
    if (!published)
        return 0;
    to->network.publish = mxc_alloc(published * sizeof *to->network.publish);
    if (!to->network.publish)
        return -1;
    memcpy(to->network.publish, from->network.publish, published * sizeof *to->network.publish);
    to->network.publish_count = published;
    return 0;
}

int mxc_policy_replace_network(mxc_policy *to, const mxc_policy *from) {
    clear_network(to);
    return copy_network(to, from);
}

static int copy_process(mxc_policy *to, const mxc_policy *from) {
    to->process.has_env = from->process.has_env;
    to->process.inherit_default_env = from->process.inherit_default_env;
    to->process.timeout_ms = from->process.timeout_ms;
    to->process.tty = from->process.tty;
    return copy_text(&to->process.command_line, from->process.command_line) ||
                   mxc_strings_copy(&to->process.argv, &from->process.argv) ||
                   copy_text(&to->process.cwd, from->process.cwd) ||
                   mxc_strings_copy(&to->process.env, &from->process.env) ||
                   copy_text(&to->process.user, from->process.user)
               ? -1
               : 0;
}

static int copy_rest(mxc_policy *to, const mxc_policy *from) {
    to->containment = from->containment;
    to->assurance = from->assurance;
    to->has_assurance = from->has_assurance;
    to->layers = from->layers;
    to->lifecycle = from->lifecycle;
    to->filesystem.baseline = from->filesystem.baseline;
    to->filesystem.has_protected_names = from->filesystem.has_protected_names;
    to->filesystem.tmp_bytes = from->filesystem.tmp_bytes;
    to->filesystem.refuse_hard_links = from->filesystem.refuse_hard_links;
    to->ui = from->ui;
    to->telemetry = from->telemetry;
    to->limits = from->limits;
    to->syscalls.profile = from->syscalls.profile;
    to->report_unsupported = from->report_unsupported;
    return copy_text(&to->container_id, from->container_id) ||
                   mxc_strings_copy(&to->filesystem.protected_names, &from->filesystem.protected_names) ||
                   copy_text(&to->lxc.distribution, from->lxc.distribution) ||
                   copy_text(&to->lxc.release, from->lxc.release) ||
                   mxc_strings_copy(&to->syscalls.allow, &from->syscalls.allow) ||
                   mxc_strings_copy(&to->syscalls.deny, &from->syscalls.deny)
               ? -1
               : 0;
}

mxc_status mxc_policy_copy(mxc_policy **out, const mxc_policy *policy, mxc_error **err) {
    MXC_AUTO_POLICY mxc_policy *copy = mxc_policy_new();
    if (!copy || copy_rest(copy, policy) || copy_process(copy, policy) || copy_rules(copy, policy) ||
        copy_network(copy, policy))
        return mxc_fail_memory(err);
    *out = mxc_take(copy);
    return MXC_OK;
}

/* ---- lists of text ---------------------------------------------------------------------------------------- */

int mxc_strings_add(struct mxc_strings *strings, const char *text) {
    if (mxc_reserve(&strings->items, &strings->capacity, strings->count + 2, sizeof *strings->items))
        return -1;
    strings->items[strings->count] = mxc_strdup(text);
    if (!strings->items[strings->count])
        return -1;
    strings->items[++strings->count] = NULL;
    return 0;
}

int mxc_strings_copy(struct mxc_strings *to, const struct mxc_strings *from) {
    for (size_t i = 0; i < from->count; i++)
        if (mxc_strings_add(to, from->items[i]))
            return -1;
    return 0;
}

int mxc_strings_equal(const struct mxc_strings *a, const struct mxc_strings *b) {
    if (a->count != b->count)
        return 0;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return 0;
    return 1;
}

int mxc_strings_has(const struct mxc_strings *strings, const char *text) {
    for (size_t i = 0; i < strings->count; i++)
        if (strcmp(strings->items[i], text) == 0)
            return 1;
    return 0;
}

static int compare_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

void mxc_strings_sort_unique(struct mxc_strings *strings) {
    size_t kept = 0;
    if (!strings->count)
        return;
    qsort(strings->items, strings->count, sizeof *strings->items, compare_text);
    for (size_t i = 0; i < strings->count; i++) {
        if (kept && strcmp(strings->items[kept - 1], strings->items[i]) == 0)
            mxc_free(strings->items[i]);
        else
            strings->items[kept++] = strings->items[i];
    }
    strings->items[kept] = NULL;
    strings->count = kept;
}

void mxc_strings_clear(struct mxc_strings *strings) {
    for (size_t i = 0; i < strings->count; i++)
        mxc_free(strings->items[i]);
    mxc_free(strings->items);
    *strings = (struct mxc_strings){0};
}

/* ---- network rules ------------------------------------------------------------------------------------------ */

void mxc_peer_clear(struct mxc_peer *peer) {
    mxc_free(peer->host);
    mxc_free(peer->except);
    *peer = (struct mxc_peer){0};
}

int mxc_peer_copy(struct mxc_peer *to, const struct mxc_peer *from) {
    *to = (struct mxc_peer){.cidr = from->cidr};
    if (copy_text(&to->host, from->host))
        return -1;
    if (!from->except_count)
        return 0;
    to->except = mxc_alloc(from->except_count * sizeof *to->except);
    if (!to->except)
        return -1;
    memcpy(to->except, from->except, from->except_count * sizeof *to->except);
    to->except_count = from->except_count;
    return 0;
}

void mxc_net_rule_clear(struct mxc_net_rule *rule) {
    for (size_t i = 0; i < rule->to_count; i++)
        mxc_peer_clear(&rule->to[i]);
    mxc_free(rule->to);
    mxc_free(rule->ports);
    mxc_free(rule->origin);
    *rule = (struct mxc_net_rule){0};
}

int mxc_net_rules_add(struct mxc_net_rules *rules, struct mxc_net_rule *rule) {
    if (mxc_reserve(&rules->items, &rules->capacity, rules->count + 1, sizeof *rules->items))
        return -1;
    rules->items[rules->count++] = *rule;
    *rule = (struct mxc_net_rule){0};
    return 0;
}

static int copy_net_rule(struct mxc_net_rule *to, const struct mxc_net_rule *from) {
    if (copy_text(&to->origin, from->origin))
        return -1;
    if (from->to_count && !(to->to = mxc_alloc(from->to_count * sizeof *to->to)))
        return -1;
    while (to->to_count < from->to_count) {
        const struct mxc_peer *source = &from->to[to->to_count];
        if (mxc_peer_copy(&to->to[to->to_count++], source))
            return -1;
    }
    if (from->port_count && !(to->ports = mxc_alloc(from->port_count * sizeof *to->ports)))
        return -1;
    if (from->port_count)
        memcpy(to->ports, from->ports, from->port_count * sizeof *to->ports);
    to->port_count = from->port_count;
    return 0;
}

int mxc_net_rules_copy(struct mxc_net_rules *to, const struct mxc_net_rules *from) {
    for (size_t i = 0; i < from->count; i++) {
        MXC_AUTO_NET_RULE struct mxc_net_rule rule = {0};
        if (copy_net_rule(&rule, &from->items[i]) || mxc_net_rules_add(to, &rule))
            return -1;
    }
    return 0;
}

void mxc_net_rules_clear(struct mxc_net_rules *rules) {
    for (size_t i = 0; i < rules->count; i++)
        mxc_net_rule_clear(&rules->items[i]);
    mxc_free(rules->items);
    *rules = (struct mxc_net_rules){0};
}
