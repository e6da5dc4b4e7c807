/* policy.h: what is allowed. The model is plain data, immutable once frozen (reference counted by its handle),
 * and knows nothing of JSON, backends, plans or the kernel. All paths in a frozen policy are absolute and
 * lexically normal (no "//", "/./", "..", trailing "/"); symlinks are resolved later, by descriptor. */
#ifndef MXC_POLICY_POLICY_H
#define MXC_POLICY_POLICY_H

#include <stdint.h>

#include "mxc/mxc.h"

enum mxc_containment {
    MXC_CONTAINMENT_PROCESS,
    MXC_CONTAINMENT_SESSION,
    MXC_CONTAINMENT_CONTAINER,
    MXC_CONTAINMENT_VM,
    MXC_CONTAINMENT_MICROVM,
    MXC_CONTAINMENT_AUTO,
};

enum mxc_baseline { MXC_BASELINE_SYSTEM, MXC_BASELINE_NONE };
enum mxc_syscall_profile { MXC_SYSCALLS_DEFAULT, MXC_SYSCALLS_STRICT };
enum mxc_verdict { MXC_VERDICT_DENY, MXC_VERDICT_ALLOW };
enum mxc_protocol { MXC_PROTOCOL_ANY, MXC_PROTOCOL_TCP, MXC_PROTOCOL_UDP, MXC_PROTOCOL_ICMP };

/* Every item remembers where it came from: "/filesystem/readwritePaths/0"; after an intersection with the number
 * of the layer in front, "2:/filesystem/readwritePaths/0". */
struct mxc_path_rule {
    mxc_access access;
    char *path;
    char *origin;
};

struct mxc_strings {
    char **items; /* count entries, then NULL */
    size_t count;
    size_t capacity;
};

struct mxc_cidr {
    uint8_t family; /* 4 or 6 */
    uint8_t prefix; /* bits */
    uint8_t address[16];
};

struct mxc_peer { /* one entry of `to` */
    char *host;   /* canonical name or "*.suffix"; NULL: `cidr` counts */
    struct mxc_cidr cidr;
    struct mxc_cidr *except;
    size_t except_count;
};

struct mxc_port_rule {
    enum mxc_protocol protocol;
    uint16_t port; /* 0: every port */
    uint16_t end_port;
};

struct mxc_net_rule {
    struct mxc_peer *to; /* none: every address */
    size_t to_count;
    struct mxc_port_rule *ports; /* none: every port and protocol */
    size_t port_count;
    char *origin;
};

struct mxc_net_rules {
    struct mxc_net_rule *items;
    size_t count;
    size_t capacity;
};

struct mxc_publish {
    uint16_t port;
    uint16_t host_port; /* 0: chosen by the host */
};

#define MXC_UNSET UINT64_MAX

struct mxc_limits { /* MXC_UNSET: not said, the default of mxc_limits_effective() holds; 0: see policy.md */
    uint64_t memory_bytes, swap_bytes, processes, millicpus, cpu_time_ms, wall_time_ms, output_bytes, file_bytes,
        open_files, disk_bytes;
};

struct mxc_policy {
    int references;
    unsigned layers; /* how many policies were intersected into this one; 1: none */
    enum mxc_containment containment;
    enum mxc_containment assurance; /* with containment auto: the weakest that is enough */
    int has_assurance;
    char *container_id; /* NULL: not said */
    struct {
        char *command_line;      /* NULL: not said */
        struct mxc_strings argv; /* count 0: not said */
        char *cwd;               /* NULL: not said */
        struct mxc_strings env;
        int has_env; /* an explicit env, also an empty one, replaces the default */
        int inherit_default_env;
        uint64_t timeout_ms; /* 0: none */
        int tty;
        char *user; /* NULL: "mapped" */
    } process;
    struct {
        int keep_on_exit; /* !destroyOnExit */
        int preserve_policy;
    } lifecycle;
    struct {
        struct mxc_path_rule *rules; /* sorted by path; one rule per path (denied > readonly > readwrite) */
        size_t count, capacity;
        enum mxc_baseline baseline;
        struct mxc_strings protected_names;
        int has_protected_names; /* explicit list; else mxc_default_protected_names() */
        uint64_t tmp_bytes;      /* MXC_UNSET: 256 MiB */
        int refuse_hard_links;   /* hardLinks: "refuse" */
    } filesystem;
    struct {
        enum mxc_verdict egress_default, ingress_default, host_loopback;
        struct mxc_net_rules allow, deny;
        struct mxc_publish *publish;
        size_t publish_count;
        char *proxy; /* runtimeConfig.networkProxy */
    } network;
    struct {
        int enable;    /* !ui.disable */
        int clipboard; /* 0 none, 1 read, 2 write, 3 all */
        int injection;
    } ui;
    struct {
        char *distribution, *release;
    } lxc;
    int telemetry;
    struct mxc_limits limits;
    struct {
        enum mxc_syscall_profile profile;
        struct mxc_strings allow, deny;
    } syscalls;
    int report_unsupported; /* onUnsupported: "report" */
};

/* The limits that hold: defaults of policy.md filled in. cpu_time 0, wall_time 0, file_bytes 0, disk_bytes 0 and
 * millicpus 0 mean none (millicpus: "host count", nothing to enforce); wall_time falls back to process.timeout. */
struct mxc_limits mxc_limits_effective(const struct mxc_policy *policy);
uint64_t mxc_tmp_bytes_effective(const struct mxc_policy *policy);

/* NULL-terminated list: .git/hooks, .git/config, .bashrc, .vscode, .mcp.json, .claude, ... */
const char *const *mxc_default_protected_names(void);
/* The policy's own list, or that one. */
const char *const *mxc_policy_protected_names(const struct mxc_policy *policy);

/* Names of the default list that only mean something in a home folder: the start files of shells and the like. */
int mxc_name_is_for_homes(const char *name);

/* Files in a repository's own folder that lead git to other settings: protected with the names of repositories. */
const char *const *mxc_repository_names(void);

/* What the policy itself says about one absolute normal path: the most specific rule, else NULL. */
const struct mxc_path_rule *mxc_policy_rule_for(const struct mxc_policy *policy, const char *path);

mxc_policy *mxc_policy_ref(const mxc_policy *policy);

/* A copy to which read rules for these absolute paths were added wherever the policy has no rule of its own for
 * exactly that path; origin is "/runtime". Used for interpreter trees. */
mxc_status mxc_policy_with_runtime(mxc_policy **out, const mxc_policy *policy, const char *const *paths,
                                   mxc_error **err);

#endif
