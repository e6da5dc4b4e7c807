/* landlock.c: a second lock on the file system besides the mounts. Rights only add up along a path, so it cannot
 * say "deny inside allow": the mounts do; Landlock holds when a mount is missing or shows too much. */
#include <string.h>

#include "backend/namespaces/wall.h"

/* linux/landlock.h; the build machine's header may be older than the kernel. */
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_MAKE_CHAR = 1 << 6,
    FS_MAKE_BLOCK = 1 << 11,
    FS_FIRST = (1 << 13) - 1, /* ABI 1: bits 0 to 12 */
    FS_REFER = 1 << 13,       /* 2 */
    FS_TRUNCATE = 1 << 14,    /* 3 */
    FS_IOCTL_DEV = 1 << 15,   /* 5 */
    FS_READ = FS_READ_FILE | FS_READ_DIR,
    SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0, /* 6 */
    SCOPE_SIGNAL = 1 << 1,
    LOG_SUBDOMAINS_OFF = 1 << 2, /* 7: what the workload confines itself is not the host's log's business */
    KNOWN_ABI = 8,
};

static uint64_t handled(int abi) {
    uint64_t rights = FS_FIRST;
    if (abi >= 2)
        rights |= FS_REFER;
    if (abi >= 3)
        rights |= FS_TRUNCATE;
    if (abi >= 5)
        rights |= FS_IOCTL_DEV;
    return rights;
}

struct rules {
    struct mxc_plan *plan;
    const struct ns_layout *layout;
    uint64_t handled;
};

static void rule(const struct rules *rules, const char *origin, const char *path, uint64_t rights) {
    MXC_PLAN_ADD(rules->plan, MXC_OP_LANDLOCK_RULE, .origin = origin, .text = path, .a = rights & rules->handled);
}

static uint64_t writable(const struct rules *rules) {
    return rules->handled & ~(uint64_t)(FS_MAKE_CHAR | FS_MAKE_BLOCK);
}

static int system_folder(const char *path) { return !ns_at_or_below(path, "/etc"); }

static void baseline_rules(const struct rules *rules) {
    const struct ns_layout *layout = rules->layout;
    rule(rules, NS_BASELINE, "/", FS_READ_DIR);
    for (size_t i = 0; i < layout->place_count; i++)
        if (layout->places[i].cover == NS_HOST_READ && system_folder(layout->places[i].path))
            rule(rules, NS_BASELINE, layout->places[i].path, FS_EXECUTE | FS_READ);
    rule(rules, NS_BASELINE, "/etc", FS_READ);
    rule(rules, NS_BASELINE, "/proc", FS_READ);
    rule(rules, NS_BASELINE, "/dev", FS_READ | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV);
    rule(rules, NS_TMP, "/dev/shm", writable(rules));
    rule(rules, NS_TMP, "/tmp", writable(rules));
    rule(rules, NS_TMP, "/var/tmp", writable(rules));
}

static void grant_rules(const struct rules *rules) {
    const struct ns_layout *layout = rules->layout;
    for (size_t i = 0; i < layout->item_count; i++) {
        const struct ns_item *item = &layout->items[i];
        if (item->role != NS_RULE || item->action != NS_BIND)
            continue;
        rule(rules, item->origin, item->path,
             item->access == MXC_ACCESS_WRITE ? writable(rules) : (uint64_t)(FS_EXECUTE | FS_READ));
    }
}

void ns_landlock_lower(struct mxc_plan *plan, const struct ns_layout *layout) {
    int abi = layout->from->host->landlock_abi;
    if (abi <= 0)
        return; /* refused by check unless the policy asked for a report */
    abi = abi > KNOWN_ABI ? KNOWN_ABI : abi;
    struct rules rules = {.plan = plan, .layout = layout, .handled = handled(abi)};
    baseline_rules(&rules);
    grant_rules(&rules);
    MXC_PLAN_ADD(plan, MXC_OP_LANDLOCK, .origin = "", .a = rules.handled,
                 .b = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0, .c = abi >= 7 ? LOG_SUBDOMAINS_OFF : 0,
                 .d = (uint64_t)abi);
}
