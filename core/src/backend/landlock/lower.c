/* lower.c: the plan: a private folder and limits on the host, an init that is an ordinary child of the keeper, then
 * init confining itself: rights, files, system calls. */
#include <string.h>

#include "backend/landlock/wall.h"
#include "base/error.h"

#define INNER_ID 1000u /* not used: nothing is mapped */

/* linux/landlock.h; the build machine's header may be older than the kernel. */
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_MAKE_CHAR = 1 << 6,
    FS_MAKE_BLOCK = 1 << 11,
    FS_REFER = 1 << 13,     /* ABI 2 */
    FS_TRUNCATE = 1 << 14,  /* 3 */
    FS_IOCTL_DEV = 1 << 15, /* 5 */
    FS_READ = FS_READ_FILE | FS_READ_DIR,
    NET_TCP = 3,                 /* bind, connect: 4 */
    SCOPES = 3,                  /* abstract Unix sockets, signals: 6 */
    LOG_SUBDOMAINS_OFF = 1 << 2, /* 7 */
    KNOWN_ABI = 8,
};

/* seccomp(2); older headers lack the second one */
#define FILTER_NEW_LISTENER (1u << 3)
#define FILTER_WAIT_KILLABLE_RECV (1u << 5)

struct rules {
    struct mxc_plan *plan;
    uint64_t handled;
};

static uint64_t handled_by(int abi) {
    uint64_t rights = MXC_LANDLOCK_FIRST_RIGHTS;
    if (abi >= 2)
        rights |= FS_REFER;
    if (abi >= 3)
        rights |= FS_TRUNCATE;
    if (abi >= 5)
        rights |= FS_IOCTL_DEV;
    return rights;
}

static uint64_t writable(const struct rules *rules) {
    return rules->handled & ~(uint64_t)(FS_MAKE_CHAR | FS_MAKE_BLOCK);
}

static void place_rule(const struct rules *rules, const struct ll_place *place) {
    uint64_t rights = place->access == MXC_ACCESS_WRITE ? writable(rules) : (uint64_t)(FS_EXECUTE | FS_READ);
    MXC_PLAN_ADD(rules->plan, MXC_OP_LANDLOCK_RULE, .origin = place->origin, .text = place->path,
                 .a = rights & rules->handled, .b = place->fact->dev, .c = place->fact->ino, .d = place->fact->type);
}

/* Of /dev only what has no state; of /proc nothing, for it shows the processes of the host. */
static void device_rules(const struct rules *rules) {
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        MXC_PLAN_ADD(rules->plan, MXC_OP_LANDLOCK_RULE, .origin = LL_BASELINE, .text = devices[i],
                     .a = rules->handled & (FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV));
}

static void lower_landlock(struct mxc_plan *plan, const struct ll_places *places, const char *scratch) {
    int abi = places->from->host->landlock_abi < KNOWN_ABI ? places->from->host->landlock_abi : KNOWN_ABI;
    const struct rules rules = {.plan = plan, .handled = handled_by(abi)};
    for (size_t i = 0; i < places->count; i++)
        if (!places->items[i].overruled && places->items[i].access != MXC_ACCESS_DENY)
            place_rule(&rules, &places->items[i]);
    device_rules(&rules);
    MXC_PLAN_ADD(plan, MXC_OP_LANDLOCK_RULE, .origin = LL_TMP, .text = scratch, .a = writable(&rules));
    MXC_PLAN_ADD(plan, MXC_OP_LANDLOCK, .origin = "", .a = rules.handled,
                 .b = (abi >= 6 ? SCOPES : 0) | (abi >= 4 ? (uint64_t)NET_TCP << 32 : 0),
                 .c = abi >= 7 ? LOG_SUBDOMAINS_OFF : 0, .d = (uint64_t)abi);
}

static void lower_host(struct mxc_plan *plan, const struct mxc_lowering *from, const char *scratch) {
    int session = ll_session(from->host);
    const struct mxc_holds holds = mxc_holds_of(from, session);
    MXC_PLAN_ADD(plan, MXC_OP_IDENTITY, .origin = "/process/user",
                 .a = session ? MXC_IDENTITY_SESSION : MXC_IDENTITY_CALLER, .b = session ? MXC_SESSION_BASE : 0,
                 .c = INNER_ID);
    mxc_limits_lower_keeper(plan, from, &holds);
    MXC_PLAN_ADD(plan, MXC_OP_SCRATCH, .origin = LL_TMP, .text = scratch);
    MXC_PLAN_ADD(plan, MXC_OP_CHILD, .origin = "/containment", .a = session || ll_scopes_signals(from->host));
    mxc_limits_lower_init(plan, from, &holds, !session);
}

static void lower_init(struct mxc_plan *plan, const struct ll_places *places, const char *scratch) {
    const struct mxc_lowering *from = places->from;
    MXC_PLAN_ADD(plan, MXC_OP_CAPS, .origin = "/process/user", .a = !ll_session(from->host));
    MXC_PLAN_ADD(plan, MXC_OP_NNP, .origin = "/process/user");
    lower_landlock(plan, places, scratch);
    MXC_PLAN_ADD(plan, MXC_OP_SECCOMP, .origin = "/syscalls/profile", .blob = from->filter,
                 .blob_length = from->filter_count * sizeof *from->filter,
                 .a = FILTER_NEW_LISTENER | FILTER_WAIT_KILLABLE_RECV);
    MXC_PLAN_ADD(plan, MXC_OP_VERIFY, .origin = "/containment");
}

mxc_status ll_lower(struct mxc_plan *plan, const struct mxc_lowering *from, mxc_error **err) {
    LL_AUTO_PLACES struct ll_places places = {0};
    MXC_AUTO_BUF struct mxc_buf scratch = {0};
    mxc_status status = ll_places_build(&places, from, err);
    if (status)
        return status;
    mxc_buf_format(&scratch, "%s/%s", mxc_host_path(from->host, LL_SCRATCH_FOLDER)->real, from->scratch);
    if (scratch.failed)
        return mxc_fail_memory(err);
    lower_host(plan, from, scratch.data);
    lower_init(plan, &places, scratch.data);
    if (plan->failed)
        return mxc_fail_memory(err);
    if (plan->count <= MXC_PLAN_MAX_OPS && mxc_plan_encoded_length(plan) <= MXC_PLAN_MAX_BYTES)
        return MXC_OK;
    return mxc_fail(err, MXC_E_UNSUPPORTED,
                    MXC_FAULT(.origin = "/filesystem", .hint = "grant a folder instead of the many paths in it"),
                    "the policy has more paths than one sandbox can have");
}
