/* limits.c: limits as cgroup settings where a cgroup can be had, else as things the keeper watches and as rlimits.
 * Which of the two it is decides the level in the receipt (mxc_holds_of). */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "backend/limits.h"

#define CPU_PERIOD_US 100000u
#define INIT_PROCESSES 1u  /* pid 1 of the sandbox counts too */
#define SPARE_PROCESSES 2u /* RLIMIT_NPROC: init, and the child that becomes the next command */
#define MEMLOCK_BYTES (64u << 10)
#define SIGPENDING_COUNT 1024u
#define MSGQUEUE_BYTES 819200u /* the kernel's own default */

#define MEMORY "/limits/memoryBytes"
#define PROCESSES "/limits/processes"
#define CPUS "/limits/cpus"

/* A controller is in one tree only, so the first place is the only one. */
static const struct mxc_cgroup_place *place_for(const struct mxc_host *host, int controller, int session) {
    for (size_t i = 0; i < host->cgroup_count; i++) {
        const struct mxc_cgroup_place *place = &host->cgroups[i];
        if (place->controller == controller)
            return place->writable && (session || place->version == 2) ? place : NULL;
    }
    return NULL;
}

struct mxc_holds mxc_holds_of(const struct mxc_lowering *from, int session) {
    return (struct mxc_holds){.memory = place_for(from->host, MXC_CGROUP_MEMORY, session),
                              .pids = place_for(from->host, MXC_CGROUP_PIDS, session),
                              .cpu = place_for(from->host, MXC_CGROUP_CPU, session),
                              .cpuacct = place_for(from->host, MXC_CGROUP_CPUACCT, session)};
}

static void group(struct mxc_plan *plan, const struct mxc_cgroup_place *place, uint64_t controller,
                  const char *origin) {
    MXC_PLAN_ADD(plan, MXC_OP_CGROUP, .origin = origin, .text = place->folder, .a = controller,
                 .b = (uint64_t)place->version);
}

static void set_text(struct mxc_plan *plan, const char *origin, const char *file, const char *value) {
    MXC_PLAN_ADD(plan, MXC_OP_CGROUP_SET, .origin = origin, .text = file, .text2 = value);
}

static void set_number(struct mxc_plan *plan, const char *origin, const char *file, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    set_text(plan, origin, file, digits);
}

static uint64_t plus(uint64_t a, uint64_t b) { return a > INT64_MAX - b ? INT64_MAX : a + b; }

static uint64_t quota(const struct mxc_limits *limits) { return limits->millicpus * (CPU_PERIOD_US / 1000); }

static void set_memory(struct mxc_plan *plan, const struct mxc_limits *limits, int version) {
    if (version == 1) {
        set_number(plan, MEMORY, "memory.limit_in_bytes", limits->memory_bytes);
        /* Absent without swap accounting: the keeper passes over this file, and this one only, when it is missing. */
        set_number(plan, "/limits/swapBytes", "memory.memsw.limit_in_bytes",
                   plus(limits->memory_bytes, limits->swap_bytes));
        return;
    }
    set_number(plan, MEMORY, "memory.max", limits->memory_bytes);
    set_number(plan, "/limits/swapBytes", "memory.swap.max", limits->swap_bytes);
    set_text(plan, MEMORY, "memory.oom.group", "1");
}

static void set_cpu(struct mxc_plan *plan, const struct mxc_limits *limits, int version) {
    char both[48];
    if (version == 1) {
        set_number(plan, CPUS, "cpu.cfs_period_us", CPU_PERIOD_US);
        set_number(plan, CPUS, "cpu.cfs_quota_us", quota(limits));
        return;
    }
    snprintf(both, sizeof both, "%" PRIu64 " %u", quota(limits), CPU_PERIOD_US);
    set_text(plan, CPUS, "cpu.max", both);
}

static void set_processes(struct mxc_plan *plan, const struct mxc_limits *limits) {
    set_number(plan, PROCESSES, "pids.max", plus(limits->processes, INIT_PROCESSES));
}

static int is_v1(const struct mxc_cgroup_place *place) { return place && place->version == 1; }
static int is_v2(const struct mxc_cgroup_place *place) { return place && place->version == 2; }

static void lower_v1(struct mxc_plan *plan, const struct mxc_holds *holds, const struct mxc_limits *limits) {
    if (is_v1(holds->memory)) {
        group(plan, holds->memory, MXC_CGROUP_MEMORY, MEMORY);
        set_memory(plan, limits, 1);
    }
    if (is_v1(holds->pids)) {
        group(plan, holds->pids, MXC_CGROUP_PIDS, PROCESSES);
        set_processes(plan, limits);
    }
    if (is_v1(holds->cpu) && limits->millicpus) {
        group(plan, holds->cpu, MXC_CGROUP_CPU, CPUS);
        set_cpu(plan, limits, 1);
    }
    if (is_v1(holds->cpuacct)) /* in one hierarchy with cpu it is the same group once more, which is fine */
        group(plan, holds->cpuacct, MXC_CGROUP_CPUACCT, "/limits/cpuTimeMs");
}

static void lower_v2(struct mxc_plan *plan, const struct mxc_holds *holds, const struct mxc_limits *limits) {
    const struct mxc_cgroup_place *any = is_v2(holds->memory) ? holds->memory
                                         : is_v2(holds->pids) ? holds->pids
                                                              : holds->cpu;
    if (!is_v2(any))
        return;
    group(plan, any, MXC_CGROUP_UNIFIED, "/limits");
    if (is_v2(holds->memory))
        set_memory(plan, limits, 2);
    if (is_v2(holds->pids))
        set_processes(plan, limits);
    if (is_v2(holds->cpu) && limits->millicpus)
        set_cpu(plan, limits, 2);
}

static void watch(struct mxc_plan *plan, const char *origin, enum mxc_watch what, uint64_t limit) {
    MXC_PLAN_ADD(plan, MXC_OP_WATCH, .origin = origin, .a = what, .b = limit);
}

void mxc_limits_lower_keeper(struct mxc_plan *plan, const struct mxc_lowering *from, const struct mxc_holds *holds) {
    const struct mxc_limits limits = mxc_limits_effective(from->policy);
    lower_v1(plan, holds, &limits);
    lower_v2(plan, holds, &limits);
    if (!holds->memory)
        watch(plan, MEMORY, MXC_WATCH_MEMORY, limits.memory_bytes);
    if (!holds->pids)
        watch(plan, PROCESSES, MXC_WATCH_PROCESSES, plus(limits.processes, SPARE_PROCESSES));
    if (limits.cpu_time_ms)
        watch(plan, "/limits/cpuTimeMs", MXC_WATCH_CPU_TIME, limits.cpu_time_ms);
    if (limits.wall_time_ms)
        watch(plan, "/limits/wallTimeMs", MXC_WATCH_WALL_TIME, limits.wall_time_ms);
    watch(plan, "/limits/outputBytes", MXC_WATCH_OUTPUT, limits.output_bytes);
}

static void rlimit(struct mxc_plan *plan, const char *origin, int resource, uint64_t value) {
    MXC_PLAN_ADD(plan, MXC_OP_RLIMIT, .origin = origin, .a = (uint64_t)resource, .b = value);
}

void mxc_limits_lower_init(struct mxc_plan *plan, const struct mxc_lowering *from, const struct mxc_holds *holds,
                           int shared_uid) {
    const struct mxc_limits limits = mxc_limits_effective(from->policy);
    const uint64_t memory = limits.memory_bytes > INT64_MAX / 8 ? INT64_MAX / 8 : limits.memory_bytes;
    if (!holds->pids)
        MXC_PLAN_ADD(plan, MXC_OP_RLIMIT, .origin = PROCESSES, .a = RLIMIT_NPROC,
                     .b = plus(limits.processes, SPARE_PROCESSES), .c = (uint64_t)shared_uid);
    rlimit(plan, "/limits/openFiles", RLIMIT_NOFILE, limits.open_files);
    if (limits.file_bytes)
        rlimit(plan, "/limits/fileBytes", RLIMIT_FSIZE, limits.file_bytes);
    /* per process, so only a backstop between two looks of the keeper; RLIMIT_AS would stop java and go */
    if (!holds->memory)
        rlimit(plan, MEMORY, RLIMIT_DATA, 4 * memory + (UINT64_C(1) << 30));
    if (limits.cpu_time_ms)
        rlimit(plan, "/limits/cpuTimeMs", RLIMIT_CPU, limits.cpu_time_ms / 1000 + !!(limits.cpu_time_ms % 1000) + 1);
    /* 1, not 0: with a pipe in core_pattern the kernel ignores 0 and treats 1 as "none" */
    rlimit(plan, "", RLIMIT_CORE, 1);
    rlimit(plan, "", RLIMIT_MEMLOCK, MEMLOCK_BYTES);
    rlimit(plan, "", RLIMIT_SIGPENDING, SIGPENDING_COUNT);
    rlimit(plan, "", RLIMIT_MSGQUEUE, MSGQUEUE_BYTES);
}
