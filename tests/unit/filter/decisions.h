/* decisions.h: reads a filter program the way a reviewer would: for one call of one machine, every way through the
 * program, as conditions on the arguments and the answer at the end. Works on the instructions alone and knows
 * nothing of the tables they were made from. */
#ifndef MXC_TESTS_FILTER_DECISIONS_H
#define MXC_TESTS_FILTER_DECISIONS_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

enum { WAY_CONDITIONS = 64, WAYS = 256 };

enum test { TEST_EQUAL, TEST_ANY_BIT, TEST_GREATER, TEST_AT_LEAST };

struct condition {
    enum test test;
    int word; /* of struct seccomp_data's args: 2 * argument, and 1 more for the upper half */
    uint32_t mask, value;
    int holds; /* which side of the branch */
};

struct way {
    struct condition conditions[WAY_CONDITIONS];
    size_t count;
    uint32_t answer;
};

struct decisions {
    struct way ways[WAYS];
    size_t count;
};

/* All ways of call `number` on machine `arch`, in the order of the program, the side where a condition holds first: so
 * the first way whose holding conditions are met is the one that is taken. Instructions on them are counted in `hits`.
 * 0, or -1 for a program that does something else than load, mask, compare and return, or has more ways than fit. */
int decisions_of(struct decisions *out, const struct sock_filter *program, size_t count, int number, uint32_t arch,
                 uint8_t *hits);
/* Arguments that take this way: 0, or -1 when there are none among those that its conditions suggest. */
int decisions_example(uint64_t args[6], const struct way *way);

#endif
