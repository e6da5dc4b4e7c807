/* compile.c: decisions to one BPF program: architecture, x32, then a binary tree over *runs* of numbers that get the same
 * answer, which are far fewer than the calls. A short program matters: the kernel checks, converts and compiles it, and
 * for its cache asks it about every number, at every start of a sandbox. Jumps go forward only and conditional ones reach
 * 255 instructions, so it is built from its end: what a jump leads to is there already, or is put within reach. */
#include "filter/compile.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "filter/checks.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "add the audit architecture of this machine"
#endif

#define REACH 255u
#define UNKNOWN_CALL (SECCOMP_RET_ERRNO | ENOSYS)

/* What a run gets: an answer, or one of the programs of checks.c. */
enum { GET_UNKNOWN, GET_ALLOW, GET_DENY, GET_KILL, GET_CHECK, GETS = GET_CHECK + MXC_CHECKS };

struct run { /* of numbers, until the next one begins */
    uint32_t first;
    int get;
};

struct assembly { /* the last instruction first */
    struct sock_filter *code;
    size_t count, room;
    size_t place[GETS]; /* 1 + index of the nearest that does this; 0: none yet */
};

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

/* ---- runs ---- */

static int get_of(const struct mxc_decision *decision) {
    switch (decision->verdict) {
    case MXC_CALL_ALLOW:
        return GET_ALLOW;
    case MXC_CALL_CHECK:
        return GET_CHECK + (int)decision->check;
    case MXC_CALL_DENY:
        return GET_DENY;
    default:
        return GET_UNKNOWN;
    }
}

static int by_number(const void *one, const void *other) {
    const struct mxc_decision *a = one, *b = other;
    return a->number < b->number ? -1 : a->number > b->number;
}

static size_t add_run(struct run *runs, size_t count, uint32_t first, int get) {
    if (count && runs[count - 1].get == get)
        return count;
    runs[count] = (struct run){first, get};
    return count + 1;
}

/* `runs` has room for two of each decision and one more. */
static size_t list_runs(struct run *runs, const struct mxc_decision *sorted, size_t decisions) {
    uint32_t next = 0;
    size_t count = 0;
    for (size_t i = 0; i < decisions; i++) {
        uint32_t number = (uint32_t)sorted[i].number;
        if (number > next)
            count = add_run(runs, count, next, GET_UNKNOWN);
        count = add_run(runs, count, number, get_of(&sorted[i]));
        next = number + 1;
    }
    return add_run(runs, count, next, GET_UNKNOWN);
}

/* ---- instructions, from the end ---- */

static size_t put(struct assembly *to, struct sock_filter instruction) {
    if (to->count < to->room)
        to->code[to->count] = instruction;
    return to->count++;
}

static size_t put_get(struct assembly *to, int get) {
    static const uint32_t answers[] = {[GET_UNKNOWN] = UNKNOWN_CALL,
                                       [GET_ALLOW] = SECCOMP_RET_ALLOW,
                                       [GET_DENY] = SECCOMP_RET_USER_NOTIF,
                                       [GET_KILL] = SECCOMP_RET_KILL_PROCESS};
    struct sock_filter check[MXC_CHECK_MAX];
    if (get < GET_CHECK)
        return put(to, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answers[get]));
    for (size_t length = mxc_check_program((enum mxc_call_check)(get - GET_CHECK), check); length;)
        put(to, check[--length]);
    return to->count - 1;
}

/* Of a jump that is put next. */
static size_t distance(const struct assembly *to, size_t target) { return to->count - 1 - target; }

/* The target, or a jump to it that the instruction after the next `more` ones reaches. */
static size_t within_reach(struct assembly *to, size_t target, size_t more) {
    size_t far = distance(to, target);
    return far + more <= REACH ? target : put(to, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)far));
}

static size_t place_of(struct assembly *to, int get) {
    size_t place = to->place[get] ? within_reach(to, to->place[get] - 1, 2) : put_get(to, get);
    to->place[get] = place + 1;
    return place;
}

static size_t put_jump(struct assembly *to, uint16_t test, uint32_t value, size_t yes, size_t no) {
    yes = within_reach(to, yes, 1);
    no = within_reach(to, no, 0);
    return put(to, (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, value, (uint8_t)distance(to, yes),
                                                (uint8_t)distance(to, no)));
}

static size_t put_load(struct assembly *to, uint32_t offset) {
    return put(to, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

/* The runs [low, high), of which there is one at least. */
static size_t put_tree(struct assembly *to, const struct run *runs, size_t low, size_t high) {
    if (high - low == 1)
        return place_of(to, runs[low].get);
    size_t middle = low + (high - low) / 2;
    size_t above = put_tree(to, runs, middle, high);
    size_t below = put_tree(to, runs, low, middle);
    return put_jump(to, BPF_JGE, runs[middle].first, above, below);
}

static void assemble(struct assembly *to, const struct run *runs, size_t count) {
    for (size_t i = 0; i < count; i++) /* behind the tree, not in its middle */
        if (runs[i].get >= GET_CHECK && !to->place[runs[i].get])
            to->place[runs[i].get] = put_get(to, runs[i].get) + 1;
    size_t start = put_tree(to, runs, 0, count), kill = place_of(to, GET_KILL);
#ifdef X32_BIT
    /* -1 is no call of x32: a tracer writes it to have a call skipped. */
    size_t x32 = put_jump(to, BPF_JEQ, UINT32_MAX, place_of(to, GET_UNKNOWN), kill);
    start = put_jump(to, BPF_JGE, X32_BIT, x32, start);
#endif
    if (start != to->count - 1) /* the load goes on to what follows it */
        put(to, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)distance(to, start)));
    start = put_load(to, offsetof(struct seccomp_data, nr));
    put_jump(to, BPF_JEQ, ARCHITECTURE, start, kill);
    put_load(to, offsetof(struct seccomp_data, arch));
}

static void reverse(struct sock_filter *code, size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        struct sock_filter last = code[count - 1 - i];
        code[count - 1 - i] = code[i];
        code[i] = last;
    }
}

mxc_status mxc_filter_compile(struct mxc_filter *out, const struct mxc_decision *decisions, size_t count,
                              mxc_error **err) {
    MXC_AUTO_FREE struct mxc_decision *sorted = mxc_alloc((count + 1) * sizeof *sorted);
    MXC_AUTO_FREE struct run *runs = mxc_alloc((2 * count + 1) * sizeof *runs);
    MXC_AUTO_FREE struct sock_filter *code = mxc_alloc(BPF_MAXINSNS * sizeof *code);
    if (!sorted || !runs || !code)
        return mxc_fail_memory(err);
    memcpy(sorted, decisions, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_number);
    struct assembly assembly = {.code = code, .room = BPF_MAXINSNS};
    assemble(&assembly, runs, list_runs(runs, sorted, count));
    if (assembly.count > assembly.room)
        return mxc_fail(err, MXC_E_INTERNAL, MXC_FAULT(.operation = "seccomp"), "the filter is too long");
    reverse(code, assembly.count);
    *out = (struct mxc_filter){.program = code, .count = assembly.count, .owned = code};
    code = NULL;
    return MXC_OK;
}

void mxc_filter_clear(struct mxc_filter *filter) {
    mxc_free(filter->owned);
    *filter = (struct mxc_filter){0};
}
