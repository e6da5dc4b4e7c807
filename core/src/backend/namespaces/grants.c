/* grants.c: the path rules as operations, parents before children: binds, masks, the folders that mount points
 * need, and the symbolic links that lead to a granted path on the host. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/alloc.h"
#include "policy/model.h"

#define HOLLOW_BYTES (64u << 10)
#define HOLLOW_INODES 1024u

struct lowering {
    struct mxc_plan *plan;
    struct ns_layout *layout;
    struct mxc_strings made; /* folders and links that have their op already */
    int failed;
};

static int once(struct lowering *lowering, const char *path) {
    if (mxc_strings_has(&lowering->made, path))
        return 0;
    lowering->failed |= mxc_strings_add(&lowering->made, path) != 0;
    return 1;
}

/* Folders above `path` that exist on the host only: what the sandbox shows there is its own. */
static void make_parents(struct lowering *lowering, const char *path, const char *origin) {
    const struct ns_item *by;
    for (size_t end = 1; path[end]; end++) {
        if (path[end] != '/')
            continue;
        MXC_AUTO_FREE char *folder = mxc_strndup(path, end);
        if (!folder) {
            lowering->failed = 1;
            return;
        }
        if (ns_cover(lowering->layout, folder, 0, &by) != NS_PRIVATE || (by && strcmp(by->path, folder) == 0) ||
            ns_baseline_makes(folder, lowering->layout->from) || strcmp(folder, "/dev") == 0)
            continue;
        if (once(lowering, folder))
            MXC_PLAN_ADD(lowering->plan, MXC_OP_DIR, .origin = origin, .text = folder, .a = 0755);
    }
}

static void lower_bind(struct lowering *lowering, const struct ns_item *item) {
    uint64_t flags = item->access == MXC_ACCESS_WRITE ? 0 : MXC_BIND_READONLY;
    make_parents(lowering, item->path, item->origin);
    MXC_PLAN_ADD(lowering->plan, MXC_OP_BIND, .origin = item->origin, .text = item->path, .text2 = item->path,
                 .a = flags | (item->idmap ? MXC_BIND_IDMAP : 0), .b = item->fact->dev, .c = item->fact->ino,
                 .d = item->fact->type);
    ns_baseline_again(lowering->plan, lowering->layout, item->path);
}

static void lower_mask(struct lowering *lowering, const struct ns_item *item) {
    const struct ns_item *by;
    enum ns_cover cover = ns_cover(lowering->layout, item->path, 1, &by);
    /* In the sandbox's own places it may be absent; in a host folder it was there, or somebody is playing games. */
    int optional = cover != NS_HOST_READ && cover != NS_HOST_WRITE;
    MXC_PLAN_ADD(lowering->plan, MXC_OP_MASK, .origin = item->origin, .text = item->path,
                 .a = item->fact->type == MXC_OBJECT_FOLDER ? MXC_OBJECT_FOLDER : MXC_OBJECT_FILE,
                 .b = (uint64_t)optional);
}

static void lower_item(struct lowering *lowering, const struct ns_item *item) {
    switch (item->action) {
    case NS_BIND:
        lower_bind(lowering, item);
        break;
    case NS_MASK:
        lower_mask(lowering, item);
        break;
    case NS_GHOST:
        MXC_PLAN_ADD(lowering->plan, MXC_OP_GHOST, .origin = item->origin, .text = item->path, .b = item->fact->dev,
                     .c = item->fact->ino);
        break;
    case NS_LINK_BIND:
        MXC_PLAN_ADD(lowering->plan, MXC_OP_BIND, .origin = item->origin, .text = item->path, .text2 = item->fact->real,
                     .a = MXC_BIND_READONLY | MXC_BIND_ON_LINK | (item->idmap ? MXC_BIND_IDMAP : 0),
                     .b = item->fact->dev, .c = item->fact->ino, .d = item->fact->type);
        break;
    case NS_LINK_MASK:
        MXC_PLAN_ADD(lowering->plan, MXC_OP_MASK, .origin = item->origin, .text = item->path, .a = MXC_OBJECT_LINK);
        break;
    case NS_HOLLOW:
        MXC_PLAN_ADD(lowering->plan, MXC_OP_TMPFS, .origin = item->origin, .text = item->path, .a = HOLLOW_BYTES,
                     .b = HOLLOW_INODES, .c = 0111, .d = MXC_BIND_READONLY | MXC_BIND_NOEXEC);
        break;
    case NS_NOTHING:
        break;
    }
}

static void lower_links(struct lowering *lowering, const struct ns_item *item) {
    const struct ns_item *by;
    if (item->role != NS_RULE || item->access == MXC_ACCESS_DENY)
        return;
    for (size_t i = 0; i < item->fact->via_count; i++) {
        const struct mxc_link *link = &item->fact->via[i];
        const struct mxc_path_fact *known = mxc_host_path(lowering->layout->from->host, link->path);
        /* A link inside a host folder is there already, and so is one of the baseline. */
        if (ns_cover(lowering->layout, link->path, 0, &by) != NS_PRIVATE ||
            (known && ns_own_link(known) && ns_baseline_shows(link->path, lowering->layout->from)))
            continue;
        make_parents(lowering, link->path, item->origin);
        if (once(lowering, link->path))
            MXC_PLAN_ADD(lowering->plan, MXC_OP_SYMLINK, .origin = item->origin, .text = link->path,
                         .text2 = link->target);
    }
}

mxc_status ns_grants_lower(struct mxc_plan *plan, struct ns_layout *layout) {
    struct lowering lowering = {.plan = plan, .layout = layout};
    for (size_t i = 0; i < layout->item_count; i++)
        lower_item(&lowering, &layout->items[i]);
    for (size_t i = 0; i < layout->item_count; i++)
        lower_links(&lowering, &layout->items[i]);
    mxc_strings_clear(&lowering.made);
    return lowering.failed ? MXC_E_NO_MEMORY : MXC_OK;
}
