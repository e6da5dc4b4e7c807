/* request_env.c: the environment: a clean default or what the policy says, the command's own entries on top. Nothing
 * of the caller's environment gets in. */
#include <string.h>

#include "api/request.h"
#include "base/alloc.h"
#include "base/error.h"
#include "policy/model.h"

/* The first is PATH: see below. */
static const char *const defaults[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                       "HOME=/tmp",
                                       "LANG=C.UTF-8",
                                       "USER=sandbox",
                                       "SHELL=/bin/sh",
                                       "TERM=dumb",
                                       NULL};

/* The entry of the same name, or NULL. */
static char **find(const struct mxc_strings *env, const char *entry) {
    size_t name = strcspn(entry, "=") + 1;
    for (size_t i = 0; i < env->count; i++)
        if (strncmp(env->items[i], entry, name) == 0)
            return &env->items[i];
    return NULL;
}

static mxc_status set(struct mxc_strings *env, const char *entry, mxc_error **err) {
    char **same = find(env, entry);
    if (!same)
        return mxc_strings_add(env, entry) == 0 ? MXC_OK : mxc_fail_memory(err);
    char *copy = mxc_strdup(entry);
    if (!copy)
        return mxc_fail_memory(err);
    mxc_free(*same);
    *same = copy;
    return MXC_OK;
}

static mxc_status set_all(struct mxc_strings *env, const char *const *entries, mxc_error **err) {
    mxc_status status = MXC_OK;
    for (; status == MXC_OK && entries && *entries; entries++)
        status = set(env, *entries, err);
    return status;
}

static int has_folder(const char *search, const char *folder, size_t length) {
    while (*search) {
        size_t part = strcspn(search, ":");
        if (part == length && memcmp(search, folder, length) == 0)
            return 1;
        search += part;
        search += *search == ':';
    }
    return 0;
}

/* So that code which starts "python3" gets the one it runs under. */
static mxc_status put_in_front(struct mxc_strings *env, const char *program, mxc_error **err) {
    char **entry = find(env, "PATH=");
    size_t folder = (size_t)(strrchr(program, '/') - program);
    if (!entry || folder == 0 || has_folder(*entry + 5, program, folder))
        return MXC_OK;
    MXC_AUTO_BUF struct mxc_buf changed = {0};
    mxc_buf_format(&changed, "PATH=%.*s%s%s", (int)folder, program, (*entry)[5] ? ":" : "", *entry + 5);
    if (changed.failed)
        return mxc_fail_memory(err);
    return set(env, changed.data, err);
}

/* Where /tmp is the host's, the private folder for temporary files takes its place. */
static mxc_status set_scratch(struct mxc_strings *env, const char *scratch, mxc_error **err) {
    static const char *const names[] = {"HOME", "TMPDIR"};
    mxc_status status = MXC_OK;
    for (size_t i = 0; status == MXC_OK && scratch && i < sizeof names / sizeof *names; i++) {
        MXC_AUTO_BUF struct mxc_buf entry = {0};
        mxc_buf_format(&entry, "%s=%s", names[i], scratch);
        status = entry.failed ? mxc_fail_memory(err) : set(env, entry.data, err);
    }
    return status;
}

/* What programs look for; a policy with an environment of its own says itself what is in it. */
static mxc_status set_proxy(struct mxc_strings *env, const char *proxy, mxc_error **err) {
    static const char *const names[] = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
                                        "http_proxy", "https_proxy", "all_proxy"};
    mxc_status status = MXC_OK;
    for (size_t i = 0; status == MXC_OK && proxy && i < sizeof names / sizeof *names; i++) {
        MXC_AUTO_BUF struct mxc_buf entry = {0};
        mxc_buf_format(&entry, "%s=%s", names[i], proxy);
        status = entry.failed ? mxc_fail_memory(err) : set(env, entry.data, err);
    }
    return status;
}

mxc_status mxc_request_env(struct mxc_request *out, const mxc_command *command, const struct mxc_prepared *prepared,
                           const struct mxc_interpreter *interpreter, mxc_error **err) {
    const mxc_policy *policy = prepared->policy;
    int clean = !policy->process.has_env || policy->process.inherit_default_env;
    mxc_status status = set_all(&out->env, clean ? defaults : NULL, err);
    if (status == MXC_OK && clean)
        status = set_scratch(&out->env, prepared->scratch, err);
    if (status == MXC_OK && clean)
        status = set_proxy(&out->env, policy->network.proxy, err);
    if (status == MXC_OK)
        status = set_all(&out->env, (const char *const *)policy->process.env.items, err);
    if (status == MXC_OK)
        status = set_all(&out->env, command->env, err);
    if (status == MXC_OK && command->code)
        status = put_in_front(&out->env, mxc_interpreter_program(interpreter), err);
    if (status != MXC_OK)
        return status;
    char **path = find(&out->env, "PATH=");
    out->path = mxc_strdup((path ? *path : defaults[0]) + strlen("PATH="));
    out->launch.path = out->path;
    out->launch.env = (const char *const *)out->env.items;
    return out->path ? MXC_OK : mxc_fail_memory(err);
}
