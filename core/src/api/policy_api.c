/* policy_api.c: policies: reading, printing, combining, building. What belongs to the calling process (current
 * directory, files) is looked up here and nowhere below. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/structs.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/fd.h"
#include "contract/contract.h"
#include "policy/builder.h"
#include "policy/checks.h"
#include "policy/intersect.h"
#include "policy/model.h"
#include "policy/presets.h"

/* ---- the caller's directory ----------------------------------------------------------------------------------------------- */

/* The current directory; a deleted or unreachable one has no path that rules could be taken from. */
static mxc_status current_dir(char dir[PATH_MAX], mxc_error **err) {
    if (!getcwd(dir, PATH_MAX))
        return mxc_fail_errno(err, "getcwd", errno);
    if (dir[0] != '/')
        return mxc_fail_errno(err, "getcwd", ENOENT);
    return MXC_OK;
}

/* `given`, or the current directory when it is NULL. */
static mxc_status base_of(const char **out, const char *given, char dir[PATH_MAX], mxc_error **err) {
    if (given && given[0] != '/')
        return mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "the folder for relative paths must be absolute");
    mxc_status status = given ? MXC_OK : current_dir(dir, err);
    *out = given ? given : dir;
    return status;
}

/* ---- reading and printing --------------------------------------------------------------------------------------------------- */

mxc_status mxc_policy_parse(mxc_policy **out, const char *json, size_t length, const char *base_dir, mxc_error **err) {
    char dir[PATH_MAX];
    if (!out || !json)
        return mxc_fail_null(err, out ? "json" : "out");
    mxc_status status = base_of(&base_dir, base_dir, dir, err);
    return status ? status : mxc_contract_parse(out, json, length, base_dir, err);
}

static mxc_status not_readable(mxc_error **err, const char *path, const char *operation, int sys_errno) {
    struct mxc_quote quote;
    char why[128] = "";
    const char *text = strerror_r(sys_errno, why, sizeof why);
    return mxc_fail(err, sys_errno == ENOMEM ? MXC_E_NO_MEMORY : MXC_E_PATH,
                    MXC_FAULT(.operation = operation, .sys_errno = sys_errno), "the policy file %s cannot be read: %s",
                    mxc_quoted(&quote, path), text);
}

/* O_NONBLOCK: opening a FIFO nobody writes to would wait for ever. */
static mxc_status open_file(int *out, const char *path, mxc_error **err) {
    struct mxc_quote quote;
    struct stat info;
    MXC_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return not_readable(err, path, "open", errno);
    if (fstat(fd, &info))
        return not_readable(err, path, "fstat", errno);
    if (!S_ISREG(info.st_mode))
        return mxc_fail(err, MXC_E_PATH, MXC_FAULT(.hint = "give the path of a file with the policy's JSON text"),
                        "the policy %s is not a regular file", mxc_quoted(&quote, path));
    *out = mxc_take_fd(&fd);
    return MXC_OK;
}

/* One byte more than is allowed, so that the reader says what is wrong with the size. */
static mxc_status read_file(struct mxc_buf *buf, const char *path, mxc_error **err) {
    MXC_AUTO_FD int fd = -1;
    char block[16384];
    mxc_status status = open_file(&fd, path, err);
    while (!status && buf->length <= MXC_POLICY_TEXT_MAX) {
        ssize_t got = read(fd, block, sizeof block);
        if (got == 0)
            break;
        if (got > 0)
            mxc_buf_bytes(buf, block, (size_t)got);
        else if (errno != EINTR)
            status = not_readable(err, path, "read", errno);
        if (buf->failed)
            status = mxc_fail_memory(err);
    }
    return status;
}

/* The folder of the file, for the relative paths in it: absolute, symbolic links resolved. */
static mxc_status folder_of(char folder[PATH_MAX], const char *path, mxc_error **err) {
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + (slash == path) : 0;
    MXC_AUTO_FREE char *given = slash ? mxc_strndup(path, length) : mxc_strdup(".");
    if (!given)
        return mxc_fail_memory(err);
    return realpath(given, folder) ? MXC_OK : not_readable(err, path, "realpath", errno);
}

mxc_status mxc_policy_load(mxc_policy **out, const char *path, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf text = {0};
    char folder[PATH_MAX];
    if (!out || !path)
        return mxc_fail_null(err, out ? "path" : "out");
    mxc_status status = read_file(&text, path, err);
    if (!status)
        status = folder_of(folder, path, err);
    return status ? status : mxc_contract_parse(out, text.data ? text.data : "", text.length, folder, err);
}

mxc_status mxc_policy_preset(mxc_policy **out, const char *name, const char *dir, mxc_error **err) {
    char current[PATH_MAX];
    if (!out || !name)
        return mxc_fail_null(err, out ? "name" : "out");
    mxc_status status = base_of(&dir, dir, current, err);
    return status ? status : mxc_policy_from_preset(out, name, dir, err);
}

mxc_status mxc_policy_intersect(mxc_policy **out, const mxc_policy *a, const mxc_policy *b, mxc_error **err) {
    if (!out || !a || !b)
        return mxc_fail_null(err, !out ? "out" : a ? "b" : "a");
    return mxc_policy_meet(out, a, b, err);
}

mxc_status mxc_policy_to_json(char **out, const mxc_policy *policy, mxc_error **err) {
    if (!out || !policy)
        return mxc_fail_null(err, out ? "policy" : "out");
    return mxc_contract_print(out, policy, err);
}

const char *mxc_policy_schema(void) { return mxc_contract_schema(); }

void mxc_policy_free(mxc_policy *policy) { mxc_policy_unref(policy); }

/* ---- building --------------------------------------------------------------------------------------------------------------- */

mxc_status mxc_policy_builder_new(mxc_policy_builder **out, const mxc_policy *base, mxc_error **err) {
    return out ? mxc_builder_new(out, base, err) : mxc_fail_null(err, "out");
}

mxc_status mxc_policy_builder_path(mxc_policy_builder *builder, mxc_access access, const char *path, mxc_error **err) {
    char dir[PATH_MAX] = "/";
    if (!builder || !path)
        return mxc_fail_null(err, builder ? "path" : "builder");
    struct mxc_path_rule rule = {.access = access, .path = (char *)path, .origin = (char *)"/filesystem"};
    mxc_status status = path[0] == '/' ? MXC_OK : current_dir(dir, err);
    return status ? status : mxc_builder_path(builder, &rule, dir, err);
}

mxc_status mxc_policy_builder_allow(mxc_policy_builder *builder, const char *target, mxc_error **err) {
    if (!builder || !target)
        return mxc_fail_null(err, builder ? "target" : "builder");
    return mxc_builder_allow(builder, target, err);
}

mxc_status mxc_policy_builder_limit(mxc_policy_builder *builder, mxc_limit limit, uint64_t value, mxc_error **err) {
    return builder ? mxc_builder_limit(builder, limit, value, err) : mxc_fail_null(err, "builder");
}

mxc_status mxc_policy_builder_env(mxc_policy_builder *builder, const char *entry, mxc_error **err) {
    if (!builder || !entry)
        return mxc_fail_null(err, builder ? "entry" : "builder");
    return mxc_builder_env(builder, entry, err);
}

mxc_status mxc_policy_builder_set(mxc_policy_builder *builder, const char *pointer, const char *value,
                                  mxc_error **err) {
    char dir[PATH_MAX] = "/";
    if (!builder || !pointer || !value)
        return mxc_fail_null(err, !builder ? "builder" : pointer ? "value" : "pointer");
    mxc_status status = value[0] != '/' && strcmp(pointer, "/process/cwd") == 0 ? current_dir(dir, err) : MXC_OK;
    return status ? status : mxc_builder_set(builder, pointer, value, dir, err);
}

mxc_status mxc_policy_builder_build(mxc_policy **out, const mxc_policy_builder *builder, mxc_error **err) {
    if (!out || !builder)
        return mxc_fail_null(err, out ? "builder" : "out");
    return mxc_builder_build(out, builder, err);
}

void mxc_policy_builder_free(mxc_policy_builder *builder) { mxc_builder_free(builder); }
