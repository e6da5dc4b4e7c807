/* places.c: the path rules and the baseline as places with rights, and what stands against them: Landlock has no rule
 * that takes away, so a stricter rule below a grant is an error and never a silent gap. */
#include <string.h>

#include "backend/landlock/wall.h"
#include "backend/refuse.h"
#include "backend/system_view.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/checks.h"
#include "policy/paths.h"

#define OTHERS_READ 4u
#define OTHERS_WRITE 2u
#define OTHERS_SEARCH 1u

static int add_place(struct ll_places *places, const struct ll_place *place) {
    if (mxc_reserve(&places->items, &places->capacity, places->count + 1, sizeof *places->items))
        return -1;
    places->items[places->count++] = *place;
    return 0;
}

static int gives_rights(const struct ll_place *place) { return !place->overruled && place->access != MXC_ACCESS_DENY; }

static mxc_status unsupported_rule(mxc_error **err, const struct mxc_path_rule *rule, const char *hint,
                                   const char *what) {
    struct mxc_quote quote;
    return mxc_fail(err, MXC_E_UNSUPPORTED, MXC_FAULT(.origin = rule->origin, .hint = hint), "%s %s",
                    mxc_quoted(&quote, rule->path), what);
}

/* ---- grants ----------------------------------------------------------------------------------------------------- */

/* By root the workload is a user that owns nothing: it gets what everybody may do. Folders above are tried by init. */
static mxc_status check_everybody(const struct ll_place *place, mxc_error **err) {
    struct mxc_quote quote;
    int write = place->access == MXC_ACCESS_WRITE;
    unsigned int needs = OTHERS_READ | (place->fact->type == MXC_OBJECT_FOLDER ? OTHERS_SEARCH : 0);
    if (write)
        needs |= OTHERS_WRITE;
    if ((place->fact->mode & needs) == needs)
        return MXC_OK;
    return mxc_fail(err, MXC_E_PATH,
                    MXC_FAULT(.origin = place->origin,
                              .hint = write ? "chmod o+rwX it, start mxc as the user who owns it, or enable user "
                                              "namespaces (mxc doctor says how)"
                                            : "chmod o+rX it, start mxc as the user who owns it, or enable user "
                                              "namespaces (mxc doctor says how)"),
                    "%s may not be %s by everybody, and without user namespaces a sandbox that root starts is "
                    "everybody",
                    mxc_quoted(&quote, place->rule->path), write ? "written" : "read");
}

static mxc_status add_rule(struct ll_places *places, const struct mxc_path_rule *rule, mxc_error **err) {
    const struct mxc_lowering *from = places->from;
    const struct mxc_path_fact *fact = mxc_host_path(from->host, rule->path);
    if (!fact)
        return mxc_fail(err, MXC_E_INTERNAL, MXC_FAULT(.origin = rule->origin), "%s was never looked up", rule->path);
    struct ll_place place = {.path = fact->real ? fact->real : rule->path,
                             .origin = rule->origin,
                             .fact = fact,
                             .rule = rule,
                             .access = rule->access};
    mxc_status status = rule->access == MXC_ACCESS_DENY ? MXC_OK : mxc_refuse_grant(rule, fact, err);
    if (!status && rule->access != MXC_ACCESS_DENY && ll_session(from->host))
        status = check_everybody(&place, err);
    if (status)
        return status;
    return add_place(places, &place) ? mxc_fail_memory(err) : MXC_OK;
}

/* Several names of one object: the strictest rule holds. */
static void unite(struct ll_places *places) {
    for (size_t i = 0; i < places->count; i++)
        for (size_t j = 0; j < places->count; j++) {
            const struct ll_place *other = &places->items[j];
            if (i != j && places->items[i].fact->real && other->fact->real &&
                strcmp(places->items[i].path, other->path) == 0 && other->access < places->items[i].access)
                places->items[i].overruled = 1;
        }
}

/* ---- the baseline ----------------------------------------------------------------------------------------------- */

static int is_denied(const struct ll_places *places, const char *path) {
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i].access == MXC_ACCESS_DENY && mxc_path_is_below(path, places->items[i].path))
            return 1;
    return 0;
}

static int is_part(const struct ll_places *places, const char *path) {
    for (size_t i = 0; i < places->count; i++)
        if (!places->items[i].rule && mxc_path_is_below(path, places->items[i].path))
            return 1;
    return 0;
}

static int add_parts(struct ll_places *places, const char *const *paths, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct mxc_path_fact *fact = mxc_host_path(places->from->host, paths[i]);
        if (!fact || !fact->real || !fact->readable || is_denied(places, fact->real) || is_denied(places, paths[i]) ||
            is_part(places, fact->real) || (fact->type != MXC_OBJECT_FOLDER && fact->type != MXC_OBJECT_FILE))
            continue;
        if (add_place(places, &(struct ll_place){
                                  .path = fact->real, .origin = LL_BASELINE, .fact = fact, .access = MXC_ACCESS_READ}))
            return -1;
    }
    return 0;
}

/* ---- what cannot be taken away ---------------------------------------------------------------------------------- */

/* A place with more rights, at the path (unless `strict`) or above it. */
static const struct ll_place *wider(const struct ll_places *places, const char *path, mxc_access access, int strict) {
    for (size_t i = 0; i < places->count; i++) {
        const struct ll_place *one = &places->items[i];
        if (gives_rights(one) && one->access > access && mxc_path_is_below(path, one->path) &&
            !(strict && strcmp(path, one->path) == 0))
            return one;
    }
    return NULL;
}

/* The same object by a name that is granted would be open. */
static mxc_status check_links(const struct ll_places *places, const struct ll_place *place, mxc_error **err) {
    const struct mxc_linked_fact *linked = mxc_host_linked(places->from->host, place->path);
    int has_names = (place->fact->real && place->fact->type == MXC_OBJECT_FILE && place->fact->links > 1) ||
                    (linked && linked->first);
    if (!has_names || !places->from->policy->filesystem.refuse_hard_links)
        return MXC_OK;
    return unsupported_rule(err, place->rule,
                            "find the other names with \"find -samefile\" and remove them, or set "
                            "filesystem.hardLinks to \"report\"",
                            "is denied, or has a file, that has another name, a hard link");
}

static mxc_status check_denied(const struct ll_places *places, const struct ll_place *place, mxc_error **err) {
    /* Where a missing path would be is known only without links on the way. */
    if (!place->fact->real && place->fact->via_count)
        return unsupported_rule(err, place->rule, "name it without symbolic links",
                                "does not exist, and leads through a symbolic link");
    const struct ll_place *around = wider(places, place->path, MXC_ACCESS_DENY, 0);
    if (!around && strcmp(place->path, place->rule->path) != 0)
        around = wider(places, place->rule->path, MXC_ACCESS_DENY, 0);
    if (!around)
        return check_links(places, place, err);
    return unsupported_rule(err, place->rule,
                            "grant what lies beside it one by one, or enable user namespaces (mxc doctor says how)",
                            around->rule ? "is denied inside a granted path, which Landlock alone cannot hold"
                                         : "is denied inside the system view, which Landlock alone cannot hold");
}

static mxc_status check_stricter(const struct ll_places *places, const struct ll_place *place, mxc_error **err) {
    if (!place->rule || place->overruled)
        return MXC_OK;
    if (place->access == MXC_ACCESS_DENY)
        return check_denied(places, place, err);
    if (place->access == MXC_ACCESS_READ && wider(places, place->path, MXC_ACCESS_READ, 1))
        return unsupported_rule(err, place->rule,
                                "grant what lies beside it one by one, or enable user namespaces (mxc doctor says how)",
                                "is read-only inside a writable path, which Landlock alone cannot hold");
    return MXC_OK;
}

mxc_status ll_places_build(struct ll_places *places, const struct mxc_lowering *from, mxc_error **err) {
    const mxc_policy *policy = from->policy;
    mxc_status status = MXC_OK;
    places->from = from;
    for (size_t i = 0; !status && i < policy->filesystem.count; i++)
        status = add_rule(places, &policy->filesystem.rules[i], err);
    if (status)
        return status;
    unite(places);
    if (policy->filesystem.baseline == MXC_BASELINE_SYSTEM &&
        (add_parts(places, mxc_system_folders, MXC_SYSTEM_FOLDERS) || add_parts(places, mxc_etc_parts, MXC_ETC_PARTS)))
        return mxc_fail_memory(err);
    for (size_t i = 0; !status && i < places->count; i++)
        status = check_stricter(places, &places->items[i], err);
    return status;
}

void ll_places_clear(struct ll_places *places) {
    mxc_free(places->items);
    memset(places, 0, sizeof *places);
}
