/* pins.c: every folder between a writable grant and something stricter below it is mounted on itself, so that renaming
 * it fails (EBUSY) and nobody can put another one in its place. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/checks.h"
#include "policy/model.h"

static const struct mxc_path_fact *real_fact(const struct ns_layout *layout, const char *path) {
    const struct mxc_path_fact *fact = path ? mxc_host_path(layout->from->host, path) : NULL;
    return fact && fact->real && strcmp(fact->real, fact->path) == 0 ? fact : NULL;
}

static mxc_status note_once(struct ns_layout *layout, const struct ns_item *grant, const char *path, mxc_error **err) {
    if (mxc_strings_has(&layout->loose, path))
        return MXC_OK;
    if (mxc_strings_add(&layout->loose, path))
        return mxc_fail_memory(err);
    return ns_note(&layout->gaps.loose, grant->path, path, err);
}

static mxc_status pin(struct ns_layout *layout, const struct ns_item *grant, const struct ns_item *below, size_t length,
                      mxc_error **err) {
    MXC_AUTO_FREE char *path = mxc_strndup(below->path, length);
    if (!path)
        return mxc_fail_memory(err);
    if (ns_has_item(layout, path))
        return MXC_OK;
    const char *spelled = ns_compose(layout, grant->rule->path, "", path + strlen(grant->path));
    layout->failed |= !spelled;
    const struct mxc_path_fact *fact = spelled ? mxc_host_path(layout->from->host, spelled) : NULL;
    if (!fact || !fact->real || strcmp(fact->real, path) != 0)
        fact = real_fact(layout, path);
    if (layout->failed)
        return mxc_fail_memory(err);
    struct mxc_quote quote, around;
    /* What the policy did not ask for by name does not stop the start. */
    if (below->role == NS_PROTECTED_NAME && !layout->from->policy->filesystem.has_protected_names &&
        (!fact || (grant->idmap && fact->owner != grant->fact->owner)))
        return note_once(layout, grant, path, err);
    if (!fact)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = below->origin, .hint = "name the paths without symbolic links"),
                        "%s cannot be held in place inside the writable %s", mxc_quoted(&quote, path),
                        mxc_quoted(&around, grant->path));
    if (grant->idmap && fact->owner != grant->fact->owner)
        return mxc_fail(
            err, MXC_E_UNSUPPORTED, MXC_FAULT(.origin = below->origin, .hint = "give both folders the same owner"),
            "%s, which leads to a stricter path, has another owner than the writable %s", path, grant->path);
    struct ns_item item = {
        .path = fact->real,
        .origin = below->origin,
        .fact = fact,
        .rule = grant->rule,
        .role = NS_PIN,
        .action = NS_BIND,
        .access = MXC_ACCESS_WRITE,
        .idmap = grant->idmap,
    };
    return ns_layout_item(layout, &item) ? mxc_fail_memory(err) : MXC_OK;
}

/* The writable rule around an item; pins and names made on the way are parts of it. */
static const struct ns_item *writable_around(const struct ns_layout *layout, const struct ns_item *item) {
    const struct ns_item *found = NULL;
    for (size_t i = 0; i < layout->item_count; i++) {
        const struct ns_item *one = &layout->items[i];
        if (one->action == NS_NOTHING || one->role != NS_RULE || !ns_below(item->path, one->path))
            continue;
        if (!found || strlen(one->path) > strlen(found->path))
            found = one;
    }
    return found && found->access == MXC_ACCESS_WRITE ? found : NULL;
}

static mxc_status pin_parents(struct ns_layout *layout, size_t index, mxc_error **err) {
    const struct ns_item item = layout->items[index]; /* copies: the array moves when pins are added */
    const struct ns_item *around = writable_around(layout, &item);
    if (!around || item.access == MXC_ACCESS_WRITE)
        return MXC_OK;
    const struct ns_item grant = *around;
    for (size_t end = strlen(grant.path) + 1; item.path[end]; end++) {
        if (item.path[end] != '/')
            continue;
        mxc_status status = pin(layout, &grant, &item, end, err);
        if (status)
            return status;
    }
    return MXC_OK;
}

mxc_status ns_pin_parents(struct ns_layout *layout, mxc_error **err) {
    mxc_status status = MXC_OK;
    size_t items = layout->item_count;
    for (size_t i = 0; !status && i < items; i++)
        if (layout->items[i].action != NS_NOTHING)
            status = pin_parents(layout, i, err);
    ns_layout_sort(layout);
    return !status && layout->failed ? mxc_fail_memory(err) : status;
}
