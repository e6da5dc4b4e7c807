/* layout.c: resolves the path rules of a policy against the facts of the host. Rules that meet at one object are
 * united, the stricter one wins; a denied path that would stay reachable is an error and never a silent gap. It
 * must not know how an action is carried out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/namespaces/wall.h"
#include "backend/refuse.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/checks.h"
#include "policy/model.h"

int ns_at_or_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    if (length == 1)
        return 1; /* "/" */
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]);
}

int ns_below(const char *path, const char *folder) { return ns_at_or_below(path, folder) && strcmp(path, folder) != 0; }

int ns_session(const struct mxc_lowering *from) { return from->host->privileged && from->host->uid == 0; }

const char *ns_compose(struct ns_layout *layout, const char *folder, const char *separator, const char *name) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    mxc_buf_format(&text, "%s%s%s", strcmp(folder, "/") == 0 ? "" : folder, separator, name);
    if (text.failed || mxc_strings_add(&layout->texts, text.data))
        return NULL;
    return layout->texts.items[layout->texts.count - 1];
}

int ns_layout_item(struct ns_layout *layout, const struct ns_item *item) {
    if (mxc_reserve(&layout->items, &layout->item_capacity, layout->item_count + 1, sizeof *layout->items))
        return -1;
    layout->items[layout->item_count++] = *item;
    return 0;
}

static int stricter_first(const struct ns_item *a, const struct ns_item *b) {
    return a->access != b->access ? (a->access < b->access ? -1 : 1) : strcmp(a->origin, b->origin);
}

static int compare_items(const void *a, const void *b) {
    const struct ns_item *left = a, *right = b;
    int order = strcmp(left->path, right->path); /* a parent is a prefix of its children, so it comes first */
    if (order == 0)
        order = left->overruled - right->overruled;
    return order ? order : stricter_first(left, right);
}

void ns_layout_sort(struct ns_layout *layout) {
    if (layout->item_count)
        qsort(layout->items, layout->item_count, sizeof *layout->items, compare_items);
}

static enum ns_cover item_cover(const struct ns_item *item) {
    if (item->action == NS_MASK)
        return NS_MASKED;
    if (item->action == NS_HOLLOW)
        return NS_PRIVATE;
    return item->access == MXC_ACCESS_WRITE ? NS_HOST_WRITE : NS_HOST_READ;
}

static int contains(const char *folder, const char *path, int strict) {
    return strict ? ns_below(path, folder) : ns_at_or_below(path, folder);
}

enum ns_cover ns_cover(const struct ns_layout *layout, const char *path, int strict, const struct ns_item **item) {
    const struct ns_item *shown = NULL;
    const struct ns_place *place = NULL;
    for (size_t i = 0; i < layout->item_count; i++) {
        const struct ns_item *one = &layout->items[i];
        if (one->action == NS_NOTHING || !contains(one->path, path, strict))
            continue;
        if (!shown || strlen(one->path) >= strlen(shown->path))
            shown = one;
    }
    for (size_t i = 0; i < layout->place_count; i++) {
        const struct ns_place *one = &layout->places[i];
        /* a granted or denied folder buries the places in it, except those that are mounted again */
        if (!contains(one->path, path, strict) ||
            (shown && ns_at_or_below(one->path, shown->path) && !(one->again && ns_below(one->path, shown->path))))
            continue;
        if (!place || strlen(one->path) > strlen(place->path))
            place = one;
    }
    if (shown && (!place || strlen(shown->path) >= strlen(place->path))) {
        *item = shown;
        return item_cover(shown);
    }
    *item = NULL;
    return place ? place->cover : NS_PRIVATE;
}

int ns_taken(const struct ns_layout *layout, const char *path) {
    for (size_t i = 0; i < layout->item_count; i++)
        if (layout->items[i].action != NS_NOTHING && ns_at_or_below(path, layout->items[i].path))
            return 1;
    return 0;
}

/* ---- denied paths ---------------------------------------------------------------------------------------------- */

/* Takes "." and ".." out of an absolute path, in place. */
static void squash(char *path) {
    char *out = path;
    for (char *part = path; *part;) {
        size_t length = strcspn(++part, "/"); /* part was at a slash */
        if (length == 2 && part[0] == '.' && part[1] == '.') {
            while (out > path && *--out != '/')
                ;
        } else if (length && !(length == 1 && part[0] == '.')) {
            *out++ = '/';
            memmove(out, part, length);
            out += length;
        }
        part += length;
    }
    if (out == path)
        *out++ = '/';
    *out = 0;
}

/* Where a missing path would be: its links replaced as far as they were met. */
static const char *expected_path(struct ns_layout *layout, const struct mxc_path_fact *fact) {
    const char *path = fact->path;
    for (size_t i = 0; path && i < fact->via_count; i++) {
        const struct mxc_link *link = &fact->via[i];
        const char *slash = strrchr(link->path, '/');
        if (!ns_at_or_below(path, link->path))
            continue;
        const char *rest = path + strlen(link->path);
        MXC_AUTO_FREE char *folder =
            link->target[0] == '/' ? mxc_strdup("") : mxc_strndup(link->path, (size_t)(slash - link->path));
        const char *target = folder ? ns_compose(layout, folder, "/", link->target) : NULL;
        path = target ? ns_compose(layout, target, "", rest) : NULL;
    }
    if (path && path != fact->path)
        squash(layout->texts.items[layout->texts.count - 1]); /* the text composed last */
    return path;
}

static mxc_status check_denied(const struct ns_layout *layout, const struct mxc_path_rule *rule,
                               const struct mxc_path_fact *fact, mxc_error **err) {
    static const char *const own[] = {"/proc", "/dev"};
    const char *path = fact->real ? fact->real : rule->path;
    if (strcmp(path, "/") == 0 && layout->from->policy->filesystem.baseline != MXC_BASELINE_NONE)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = rule->origin, .hint = "set filesystem.baseline to \"none\" as well"),
                        "denying / contradicts the system view");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(path, own[i]) == 0)
            return mxc_fail(err, MXC_E_UNSUPPORTED,
                            MXC_FAULT(.origin = rule->origin, .hint = "deny single entries below it"),
                            "%s is the sandbox's own and cannot be denied as a whole", own[i]);
    return MXC_OK;
}

/* ---- building --------------------------------------------------------------------------------------------------- */

static mxc_status add_rule(struct ns_layout *layout, const struct mxc_path_rule *rule, mxc_error **err) {
    const struct mxc_path_fact *fact = mxc_host_path(layout->from->host, rule->path);
    struct ns_item item = {.origin = rule->origin, .fact = fact, .rule = rule, .access = rule->access};
    if (!fact)
        return mxc_fail(err, MXC_E_INTERNAL, MXC_FAULT(.origin = rule->origin), "%s was never looked up", rule->path);
    mxc_status status =
        rule->access == MXC_ACCESS_DENY ? check_denied(layout, rule, fact, err) : mxc_refuse_grant(rule, fact, err);
    if (status)
        return status;
    item.path = fact->real ? fact->real : expected_path(layout, fact);
    item.action = rule->access == MXC_ACCESS_DENY ? NS_NOTHING : NS_BIND;
    item.idmap = item.action == NS_BIND && ns_session(layout->from);
    return !item.path || ns_layout_item(layout, &item) ? mxc_fail_memory(err) : MXC_OK;
}

/* Several names of one object: the strictest rule holds, under every name. */
static void unite(struct ns_layout *layout) {
    ns_layout_sort(layout);
    for (size_t i = 1; i < layout->item_count; i++) {
        struct ns_item *item = &layout->items[i];
        if (strcmp(item->path, item[-1].path) != 0 || !item->fact->real)
            continue;
        item->overruled = 1;
        item->action = NS_NOTHING;
        item->note = "the same object as another rule of this policy, which is stricter";
    }
}

static int link_below(const struct ns_item *item, const char *path) {
    for (size_t i = 0; i < item->fact->via_count; i++)
        if (ns_below(item->fact->via[i].path, path))
            return 1;
    return 0;
}

static int has_grant_below(const struct ns_layout *layout, const char *path) {
    for (size_t i = 0; i < layout->item_count; i++) {
        const struct ns_item *item = &layout->items[i];
        if (item->access != MXC_ACCESS_DENY && !item->overruled &&
            (ns_below(item->path, path) || link_below(item, path)))
            return 1;
    }
    return 0;
}

static mxc_status place_absent(struct ns_layout *layout, struct ns_item *item, mxc_error **err) {
    const struct ns_item *by;
    struct mxc_quote quote;
    item->note = item->fact->sys_errno == ENOENT || item->fact->sys_errno == ENOTDIR
                     ? "not there on the host"
                     : "the caller itself cannot reach it";
    if (ns_cover(layout, item->path, 1, &by) != NS_HOST_WRITE &&
        ns_cover(layout, item->rule->path, 1, &by) != NS_HOST_WRITE)
        return MXC_OK;
    return mxc_fail(err, MXC_E_UNSUPPORTED,
                    MXC_FAULT(.origin = item->origin, .hint = "create it first, or do not grant the folder around it"),
                    "%s is denied, does not exist, and could be made inside a writable path",
                    mxc_quoted(&quote, item->rule->path));
}

/* A hard link cannot lead to another file system than that of the file. */
static int may_be_seen(const struct ns_layout *layout, uint64_t device) {
    for (size_t i = 0; i < layout->item_count; i++)
        if (layout->items[i].access != MXC_ACCESS_DENY && layout->items[i].fact->dev == device)
            return 1;
    return 0;
}

static const char *linked_note(struct ns_layout *layout, const struct mxc_linked_fact *linked) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    mxc_buf_format(&text,
                   "%u of its files %s other hard links, such as %s; they are not covered where they are visible",
                   linked->count, linked->count == 1 ? "has" : "have", linked->first);
    return text.failed ? NULL : ns_compose(layout, "/", "", text.data);
}

/* A mask covers names. A file that has another one can be read there, when that is somewhere visible. */
static mxc_status check_links(struct ns_layout *layout, struct ns_item *item, mxc_error **err) {
    const struct mxc_linked_fact *linked = mxc_host_linked(layout->from->host, item->path);
    struct mxc_quote quote;
    const char *found = linked ? linked->first : NULL;
    if (item->fact->type == MXC_OBJECT_FILE && item->fact->links > 1 && may_be_seen(layout, item->fact->dev))
        found = item->path;
    if (found && layout->from->policy->filesystem.refuse_hard_links)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = item->origin,
                                  .hint = "find the other names with \"find -samefile\" and remove them, or set "
                                          "filesystem.hardLinks to \"report\""),
                        "%s is denied and has another name, a hard link", mxc_quoted(&quote, found));
    if (found)
        item->note = found == item->path ? "the file has other hard links; they are not covered where they are visible"
                                         : linked_note(layout, linked);
    else if (linked && linked->cut)
        item->note = "it is too large to be searched for files with other hard links";
    return item->note || !found ? MXC_OK : mxc_fail_memory(err);
}

static mxc_status place_denied(struct ns_layout *layout, struct ns_item *item, mxc_error **err) {
    const struct ns_item *by;
    if (!item->fact->real)
        return place_absent(layout, item, err);
    /* also by a place at the very path, such as /usr: the item itself shows nothing yet */
    enum ns_cover cover = ns_cover(layout, item->path, 0, &by);
    if (cover == NS_MASKED || (cover == NS_PRIVATE && !ns_baseline_makes(item->path, layout->from))) {
        item->note = cover == NS_MASKED ? "inside another denied path" : "not visible in the sandbox";
        return MXC_OK;
    }
    item->action = item->fact->type == MXC_OBJECT_FOLDER && has_grant_below(layout, item->path) ? NS_HOLLOW : NS_MASK;
    return check_links(layout, item, err);
}

/* A grant inside a grant that says as much already needs no mount of its own. */
static void place_grant(struct ns_layout *layout, struct ns_item *item) {
    const struct ns_item *by;
    enum ns_cover wanted = item->access == MXC_ACCESS_WRITE ? NS_HOST_WRITE : NS_HOST_READ;
    item->action = NS_NOTHING;
    enum ns_cover cover = ns_cover(layout, item->path, 0, &by);
    /* ID-mapped for its own owner, a folder can show more than as a part of its parent. A library tree need not. */
    int maps_alike = !item->idmap ||
                     (by ? by->idmap && by->fact->owner == item->fact->owner : strcmp(item->origin, "/runtime") == 0);
    if (cover == wanted && maps_alike)
        item->note = by ? "part of another granted path" : "part of the system view";
    else
        item->action = NS_BIND;
}

static mxc_status place_items(struct ns_layout *layout, mxc_error **err) {
    for (size_t i = 0; i < layout->item_count; i++) {
        struct ns_item *item = &layout->items[i];
        if (item->overruled)
            continue;
        if (item->access != MXC_ACCESS_DENY) {
            place_grant(layout, item);
            continue;
        }
        mxc_status status = place_denied(layout, item, err);
        if (status)
            return status;
    }
    return MXC_OK;
}

mxc_status ns_layout_build(struct ns_layout *layout, const struct mxc_lowering *from, mxc_error **err) {
    const mxc_policy *policy = from->policy;
    layout->from = from;
    if (ns_baseline_places(layout))
        return mxc_fail_memory(err);
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        mxc_status status = add_rule(layout, &policy->filesystem.rules[i], err);
        if (status)
            return status;
    }
    unite(layout);
    mxc_status status = place_items(layout, err);
    if (!status)
        status = ns_protect(layout, err);
    return status ? status : ns_pin_parents(layout, err);
}

void ns_layout_clear(struct ns_layout *layout) {
    mxc_free(layout->places);
    mxc_free(layout->items);
    mxc_strings_clear(&layout->texts);
    ns_gaps_clear(&layout->gaps);
    mxc_strings_clear(&layout->loose);
    memset(layout, 0, sizeof *layout);
}
