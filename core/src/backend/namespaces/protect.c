/* protect.c: narrows writable grants: protected names that exist become read-only, and every folder between a
 * writable grant and something stricter below it is mounted on itself, so that renaming it fails (EBUSY) and
 * nobody can put another one in its place. Names that are absent are not guarded in this version. */
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/checks.h"
#include "policy/model.h"

int ns_name_is_explicit(const mxc_policy *policy) { return policy->filesystem.has_protected_names; }

const char *const *ns_protected_names(const mxc_policy *policy) {
    static const char *const nothing[] = {NULL};
    if (!policy->filesystem.has_protected_names)
        return mxc_default_protected_names();
    return policy->filesystem.protected_names.count ? (const char *const *)policy->filesystem.protected_names.items
                                                    : nothing;
}

/* The fact about a path below a grant, which was looked up by the grant's own spelling. */
static const struct mxc_path_fact *fact_below(struct ns_layout *layout, const struct ns_item *grant, const char *rest) {
    const char *path = ns_compose(layout, grant->rule->path, "", rest);
    layout->failed |= !path;
    return path ? mxc_host_path(layout->from->host, path) : NULL;
}

static int has_item(const struct ns_layout *layout, const char *path) {
    for (size_t i = 0; i < layout->item_count; i++)
        if (strcmp(layout->items[i].path, path) == 0)
            return 1;
    return 0;
}

/* ---- protected names ------------------------------------------------------------------------------------------ */

/* The name itself, or the file that stands where one of its folders would be (".git" of a worktree). */
static const struct mxc_path_fact *name_fact(struct ns_layout *layout, const struct ns_item *grant, const char *name) {
    for (size_t end = 0;; end++) {
        if (name[end] != '/' && name[end])
            continue;
        MXC_AUTO_FREE char *part = mxc_strndup(name, end);
        const char *rest = part ? ns_compose(layout, "/", "/", part) : NULL;
        const struct mxc_path_fact *fact = rest ? fact_below(layout, grant, rest) : NULL;
        layout->failed |= !rest;
        if (fact && fact->real && (!name[end] || fact->type != MXC_OBJECT_FOLDER))
            return fact;
        if (!name[end])
            return NULL;
    }
}

/* Not guarded in this version: the receipt says so, and whoever asked for this very name is told before. */
static mxc_status name_absent(struct ns_layout *layout, const struct ns_item *grant, const char *name,
                              struct mxc_buf *absent, mxc_error **err) {
    const mxc_policy *policy = layout->from->policy;
    struct mxc_quote folder, quote;
    if (grant->action == NS_NOTHING)
        return MXC_OK; /* part of a larger grant: the names count below that one */
    if (ns_name_is_explicit(policy) && !policy->report_unsupported)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = NS_PROTECTED, .hint = "create it first, or remove it from the list"),
                        "%s does not exist in %s, and absent names are not guarded by this version yet",
                        mxc_quoted(&quote, name), mxc_quoted(&folder, grant->rule->path));
    if (absent->length)
        mxc_buf_format(absent, ", %s", name);
    else
        mxc_buf_format(absent, "in %s: %s", grant->rule->path, name);
    return MXC_OK;
}

static mxc_status protect_name(struct ns_layout *layout, size_t grant_index, const char *name, struct mxc_buf *absent,
                               mxc_error **err) {
    const struct ns_item grant = layout->items[grant_index];
    const struct mxc_path_fact *fact = name_fact(layout, &grant, name);
    const struct ns_item *by;
    if (layout->failed)
        return mxc_fail_memory(err); /* not looked at is not absent */
    if (!fact)
        return name_absent(layout, &grant, name, absent, err);
    if (has_item(layout, fact->real))
        return MXC_OK; /* a rule of its own, or protected through another name */
    /* Elsewhere, through a link, it is protected only where it can be written. */
    if (ns_cover(layout, fact->real, 0, &by) != NS_HOST_WRITE ||
        (fact->type != MXC_OBJECT_FOLDER && fact->type != MXC_OBJECT_FILE))
        return MXC_OK;
    struct ns_item item = {
        .path = fact->real,
        .origin = NS_PROTECTED,
        .fact = fact,
        .rule = grant.rule,
        .role = NS_PROTECTED_NAME,
        .action = NS_BIND,
        .access = MXC_ACCESS_READ,
        .idmap = grant.idmap && fact->owner == grant.fact->owner,
    };
    return ns_layout_item(layout, &item) ? mxc_fail_memory(err) : MXC_OK;
}

static mxc_status protect_in(struct ns_layout *layout, size_t grant_index, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf absent = {0};
    for (const char *const *name = ns_protected_names(layout->from->policy); *name; name++) {
        mxc_status status = protect_name(layout, grant_index, *name, &absent, err);
        if (status)
            return status;
    }
    if (absent.failed || (absent.length && mxc_strings_add(&layout->absent, absent.data)))
        return mxc_fail_memory(err);
    return MXC_OK;
}

static mxc_status protect_names(struct ns_layout *layout, mxc_error **err) {
    size_t grants = layout->item_count;
    for (size_t i = 0; i < grants; i++) {
        const struct ns_item *grant = &layout->items[i];
        if (grant->access != MXC_ACCESS_WRITE || grant->overruled || grant->fact->type != MXC_OBJECT_FOLDER)
            continue;
        mxc_status status = protect_in(layout, i, err);
        if (status)
            return status;
    }
    ns_layout_sort(layout);
    return MXC_OK;
}

/* ---- pins ----------------------------------------------------------------------------------------------------------- */

static const struct mxc_path_fact *real_fact(const struct ns_layout *layout, const char *path) {
    const struct mxc_path_fact *fact = path ? mxc_host_path(layout->from->host, path) : NULL;
    return fact && fact->real && strcmp(fact->real, fact->path) == 0 ? fact : NULL;
}

static mxc_status pin(struct ns_layout *layout, const struct ns_item *grant, const struct ns_item *below, size_t length,
                      mxc_error **err) {
    MXC_AUTO_FREE char *path = mxc_strndup(below->path, length);
    if (!path)
        return mxc_fail_memory(err);
    if (has_item(layout, path))
        return MXC_OK;
    const struct mxc_path_fact *fact = fact_below(layout, grant, path + strlen(grant->path));
    if (!fact || !fact->real || strcmp(fact->real, path) != 0)
        fact = real_fact(layout, path);
    if (layout->failed)
        return mxc_fail_memory(err);
    struct mxc_quote quote, around;
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

mxc_status ns_protect(struct ns_layout *layout, mxc_error **err) {
    mxc_status status = protect_names(layout, err);
    size_t items = layout->item_count;
    for (size_t i = 0; !status && i < items; i++)
        if (layout->items[i].action != NS_NOTHING)
            status = pin_parents(layout, i, err);
    ns_layout_sort(layout);
    return !status && layout->failed ? mxc_fail_memory(err) : status;
}
