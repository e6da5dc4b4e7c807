/* limits.c: the limits that the keeper holds by looking: memory and processes where there is no cgroup, CPU time
 * everywhere, and what a cgroup has counted. Reads only the sandbox's own /proc and its own groups. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "base/timing.h"
#include "base/text.h"
#include "keeper/keeper.h"
#include "keeper/process_tree.h"

#define LOOK_NS 10000000ull      /* 10 ms; overshoot of a fast writer 2-23 MiB (trials, part 2, chapter 7) */
#define CLOSE_LOOK_NS 2000000ull /* 2 ms above 70 % of a limit */
#define LATE_NS 1000000ull       /* that a look is put off by when something else has just happened */
#define FIRST_LOOK_NS 500000ull  /* after the start of a command, then twice as long each time */

struct usage {
    uint64_t processes, rss_pages, ticks, pss_bytes, cpu_ns, peak_kib;
};

static uint64_t skip_fields(const char **cursor, unsigned int count) {
    while (count--) {
        *cursor += strcspn(*cursor, " ");
        *cursor += **cursor == ' ';
    }
    return mxc_text_number(cursor);
}

/* One process: threads, CPU ticks (its own and of children it has waited for) and resident pages from its stat. */
static void add_process(int proc, const char *pid, struct usage *usage) {
    char path[32], stat[1024];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, pid);
    mxc_text_add(&text, "/stat");
    if (text.overflow || mxc_file_read(proc, path, stat, sizeof stat) <= 0)
        return;
    const char *cursor = strrchr(stat, ')');
    if (!cursor || !cursor[1])
        return;
    cursor += 2;                              /* now at field 3, the state (proc_pid_stat(5)) */
    usage->ticks += skip_fields(&cursor, 11); /* 14 utime */
    for (int i = 0; i < 3; i++)
        usage->ticks += skip_fields(&cursor, 1); /* stime, cutime, cstime */
    usage->processes += skip_fields(&cursor, 3); /* 20 num_threads */
    usage->rss_pages += skip_fields(&cursor, 4); /* 24 rss */
}

static void add_proportional(int proc, const char *pid, struct usage *usage) {
    char path[48], rollup[2048];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, pid);
    mxc_text_add(&text, "/smaps_rollup");
    if (strcmp(pid, "1") == 0 || text.overflow || mxc_file_read(proc, path, rollup, sizeof rollup) <= 0)
        return;
    const char *pss = mxc_text_field(rollup, "Pss:");
    usage->pss_bytes += pss ? mxc_text_number(&pss) * 1024u : 0;
}

static uint64_t ticks_of_children(int proc, const char *pid) {
    char path[32], stat[1024];
    struct mxc_text text = MXC_TEXT(path);
    mxc_text_add(&text, pid);
    mxc_text_add(&text, "/stat");
    const char *cursor = text.overflow || mxc_file_read(proc, path, stat, sizeof stat) <= 0 ? NULL : strrchr(stat, ')');
    if (!cursor || !cursor[1])
        return 0;
    cursor += 2;
    uint64_t ticks = skip_fields(&cursor, 13); /* 16 cutime */
    return ticks + skip_fields(&cursor, 1);    /* 17 cstime */
}

/* What a process has cost exactly, and what its children had cost when they ended, in ticks. */
static void add_spent(int proc, const char *pid, struct usage *usage) {
    char path[32], path2[32], text[2048];
    struct mxc_text name = MXC_TEXT(path), status = MXC_TEXT(path2);
    const char *cursor = text;
    if (strcmp(pid, "1") == 0)
        return;
    usage->ticks += ticks_of_children(proc, pid);
    mxc_text_add(&name, pid);
    mxc_text_add(&name, "/schedstat");
    if (!name.overflow && mxc_file_read(proc, path, text, sizeof text) > 0)
        usage->cpu_ns += mxc_text_number(&cursor);
    mxc_text_add(&status, pid);
    mxc_text_add(&status, "/status");
    if (status.overflow || mxc_file_read(proc, path2, text, sizeof text) <= 0)
        return;
    cursor = mxc_text_field(text, "VmHWM:");
    uint64_t peak = cursor ? mxc_text_number(&cursor) : 0;
    usage->processes++;
    if (peak > usage->peak_kib)
        usage->peak_kib = peak;
}

typedef void (*add_function)(int proc, const char *pid, struct usage *usage);

/* Without a pid namespace /proc is the host's, and only what descends from the keeper is ours. */
static struct usage add_up_tree(int proc, add_function add) {
    const struct mxc_tree_process *list;
    struct usage usage = {0};
    char pid[24];
    unsigned int count = mxc_process_descendants(proc, getpid(), &list);
    for (unsigned int i = 0; i < count; i++) {
        struct mxc_text text = MXC_TEXT(pid);
        mxc_text_add_number(&text, (uint64_t)list[i].pid);
        if (list[i].ours)
            add(proc, pid, &usage);
    }
    return usage;
}

static struct usage add_up(const struct mxc_keeper *keeper, add_function add) {
    char entries[8192];
    struct usage usage = {0};
    if (keeper->apply.plain)
        return add_up_tree(keeper->proc, add);
    MXC_AUTO_FD int folder = openat(keeper->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long got;
    while (folder >= 0 && (got = mxc_sys(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long at = 0; at < got;) {
            const struct mxc_dirent *entry = (const void *)(entries + at);
            if (entry->name[0] >= '1' && entry->name[0] <= '9')
                add(keeper->proc, entry->name, &usage);
            at += entry->length;
        }
    }
    return usage;
}

static const char *group_file(const struct mxc_cgroup *group, enum mxc_group_number number) {
    switch (number) {
    case MXC_GROUP_KILLS:
        return group->version == 1 ? "memory.oom_control" : "memory.events";
    case MXC_GROUP_PEAK:
        return group->version == 1 ? "memory.max_usage_in_bytes" : "memory.peak";
    default:
        return "pids.events";
    }
}

static const struct mxc_cgroup *group_of(const struct mxc_keeper *keeper, enum mxc_group_number number) {
    return mxc_cgroup_find(&keeper->apply, number == MXC_GROUP_REFUSALS ? MXC_CGROUP_PIDS : MXC_CGROUP_MEMORY);
}

void mxc_limits_open(struct mxc_keeper *keeper) {
    for (unsigned int i = 0; i < MXC_GROUP_NUMBERS; i++) {
        const struct mxc_cgroup *group = group_of(keeper, i);
        if (group && (!keeper->groups_open || keeper->group_fd[i] < 0))
            keeper->group_fd[i] = openat(group->folder, group_file(group, i), O_RDONLY | O_NOCTTY | O_CLOEXEC);
    }
    keeper->groups_open = 1;
}

static uint64_t group_number(struct mxc_keeper *keeper, enum mxc_group_number number, const char *key) {
    char text[1024];
    if (!group_of(keeper, number))
        return 0;
    if (!keeper->groups_open || keeper->group_fd[number] < 0)
        mxc_limits_open(keeper);
    ssize_t got = pread(keeper->group_fd[number], text, sizeof text - 1, 0);
    if (got <= 0)
        return 0;
    text[got] = 0;
    const char *value = key ? mxc_text_field(text, key) : text;
    return value ? mxc_text_number(&value) : 0;
}

static void look_at_groups(struct mxc_keeper *keeper) {
    if (!(keeper->limits_hit & 1u << MXC_LIMIT_MEMORY) && group_number(keeper, MXC_GROUP_KILLS, "oom_kill ")) {
        keeper->limits_hit |= 1u << MXC_LIMIT_MEMORY;
        mxc_command_kill_all(keeper, 1u << MXC_LIMIT_MEMORY);
    }
    if (group_number(keeper, MXC_GROUP_REFUSALS, "max "))
        keeper->limits_hit |= 1u << MXC_LIMIT_PROCESSES;
}

static void hold_memory(struct mxc_keeper *keeper, uint64_t rss_bytes) {
    uint64_t limit = keeper->apply.watch[MXC_WATCH_MEMORY];
    if (limit && rss_bytes > limit) {
        /* Pages that several processes map are counted once by PSS; it is dear, so only over the limit. */
        uint64_t exact = add_up(keeper, add_proportional).pss_bytes;
        if (exact && exact < rss_bytes)
            rss_bytes = exact;
    }
    /* With a group its own count is the truth: a sum over processes has shared pages several times. */
    if (rss_bytes > keeper->peak_memory && !mxc_cgroup_find(&keeper->apply, MXC_CGROUP_MEMORY))
        keeper->peak_memory = rss_bytes;
    if (limit && rss_bytes > limit) {
        keeper->limits_hit |= 1u << MXC_LIMIT_MEMORY;
        mxc_command_kill_all(keeper, 1u << MXC_LIMIT_MEMORY);
    }
}

/* The same number as RLIMIT_NPROC, which refuses more and tells nobody; init is one of them. Where it counts the
 * processes of the caller on the whole host it only bounds what the next look finds, and this look holds the limit. */
static void hold_count(struct mxc_keeper *keeper, uint64_t processes) {
    uint64_t limit = keeper->apply.watch[MXC_WATCH_PROCESSES];
    if (!limit || processes < limit)
        return;
    keeper->limits_hit |= 1u << MXC_LIMIT_PROCESSES;
    if (keeper->apply.plain && !keeper->apply.session && processes > limit)
        mxc_command_kill_all(keeper, 1u << MXC_LIMIT_PROCESSES);
}

static uint64_t hold_processes(struct mxc_keeper *keeper) {
    const uint64_t *watch = keeper->apply.watch;
    struct usage usage = add_up(keeper, add_process);
    uint64_t bytes = usage.rss_pages * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t cpu_ms = usage.ticks * 1000u / (uint64_t)sysconf(_SC_CLK_TCK);
    cpu_ms -= cpu_ms > keeper->cpu_ms_before ? keeper->cpu_ms_before : cpu_ms;
    hold_memory(keeper, bytes);
    hold_count(keeper, usage.processes);
    if (watch[MXC_WATCH_CPU_TIME] && cpu_ms > watch[MXC_WATCH_CPU_TIME]) {
        keeper->limits_hit |= 1u << MXC_LIMIT_CPU_TIME;
        mxc_command_kill_all(keeper, 1u << MXC_LIMIT_CPU_TIME);
    }
    int near = (watch[MXC_WATCH_MEMORY] && bytes > watch[MXC_WATCH_MEMORY] / 10 * 7) ||
               (watch[MXC_WATCH_PROCESSES] && usage.processes > watch[MXC_WATCH_PROCESSES] / 2);
    uint64_t pause = keeper->look_ns;
    keeper->look_ns = pause * 2 < LOOK_NS ? pause * 2 : LOOK_NS;
    return near && pause > CLOSE_LOOK_NS ? CLOSE_LOOK_NS : pause;
}

void mxc_limits_begin(struct mxc_keeper *keeper, uint64_t now) {
    keeper->look_ns = FIRST_LOOK_NS;
    keeper->next_look_ns = now + FIRST_LOOK_NS;
}

uint64_t mxc_limits_look(struct mxc_keeper *keeper, uint64_t now) {
    const uint64_t *watch = keeper->apply.watch;
    int watches = watch[MXC_WATCH_MEMORY] || watch[MXC_WATCH_PROCESSES] || watch[MXC_WATCH_CPU_TIME];
    if (!keeper->ready || !keeper->running_count || (!watches && !keeper->apply.cgroup_count))
        return 0;
    if (now < keeper->next_look_ns)
        return keeper->next_look_ns - now;
    if (keeper->woken && now < keeper->next_look_ns + LATE_NS) /* it may be the end, for which somebody waits */
        return keeper->next_look_ns + LATE_NS - now;
    uint64_t pause = LOOK_NS;
    look_at_groups(keeper);
    if (watches)
        pause = hold_processes(keeper);
    if (keeper->apply.plain) { /* on a host with many processes a look takes long: a twentieth of the time at most */
        uint64_t took = mxc_monotonic_ns() - now;
        pause = pause < 19 * took ? 19 * took : pause;
    }
    keeper->next_look_ns = now + pause;
    return pause;
}

struct mxc_spent mxc_limits_spent(const struct mxc_keeper *keeper) {
    struct usage usage = add_up(keeper, add_spent);
    usage.cpu_ns += usage.ticks * 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    return (struct mxc_spent){
        .cpu_ns = usage.cpu_ns, .peak_kib = usage.peak_kib, .processes = (uint32_t)usage.processes};
}

void mxc_limits_settle(struct mxc_keeper *keeper, uint32_t processes) {
    uint64_t most = keeper->apply.watch[MXC_WATCH_PROCESSES];
    if (most && processes + 1 >= most) /* the command itself has just gone */
        keeper->limits_hit |= 1u << MXC_LIMIT_PROCESSES;
    if (!keeper->apply.cgroup_count)
        return;
    look_at_groups(keeper);
    uint64_t peak = group_number(keeper, MXC_GROUP_PEAK, NULL);
    if (peak > keeper->peak_memory)
        keeper->peak_memory = peak;
}
