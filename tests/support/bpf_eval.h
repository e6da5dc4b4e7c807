/* bpf_eval.h: runs a seccomp program in user space, so that a test can ask it about every call and argument.
 * Knows the instructions that libseccomp and our checks use; any other is an error of the test. */
#ifndef MXC_TESTS_BPF_EVAL_H
#define MXC_TESTS_BPF_EVAL_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#define MXC_BPF_BROKEN 0xdeadbeefu /* no return: unknown instruction, jump out of the program, bad load */

/* The action. `hits`, when not NULL, counts per instruction (saturating at 255). */
uint32_t bpf_eval(const struct sock_filter *program, size_t count, const struct seccomp_data *data, uint8_t *hits);

#endif
