/* decisions.c: see decisions.h. */
#include "unit/filter/decisions.h"

#include <string.h>

enum { ARGS_AT = offsetof(struct seccomp_data, args) };

struct walk {
    const struct sock_filter *program;
    size_t count;
    struct seccomp_data data; /* number and machine */
    struct decisions *out;
    uint8_t *hits;
    struct way way; /* up to where we are */
};

struct value { /* of the accumulator: a number, or a word of the arguments */
    int word;  /* -1: a number */
    uint32_t number, mask;
};

static int load(const struct walk *walk, const struct sock_filter *f, struct value *a) {
    if (f->code != (BPF_LD | BPF_W | BPF_ABS) || f->k % 4 || f->k + 4 > sizeof walk->data)
        return -1;
    *a = (struct value){.word = f->k < ARGS_AT ? -1 : (int)((f->k - ARGS_AT) / 4), .mask = 0xffffffff};
    if (a->word < 0)
        memcpy(&a->number, (const char *)&walk->data + f->k, 4);
    return 0;
}

static int test_of(uint16_t code, enum test *test) {
    switch (code) {
    case BPF_JMP | BPF_JEQ | BPF_K:
        *test = TEST_EQUAL;
        return 0;
    case BPF_JMP | BPF_JSET | BPF_K:
        *test = TEST_ANY_BIT;
        return 0;
    case BPF_JMP | BPF_JGT | BPF_K:
        *test = TEST_GREATER;
        return 0;
    case BPF_JMP | BPF_JGE | BPF_K:
        *test = TEST_AT_LEAST;
        return 0;
    default:
        return -1;
    }
}

static int holds(enum test test, uint32_t number, uint32_t value) {
    switch (test) {
    case TEST_EQUAL:
        return number == value;
    case TEST_ANY_BIT:
        return (number & value) != 0;
    case TEST_GREATER:
        return number > value;
    default:
        return number >= value;
    }
}

static int from(struct walk *walk, size_t pc, struct value a);

static int branch(struct walk *walk, size_t pc, struct value a) {
    const struct sock_filter *f = &walk->program[pc];
    enum test test;
    if (test_of(f->code, &test))
        return -1;
    if (a.word < 0)
        return from(walk, pc + 1 + (holds(test, a.number & a.mask, f->k) ? f->jt : f->jf), a);
    if (walk->way.count == WAY_CONDITIONS)
        return -1;
    struct condition *here = &walk->way.conditions[walk->way.count++];
    *here = (struct condition){test, a.word, a.mask, f->k, 1};
    int bad = from(walk, pc + 1 + f->jt, a);
    here->holds = 0;
    bad = bad ? bad : from(walk, pc + 1 + f->jf, a);
    walk->way.count--;
    return bad;
}

static int end(struct walk *walk, uint32_t answer) {
    if (walk->out->count == WAYS)
        return -1;
    walk->way.answer = answer;
    walk->out->ways[walk->out->count++] = walk->way;
    return 0;
}

static int from(struct walk *walk, size_t pc, struct value a) {
    for (; pc < walk->count; pc++) {
        const struct sock_filter *f = &walk->program[pc];
        walk->hits[pc] = 1;
        if (f->code == (BPF_RET | BPF_K))
            return end(walk, f->k);
        if (f->code == (BPF_JMP | BPF_JA))
            pc += f->k;
        else if (BPF_CLASS(f->code) == BPF_JMP)
            return branch(walk, pc, a);
        else if (f->code == (BPF_ALU | BPF_AND | BPF_K))
            a.mask &= f->k;
        else if (load(walk, f, &a))
            return -1;
    }
    return -1;
}

int decisions_of(struct decisions *out, const struct sock_filter *program, size_t count, int number, uint32_t arch,
                 uint8_t *hits) {
    static struct walk walk; /* too large for a stack */
    memset(&walk, 0, sizeof walk);
    walk.program = program;
    walk.count = count;
    walk.out = out;
    walk.hits = hits;
    walk.data = (struct seccomp_data){.nr = number, .arch = arch};
    out->count = 0;
    return from(&walk, 0, (struct value){.word = -1, .mask = 0xffffffff});
}

static int met(const struct way *way, const uint64_t args[6]) {
    for (size_t i = 0; i < way->count; i++) {
        const struct condition *c = &way->conditions[i];
        uint32_t word = (uint32_t)(args[c->word / 2] >> (c->word % 2 ? 32 : 0));
        if (holds(c->test, word & c->mask, c->value) != c->holds)
            return 0;
    }
    return 1;
}

static int is_free(const struct way *way, size_t argument) {
    for (size_t i = 0; i < way->count; i++)
        if (way->conditions[i].word / 2 == (int)argument)
            return 0;
    return 1;
}

/* Each argument becomes, in turn, one of the values that the conditions name for it, or one that none names. */
static int search(uint64_t args[6], const struct way *way, size_t argument) {
    static const uint32_t others[] = {0, 0x12345u, 0x0f0f0f0fu};
    if (argument == 6)
        return met(way, args) ? 0 : -1;
    if (is_free(way, argument))
        return search(args, way, argument + 1);
    for (size_t i = 0; i < way->count + sizeof others / sizeof *others; i++) {
        const struct condition *c = &way->conditions[i];
        int named = i < way->count;
        if (named && (c->word / 2 != (int)argument || !c->holds))
            continue;
        args[argument] = named ? c->value : others[i - way->count];
        if (named && c->test == TEST_ANY_BIT)
            args[argument] &= c->mask & ~(c->value - 1); /* one bit of it */
        if (search(args, way, argument + 1) == 0)
            return 0;
    }
    return -1;
}

int decisions_example(uint64_t args[6], const struct way *way) {
    memset(args, 0, 6 * sizeof *args);
    return search(args, way, 0);
}
