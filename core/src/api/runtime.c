/* runtime.c: what of the host an interpreter is given automatically. It must never become more than an installation:
 * a link that somebody put into a workspace is not to open the home folder it points to. */
#include "api/runtime.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "policy/model.h"
#include "policy/paths.h"

/* ---- What there is ---- */

/* Number of bytes of `path` without its last `levels` parts; 0 when that is "/" or nothing. */
static size_t parent(const char *path, int levels) {
    size_t length = strlen(path);
    for (; levels > 0 && length > 0; levels--)
        while (length > 0 && path[--length] != '/')
            ;
    return length;
}

static int is_there(const char *folder, size_t length, const char *name, mode_t type) {
    char path[PATH_MAX];
    struct stat found;
    if (length + strlen(name) + 2 > sizeof path)
        return 0;
    memcpy(path, folder, length);
    path[length] = '/';
    memcpy(path + length + 1, name, strlen(name) + 1);
    return stat(path, &found) == 0 && (found.st_mode & S_IFMT) == type;
}

static int is_named(const char *path, size_t length, const char *name) {
    size_t name_length = strlen(name);
    return length > name_length && path[length - name_length - 1] == '/' &&
           memcmp(path + length - name_length, name, name_length) == 0;
}

/* A home folder is no installation, though it often has bin/ and lib/; neither is what lies at the top. */
static int is_too_wide(const char *path, size_t length) {
    const char *home = getenv("HOME");
    size_t depth = 0;
    for (size_t i = 0; i < length; i++)
        depth += path[i] == '/';
    if (depth < 2 || is_named(path, length, ".local"))
        return 1;
    if (home && strlen(home) == length && memcmp(path, home, length) == 0)
        return 1;
    return depth == 2 && strncmp(path, "/home/", 6) == 0;
}

/* PREFIX of PREFIX/bin/program when it looks like an installation; else the program alone. */
static char *tree_of(const char *real) {
    size_t bin = parent(real, 1), prefix = parent(real, 2);
    int installed = is_named(real, bin, "bin") && !is_too_wide(real, prefix) &&
                    (is_there(real, prefix, "lib", S_IFDIR) || is_there(real, prefix, "lib64", S_IFDIR));
    return installed ? mxc_strndup(real, prefix) : mxc_strdup(real);
}

mxc_status mxc_runtime_survey(struct mxc_interpreter *interpreter, mxc_error **err) {
    size_t venv = 0;
    for (int levels = 1; levels <= 2 && !venv; levels++) {
        size_t length = parent(interpreter->found, levels);
        if (length > 0 && is_there(interpreter->found, length, "pyvenv.cfg", S_IFREG))
            venv = length;
    }
    if (interpreter->language == MXC_LANGUAGE_PYTHON && venv) {
        interpreter->venv = mxc_strndup(interpreter->found, venv);
        if (!interpreter->venv)
            return mxc_fail_memory(err);
    }
    interpreter->tree = tree_of(interpreter->real);
    return interpreter->tree ? MXC_OK : mxc_fail_memory(err);
}

/* ---- What a policy shows ---- */

static int is_visible(const mxc_policy *policy, const char *path) {
    return mxc_policy_reach(policy, path) >= MXC_REACH_READ;
}

static mxc_status check_denied(const mxc_policy *policy, const char *path, mxc_error **err) {
    const struct mxc_path_rule *rule = mxc_policy_rule_for(policy, path);
    if (!rule || rule->access != MXC_ACCESS_DENY)
        return MXC_OK;
    return mxc_fail(err, MXC_E_INTERPRETER,
                    MXC_FAULT(.origin = rule->origin, .hint = "use another interpreter, or change the rule"),
                    "the interpreter needs %s, which the policy denies", path);
}

static mxc_status check_shown(const mxc_policy *policy, const char *path, mxc_error **err) {
    mxc_status status = check_denied(policy, path, err);
    if (status != MXC_OK || is_visible(policy, path))
        return status;
    return mxc_fail(err, MXC_E_INTERPRETER,
                    MXC_FAULT(.hint = "pass its library tree in runtime_paths, or grant it in readonlyPaths"),
                    "the interpreter needs %s, which this sandbox does not show", path);
}

mxc_status mxc_interpreter_visible(const struct mxc_interpreter *interpreter, const mxc_policy *policy,
                                   mxc_error **err) {
    mxc_status status = check_shown(policy, interpreter->real, err);
    if (status == MXC_OK && interpreter->venv)
        status = check_shown(policy, interpreter->found, err);
    return status;
}

static mxc_status need(struct mxc_strings *paths, const mxc_policy *policy, const char *wanted, const char *folder,
                       mxc_error **err) {
    mxc_status status = check_denied(policy, wanted, err);
    if (status == MXC_OK)
        status = check_denied(policy, folder, err);
    if (status != MXC_OK || is_visible(policy, wanted))
        return status;
    return mxc_strings_add(paths, folder) == 0 ? MXC_OK : mxc_fail_memory(err);
}

/* Without the system baseline the C library and the loader are not there either. */
static mxc_status check_baseline(const struct mxc_interpreter *interpreter, const mxc_policy *policy, mxc_error **err) {
    if (policy->filesystem.baseline == MXC_BASELINE_SYSTEM || is_visible(policy, interpreter->real) ||
        mxc_baseline_reach(MXC_BASELINE_SYSTEM, interpreter->real) < MXC_REACH_READ)
        return MXC_OK;
    return mxc_fail(err, MXC_E_INTERPRETER,
                    MXC_FAULT(.origin = "/filesystem/baseline",
                              .hint = "use baseline \"system\", or grant the system folders read-only"),
                    "the interpreter %s is part of the system, which baseline \"none\" leaves out", interpreter->real);
}

mxc_status mxc_interpreter_needs(struct mxc_strings *paths, const struct mxc_interpreter *interpreter,
                                 const mxc_policy *policy, mxc_error **err) {
    const struct mxc_path_rule *rule = mxc_policy_rule_for(policy, interpreter->found);
    mxc_status status = check_baseline(interpreter, policy, err);
    if (status != MXC_OK)
        return status;
    /* What lies in a writable place may have been left there by an earlier run: it does not say what else is shown. */
    if (rule && rule->access == MXC_ACCESS_WRITE)
        return mxc_interpreter_visible(interpreter, policy, err);
    if (interpreter->venv)
        status = need(paths, policy, interpreter->found, interpreter->venv, err);
    if (status == MXC_OK)
        status = need(paths, policy, interpreter->real, interpreter->tree, err);
    return status;
}

/* ---- The policy that holds ---- */

/* A rule of the policy's own stands, whichever it is: a grant is not narrowed, a deny not opened. */
static int says_something(const mxc_policy *policy, const char *path) {
    char real[PATH_MAX];
    if (mxc_policy_rule_for(policy, path) || is_visible(policy, path))
        return 1;
    const struct mxc_path_rule *rule = realpath(path, real) ? mxc_policy_rule_for(policy, real) : NULL;
    return rule && rule->access == MXC_ACCESS_DENY;
}

static mxc_status add_path(struct mxc_strings *wanted, const mxc_policy *policy, const char *path, mxc_error **err) {
    MXC_AUTO_FREE char *normal = NULL;
    mxc_status status = mxc_path_normalise(&normal, path, "/", "/runtime", err);
    if (status != MXC_OK || says_something(policy, normal))
        return status;
    return mxc_strings_add(wanted, normal) == 0 ? MXC_OK : mxc_fail_memory(err);
}

mxc_status mxc_runtime_policy(mxc_policy **out, const mxc_policy *policy, const char *const *paths,
                              const struct mxc_strings *more, mxc_error **err) {
    __attribute__((cleanup(mxc_strings_clear))) struct mxc_strings wanted = {0};
    mxc_status status = MXC_OK;
    for (; status == MXC_OK && paths && *paths; paths++)
        status = add_path(&wanted, policy, *paths, err);
    for (size_t i = 0; status == MXC_OK && more && i < more->count; i++)
        status = add_path(&wanted, policy, more->items[i], err);
    if (status != MXC_OK)
        return status;
    if (wanted.count == 0) {
        *out = mxc_policy_ref(policy);
        return MXC_OK;
    }
    return mxc_policy_with_runtime(out, policy, (const char *const *)wanted.items, err);
}
