/* reference.h: what the filter has to answer, written down a second time from docs/syscalls.md without looking at
 * BPF, and the arguments with which programs are asked. */
#ifndef MXC_TESTS_FILTER_REFERENCE_H
#define MXC_TESTS_FILTER_REFERENCE_H

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#if defined __x86_64__
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

enum { ANSWER_NOTIFY = SECCOMP_RET_USER_NOTIF };
#define ANSWER_ALLOW SECCOMP_RET_ALLOW
#define ANSWER_NOSYS (SECCOMP_RET_ERRNO | 38u)
#define ANSWER_EPERM (SECCOMP_RET_ERRNO | 1u)
#define ANSWER_KILL SECCOMP_RET_KILL_PROCESS

/* The answer for a native call with these arguments. */
uint32_t reference_answer(const char *name, const uint64_t args[6], int strict);

/* 32-bit values of which every argument is made of in turn. */
extern const uint32_t interesting[];
extern const size_t interesting_count;

#endif
