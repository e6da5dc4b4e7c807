/* finish.c: the last step of making a policy. Afterwards equal policies are equal field by field: rules sorted,
 * sets sorted, and nothing said that only repeats a default. */
#include <string.h>

#include "base/error.h"
#include "policy/checks.h"
#include "policy/limits.h"
#include "policy/model.h"
#include "policy/paths.h"

/* Sorted. What these files have in common: a program of the host runs or trusts them later, outside the sandbox. */
const char *const *mxc_default_protected_names(void) {
    static const char *const names[] = {".agents",      ".bash_login",
                                        ".bash_logout", ".bash_profile",
                                        ".bashrc",      ".claude",
                                        ".codex",       ".config/fish",
                                        ".cursor",      ".devcontainer",
                                        ".gemini",      ".git/config",
                                        ".git/hooks",   ".git/info/attributes",
                                        ".gitconfig",   ".gitmodules",
                                        ".idea",        ".inputrc",
                                        ".mcp.json",    ".profile",
                                        ".ripgreprc",   ".screenrc",
                                        ".ssh",         ".tmux.conf",
                                        ".vscode",      ".zlogin",
                                        ".zprofile",    ".zshenv",
                                        ".zshrc",       NULL};
    return names;
}

const char *const *mxc_policy_protected_names(const mxc_policy *policy) {
    static const char *const nothing[] = {NULL};
    if (!policy->filesystem.has_protected_names)
        return mxc_default_protected_names();
    return policy->filesystem.protected_names.count ? (const char *const *)policy->filesystem.protected_names.items
                                                    : nothing;
}

int mxc_name_is_for_homes(const char *name) {
    static const char *const names[] = {".bash_login",  ".bash_logout", ".bash_profile", ".bashrc",
                                        ".config/fish", ".gitconfig",   ".inputrc",      ".profile",
                                        ".ripgreprc",   ".screenrc",    ".ssh",          ".tmux.conf",
                                        ".zlogin",      ".zprofile",    ".zshenv",       ".zshrc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return 1;
    return 0;
}

const char *const *mxc_repository_names(void) {
    static const char *const names[] = {"commondir", "config.worktree", NULL};
    return names;
}

static int is_default_list(const struct mxc_strings *names) {
    const char *const *defaults = mxc_default_protected_names();
    size_t i = 0;
    while (i < names->count && defaults[i] && strcmp(names->items[i], defaults[i]) == 0)
        i++;
    return i == names->count && !defaults[i];
}

mxc_status mxc_policy_freeze(mxc_policy *policy, mxc_error **err) {
    mxc_rules_unite(policy);
    mxc_strings_sort_unique(&policy->filesystem.protected_names);
    mxc_strings_sort_unique(&policy->syscalls.allow);
    mxc_strings_sort_unique(&policy->syscalls.deny);
    if (!policy->filesystem.has_protected_names || is_default_list(&policy->filesystem.protected_names)) {
        mxc_strings_clear(&policy->filesystem.protected_names);
        policy->filesystem.has_protected_names = 0;
    }
    if (!policy->process.has_env)
        policy->process.inherit_default_env = 0; /* without env the default is what there is */
    if (policy->containment == MXC_CONTAINMENT_AUTO && policy->assurance == MXC_CONTAINMENT_PROCESS)
        policy->has_assurance = 0; /* the weakest wall is what "auto" asks for anyway */
    mxc_limits_normalise(policy);
    return mxc_policy_check_whole(policy, err);
}
