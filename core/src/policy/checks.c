/* checks.c: the values that a policy may hold, one check per kind, and the fields that exclude each other.
 * Knows no JSON: origins come from the caller. */
#include "policy/checks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "policy/host.h"
#include "policy/model.h"

const char *mxc_quoted(struct mxc_quote *quote, const char *text) {
    static const char digits[] = "0123456789abcdef";
    const size_t room = sizeof quote->text - sizeof "\\x00\"...";
    size_t used = 0;
    quote->text[used++] = '"';
    for (; *text && used < room; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f) {
            quote->text[used++] = '\\';
            quote->text[used++] = 'x';
            quote->text[used++] = digits[c >> 4];
            quote->text[used++] = digits[c & 15];
        } else {
            quote->text[used++] = (char)c;
        }
    }
    while (*text && used > 1 && ((unsigned char)*text & 0xc0) == 0x80) /* do not cut a character in two */
        text--, used--;
    memcpy(quote->text + used, *text ? "\"..." : "\"", *text ? sizeof "\"..." : sizeof "\"");
    return quote->text;
}

static mxc_status invalid(mxc_error **err, const char *origin, const char *hint, const char *message) {
    return mxc_fail(err, MXC_E_POLICY_INVALID, MXC_FAULT(.origin = origin, .hint = hint), "%s", message);
}

mxc_status mxc_check_not_empty(const char *text, const char *origin, mxc_error **err) {
    if (!text[strspn(text, " \t\r\n")])
        return invalid(err, origin, "give it a value, or leave the field out", "the text is empty");
    return MXC_OK;
}

static const char word_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

mxc_status mxc_check_container_id(const char *text, const char *origin, mxc_error **err) {
    size_t length = strlen(text);
    int dots = strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
    if (length < 1 || length > 64 || strspn(text, word_bytes) != length || dots)
        return invalid(err, origin, "use 1 to 64 of the characters A-Z a-z 0-9 . _ -",
                       "this is not a name for a sandbox");
    return MXC_OK;
}

mxc_status mxc_check_image_name(const char *text, const char *origin, mxc_error **err) {
    size_t length = strlen(text);
    if (length < 1 || length > 64 || strspn(text, word_bytes) != length || text[0] == '.' || text[0] == '-')
        return invalid(err, origin, "for example \"alpine\" and \"3.23\"",
                       "this is not the name of a distribution or release");
    return MXC_OK;
}

mxc_status mxc_check_env_entry(const char *text, const char *origin, mxc_error **err) {
    const char *equals = strchr(text, '=');
    if (!equals)
        return invalid(err, origin, "write NAME=VALUE; the value may be empty", "the entry has no \"=\"");
    if (equals == text)
        return invalid(err, origin, "write NAME=VALUE", "the name of the variable is empty");
    return MXC_OK;
}

mxc_status mxc_check_syscall_name(const char *text, const char *origin, mxc_error **err) {
    size_t length = strlen(text);
    if (length < 1 || length > 64 || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
        return invalid(err, origin, "write the kernel's name, for example \"ptrace\"",
                       "this is not the name of a system call");
    return MXC_OK;
}

mxc_status mxc_check_protected_name(const char *text, const char *origin, mxc_error **err) {
    const char *part = text;
    size_t length = strlen(text);
    int bad = length == 0 || length > 255 || text[0] == '/' || text[length - 1] == '/' || strpbrk(text, "*?[\\");
    while (!bad && *part) {
        size_t size = strcspn(part, "/");
        bad = size == 0 || (size == 1 && part[0] == '.') || (size == 2 && part[0] == '.' && part[1] == '.');
        part += size + (part[size] == '/');
    }
    if (bad)
        return invalid(err, origin, "write a relative name such as \".git/hooks\", without \"..\" and without patterns",
                       "this is not a name that can be protected");
    return MXC_OK;
}

/* ---- the proxy's address ------------------------------------------------------------------------------------- */

static const char *after(const char *text, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static const char *after_any(const char *text, const char *const *prefixes) {
    const char *rest = NULL;
    for (; text && *prefixes && !rest; prefixes++)
        rest = after(text, *prefixes);
    return rest;
}

mxc_status mxc_check_proxy_url(const char *text, const char *origin, mxc_error **err) {
    static const char *const schemes[] = {"http://", "https://", NULL};
    static const char *const hosts[] = {"localhost:", "127.0.0.1:", "[::1]:", NULL};
    const char *rest = after_any(after_any(text, schemes), hosts);
    uint16_t port;
    if (rest && mxc_port_parse(&port, rest) == 0)
        return MXC_OK;
    return invalid(
        err, origin, "write http://127.0.0.1:PORT, http://localhost:PORT or http://[::1]:PORT (or https)",
        "the proxy must be an http or https address on this host's loopback with a port and nothing after it");
}

int mxc_proxy_addresses(const char *url, uint16_t *port) {
    const char *host = strstr(url, "://") + 3;
    (void)mxc_port_parse(port, strrchr(host, ':') + 1);
    return *host == 'l' ? MXC_PROXY_V4 | MXC_PROXY_V6 : *host == '[' ? MXC_PROXY_V6 : MXC_PROXY_V4;
}

/* ---- environment ------------------------------------------------------------------------------------------------ */

mxc_status mxc_policy_add_env(mxc_policy *policy, const char *entry, const char *origin, mxc_error **err) {
    struct mxc_strings *env = &policy->process.env;
    mxc_status status = mxc_check_env_entry(entry, origin, err);
    size_t name = strcspn(entry, "=") + 1;
    if (status)
        return status;
    for (size_t i = 0; i < env->count; i++) {
        if (strncmp(env->items[i], entry, name) != 0)
            continue;
        char *copy = mxc_strdup(entry);
        if (!copy)
            return mxc_fail_memory(err);
        mxc_free(env->items[i]);
        env->items[i] = copy;
        return MXC_OK;
    }
    return mxc_strings_add(env, entry) ? mxc_fail_memory(err) : MXC_OK;
}

/* ---- fields together ---------------------------------------------------------------------------------------------- */

static mxc_status conflict(mxc_error **err, const char *origin, const char *hint, const char *message) {
    return mxc_fail(err, MXC_E_POLICY_CONFLICT, MXC_FAULT(.origin = origin, .hint = hint), "%s", message);
}

static mxc_status check_publish(const mxc_policy *policy, mxc_error **err) {
    const struct mxc_publish *items = policy->network.publish;
    for (size_t i = 0; i < policy->network.publish_count; i++)
        for (size_t k = 0; k < i; k++)
            if (items[i].host_port && items[i].host_port == items[k].host_port && items[i].port != items[k].port)
                return conflict(err, "/network/publish", "give each port inside a hostPort of its own",
                                "two ports are published on the same hostPort");
    return MXC_OK;
}

mxc_status mxc_policy_check_whole(const mxc_policy *policy, mxc_error **err) {
    int rules = policy->network.allow.count || policy->network.deny.count;
    if (policy->process.command_line && policy->process.argv.count)
        return conflict(err, "/process/argv", "keep commandLine (run by sh -c) or argv (no shell)",
                        "commandLine and argv exclude each other");
    if (policy->has_assurance && policy->containment != MXC_CONTAINMENT_AUTO)
        return conflict(err, "/assurance", "set containment to \"auto\", or leave assurance out",
                        "assurance goes with containment \"auto\" only");
    if (policy->network.proxy && (policy->network.egress_default == MXC_VERDICT_ALLOW || rules))
        return conflict(err, "/runtimeConfig/networkProxy", "leave out network.egress, or leave out the proxy",
                        "networkProxy needs egress default \"deny\" and no egress rules");
    for (size_t i = 0; i < policy->syscalls.deny.count; i++)
        if (mxc_strings_has(&policy->syscalls.allow, policy->syscalls.deny.items[i]))
            return conflict(err, "/syscalls/deny", "keep it in one list", "a system call is in both allow and deny");
    return check_publish(policy, err);
}
