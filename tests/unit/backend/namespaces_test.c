/* namespaces_test.c: properties of the lowering that must hold for every policy, on random trees of rules over a
 * literal host. A slow model, which knows nothing of layouts, says for every path what a policy gives; the plan is
 * played back mount by mount and must give the same. Single cases are the golden plans' business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backend/backend.h"
#include "base/alloc.h"
#include "plan/host_text.h"
#include "policy/model.h"

#define ROUNDS 3000
#define MAX_RULES 7

/* Folders only, three levels, so that rules meet in every way; all of them are on the literal host. */
static char tree[120][16];
static size_t tree_count;

static void make_tree(void) {
    static const char *const names = "abcd";
    tree_count = 0;
    for (int i = 0; i < 4; i++) {
        snprintf(tree[tree_count++], sizeof *tree, "/%c", names[i]);
        for (int j = 0; j < 4; j++) {
            snprintf(tree[tree_count++], sizeof *tree, "/%c/%c", names[i], names[j]);
            for (int k = 0; k < 4; k++)
                snprintf(tree[tree_count++], sizeof *tree, "/%c/%c/%c", names[i], names[j], names[k]);
        }
    }
}

static void make_host(struct test_host *host, int root) {
    char file[] = "/tmp/mxc-host-XXXXXX";
    int fd = mkstemp(file);
    FILE *out = fdopen(fd, "w");
    fprintf(out, "%s\nlandlock 7\n", root ? "root" : "user");
    for (size_t i = 0; i < tree_count; i++)
        fprintf(out, "dir %s\n", tree[i]);
    fclose(out);
    test_host_load(host, file, "/");
    remove(file);
}

static mxc_policy *make_policy(unsigned int *seed) {
    mxc_policy *policy = mxc_policy_new();
    mxc_error *err = NULL;
    policy->filesystem.baseline = MXC_BASELINE_NONE;
    policy->filesystem.has_protected_names = 1;
    policy->filesystem.rules = mxc_alloc(MAX_RULES * sizeof *policy->filesystem.rules);
    policy->filesystem.capacity = MAX_RULES;
    for (int i = 1 + rand_r(seed) % MAX_RULES; i; i--) {
        char origin[32];
        snprintf(origin, sizeof origin, "/rule/%d", i);
        policy->filesystem.rules[policy->filesystem.count++] =
            (struct mxc_path_rule){.access = rand_r(seed) % 3,
                                   .path = mxc_strdup(tree[(size_t)rand_r(seed) % tree_count]),
                                   .origin = mxc_strdup(origin)};
    }
    assert_int_equal(mxc_policy_freeze(policy, &err), MXC_OK);
    return policy;
}

static int at_or_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

/* What the policy language says: the most specific rule, else nothing. */
static int model(const mxc_policy *policy, const char *path) {
    const struct mxc_path_rule *best = NULL;
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        const struct mxc_path_rule *rule = &policy->filesystem.rules[i];
        if (at_or_below(path, rule->path) && (!best || strlen(rule->path) > strlen(best->path)))
            best = rule;
    }
    return best ? best->access : MXC_ACCESS_DENY;
}

/* What the mounts give: the last one made at the deepest point that contains the path. */
static int play(const struct mxc_plan *plan, const char *path, int *pinned) {
    size_t depth = 0;
    int access = MXC_ACCESS_DENY, masked = 0;
    *pinned = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct mxc_op *op = &plan->ops[i];
        if (op->kind != MXC_OP_BIND && op->kind != MXC_OP_MASK && op->kind != MXC_OP_TMPFS)
            continue;
        const char *point = plan->strings.data + op->text;
        if (!at_or_below(path, point))
            continue;
        assert_true(strlen(point) >= depth); /* parents first: nothing is buried by a later mount */
        assert_false(masked);                /* a mask holds no mount points */
        masked = op->kind == MXC_OP_MASK;
        depth = strlen(point);
        access = op->kind != MXC_OP_BIND     ? MXC_ACCESS_DENY
                 : op->a & MXC_BIND_READONLY ? MXC_ACCESS_READ
                                             : MXC_ACCESS_WRITE;
        *pinned = strcmp(path, point) == 0;
    }
    return access;
}

/* A folder above something stricter, itself writable, must be a mount point: else it could be renamed away. */
static int needs_pin(const mxc_policy *policy, const char *path) {
    char parent[16];
    snprintf(parent, sizeof parent, "%s", path);
    *strrchr(parent, '/') = 0;
    if (!*parent || model(policy, path) != MXC_ACCESS_WRITE || model(policy, parent) != MXC_ACCESS_WRITE)
        return 0;
    for (size_t i = 0; i < tree_count; i++)
        if (at_or_below(tree[i], path) && model(policy, tree[i]) != MXC_ACCESS_WRITE)
            return 1;
    return 0;
}

static void check_round(struct test_host *host, const mxc_policy *policy) {
    static const struct sock_filter filter = {.code = 6};
    struct mxc_lowering from = {.policy = policy, .host = &host->host, .filter = &filter, .filter_count = 1};
    struct mxc_receipt receipt = {0};
    struct mxc_plan plan = {0};
    int pinned;
    assert_int_equal(test_host_look(host, &mxc_backend_namespaces, policy, NULL), MXC_OK);
    assert_int_equal(mxc_backend_namespaces.check(&receipt, &from, NULL), MXC_OK);
    assert_int_equal(mxc_backend_namespaces.lower(&plan, &from, NULL), MXC_OK);
    for (size_t i = 0; i < tree_count; i++) {
        assert_int_equal(play(&plan, tree[i], &pinned), model(policy, tree[i]));
        if (needs_pin(policy, tree[i]))
            assert_true(pinned);
    }
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        size_t lines = 0;
        for (size_t j = 0; j < receipt.count; j++)
            lines += strcmp(receipt.lines[j].item, policy->filesystem.rules[i].origin) == 0;
        assert_int_equal(lines, 1);
    }
    mxc_plan_clear(&plan);
    mxc_receipt_clear(&receipt);
    test_host_forget(host);
}

static void run_rounds(int root) {
    struct test_host host;
    unsigned int seed = 7;
    make_tree();
    make_host(&host, root);
    for (int i = 0; i < ROUNDS; i++) {
        mxc_policy *policy = make_policy(&seed);
        check_round(&host, policy);
        mxc_policy_unref(policy);
    }
    test_host_clear(&host);
}

static void mounts_give_what_the_policy_says(void **state) {
    (void)state;
    run_rounds(0);
}

static void the_same_when_started_by_root(void **state) {
    (void)state;
    run_rounds(1);
}

static void too_many_paths_are_refused(void **state) {
    static const struct sock_filter filter = {.code = 6};
    struct test_host host;
    mxc_policy *policy = mxc_policy_new();
    struct mxc_lowering from = {.policy = policy, .host = &host.host, .filter = &filter, .filter_count = 1};
    struct mxc_plan plan = {0};
    mxc_error *err = NULL;
    (void)state;
    make_tree();
    make_host(&host, 0);
    policy->filesystem.capacity = policy->filesystem.count = 5000;
    policy->filesystem.rules = mxc_alloc(5000 * sizeof *policy->filesystem.rules);
    for (size_t i = 0; i < 5000; i++) {
        char path[32];
        snprintf(path, sizeof path, "/a/%04zu", i);
        policy->filesystem.rules[i] = (struct mxc_path_rule){
            .access = MXC_ACCESS_READ, .path = mxc_strdup(path), .origin = mxc_strdup("/filesystem/readonlyPaths/0")};
        struct mxc_path_fact fact = {
            .path = mxc_strdup(path), .real = mxc_strdup(path), .type = S_IFREG, .readable = 1};
        mxc_reserve(&host.host.paths, &host.host.path_capacity, host.host.path_count + 1, sizeof fact);
        host.host.paths[host.host.path_count++] = fact;
    }
    assert_int_equal(mxc_backend_namespaces.lower(&plan, &from, &err), MXC_E_UNSUPPORTED);
    assert_string_equal(mxc_error_origin(err), "/filesystem");
    mxc_error_free(err);
    mxc_plan_clear(&plan);
    mxc_policy_unref(policy);
    test_host_clear(&host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mounts_give_what_the_policy_says),
        cmocka_unit_test(the_same_when_started_by_root),
        cmocka_unit_test(too_many_paths_are_refused),
    };
    return cmocka_run_group_tests_name("namespaces", tests, NULL, NULL);
}
