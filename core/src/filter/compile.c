/* compile.c: libseccomp makes the frame of the program (architecture, x32, binary tree over the numbers); its
 * returns for calls with checked arguments are then replaced by jumps to the programs of checks.c behind it.
 * Until then they are marked as SECCOMP_RET_TRACE with a number, an action that libseccomp takes on any kernel. */
#include "filter/compile.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/fd.h"
#include "filter/checks.h"

enum { MARK_DENY = 1, MARK_KILL = 2, MARK_CHECK = 16 };

/* 0 when there is nothing to decide: not a call of this machine, or it gets what unknown calls get. */
static int decide(struct mxc_decision *out, const char *name, int profile) {
    struct mxc_call call;
    const int number = mxc_call_number(name);
    if (number < 0 || !mxc_call_find(&call, name))
        return 0;
    *out = (struct mxc_decision){number, mxc_call_verdict_in(&call, profile), mxc_call_check_in(&call, profile)};
    return out->verdict != MXC_CALL_NOSYS;
}

size_t mxc_decisions_of(int profile, struct mxc_decision *out) {
    size_t count = 0;
    char name[MXC_CALL_NAME];
    for (size_t i = 0; i < mxc_call_group_count; i++) {
        for (const char *names = mxc_call_groups[i].names; mxc_call_next(&names, name);)
            count += (size_t)decide(&out[count], name, profile);
    }
    return count;
}

static int rule_for(scmp_filter_ctx context, const struct mxc_decision *decision) {
    uint32_t action = SCMP_ACT_TRACE(MARK_DENY);
    if (decision->verdict == MXC_CALL_NOSYS)
        return 0; /* what every other call gets */
    if (decision->verdict == MXC_CALL_ALLOW)
        action = SCMP_ACT_ALLOW;
    else if (decision->verdict == MXC_CALL_CHECK)
        action = SCMP_ACT_TRACE(MARK_CHECK + decision->check);
    return seccomp_rule_add_exact(context, action, decision->number, 0);
}

static int fill(scmp_filter_ctx context, const struct mxc_decision *decisions, size_t count) {
    int result = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_TRACE(MARK_KILL));
    if (result == 0)
        result = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* binary tree */
    for (size_t i = 0; i < count && result == 0; i++)
        result = rule_for(context, &decisions[i]);
    return result;
}

/* libseccomp 2.5 writes a program to a descriptor only. */
static mxc_status export_program(scmp_filter_ctx context, struct sock_filter **program, size_t *count,
                                 mxc_error **err) {
    MXC_AUTO_FD int fd = memfd_create("mxc-filter", MFD_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return mxc_fail_errno(err, "memfd_create", errno);
    int result = seccomp_export_bpf(context, fd);
    if (result < 0)
        return mxc_fail_errno(err, "seccomp_export_bpf", -result);
    if (fstat(fd, &st) < 0)
        return mxc_fail_errno(err, "fstat", errno);
    *program = mxc_alloc((size_t)st.st_size);
    if (!*program)
        return mxc_fail_memory(err);
    if (pread(fd, *program, (size_t)st.st_size, 0) != st.st_size)
        return mxc_fail_errno(err, "pread", EIO);
    *count = (size_t)st.st_size / sizeof **program;
    return MXC_OK;
}

static size_t append_check(struct mxc_filter *filter, enum mxc_call_check check) {
    struct sock_filter code[MXC_CHECK_MAX];
    size_t length = mxc_check_program(check, code), start = filter->count;
    memcpy((struct sock_filter *)filter->owned + start, code, length * sizeof *code);
    filter->count += length;
    return start;
}

/* Puts the real actions in the place of the marks; the array has room for one copy of each check. */
static void resolve_marks(struct mxc_filter *filter) {
    struct sock_filter *code = filter->owned;
    size_t frame = filter->count, starts[MXC_CHECKS] = {0};
    for (size_t i = 0; i < frame; i++) {
        uint32_t mark = code[i].k & SECCOMP_RET_DATA;
        if (code[i].code != (BPF_RET | BPF_K) || (code[i].k & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE)
            continue;
        if (mark < MARK_CHECK || mark >= MARK_CHECK + MXC_CHECKS) {
            code[i].k = mark == MARK_DENY ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_KILL_PROCESS;
            continue;
        }
        if (!starts[mark - MARK_CHECK])
            starts[mark - MARK_CHECK] = append_check(filter, (enum mxc_call_check)(mark - MARK_CHECK));
        code[i] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)(starts[mark - MARK_CHECK] - i - 1));
    }
}

static mxc_status compile(struct mxc_filter *out, scmp_filter_ctx context, mxc_error **err) {
    MXC_AUTO_FREE struct sock_filter *program = NULL;
    size_t count = 0;
    mxc_status status = export_program(context, &program, &count, err);
    if (status != MXC_OK)
        return status;
    struct sock_filter *whole = mxc_realloc(program, (count + MXC_CHECKS * MXC_CHECK_MAX) * sizeof *whole);
    if (!whole)
        return mxc_fail_memory(err);
    program = NULL;
    struct mxc_filter filter = {.program = whole, .count = count, .owned = whole};
    resolve_marks(&filter);
    if (filter.count > BPF_MAXINSNS) {
        mxc_filter_clear(&filter);
        return mxc_fail(err, MXC_E_INTERNAL, MXC_FAULT(.operation = "seccomp"), "the filter is too long");
    }
    *out = filter;
    return MXC_OK;
}

mxc_status mxc_filter_compile(struct mxc_filter *out, const struct mxc_decision *decisions, size_t count,
                              mxc_error **err) {
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!context)
        return mxc_fail_memory(err);
    int result = fill(context, decisions, count);
    mxc_status status = result == 0 ? compile(out, context, err) : MXC_OK;
    seccomp_release(context);
    if (result == -ENOMEM)
        return mxc_fail_memory(err);
    return result == 0 ? status : mxc_fail_errno(err, "seccomp_rule_add", -result);
}

void mxc_filter_clear(struct mxc_filter *filter) {
    mxc_free(filter->owned);
    *filter = (struct mxc_filter){0};
}
