/* policy_json_fuzz.c: policy text. One input is one policy, or two with a NUL between them. What is accepted prints to
 * canonical JSON that reads back as itself, and an intersection allows no more than its parts, in either order. */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "contract/contract.h"
#include "fuzz/fuzz.h"
#include "policy/intersect.h"
#include "policy/model.h"
#include "policy/paths.h"

static mxc_policy *parse(const uint8_t *text, size_t size) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    mxc_status status = mxc_contract_parse(&policy, (const char *)text, size, "/base", &error);
    FUZZ_HOLDS((status == MXC_OK) == (policy != NULL) && (status == MXC_OK) == (error == NULL));
    if (error) /* a message for a terminal or a log */
        FUZZ_HOLDS(mxc_utf8_valid(mxc_error_message(error), strlen(mxc_error_message(error))));
    mxc_error_free(error);
    return policy;
}

static char *text_of(const mxc_policy *policy) {
    char *text = NULL;
    FUZZ_HOLDS(mxc_contract_print(&text, policy, NULL) == MXC_OK);
    return text;
}

static void check_printed(const mxc_policy *policy) {
    MXC_AUTO_FREE char *first = text_of(policy);
    MXC_AUTO_POLICY mxc_policy *again = parse((const uint8_t *)first, strlen(first));
    FUZZ_HOLDS(again != NULL);
    MXC_AUTO_FREE char *second = text_of(again);
    FUZZ_HOLDS(strcmp(first, second) == 0);
}

static void check_same(const mxc_policy *a, const mxc_policy *b) {
    MXC_AUTO_FREE char *first = text_of(a);
    MXC_AUTO_FREE char *second = text_of(b);
    FUZZ_HOLDS(strcmp(first, second) == 0);
}

static void check_reach(const mxc_policy *both, const mxc_policy *part, const mxc_policy *other, int exact) {
    for (size_t i = 0; i < part->filesystem.count; i++) {
        const char *path = part->filesystem.rules[i].path;
        int one = (int)mxc_policy_reach(part, path), two = (int)mxc_policy_reach(other, path);
        int got = (int)mxc_policy_reach(both, path);
        FUZZ_HOLDS(got <= one && got <= two);
        FUZZ_HOLDS(!exact || got == one);
    }
}

static uint64_t no_more(uint64_t limit) { return limit ? limit : UINT64_MAX; } /* 0: none */

static void check_limits(const mxc_policy *both, const mxc_policy *part) {
    struct mxc_limits all = mxc_limits_effective(both), one = mxc_limits_effective(part);
    FUZZ_HOLDS(all.memory_bytes <= one.memory_bytes && all.processes <= one.processes);
    FUZZ_HOLDS(no_more(all.cpu_time_ms) <= no_more(one.cpu_time_ms));
    FUZZ_HOLDS(no_more(all.wall_time_ms) <= no_more(one.wall_time_ms));
    FUZZ_HOLDS(no_more(all.file_bytes) <= no_more(one.file_bytes));
    FUZZ_HOLDS(all.output_bytes <= one.output_bytes && all.open_files <= one.open_files);
}

static mxc_policy *meet(const mxc_policy *a, const mxc_policy *b) {
    mxc_policy *both = NULL;
    mxc_error *error = NULL;
    mxc_status status = mxc_policy_meet(&both, a, b, &error);
    FUZZ_HOLDS((status == MXC_OK) == (both != NULL) && (status == MXC_OK) == (error == NULL));
    mxc_error_free(error);
    return both;
}

/* a and a is a: the same access, and once more changes nothing. */
static void check_with_itself(const mxc_policy *a) {
    MXC_AUTO_POLICY mxc_policy *both = meet(a, a);
    FUZZ_HOLDS(both != NULL);
    check_reach(both, a, a, 1);
    check_limits(both, a);
    check_printed(both);
    MXC_AUTO_POLICY mxc_policy *again = meet(both, both);
    FUZZ_HOLDS(again != NULL);
    check_same(both, again);
}

static void check_pair(const mxc_policy *a, const mxc_policy *b) {
    MXC_AUTO_POLICY mxc_policy *forth = meet(a, b);
    MXC_AUTO_POLICY mxc_policy *back = meet(b, a);
    FUZZ_HOLDS(!forth == !back);
    if (!forth)
        return;
    check_same(forth, back);
    check_reach(forth, a, b, 0);
    check_reach(forth, b, a, 0);
    check_limits(forth, a);
    check_limits(forth, b);
    check_printed(forth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t first = nul ? (size_t)(nul - data) : size;
    MXC_AUTO_POLICY mxc_policy *a = parse(data, first);
    fuzz_accepted = a != NULL;
    if (a) {
        check_printed(a);
        check_with_itself(a);
    }
    if (!nul)
        return 0;
    MXC_AUTO_POLICY mxc_policy *b = parse(nul + 1, size - first - 1);
    fuzz_accepted = a && b;
    if (a && b)
        check_pair(a, b);
    return 0;
}
