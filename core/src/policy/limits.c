/* limits.c: one table says of every limit where it is kept, which values make sense and what holds when the
 * policy is silent. Contract, builder, intersection and schema read it. Knows nothing of how limits are enforced. */
#include "policy/limits.h"

#include <stddef.h>

#include "base/error.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define TIB ((uint64_t)1 << 40)
#define PIB ((uint64_t)1 << 50)
#define IN_LIMITS(field) offsetof(struct mxc_policy, limits.field)

static const struct mxc_limit_rule rules[] = {
    {MXC_LIMIT_MEMORY, "/limits/memoryBytes", IN_LIMITS(memory_bytes), 4 * MIB, 64 * TIB, GIB, 0, "bytes"},
    {MXC_LIMIT_SWAP, "/limits/swapBytes", IN_LIMITS(swap_bytes), 0, 64 * TIB, 0, 0, "bytes"},
    {MXC_LIMIT_PROCESSES, "/limits/processes", IN_LIMITS(processes), 1, 1000000, 256, 0, "processes and threads"},
    {MXC_LIMIT_CPUS, "/limits/cpus", IN_LIMITS(millicpus), 10, 10000000, 0, 0, "processors"},
    {MXC_LIMIT_CPU_TIME, "/limits/cpuTimeMs", IN_LIMITS(cpu_time_ms), 1, UINT32_MAX, 0, 1, "milliseconds"},
    {MXC_LIMIT_WALL_TIME, "/limits/wallTimeMs", IN_LIMITS(wall_time_ms), 1, UINT32_MAX, 0, 1, "milliseconds"},
    {MXC_LIMIT_OUTPUT, "/limits/outputBytes", IN_LIMITS(output_bytes), 0, GIB, MIB, 0, "bytes per stream"},
    {MXC_LIMIT_FILE_SIZE, "/limits/fileBytes", IN_LIMITS(file_bytes), 1, PIB, 0, 1, "bytes per file"},
    {MXC_LIMIT_OPEN_FILES, "/limits/openFiles", IN_LIMITS(open_files), 16, 1048576, 1024, 0, "descriptors"},
    {MXC_LIMIT_DISK, "/limits/diskBytes", IN_LIMITS(disk_bytes), 1, PIB, 0, 1, "bytes"},
    {MXC_LIMIT_TMP, "/filesystem/tmpBytes", offsetof(struct mxc_policy, filesystem.tmp_bytes), 64 * KIB, 64 * TIB,
     256 * MIB, 0, "bytes"},
};

enum { RULES = sizeof rules / sizeof *rules };

const struct mxc_limit_rule *mxc_limit_rule(mxc_limit limit) {
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].limit == limit)
            return &rules[i];
    return NULL;
}

static uint64_t *place(mxc_policy *policy, const struct mxc_limit_rule *rule) {
    return (uint64_t *)(void *)((char *)policy + rule->offset);
}

static uint64_t said(const mxc_policy *policy, const struct mxc_limit_rule *rule) {
    return *(const uint64_t *)(const void *)((const char *)policy + rule->offset);
}

uint64_t mxc_limit_said(const mxc_policy *policy, mxc_limit limit) { return said(policy, mxc_limit_rule(limit)); }

/* Processors are said in thousandths to the C API and as a number with a point in JSON: the message shows the latter. */
static mxc_status out_of_range(const struct mxc_limit_rule *rule, mxc_error **err) {
    const struct mxc_fault *fault =
        MXC_FAULT(.origin = rule->pointer, .hint = "use a value in this range, or leave the field out");
    const char *none = rule->zero_is_none ? ", or 0 for no limit" : "";
    if (rule->limit == MXC_LIMIT_CPUS)
        return mxc_fail(err, MXC_E_POLICY_INVALID, fault, "the number of processors must be between 0.01 and 10000");
    return mxc_fail(err, MXC_E_POLICY_INVALID, fault, "the value must be between %llu and %llu %s%s",
                    (unsigned long long)rule->low, (unsigned long long)rule->high, rule->unit, none);
}

mxc_status mxc_policy_set_limit(mxc_policy *policy, mxc_limit limit, uint64_t value, mxc_error **err) {
    const struct mxc_limit_rule *rule = mxc_limit_rule(limit);
    if (!rule)
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "there is no limit with the number %d", (int)limit);
    if ((value < rule->low && !(value == 0 && rule->zero_is_none)) || value > rule->high)
        return out_of_range(rule, err);
    *place(policy, rule) = value;
    return MXC_OK;
}

static uint64_t effective(const mxc_policy *policy, const struct mxc_limit_rule *rule) {
    uint64_t value = said(policy, rule);
    return value == MXC_UNSET ? rule->fallback : value;
}

/* For most limits 0 is "none"; for swap and output it is the smallest value there is. */
static int none_is_zero(const struct mxc_limit_rule *rule) {
    return rule->zero_is_none || rule->limit == MXC_LIMIT_CPUS;
}

static uint64_t smaller(uint64_t a, uint64_t b, int zero_is_none) {
    if (zero_is_none && (a == 0 || b == 0))
        return a + b;
    return a < b ? a : b;
}

struct mxc_limits mxc_limits_effective(const struct mxc_policy *policy) {
    mxc_policy filled = {.limits = policy->limits};
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].limit != MXC_LIMIT_TMP)
            *place(&filled, &rules[i]) = effective(policy, &rules[i]);
    filled.limits.wall_time_ms = smaller(filled.limits.wall_time_ms, policy->process.timeout_ms, 1);
    return filled.limits;
}

uint64_t mxc_tmp_bytes_effective(const struct mxc_policy *policy) {
    return effective(policy, mxc_limit_rule(MXC_LIMIT_TMP));
}

void mxc_limits_normalise(mxc_policy *policy) {
    for (size_t i = 0; i < RULES; i++)
        if (said(policy, &rules[i]) == rules[i].fallback)
            *place(policy, &rules[i]) = MXC_UNSET;
}

void mxc_limits_meet(mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    for (size_t i = 0; i < RULES; i++)
        *place(out, &rules[i]) = smaller(effective(a, &rules[i]), effective(b, &rules[i]), none_is_zero(&rules[i]));
    out->process.timeout_ms = smaller(a->process.timeout_ms, b->process.timeout_ms, 1);
    mxc_limits_normalise(out);
}
