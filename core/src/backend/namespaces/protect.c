/* protect.c: narrows writable grants by the protected names. What exists becomes read-only; for what does not, the
 * first folder or file that is missing is kept empty. Names of repositories count in every repository that the walk
 * has found. What cannot be held is remembered, for the receipt. */
#include <errno.h>
#include <string.h>

#include "backend/namespaces/wall.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/checks.h"
#include "policy/model.h"

struct named { /* a protected name in one place */
    const struct ns_item *grant;
    const char *base; /* path that the name is below, as it was looked up */
    const struct mxc_path_fact *base_fact;
    const char *name;
    int in_git;        /* base is a repository's own folder */
    int only_existing; /* nothing to be done when it is absent */
};

struct found {
    const struct mxc_path_fact *parent; /* the last folder that exists */
    const struct mxc_path_fact *fact;   /* the object, or what stands in place of one of its folders; NULL: absent */
    const char *path;                   /* without links, of the object or of the first that is missing */
    const char *spelled;                /* as it was looked up */
    int last;                           /* it is the name itself, not a folder on its way */
    const char *way;                    /* a link that had to be followed on the way; NULL: none */
};

int ns_has_item(const struct ns_layout *layout, const char *path) {
    for (size_t i = 0; i < layout->item_count; i++)
        if (strcmp(layout->items[i].path, path) == 0)
            return 1;
    return 0;
}

void ns_gaps_clear(struct ns_gaps *gaps) {
    mxc_strings_clear(&gaps->unborn);
    mxc_strings_clear(&gaps->homes);
    mxc_strings_clear(&gaps->links);
    mxc_strings_clear(&gaps->loose);
    mxc_strings_clear(&gaps->cut);
}

/* `folder` is the same for names that follow each other. */
mxc_status ns_note(struct mxc_strings *gaps, const char *folder, const char *name, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    char *last = gaps->count ? gaps->items[gaps->count - 1] : NULL;
    size_t length = strlen(folder);
    if (last && strncmp(last, "in ", 3) == 0 && strncmp(last + 3, folder, length) == 0 && last[3 + length] == ':') {
        mxc_buf_format(&text, "%s, %s", last, name);
        char *longer = mxc_buf_take(&text);
        if (!longer)
            return mxc_fail_memory(err);
        mxc_free(last);
        gaps->items[gaps->count - 1] = longer;
        return MXC_OK;
    }
    mxc_buf_format(&text, "in %s: %s", folder, name);
    return text.failed || mxc_strings_add(gaps, text.data) ? mxc_fail_memory(err) : MXC_OK;
}

/* ---- finding it ------------------------------------------------------------------------------------------------- */

static int is_link(const struct mxc_path_fact *fact, const char *path) {
    for (size_t i = 0; i < fact->via_count; i++)
        if (strcmp(fact->via[i].path, path) == 0)
            return 1;
    return 0;
}

/* 0: an answer is in `out`; 1: the caller cannot look there, so the workload cannot either; -1: out of memory. */
static int find(struct ns_layout *layout, const struct named *named, struct found *out) {
    *out = (struct found){.parent = named->base_fact};
    for (size_t start = 0, end = 0;; start = ++end) {
        end += strcspn(named->name + end, "/");
        MXC_AUTO_FREE char *upto = mxc_strndup(named->name, end);
        MXC_AUTO_FREE char *part = mxc_strndup(named->name + start, end - start);
        out->spelled = upto ? ns_compose(layout, named->base, "/", upto) : NULL;
        out->path = part ? ns_compose(layout, out->parent->real, "/", part) : NULL;
        if (!out->spelled || !out->path)
            return -1;
        const struct mxc_path_fact *fact = mxc_host_path(layout->from->host, out->spelled);
        out->last = !named->name[end];
        if (!fact || (!fact->real && fact->sys_errno != ENOENT))
            return 1;
        out->fact = fact->real && !fact->ghost ? fact : NULL;
        if (!out->fact || out->last || fact->type != MXC_OBJECT_FOLDER)
            return 0;
        out->parent = fact;
        out->way = !out->way && is_link(fact, out->path) ? out->path : out->way;
    }
}

static int can_be_written(const struct ns_layout *layout, const char *path) {
    const struct ns_item *by;
    return ns_cover(layout, path, 0, &by) == NS_HOST_WRITE;
}

/* ---- holding it -------------------------------------------------------------------------------------------------- */

static mxc_status hold(struct ns_layout *layout, const struct named *named, const char *path,
                       const struct mxc_path_fact *fact, enum ns_action action, mxc_error **err) {
    struct ns_item item = {
        .path = path,
        .origin = NS_PROTECTED,
        .fact = fact,
        .rule = named->grant->rule,
        .role = NS_PROTECTED_NAME,
        .action = action,
        .access = MXC_ACCESS_READ,
        .idmap = action != NS_GHOST && named->grant->idmap && fact->owner == named->grant->fact->owner,
    };
    if (ns_has_item(layout, path)) /* a rule of its own, or protected through another name */
        return MXC_OK;
    return ns_layout_item(layout, &item) ? mxc_fail_memory(err) : MXC_OK;
}

static mxc_status hold_object(struct ns_layout *layout, const struct named *named, const struct mxc_path_fact *fact,
                              mxc_error **err) {
    /* Elsewhere, through a link, it is protected only where it can be written. */
    if (!can_be_written(layout, fact->real) || (fact->type != MXC_OBJECT_FOLDER && fact->type != MXC_OBJECT_FILE))
        return MXC_OK;
    return hold(layout, named, fact->real, fact, NS_BIND, err);
}

static int is_git(const char *name) { return strncmp(name, NS_GIT, 4) == 0 && (name[4] == '/' || !name[4]); }

/* A link may lead to anything of the host: only what the policy shows anyway may be shown in its place. */
static int can_be_shown(const struct ns_layout *layout, const struct mxc_path_fact *fact) {
    const struct ns_item *by;
    if (!fact || fact->type != MXC_OBJECT_FILE)
        return 0;
    enum ns_cover cover = ns_cover(layout, fact->real, 0, &by);
    return cover == NS_HOST_READ || cover == NS_HOST_WRITE;
}

/* Something can be mounted on a link too, and then it stays; but on a link to a folder no folder can be. */
static mxc_status hold_link(struct ns_layout *layout, const struct named *named, const struct found *found,
                            mxc_error **err) {
    if (!can_be_written(layout, found->path))
        return MXC_OK;
    if (is_git(named->name) && !found->last)
        return ns_note(&layout->gaps.links, named->grant->path, named->name, err);
    /* Where a link to nothing leads, something can be made. */
    mxc_status status = found->fact ? MXC_OK : ns_note(&layout->gaps.links, named->grant->path, named->name, err);
    if (status)
        return status;
    return hold(layout, named, found->path, found->fact ? found->fact : found->parent,
                can_be_shown(layout, found->fact) ? NS_LINK_BIND : NS_LINK_MASK, err);
}

/* One on the way to a name cannot be held without hiding all behind it. */
static mxc_status note_way(struct ns_layout *layout, const struct named *named, const struct found *found,
                           mxc_error **err) {
    const mxc_policy *policy = layout->from->policy;
    struct mxc_quote quote;
    if (!can_be_written(layout, found->way))
        return MXC_OK;
    if (policy->filesystem.has_protected_names && !policy->report_unsupported && !is_git(named->name))
        return mxc_fail(
            err, MXC_E_UNSUPPORTED,
            MXC_FAULT(.origin = NS_PROTECTED, .hint = "protect the folder that it leads to by its own name"),
            "%s is a link on the way to a protected name, and cannot be held in place", mxc_quoted(&quote, found->way));
    return ns_note(&layout->gaps.links, named->grant->path, named->name, err);
}

static int git_dislikes(const struct named *named, const struct found *found) {
    int root_git = is_git(named->name);
    const char *rest = root_git && named->name[4] ? named->name + 5 : named->name;
    if (root_git && found->parent == named->base_fact)
        return 1; /* an empty .git would be in the way of making a repository */
    return (root_git || named->in_git) && strcmp(rest, "config") == 0;
}

static mxc_status hold_absent(struct ns_layout *layout, const struct named *named, const struct found *found,
                              mxc_error **err) {
    const struct mxc_tree_fact *tree = mxc_host_tree(layout->from->host, named->grant->path);
    int by_default = !layout->from->policy->filesystem.has_protected_names;
    if (named->only_existing || !can_be_written(layout, found->path) || !found->parent->writable)
        return MXC_OK;
    if (git_dislikes(named, found))
        return ns_note(&layout->gaps.unborn, named->in_git ? named->base : named->grant->path, named->name, err);
    if (by_default && mxc_name_is_for_homes(named->name) && !(tree && tree->home))
        return ns_note(&layout->gaps.homes, named->grant->path, named->name, err);
    return hold(layout, named, found->path, found->parent, NS_GHOST, err);
}

static mxc_status protect(struct ns_layout *layout, const struct named *named, mxc_error **err) {
    struct found found;
    int none = find(layout, named, &found);
    if (none)
        return none < 0 ? mxc_fail_memory(err) : MXC_OK;
    int link = is_link(mxc_host_path(layout->from->host, found.spelled), found.path);
    mxc_status status = found.way ? note_way(layout, named, &found, err) : MXC_OK;
    if (!status && link)
        status = hold_link(layout, named, &found, err);
    if (status)
        return status;
    if (found.fact)
        return hold_object(layout, named, found.fact, err);
    return link ? MXC_OK : hold_absent(layout, named, &found, err);
}

/* ---- where names count -------------------------------------------------------------------------------------------- */

static mxc_status protect_git(struct ns_layout *layout, const struct ns_item *grant, const struct mxc_git *git,
                              mxc_error **err) {
    const char *const *names = mxc_policy_protected_names(layout->from->policy);
    struct named named = {.grant = grant, .base = git->path, .in_git = 1};
    mxc_status status = MXC_OK;
    named.base_fact = mxc_host_path(layout->from->host, git->path);
    if (!named.base_fact || !named.base_fact->real || !can_be_written(layout, git->path))
        return MXC_OK;
    if (git->type == MXC_OBJECT_FILE)
        return hold_object(layout, &named, named.base_fact, err);
    if (git->type != MXC_OBJECT_FOLDER)
        return ns_note(&layout->gaps.links, grant->path, git->path, err);
    for (; !status && *names; names++) {
        if (strncmp(*names, NS_GIT "/", strlen(NS_GIT "/")) != 0)
            continue;
        named.name = *names + strlen(NS_GIT "/");
        status = protect(layout, &named, err);
    }
    named.only_existing = 1;
    for (names = mxc_repository_names(); !status && *names; names++) {
        named.name = *names;
        status = protect(layout, &named, err);
    }
    return status;
}

static int names_git(const mxc_policy *policy) {
    for (const char *const *name = mxc_policy_protected_names(policy); *name; name++)
        if (strncmp(*name, NS_GIT "/", strlen(NS_GIT "/")) == 0)
            return 1;
    return 0;
}

static mxc_status note_cut(struct ns_layout *layout, const struct mxc_tree_fact *tree, mxc_error **err) {
    static const char *const why[] = {"", "has more than 10,000 entries", "takes too long to read",
                                      "is more than 32 folders deep"};
    MXC_AUTO_BUF struct mxc_buf text = {0};
    if (!tree->cut && tree->git_count <= NS_MAX_GITS)
        return MXC_OK;
    mxc_buf_format(&text, "%s, which %s", tree->folder, tree->cut ? why[tree->cut] : "has more than 64 repositories");
    return text.failed || mxc_strings_add(&layout->gaps.cut, text.data) ? mxc_fail_memory(err) : MXC_OK;
}

static mxc_status protect_repositories(struct ns_layout *layout, const struct ns_item *grant, mxc_error **err) {
    const struct mxc_tree_fact *tree = mxc_host_tree(layout->from->host, grant->path);
    if (!tree || !names_git(layout->from->policy))
        return MXC_OK;
    mxc_status status = note_cut(layout, tree, err);
    for (size_t i = 0; !status && i < tree->git_count && i < NS_MAX_GITS; i++)
        status = protect_git(layout, grant, &tree->gits[i], err);
    return status;
}

static mxc_status protect_in(struct ns_layout *layout, size_t grant_index, mxc_error **err) {
    const struct ns_item grant = layout->items[grant_index]; /* a copy: the array moves when items are added */
    struct named named = {.grant = &grant, .base = grant.rule->path, .base_fact = grant.fact};
    mxc_status status = MXC_OK;
    for (const char *const *name = mxc_policy_protected_names(layout->from->policy); !status && *name; name++) {
        named.name = *name;
        status = protect(layout, &named, err);
    }
    return status ? status : protect_repositories(layout, &grant, err);
}

mxc_status ns_protect(struct ns_layout *layout, mxc_error **err) {
    size_t grants = layout->item_count;
    mxc_status status = MXC_OK;
    for (size_t i = 0; !status && i < grants; i++) {
        const struct ns_item *grant = &layout->items[i];
        if (grant->access == MXC_ACCESS_WRITE && !grant->overruled && grant->fact->type == MXC_OBJECT_FOLDER)
            status = protect_in(layout, i, err);
    }
    ns_layout_sort(layout);
    return status;
}
