/* wall.h: inside the process wall. The layout is the middle step between policy and plan: every path rule resolved
 * to the place it has inside, with what is done there. check() reads it for the receipt, lower() for the plan, so
 * the two cannot disagree. Pure: facts come from the host description, nothing is looked up here. */
#ifndef MXC_BACKEND_NAMESPACES_WALL_H
#define MXC_BACKEND_NAMESPACES_WALL_H

#include "backend/backend.h"

#define NS_INNER_ID 1000u
#define NS_BASELINE "/filesystem/baseline"
#define NS_PROTECTED "/filesystem/protectedNames"
#define NS_TMP "/filesystem/tmpBytes"

enum ns_cover {             /* what a path inside shows */
                NS_PRIVATE, /* made for the sandbox: only what the plan puts there */
                NS_PROC,
                NS_HOST_READ,
                NS_HOST_WRITE,
                NS_MASKED,
};

struct ns_place { /* a part of the view that is there without any path rule */
    const char *path;
    enum ns_cover cover;
    int again; /* mounted again when a granted folder has buried it */
};

enum ns_action {
    NS_NOTHING, /* already so: `note` says why */
    NS_BIND,
    NS_MASK,
    NS_GHOST,     /* a protected name that does not exist: `fact` is that of the folder it would be in */
    NS_LINK_BIND, /* a protected link to a file: the file, read-only, on the link itself */
    NS_LINK_MASK, /* a protected link to a folder, or to nothing */
    NS_HOLLOW,    /* denied, with granted paths below: an empty read-only folder that holds their mount points */
};

enum ns_role { NS_RULE, NS_PROTECTED_NAME, NS_PIN };

struct ns_item {
    const char *path; /* without symbolic links: the same on the host and inside */
    const char *origin;
    const struct mxc_path_fact *fact;
    const struct mxc_path_rule *rule; /* of the item, or of the grant that it narrows */
    enum ns_role role;
    enum ns_action action;
    mxc_access access;
    int idmap;
    int overruled;    /* another rule for the same object is stricter */
    const char *note; /* static, or of the layout; NULL: none */
};

struct ns_layout {
    const struct mxc_lowering *from;
    struct ns_place *places;
    size_t place_count, place_capacity;
    struct ns_item *items; /* sorted by path: parents first */
    size_t item_count, item_capacity;
    struct mxc_strings texts;      /* paths that had to be composed; items borrow them */
    struct ns_gaps {               /* protected names that nothing holds, as texts */
        struct mxc_strings unborn; /* what a repository would have, if there was one */
        struct mxc_strings homes;  /* what means something in a home folder, and this is none */
        struct mxc_strings links;  /* what lies behind a link that cannot be held in place */
        struct mxc_strings loose;  /* folders above one that could be moved away */
        struct mxc_strings cut;    /* where the walk for repositories ended early */
    } gaps;
    struct mxc_strings loose; /* paths of gaps.loose */
    int failed;               /* out of memory somewhere */
};
#define NS_AUTO_LAYOUT __attribute__((cleanup(ns_layout_clear)))

/* layout.c */
mxc_status ns_layout_build(struct ns_layout *layout, const struct mxc_lowering *from, mxc_error **err);
void ns_layout_clear(struct ns_layout *layout);
int ns_below(const char *path, const char *folder); /* strictly */
int ns_at_or_below(const char *path, const char *folder);
int ns_session(const struct mxc_lowering *from); /* started by root */
int ns_layout_item(struct ns_layout *layout, const struct ns_item *item);
void ns_layout_sort(struct ns_layout *layout);
/* What is seen at `path` (strict: by whatever contains it); *item is the item that shows it, or NULL. */
enum ns_cover ns_cover(const struct ns_layout *layout, const char *path, int strict, const struct ns_item **item);
/* 1 when a rule mounts something at `path` or above: a part of the view there would only be buried. */
int ns_taken(const struct ns_layout *layout, const char *path);
/* A composed path that lives as long as the layout; NULL: out of memory. */
const char *ns_compose(struct ns_layout *layout, const char *folder, const char *separator, const char *name);

/* protect.c: protected names */
#define NS_GIT ".git"
#define NS_MAX_GITS 64u /* repositories in one writable folder that are protected */
mxc_status ns_protect(struct ns_layout *layout, mxc_error **err);
int ns_has_item(const struct ns_layout *layout, const char *path);
void ns_gaps_clear(struct ns_gaps *gaps);
/* "in /w: .a, .b": one text for each folder. */
mxc_status ns_note(struct mxc_strings *gaps, const char *folder, const char *name, mxc_error **err);

/* pins.c: folders held in place so that what lies below them cannot be moved away */
mxc_status ns_pin_parents(struct ns_layout *layout, mxc_error **err);

/* baseline.c */
int ns_baseline_places(struct ns_layout *layout);
void ns_baseline_lower(struct mxc_plan *plan, const struct ns_layout *layout);
void ns_baseline_again(struct mxc_plan *plan, const struct ns_layout *layout, const char *below);
mxc_status ns_baseline_wants(struct mxc_strings *out);
int ns_baseline_makes(const char *path, const struct mxc_lowering *from); /* the plan makes exactly this path */
int ns_baseline_shows(const char *path, const struct mxc_lowering *from); /* one of the listed host paths */
/* The link that the path itself is on the host (not one on the way to it), or NULL. */
const struct mxc_link *ns_own_link(const struct mxc_path_fact *fact);

/* grants.c */
mxc_status ns_grants_lower(struct mxc_plan *plan, struct ns_layout *layout);

/* proc_dev.c */
void ns_proc_dev_lower(struct mxc_plan *plan, const struct ns_layout *layout);
void ns_private_tmpfs(struct mxc_plan *plan, const struct mxc_lowering *from, const char *path);
/* The same, or only its folder when a rule takes the place. */
void ns_private_folder(struct mxc_plan *plan, const struct ns_layout *layout, const char *path);

/* limits.c */
struct ns_holds { /* which limits a cgroup holds */
    const struct mxc_cgroup_place *memory, *pids, *cpu, *cpuacct;
};
struct ns_holds ns_holds(const struct mxc_lowering *from);
void ns_limits_lower_keeper(struct mxc_plan *plan, const struct mxc_lowering *from);
void ns_limits_lower_init(struct mxc_plan *plan, const struct mxc_lowering *from);

/* network.c, network_told.c */
/* Bits of enum mxc_net_protocol that are allowed or denied with it; NULL: every port. UDP is carried on named ports. */
uint8_t ns_protocols_of(const struct mxc_port_rule *port, int allow);
size_t ns_loopback_peers(const struct mxc_net_rule *rule); /* addresses of the host's loopback that it names */
int ns_network_reaches_loopback(const mxc_policy *policy);
int ns_network_granted(const mxc_policy *policy); /* something: there will be a relay */
/* On more ports than there are listeners from the beginning. */
int ns_network_on_demand(const mxc_policy *policy);
unsigned int ns_narrows(const mxc_policy *policy, const struct mxc_host *host);
mxc_status ns_network_refuse(const mxc_policy *policy, mxc_error **err);
void ns_network_lower_keeper(struct mxc_plan *plan, const struct mxc_lowering *from);
void ns_network_lower_builder(struct mxc_plan *plan, const struct mxc_lowering *from);
void ns_network_lines(struct mxc_receipt *receipt, const mxc_policy *policy);

/* landlock.c */
void ns_landlock_lower(struct mxc_plan *plan, const struct ns_layout *layout);

/* refuse.c: what this wall or this version cannot do */
mxc_status ns_refuse(const struct mxc_lowering *from, mxc_error **err);

/* wants.c, check.c, lower.c: the functions of struct mxc_backend */
mxc_status ns_wants(struct mxc_wants *out, unsigned round, const mxc_policy *policy, const struct mxc_host *host,
                    mxc_error **err);
mxc_status ns_check(struct mxc_receipt *receipt, const struct mxc_lowering *from, mxc_error **err);
mxc_status ns_lower(struct mxc_plan *plan, const struct mxc_lowering *from, mxc_error **err);

#endif
