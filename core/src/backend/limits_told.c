/* limits_told.c: limits in the receipt, and those that are refused because nothing here can hold them. */
#include "backend/limits.h"
#include "backend/lines.h"
#include "backend/refuse.h"
#include "base/error.h"

static void group_lines(struct mxc_receipt *receipt, const struct mxc_limits *limits, const struct mxc_holds *holds,
                        int shared_uid) {
    const char *counted =
        shared_uid ? "looked at every few milliseconds; the rlimit bounds all that the user runs" : NULL;
    NUMBER_LINE(receipt, limits->memory_bytes, "bytes of memory", .item = "/limits/memoryBytes", .rule = "at most",
                .mechanism = holds->memory ? "cgroup memory" : "keeper, rlimit",
                .level = holds->memory ? MXC_LEVEL_KERNEL : MXC_LEVEL_SUPERVISOR,
                .note = holds->memory ? NULL
                                      : "looked at every few milliseconds: it can be passed for a moment, and "
                                        "files without a name and full pipes are not seen");
    NUMBER_LINE(receipt, limits->swap_bytes, "bytes of swap", .item = "/limits/swapBytes", .rule = "at most",
                .mechanism = holds->memory ? "cgroup memory" : "",
                .level = holds->memory ? MXC_LEVEL_KERNEL : MXC_LEVEL_NONE,
                .note = holds->memory ? NULL : "swap can only be held by a cgroup");
    NUMBER_LINE(receipt, limits->processes, "processes and threads", .item = "/limits/processes", .rule = "at most",
                .mechanism = holds->pids ? "cgroup pids" : "rlimit, keeper",
                .level = holds->pids ? MXC_LEVEL_KERNEL : MXC_LEVEL_SUPERVISOR, .note = holds->pids ? NULL : counted);
    if (!limits->millicpus)
        LINE(receipt, .item = "/limits/cpus", .rule = "all processors of the host", .mechanism = "",
             .level = MXC_LEVEL_NONE, .note = "no limit was asked for");
    else
        NUMBER_LINE(receipt, limits->millicpus, "thousandths of a processor", .item = "/limits/cpus", .rule = "at most",
                    .mechanism = holds->cpu ? "cgroup cpu" : "",
                    .level = holds->cpu ? MXC_LEVEL_KERNEL : MXC_LEVEL_NONE,
                    .note = holds->cpu ? NULL : "a share of the processors can only be held by a cgroup");
}

struct optional_limit { /* 0 is no limit */
    uint64_t value;
    const char *item, *unit, *mechanism;
    enum mxc_level level;
    const char *note;
};

static void optional_line(struct mxc_receipt *receipt, const struct optional_limit *limit) {
    if (limit->value)
        NUMBER_LINE(receipt, limit->value, limit->unit, .item = limit->item, .rule = "at most",
                    .mechanism = limit->mechanism, .level = limit->level, .note = limit->note);
    else
        LINE(receipt, .item = limit->item, .rule = "no limit", .mechanism = "", .level = MXC_LEVEL_NONE,
             .note = "no limit was asked for");
}

void mxc_limits_lines(struct mxc_receipt *receipt, const struct mxc_lowering *from, const struct mxc_holds *holds,
                      int shared_uid) {
    const struct mxc_limits limits = mxc_limits_effective(from->policy);
    const struct optional_limit optional[] = {
        {limits.cpu_time_ms, "/limits/cpuTimeMs", "ms of processor time", "keeper, rlimit", MXC_LEVEL_SUPERVISOR, NULL},
        {limits.wall_time_ms, "/limits/wallTimeMs", "ms for each command", "keeper", MXC_LEVEL_SUPERVISOR, NULL},
        {limits.file_bytes, "/limits/fileBytes", "bytes in each file", "rlimit", MXC_LEVEL_KERNEL, NULL},
        {limits.disk_bytes, "/limits/diskBytes", "bytes in writable paths", "", MXC_LEVEL_NONE,
         "not enforced by this version"},
    };
    group_lines(receipt, &limits, holds, shared_uid);
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
        optional_line(receipt, &optional[i]);
    NUMBER_LINE(receipt, limits.output_bytes, "bytes of each captured stream, head and tail",
                .item = "/limits/outputBytes", .rule = "at most", .mechanism = "keeper", .level = MXC_LEVEL_SUPERVISOR);
    NUMBER_LINE(receipt, limits.open_files, "descriptors in each process", .item = "/limits/openFiles",
                .rule = "at most", .mechanism = "rlimit", .level = MXC_LEVEL_KERNEL);
}

mxc_status mxc_limits_refuse(const struct mxc_lowering *from, const struct mxc_holds *holds, mxc_error **err) {
    const mxc_policy *policy = from->policy;
    const struct mxc_limits limits = mxc_limits_effective(policy);
    if (policy->report_unsupported)
        return MXC_OK; /* the receipt says "none" */
    if (limits.millicpus && !holds->cpu)
        return mxc_unsupported(err, "/limits/cpus",
                               "start as root with a cpu cgroup, leave it out, or set onUnsupported to \"report\"",
                               "a share of the processors can only be held by a cgroup, and none can be had");
    if (policy->limits.swap_bytes != MXC_UNSET && !holds->memory)
        return mxc_unsupported(err, "/limits/swapBytes",
                               "start as root with a memory cgroup, leave it out, or set onUnsupported to \"report\"",
                               "swap can only be held by a cgroup, and none can be had");
    if (limits.disk_bytes)
        return mxc_unsupported(err, "/limits/diskBytes",
                               "leave it out (limits.fileBytes limits each file), or set onUnsupported to \"report\"",
                               "a limit on the disk space of writable paths is not enforced by this version yet");
    return MXC_OK;
}
