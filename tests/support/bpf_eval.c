/* bpf_eval.c: see bpf_eval.h. Written from the kernel's documentation of classic BPF, not from our generator. */
#include "support/bpf_eval.h"

#include <string.h>

static int alu(uint16_t code, uint32_t k, uint32_t *a) {
    if (code != (BPF_ALU | BPF_AND | BPF_K))
        return -1;
    *a &= k;
    return 0;
}

static int jump(const struct sock_filter *f, uint32_t a, size_t *pc) {
    int yes;
    switch (f->code) {
    case BPF_JMP | BPF_JA:
        *pc += f->k;
        return 0;
    case BPF_JMP | BPF_JEQ | BPF_K:
        yes = a == f->k;
        break;
    case BPF_JMP | BPF_JGT | BPF_K:
        yes = a > f->k;
        break;
    case BPF_JMP | BPF_JGE | BPF_K:
        yes = a >= f->k;
        break;
    case BPF_JMP | BPF_JSET | BPF_K:
        yes = (a & f->k) != 0;
        break;
    default:
        return -1;
    }
    *pc += yes ? f->jt : f->jf;
    return 0;
}

static int load(const struct sock_filter *f, const struct seccomp_data *data, uint32_t *a) {
    if (f->code != (BPF_LD | BPF_W | BPF_ABS) || f->k % 4 || f->k + 4 > sizeof *data)
        return -1;
    memcpy(a, (const char *)data + f->k, 4);
    return 0;
}

uint32_t bpf_eval(const struct sock_filter *program, size_t count, const struct seccomp_data *data, uint8_t *hits) {
    uint32_t a = 0;
    for (size_t pc = 0; pc < count; pc++) {
        const struct sock_filter *f = &program[pc];
        int bad;
        if (hits && hits[pc] < 255)
            hits[pc]++;
        if (f->code == (BPF_RET | BPF_K))
            return f->k;
        if (BPF_CLASS(f->code) == BPF_JMP)
            bad = jump(f, a, &pc);
        else
            bad = BPF_CLASS(f->code) == BPF_ALU ? alu(f->code, f->k, &a) : load(f, data, &a);
        if (bad)
            return MXC_BPF_BROKEN;
    }
    return MXC_BPF_BROKEN;
}
