/* paths.c: one spelling per path, lexically. Symbolic links are not looked at: whoever opens the path does that,
 * by descriptor. ".." is refused and not resolved, because behind a symbolic link it means something else. */
#include "policy/paths.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "policy/checks.h"

struct path_fault {
    const char *what, *hint;
};

static int letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Forms that people write and that this language does not know: taken literally they would name a file that does
 * not exist, and a denied path that does not exist is no error, so nobody would notice. */
static const struct path_fault *spelling_fault(const char *path) {
    static const struct path_fault empty = {"the path is empty", "write an absolute path, or leave the entry out"};
    static const struct path_fault tilde = {"\"~\" and \"$\" are not expanded in paths",
                                            "write the absolute path; a file of that name is ./~name or ./$name"};
    static const struct path_fault drive = {"this is a path of another system", "write an absolute path of this host"};
    static const struct path_fault glob = {"patterns with \"*\" are not part of the policy language",
                                           "name the folder; a rule for a folder covers everything below it"};
    static const struct path_fault size = {"the path is too long", "the system's limit is 4095 bytes"};
    if (!path[strspn(path, " \t\r\n")])
        return &empty;
    if (path[0] == '~' || path[0] == '$')
        return &tilde;
    if ((letter(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/')) || strncmp(path, "\\\\", 2) == 0)
        return &drive;
    if (strchr(path, '*'))
        return &glob;
    return strlen(path) >= PATH_MAX ? &size : NULL;
}

static mxc_status refuse(const struct path_fault *fault, const char *path, const char *origin, mxc_error **err) {
    struct mxc_quote quote;
    return mxc_fail(err, MXC_E_PATH, MXC_FAULT(.origin = origin, .hint = fault->hint), "%s: %s", fault->what,
                    mxc_quoted(&quote, path));
}

/* Appends the components of `path`; "." and empty ones vanish. */
static const struct path_fault *append_components(struct mxc_buf *buf, const char *path) {
    static const struct path_fault parent = {
        "\"..\" is not allowed in a path",
        "write the path without \"..\": behind a symbolic link it would mean another folder"};
    static const struct path_fault name = {"a name in the path is longer than 255 bytes", "shorten it"};
    while (*path) {
        size_t length = strcspn(path, "/");
        if (length == 2 && path[0] == '.' && path[1] == '.')
            return &parent;
        if (length > NAME_MAX)
            return &name;
        if (length && !(length == 1 && path[0] == '.')) {
            mxc_buf_bytes(buf, "/", 1);
            mxc_buf_bytes(buf, path, length);
        }
        path += length + (path[length] == '/');
    }
    return NULL;
}

mxc_status mxc_path_normalise(char **out, const char *path, const char *base_dir, const char *origin, mxc_error **err) {
    static const struct path_fault size = {"the path is too long", "the system's limit is 4095 bytes"};
    MXC_AUTO_BUF struct mxc_buf buf = {0};
    const struct path_fault *fault = spelling_fault(path);
    if (!fault && path[0] != '/')
        fault = append_components(&buf, base_dir);
    if (!fault)
        fault = append_components(&buf, path);
    if (!fault && buf.length >= PATH_MAX)
        fault = &size;
    if (buf.failed)
        return mxc_fail_memory(err);
    if (fault)
        return refuse(fault, path, origin, err);
    if (buf.length == 0)
        mxc_buf_text(&buf, "/");
    char *text = mxc_buf_take(&buf);
    if (!text)
        return mxc_fail_memory(err);
    *out = text;
    return MXC_OK;
}

int mxc_path_is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return 1;
    return strncmp(path, folder, length) == 0 && (path[length] == 0 || path[length] == '/');
}

static mxc_status check_grant(const char *path, mxc_access access, const char *origin, mxc_error **err) {
    static const struct path_fault root = {"the whole file system cannot be made writable",
                                           "name the folders that are to be written"};
    static const struct path_fault kernel = {"the kernel's own file systems cannot be made writable",
                                             "leave it out: the sandbox has its own /proc and /dev"};
    static const struct path_fault proc = {"the host's /proc and /dev cannot be granted",
                                           "leave it out: the sandbox has its own /proc and /dev"};
    int own = mxc_path_is_below(path, "/proc") || mxc_path_is_below(path, "/dev");
    if (access == MXC_ACCESS_WRITE && strcmp(path, "/") == 0)
        return refuse(&root, path, origin, err);
    if (access == MXC_ACCESS_WRITE && (own || mxc_path_is_below(path, "/sys")))
        return refuse(&kernel, path, origin, err);
    if (access != MXC_ACCESS_DENY && own)
        return refuse(&proc, path, origin, err);
    return MXC_OK;
}

mxc_status mxc_policy_add_path(mxc_policy *policy, const struct mxc_path_rule *rule, const char *base_dir,
                               mxc_error **err) {
    MXC_AUTO_FREE char *path = NULL;
    MXC_AUTO_FREE char *origin = mxc_strdup(rule->origin ? rule->origin : "");
    if (!origin)
        return mxc_fail_memory(err);
    mxc_status status = mxc_path_normalise(&path, rule->path, base_dir, origin, err);
    if (!status && path)
        status = check_grant(path, rule->access, origin, err);
    if (status)
        return status;
    if (mxc_reserve(&policy->filesystem.rules, &policy->filesystem.capacity, policy->filesystem.count + 1,
                    sizeof *policy->filesystem.rules))
        return mxc_fail_memory(err);
    policy->filesystem.rules[policy->filesystem.count++] =
        (struct mxc_path_rule){.access = rule->access, .path = mxc_take(path), .origin = mxc_take(origin)};
    return MXC_OK;
}
