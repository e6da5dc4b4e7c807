/* intersect.c: what two policies both allow. Grants meet (both must give them), restrictions add up, settings
 * (what to run and how) come from the side that says them; two sides that say different things are an error.
 * Each part is a meet in a lattice, so order and grouping of the layers do not matter. */
#include "policy/intersect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "policy/limits.h"
#include "policy/model.h"
#include "policy/network.h"
#include "policy/paths.h"

static mxc_status differ(mxc_error **err, const char *origin) {
    return mxc_fail(err, MXC_E_POLICY_CONFLICT,
                    MXC_FAULT(.origin = origin, .hint = "let one layer say it, or let both say the same"),
                    "two layers say different things");
}

/* ---- settings --------------------------------------------------------------------------------------------------------- */

static mxc_status meet_text(char **out, const char *a, const char *b, const char *origin, mxc_error **err) {
    if (a && b && strcmp(a, b) != 0)
        return differ(err, origin);
    *out = mxc_strdup(a ? a : b);
    return (a || b) && !*out ? mxc_fail_memory(err) : MXC_OK;
}

static mxc_status meet_env(mxc_policy *out, const mxc_policy *a, const mxc_policy *b, mxc_error **err) {
    const mxc_policy *from = a->process.has_env ? a : b;
    int both = a->process.has_env && b->process.has_env;
    if (both && (!mxc_strings_equal(&a->process.env, &b->process.env) ||
                 a->process.inherit_default_env != b->process.inherit_default_env))
        return differ(err, "/process/env");
    out->process.has_env = from->process.has_env;
    out->process.inherit_default_env = from->process.inherit_default_env;
    return mxc_strings_copy(&out->process.env, &from->process.env) ? mxc_fail_memory(err) : MXC_OK;
}

static mxc_status meet_process(mxc_policy *out, const mxc_policy *a, const mxc_policy *b, mxc_error **err) {
    const mxc_policy *argv = a->process.argv.count ? a : b;
    mxc_status status = meet_text(&out->process.command_line, a->process.command_line, b->process.command_line,
                                  "/process/commandLine", err);
    if (!status && a->process.argv.count && b->process.argv.count &&
        !mxc_strings_equal(&a->process.argv, &b->process.argv))
        status = differ(err, "/process/argv");
    if (!status && mxc_strings_copy(&out->process.argv, &argv->process.argv))
        status = mxc_fail_memory(err);
    if (!status && out->process.command_line && out->process.argv.count)
        status = differ(err, "/process/argv");
    if (!status)
        status = meet_text(&out->process.cwd, a->process.cwd, b->process.cwd, "/process/cwd", err);
    if (!status)
        status = meet_text(&out->process.user, a->process.user, b->process.user, "/process/user", err);
    if (!status)
        status = meet_env(out, a, b, err);
    out->process.tty = a->process.tty && b->process.tty;
    return status;
}

/* A total order: stronger walls above weaker ones, a named wall above "auto" of the same strength. */
static int wall_rank(const mxc_policy *policy) {
    if (policy->containment == MXC_CONTAINMENT_AUTO)
        return 2 * (policy->has_assurance ? (int)policy->assurance : MXC_CONTAINMENT_PROCESS);
    return 2 * (int)policy->containment + 1;
}

static mxc_status meet_names(mxc_policy *out, const mxc_policy *a, const mxc_policy *b, mxc_error **err) {
    const mxc_policy *stronger = wall_rank(a) >= wall_rank(b) ? a : b;
    out->containment = stronger->containment;
    out->assurance = stronger->assurance;
    out->has_assurance = stronger->has_assurance;
    mxc_status status = meet_text(&out->container_id, a->container_id, b->container_id, "/containerId", err);
    if (!status)
        status = meet_text(&out->lxc.distribution, a->lxc.distribution, b->lxc.distribution, "/lxc/distribution", err);
    if (!status)
        status = meet_text(&out->lxc.release, a->lxc.release, b->lxc.release, "/lxc/release", err);
    return status;
}

/* ---- paths ------------------------------------------------------------------------------------------------------------ */

/* "2:/filesystem/readonlyPaths/0": the number says which layer, counted through nested intersections. */
static char *layered_origin(const mxc_policy *policy, unsigned before, const char *origin) {
    MXC_AUTO_BUF struct mxc_buf buf = {0};
    char *rest = NULL;
    unsigned long number = strtoul(origin, &rest, 10);
    if (policy->layers > 1 && rest && *rest == ':')
        mxc_buf_format(&buf, "%lu%s", number + before, rest);
    else
        mxc_buf_format(&buf, "%u:%s", before + 1, origin);
    return mxc_buf_take(&buf);
}

/* The rule that decides at `path`: of the side that gives less; when both give the same, of the side that has one. */
static char *deciding_origin(const mxc_policy *a, const mxc_policy *b, const char *path) {
    const struct mxc_path_rule *rule_a = mxc_policy_rule_for(a, path), *rule_b = mxc_policy_rule_for(b, path);
    enum mxc_reach level_a = mxc_policy_reach(a, path), level_b = mxc_policy_reach(b, path);
    int take_b = level_b < level_a || (level_b == level_a && !rule_a);
    const struct mxc_path_rule *rule = take_b ? rule_b : rule_a;
    return layered_origin(take_b ? b : a, take_b ? a->layers : 0, rule ? rule->origin : "/filesystem/baseline");
}

static int has_deny_at(const mxc_policy *policy, const char *path) {
    const struct mxc_path_rule *rule = mxc_policy_rule_for(policy, path);
    return rule && rule->access == MXC_ACCESS_DENY && strcmp(rule->path, path) == 0;
}

static int add_rule(mxc_policy *out, mxc_access access, const char *path, char *origin) {
    MXC_AUTO_FREE char *own_origin = origin;
    MXC_AUTO_FREE char *own_path = mxc_strdup(path);
    if (!own_origin || !own_path ||
        mxc_reserve(&out->filesystem.rules, &out->filesystem.capacity, out->filesystem.count + 1,
                    sizeof *out->filesystem.rules))
        return -1;
    out->filesystem.rules[out->filesystem.count++] =
        (struct mxc_path_rule){.access = access, .path = mxc_take(own_path), .origin = mxc_take(own_origin)};
    return 0;
}

/* Points come sorted, so every folder above `path` is decided already and `out` stays sorted. */
static int meet_point(mxc_policy *out, const mxc_policy *a, const mxc_policy *b, const char *path) {
    enum mxc_reach level_a = mxc_policy_reach(a, path), level_b = mxc_policy_reach(b, path);
    enum mxc_reach both = level_a < level_b ? level_a : level_b;
    if (has_deny_at(a, path) || has_deny_at(b, path))
        return add_rule(out, MXC_ACCESS_DENY, path, deciding_origin(a, b, path));
    /* The curated /etc exists in the baseline only; granting the real one instead would widen. */
    if (both <= MXC_REACH_VIEW || both == mxc_policy_reach(out, path))
        return 0;
    return add_rule(out, both == MXC_REACH_WRITE ? MXC_ACCESS_WRITE : MXC_ACCESS_READ, path,
                    deciding_origin(a, b, path));
}

static int add_points(struct mxc_strings *points, const mxc_policy *policy) {
    for (size_t i = 0; i < policy->filesystem.count; i++)
        if (mxc_strings_add(points, policy->filesystem.rules[i].path))
            return -1;
    return 0;
}

static void clear_points(struct mxc_strings *points) { mxc_strings_clear(points); }

static int meet_paths(mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    __attribute__((cleanup(clear_points))) struct mxc_strings points = {0};
    if (a->filesystem.baseline == MXC_BASELINE_NONE || b->filesystem.baseline == MXC_BASELINE_NONE)
        out->filesystem.baseline = MXC_BASELINE_NONE;
    if (add_points(&points, a) || add_points(&points, b))
        return -1;
    for (const char *const *point = mxc_baseline_points(); *point; point++)
        if (mxc_strings_add(&points, *point))
            return -1;
    mxc_strings_sort_unique(&points);
    for (size_t i = 0; i < points.count; i++)
        if (meet_point(out, a, b, points.items[i]))
            return -1;
    return 0;
}

static int add_protected(mxc_policy *out, const mxc_policy *from) {
    const struct mxc_strings *own = &from->filesystem.protected_names;
    if (from->filesystem.has_protected_names)
        return mxc_strings_copy(&out->filesystem.protected_names, own);
    for (const char *const *name = mxc_default_protected_names(); *name; name++)
        if (mxc_strings_add(&out->filesystem.protected_names, *name))
            return -1;
    return 0;
}

static int meet_filesystem(mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    out->filesystem.refuse_hard_links = a->filesystem.refuse_hard_links || b->filesystem.refuse_hard_links;
    out->filesystem.has_protected_names = 1; /* freezing forgets a list that is the default */
    return meet_paths(out, a, b) || add_protected(out, a) || add_protected(out, b) ? -1 : 0;
}

/* ---- network, system calls, the rest ------------------------------------------------------------------------------------ */

static enum mxc_verdict meet_verdict(enum mxc_verdict a, enum mxc_verdict b) { return a < b ? a : b; }

static int layered_rules(struct mxc_net_rules *to, const struct mxc_net_rules *from, const mxc_policy *policy,
                         unsigned before) {
    if (mxc_net_rules_copy(to, from))
        return -1;
    for (size_t i = 0; i < to->count; i++) {
        char *origin = layered_origin(policy, before, to->items[i].origin);
        if (!origin)
            return -1;
        mxc_free(to->items[i].origin);
        to->items[i].origin = origin;
    }
    return 0;
}

/* What a side allows, as rules: its own, and by default the one that matches everything. */
static int allowed(struct mxc_net_rules *to, const mxc_policy *policy, unsigned before) {
    if (policy->network.egress_default == MXC_VERDICT_ALLOW && mxc_net_everything(to))
        return -1;
    return layered_rules(to, &policy->network.allow, policy, before);
}

/* What is everything is said by the default. */
static void drop_everything(struct mxc_net_rules *rules) {
    size_t kept = 0;
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->items[i].to_count || rules->items[i].port_count)
            rules->items[kept++] = rules->items[i];
        else
            mxc_net_rule_clear(&rules->items[i]);
    }
    rules->count = kept;
}

static int meet_egress(mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    MXC_AUTO_NET_RULES struct mxc_net_rules left = {0}, right = {0}, denied_left = {0}, denied_right = {0};
    out->network.egress_default = meet_verdict(a->network.egress_default, b->network.egress_default);
    if (layered_rules(&denied_left, &a->network.deny, a, 0) ||
        layered_rules(&denied_right, &b->network.deny, b, a->layers) ||
        mxc_net_join(&out->network.deny, &denied_left, &denied_right))
        return -1;
    if (allowed(&left, a, 0) || allowed(&right, b, a->layers) || mxc_net_meet(&out->network.allow, &left, &right))
        return -1;
    if (out->network.egress_default == MXC_VERDICT_ALLOW)
        drop_everything(&out->network.allow);
    return 0;
}

static int meet_network(mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    out->network.ingress_default = meet_verdict(a->network.ingress_default, b->network.ingress_default);
    out->network.host_loopback = meet_verdict(a->network.host_loopback, b->network.host_loopback);
    if (a->network.proxy && b->network.proxy && strcmp(a->network.proxy, b->network.proxy) == 0) {
        out->network.proxy = mxc_strdup(a->network.proxy); /* a way out, so both must give it */
        if (!out->network.proxy)
            return -1;
    }
    return meet_egress(out, a, b) || mxc_net_publish_meet(out, a, b) ? -1 : 0;
}

static int meet_syscalls(mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    if (a->syscalls.profile == MXC_SYSCALLS_STRICT || b->syscalls.profile == MXC_SYSCALLS_STRICT)
        out->syscalls.profile = MXC_SYSCALLS_STRICT;
    for (size_t i = 0; i < a->syscalls.allow.count; i++)
        if (mxc_strings_has(&b->syscalls.allow, a->syscalls.allow.items[i]) &&
            mxc_strings_add(&out->syscalls.allow, a->syscalls.allow.items[i]))
            return -1;
    return mxc_strings_copy(&out->syscalls.deny, &a->syscalls.deny) ||
                   mxc_strings_copy(&out->syscalls.deny, &b->syscalls.deny)
               ? -1
               : 0;
}

static void meet_rest(mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    out->layers = a->layers + b->layers;
    out->lifecycle.keep_on_exit = a->lifecycle.keep_on_exit && b->lifecycle.keep_on_exit;
    out->lifecycle.preserve_policy = a->lifecycle.preserve_policy && b->lifecycle.preserve_policy;
    out->ui.enable = a->ui.enable && b->ui.enable;
    out->ui.clipboard = a->ui.clipboard & b->ui.clipboard; /* read and write are bits */
    out->ui.injection = a->ui.injection && b->ui.injection;
    out->telemetry = a->telemetry && b->telemetry;
    out->report_unsupported = a->report_unsupported && b->report_unsupported;
    mxc_limits_meet(out, a, b);
}

mxc_status mxc_policy_meet(mxc_policy **out, const mxc_policy *a, const mxc_policy *b, mxc_error **err) {
    MXC_AUTO_POLICY mxc_policy *both = mxc_policy_new();
    if (!both)
        return mxc_fail_memory(err);
    meet_rest(both, a, b);
    mxc_status status = meet_names(both, a, b, err);
    if (!status)
        status = meet_process(both, a, b, err);
    if (!status && (meet_filesystem(both, a, b) || meet_network(both, a, b) || meet_syscalls(both, a, b)))
        status = mxc_fail_memory(err);
    if (!status)
        status = mxc_policy_freeze(both, err);
    if (!status)
        *out = mxc_take(both);
    return status;
}
