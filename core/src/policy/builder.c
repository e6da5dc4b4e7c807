/* builder.c: the policy builder: a policy that is not frozen yet, changed through the same checks that the JSON
 * reader uses. No JSON here, and nothing of the caller's process. */
#include "policy/builder.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "policy/checks.h"
#include "policy/host.h"
#include "policy/limits.h"
#include "policy/model.h"
#include "policy/paths.h"
#include "policy/words.h"

struct mxc_policy_builder {
    mxc_policy *policy;
};

mxc_status mxc_builder_new(mxc_policy_builder **out, const mxc_policy *base, mxc_error **err) {
    MXC_AUTO_POLICY mxc_policy *policy = NULL;
    mxc_policy_builder *builder = mxc_alloc(sizeof *builder);
    mxc_status status = MXC_OK;
    if (!builder)
        return mxc_fail_memory(err);
    if (base)
        status = mxc_policy_copy(&policy, base, err);
    else if (!(policy = mxc_policy_new()))
        status = mxc_fail_memory(err);
    if (status) {
        mxc_free(builder);
        return status;
    }
    builder->policy = mxc_take(policy);
    *out = builder;
    return MXC_OK;
}

mxc_status mxc_builder_path(mxc_policy_builder *builder, const struct mxc_path_rule *rule, const char *base_dir,
                            mxc_error **err) {
    if (rule->access < MXC_ACCESS_DENY || rule->access > MXC_ACCESS_WRITE)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "there is no access with the number %d", (int)rule->access);
    return mxc_policy_add_path(builder->policy, rule, base_dir, err);
}

mxc_status mxc_builder_limit(mxc_policy_builder *builder, mxc_limit limit, uint64_t value, mxc_error **err) {
    return mxc_policy_set_limit(builder->policy, limit, value, err);
}

mxc_status mxc_builder_env(mxc_policy_builder *builder, const char *entry, mxc_error **err) {
    mxc_policy *policy = builder->policy;
    mxc_status status = mxc_policy_add_env(policy, entry, "/process/env", err);
    if (!status && !policy->process.has_env) {
        policy->process.has_env = 1;
        policy->process.inherit_default_env = 1;
    }
    return status;
}

mxc_status mxc_builder_build(mxc_policy **out, const mxc_policy_builder *builder, mxc_error **err) {
    MXC_AUTO_POLICY mxc_policy *copy = NULL;
    mxc_status status = mxc_policy_copy(&copy, builder->policy, err);
    if (!status)
        status = mxc_policy_freeze(copy, err);
    if (!status)
        *out = mxc_take(copy);
    return status;
}

void mxc_builder_free(mxc_policy_builder *builder) {
    if (!builder)
        return;
    mxc_policy_unref(builder->policy);
    mxc_free(builder);
}

/* ---- egress targets --------------------------------------------------------------------------------------------------- */

struct target {
    char *peer; /* owned: what stands before the port */
    uint16_t port;
};

static mxc_status target_fault(mxc_error **err) {
    return mxc_fail(
        err, MXC_E_POLICY_INVALID,
        MXC_FAULT(.origin = "/network/egress/allow",
                  .hint = "write HOST, HOST:PORT, *.SUFFIX:PORT, CIDR or CIDR:PORT; IPv6 with a port in brackets"),
        "the target cannot be read");
}

/* "[2001:db8::1]:443", "2001:db8::/32" (more than one colon, no port), "host:443", "host". */
static mxc_status split_target(struct target *out, const char *text, mxc_error **err) {
    const char *colon = strrchr(text, ':'), *port = NULL;
    size_t length = strlen(text), skip = 0;
    if (text[0] == '[') {
        const char *close = strchr(text, ']');
        if (!close || (close[1] && close[1] != ':'))
            return target_fault(err);
        skip = 1;
        length = (size_t)(close - text) - 1;
        port = close[1] ? close + 2 : NULL;
    } else if (colon && strchr(text, ':') == colon) {
        length = (size_t)(colon - text);
        port = colon + 1;
    }
    if (length == 0 || (port && mxc_port_parse(&out->port, port)))
        return target_fault(err);
    out->peer = mxc_strndup(text + skip, length);
    return out->peer ? MXC_OK : mxc_fail_memory(err);
}

/* An address has a colon, a slash, or nothing but digits and dots; all else is a name. */
static int looks_like_address(const char *text) {
    return strchr(text, ':') || strchr(text, '/') || text[strspn(text, "0123456789.")] == 0;
}

/* The host's loopback as whoever runs a service there calls it: one name, two addresses. */
static mxc_status fill_localhost(struct mxc_net_rule *rule, mxc_error **err) {
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    mxc_status status = MXC_OK;
    for (rule->to_count = 0; !status && rule->to_count < 2; rule->to_count++)
        status = mxc_cidr_parse(&rule->to[rule->to_count].cidr, addresses[rule->to_count], rule->origin, err);
    return status;
}

static mxc_status fill_rule(struct mxc_net_rule *rule, const struct target *target, mxc_error **err) {
    static const char origin[] = "/network/egress/allow";
    rule->origin = mxc_strdup(origin);
    rule->to = mxc_alloc(2 * sizeof *rule->to);
    rule->ports = mxc_alloc(sizeof *rule->ports);
    if (!rule->origin || !rule->to || !rule->ports)
        return mxc_fail_memory(err);
    rule->to_count = rule->port_count = 1;
    *rule->ports = (struct mxc_port_rule){.protocol = MXC_PROTOCOL_TCP, .port = target->port};
    if (strcmp(target->peer, "localhost") == 0)
        return fill_localhost(rule, err);
    return looks_like_address(target->peer) ? mxc_cidr_parse(&rule->to->cidr, target->peer, origin, err)
                                            : mxc_host_parse(&rule->to->host, target->peer, origin, err);
}

mxc_status mxc_builder_allow(mxc_policy_builder *builder, const char *text, mxc_error **err) {
    MXC_AUTO_NET_RULE struct mxc_net_rule rule = {0};
    struct target target = {0};
    mxc_status status = split_target(&target, text, err);
    if (!status && target.peer)
        status = fill_rule(&rule, &target, err);
    mxc_free(target.peer);
    if (!status && mxc_net_rules_add(&builder->policy->network.allow, &rule))
        status = mxc_fail_memory(err);
    return status;
}

/* ---- fields by pointer -------------------------------------------------------------------------------------------------- */

struct setting {
    mxc_policy *policy;
    const char *pointer, *value, *base_dir;
};

typedef mxc_status setter(const struct setting *set, mxc_error **err);

static mxc_status set_word(int *out, const char *const *words, const struct setting *set, mxc_error **err) {
    int index = mxc_word_index(words, set->value);
    if (index < 0)
        return mxc_word_refuse(words, set->value, set->pointer, err);
    *out = index;
    return MXC_OK;
}

static mxc_status set_containment(const struct setting *set, mxc_error **err) {
    return mxc_containment_parse(&set->policy->containment, set->value, err);
}

static mxc_status set_assurance(const struct setting *set, mxc_error **err) {
    mxc_status status = mxc_assurance_parse(&set->policy->assurance, set->value, err);
    if (!status)
        set->policy->has_assurance = 1;
    return status;
}

static mxc_status set_container_id(const struct setting *set, mxc_error **err) {
    mxc_status status = mxc_check_container_id(set->value, set->pointer, err);
    char *copy = status ? NULL : mxc_strdup(set->value);
    if (status)
        return status;
    if (!copy)
        return mxc_fail_memory(err);
    mxc_free(set->policy->container_id);
    set->policy->container_id = copy;
    return MXC_OK;
}

static mxc_status set_cwd(const struct setting *set, mxc_error **err) {
    char *path = NULL;
    mxc_status status = mxc_path_normalise(&path, set->value, set->base_dir, set->pointer, err);
    if (status)
        return status;
    mxc_free(set->policy->process.cwd);
    set->policy->process.cwd = path;
    return MXC_OK;
}

static mxc_status set_baseline(const struct setting *set, mxc_error **err) {
    int index = 0;
    mxc_status status = set_word(&index, mxc_baseline_words, set, err);
    if (!status)
        set->policy->filesystem.baseline = (enum mxc_baseline)index;
    return status;
}

static mxc_status set_profile(const struct setting *set, mxc_error **err) {
    int index = 0;
    mxc_status status = set_word(&index, mxc_profile_words, set, err);
    if (!status)
        set->policy->syscalls.profile = (enum mxc_syscall_profile)index;
    return status;
}

static mxc_status set_unsupported(const struct setting *set, mxc_error **err) {
    return set_word(&set->policy->report_unsupported, mxc_unsupported_words, set, err);
}

static mxc_status set_hard_links(const struct setting *set, mxc_error **err) {
    return set_word(&set->policy->filesystem.refuse_hard_links, mxc_hard_links_words, set, err);
}

static mxc_status add_checked(struct mxc_strings *list, mxc_text_check *check, const struct setting *set,
                              mxc_error **err) {
    mxc_status status = check(set->value, set->pointer, err);
    if (!status && mxc_strings_add(list, set->value))
        status = mxc_fail_memory(err);
    return status;
}

static mxc_status add_syscall_allow(const struct setting *set, mxc_error **err) {
    return add_checked(&set->policy->syscalls.allow, mxc_check_syscall_name, set, err);
}

static mxc_status add_syscall_deny(const struct setting *set, mxc_error **err) {
    return add_checked(&set->policy->syscalls.deny, mxc_check_syscall_name, set, err);
}

/* The first name added joins the default names; it must not end their protection. */
static mxc_status add_protected(const struct setting *set, mxc_error **err) {
    struct mxc_strings *names = &set->policy->filesystem.protected_names;
    mxc_status status = mxc_check_protected_name(set->value, set->pointer, err);
    if (status)
        return status;
    if (!set->policy->filesystem.has_protected_names) {
        mxc_strings_clear(names);
        for (const char *const *name = mxc_default_protected_names(); *name; name++)
            if (mxc_strings_add(names, *name))
                return mxc_fail_memory(err);
        set->policy->filesystem.has_protected_names = 1;
    }
    return mxc_strings_add(names, set->value) ? mxc_fail_memory(err) : MXC_OK;
}

mxc_status mxc_builder_set(mxc_policy_builder *builder, const char *pointer, const char *value, const char *base_dir,
                           mxc_error **err) {
    static const struct {
        const char *pointer;
        setter *set;
    } setters[] = {
        {"/containment", set_containment},         {"/assurance", set_assurance},
        {"/containerId", set_container_id},        {"/process/cwd", set_cwd},
        {"/filesystem/baseline", set_baseline},    {"/syscalls/profile", set_profile},
        {"/onUnsupported", set_unsupported},       {"/syscalls/allow", add_syscall_allow},
        {"/syscalls/deny", add_syscall_deny},      {"/filesystem/protectedNames", add_protected},
        {"/filesystem/hardLinks", set_hard_links},
    };
    const struct setting set = {builder->policy, pointer, value, base_dir};
    for (size_t i = 0; i < sizeof setters / sizeof *setters; i++)
        if (strcmp(setters[i].pointer, pointer) == 0)
            return setters[i].set(&set, err);
    return mxc_fail(err, MXC_E_INVALID_ARGUMENT,
                    MXC_FAULT(.hint = "the pointers that can be set are listed at mxc_policy_builder_set in mxc.h"),
                    "this field cannot be set by its pointer");
}
