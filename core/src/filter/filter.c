/* filter.c: which program a policy gets, and what is wrong with its lists of names. Must not know numbers or
 * BPF. A policy without lists gets an array of the library: nothing is compiled at the start of a sandbox. */
#include "filter/filter.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "filter/compile.h"
#include "filter/narrow.h"
#include "filter/profiles.h"
#include "filter/tables.h"
#include "plan/plan.h"

#define TOLD_CALLS 5u /* with `socket` */

struct work {
    struct mxc_decision *decisions; /* room for all calls of the table and all names of the lists */
    size_t count;
    unsigned int narrow;
    mxc_error **err;
};

static mxc_status refuse(struct work *work, const char *list, size_t index, const char *hint, const char *message) {
    char origin[64];
    snprintf(origin, sizeof origin, "/syscalls/%s/%zu", list, index);
    return mxc_fail(work->err, MXC_E_POLICY_INVALID, MXC_FAULT(.origin = origin, .hint = hint), "%s", message);
}

static struct mxc_decision *decision_for(struct work *work, int number) {
    for (size_t i = 0; i < work->count; i++) {
        if (work->decisions[i].number == number)
            return &work->decisions[i];
    }
    work->decisions[work->count] = (struct mxc_decision){number, MXC_CALL_NOSYS, MXC_CHECK_NONE};
    return &work->decisions[work->count++];
}

static mxc_status unknown_name(struct work *work, const char *list, size_t index, const char *name) {
    char message[160];
    snprintf(message, sizeof message, "\"%.64s\" is not the name of a Linux system call", name);
    return refuse(work, list, index, "names are as in the manual, section 2, e.g. \"ptrace\"", message);
}

/* What an allowed name becomes: a call with checked arguments keeps its check unless that is what is given up. */
static void open_up(struct mxc_decision *decision, const struct mxc_call *call) {
    if (call && call->check != MXC_CHECK_NONE && !(call->group->flags & MXC_CALL_FREE)) {
        decision->verdict = MXC_CALL_CHECK;
        return;
    }
    decision->verdict = MXC_CALL_ALLOW;
}

static mxc_status refuse_narrow(struct work *work, size_t index, const char *name, const char *reason) {
    char message[200];
    snprintf(message, sizeof message, "%s cannot be allowed without user namespaces: %s", name, reason);
    return refuse(work, "allow", index, "remove the name, or enable user namespaces (mxc doctor says how)", message);
}

static mxc_status allow(struct work *work, size_t index, const char *name) {
    const struct mxc_narrowing *narrowing = mxc_narrowing_of(name, work->narrow);
    struct mxc_call call;
    const int listed = mxc_call_find(&call, name), number = mxc_call_number(name);
    if (!listed && number == -1)
        return unknown_name(work, "allow", index, name);
    if (listed && (call.group->flags & MXC_CALL_WALL)) {
        char message[200];
        snprintf(message, sizeof message, "%s would open the walls (%s: %s)", name, call.group->title,
                 call.group->reason);
        return refuse(work, "allow", index, "no policy can allow it; remove the name", message);
    }
    if (narrowing && narrowing->reason)
        return refuse_narrow(work, index, name, narrowing->reason);
    if (number >= 0)
        open_up(decision_for(work, number), listed ? &call : NULL);
    return MXC_OK;
}

static mxc_status deny(struct work *work, size_t index, const char *name) {
    struct mxc_call call;
    const int number = mxc_call_number(name);
    if (!mxc_call_find(&call, name) && number == -1)
        return unknown_name(work, "deny", index, name);
    if (mxc_call_needed(name)) {
        char message[120];
        snprintf(message, sizeof message, "%s cannot be denied: no command can start or end without it", name);
        return refuse(work, "deny", index, "remove the name", message);
    }
    if (number >= 0)
        decision_for(work, number)->verdict = MXC_CALL_DENY;
    return MXC_OK;
}

static mxc_status apply_lists(struct work *work, const struct mxc_policy *policy) {
    mxc_status status = MXC_OK;
    for (size_t i = 0; i < policy->syscalls.allow.count && status == MXC_OK; i++)
        status = allow(work, i, policy->syscalls.allow.items[i]);
    /* after the allowed ones: what is in both lists is denied */
    for (size_t i = 0; i < policy->syscalls.deny.count && status == MXC_OK; i++)
        status = deny(work, i, policy->syscalls.deny.items[i]);
    return status;
}

/* Only ever takes away: a call that the profile denies stays denied. */
static void narrow_down(struct work *work) {
    char name[64];
    for (size_t i = 0; work->narrow && i < work->count; i++) {
        struct mxc_decision *one = &work->decisions[i];
        const struct mxc_narrowing *row =
            mxc_call_name(one->number, name, sizeof name) == 0 ? mxc_narrowing_of(name, work->narrow) : NULL;
        if (!row || (one->verdict != MXC_CALL_ALLOW && one->verdict != MXC_CALL_CHECK))
            continue;
        one->verdict = row->check == MXC_CHECK_NONE ? MXC_CALL_DENY : MXC_CALL_CHECK;
        if (row->check != MXC_CHECK_NONE) /* else the check is what comes back when a policy allows the call */
            one->check = row->check;
    }
}

/* Sockets of the internet can be had: by those who connect, and by init, which makes those that listen. */
static int has_internet(struct work *work) {
    const struct mxc_decision *socket = decision_for(work, mxc_call_number("socket"));
    return socket->verdict == MXC_CALL_ALLOW ||
           (socket->verdict == MXC_CALL_CHECK && socket->check == MXC_CHECK_SOCKET);
}

/* What is allowed stays allowed, and what a policy denies is not told of: the keeper would let it go on. */
static void tell(struct work *work, unsigned int *told) {
    static const struct {
        const char *name;
        enum mxc_call_check check;
        enum mxc_told_call bit;
    } rows[] = {
        {"connect", MXC_CHECK_TELL_CONNECT, MXC_TOLD_CONNECT},
        {"sendto", MXC_CHECK_TELL_DATA_3, MXC_TOLD_SENDTO},
        {"sendmsg", MXC_CHECK_TELL_DATA_2, MXC_TOLD_SENDMSG},
        {"sendmmsg", MXC_CHECK_TELL_DATA_3, MXC_TOLD_SENDMMSG},
    };
    if (!(work->narrow & MXC_NARROW_TELL) || !has_internet(work))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const int number = mxc_call_number(rows[i].name);
        struct mxc_decision *one = number < 0 ? NULL : decision_for(work, number);
        if (!one || one->verdict != MXC_CALL_ALLOW)
            continue;
        *one = (struct mxc_decision){number, MXC_CALL_CHECK, rows[i].check};
        *told |= rows[i].bit;
    }
}

/* The lists come after the narrowing: what a policy may allow on such a wall it allows. */
static mxc_status compile(struct mxc_filter *out, const struct mxc_policy *policy, unsigned int narrow,
                          mxc_error **err) {
    const size_t names = policy->syscalls.allow.count + policy->syscalls.deny.count;
    MXC_AUTO_FREE struct mxc_decision *decisions =
        mxc_alloc((mxc_call_count() + names + TOLD_CALLS) * sizeof *decisions);
    if (!decisions)
        return mxc_fail_memory(err);
    struct work work = {decisions, mxc_decisions_of(policy->syscalls.profile, decisions), narrow, err};
    narrow_down(&work);
    mxc_status status = apply_lists(&work, policy);
    if (status != MXC_OK)
        return status;
    unsigned int told = 0;
    tell(&work, &told);
    status = mxc_filter_compile(out, work.decisions, work.count, err);
    if (status == MXC_OK)
        out->told = told;
    return status;
}

mxc_status mxc_filter_for(struct mxc_filter *out, const struct mxc_policy *policy, unsigned int narrow,
                          mxc_error **err) {
    const int strict = policy->syscalls.profile == MXC_SYSCALLS_STRICT;
    if (narrow || policy->syscalls.allow.count || policy->syscalls.deny.count)
        return compile(out, policy, narrow, err);
    *out = (struct mxc_filter){.program = strict ? mxc_profile_strict : mxc_profile_default,
                               .count = strict ? mxc_profile_strict_count : mxc_profile_default_count};
    return MXC_OK;
}

char *mxc_filter_syscall_name(int number) {
    char name[64];
    return mxc_call_name(number, name, sizeof name) == 0 ? mxc_strdup(name) : NULL;
}

char *mxc_filter_denial_text(uint32_t number, unsigned int narrow) {
    char name[64], text[128];
    if (number > INT32_MAX || mxc_call_name((int)number, name, sizeof name) != 0) {
        snprintf(text, sizeof text, "syscall %u", number);
        return mxc_strdup(text);
    }
    struct mxc_call call;
    const struct mxc_narrowing *row = mxc_narrowing_of(name, narrow);
    const enum mxc_call_check check = row ? row->check : mxc_call_find(&call, name) ? call.check : MXC_CHECK_NONE;
    const char *why = mxc_call_check_text(check);
    snprintf(text, sizeof text, *why ? "%s (%s)" : "%s", name, why);
    return mxc_strdup(text);
}
