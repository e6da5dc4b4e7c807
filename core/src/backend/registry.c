/* registry.c: which walls there are, and which one a policy gets. The only file that knows more than one wall. */
#include "backend/backend.h"
#include "base/error.h"
#include "policy/model.h"

static const struct mxc_backend *const walls[] = {&mxc_backend_namespaces}; /* weakest first */
/* NOLINTNEXTLINE(bugprone-sizeof-expression): the elements are pointers */
enum { WALLS = sizeof walls / sizeof walls[0] };

static const char *containment_name(enum mxc_containment containment) {
    static const char *const names[] = {"process", "session", "container", "vm", "microvm", "auto"};
    return (size_t)containment < sizeof names / sizeof *names ? names[containment] : "?";
}

/* Only on demand, and only where the stronger one cannot be had: what it lacks is in its receipt. Without Landlock
 * there is nothing to fall back to, and the stronger one says what is missing. */
static int falls_back(const mxc_policy *policy, const struct mxc_host *host) {
    return policy->report_unsupported && (!host->user_namespaces || !host->mount_api) && host->landlock_abi > 0;
}

void mxc_wants_clear(struct mxc_wants *wants) {
    mxc_strings_clear(&wants->paths);
    mxc_strings_clear(&wants->trees);
    mxc_strings_clear(&wants->denied);
}

mxc_status mxc_backend_choose(const struct mxc_backend **out, const mxc_policy *policy, const struct mxc_host *host,
                              mxc_error **err) {
    int automatic = policy->containment == MXC_CONTAINMENT_AUTO;
    enum mxc_containment least = automatic && policy->has_assurance ? policy->assurance : MXC_CONTAINMENT_PROCESS;
    for (size_t i = 0; i < WALLS; i++) {
        if (automatic ? walls[i]->containment < least : walls[i]->containment != policy->containment)
            continue;
        *out = walls[i] == &mxc_backend_namespaces && falls_back(policy, host) ? &mxc_backend_landlock : walls[i];
        return MXC_OK;
    }
    if (automatic)
        return mxc_fail(err, MXC_E_UNSUPPORTED,
                        MXC_FAULT(.origin = "/assurance", .hint = "use assurance \"process\", or leave it out"),
                        "this version has no wall with the assurance \"%s\"", containment_name(least));
    return mxc_fail(err, MXC_E_UNSUPPORTED,
                    MXC_FAULT(.origin = "/containment", .hint = "use containment \"process\" or \"auto\""),
                    "this version has no \"%s\" wall", containment_name(policy->containment));
}
