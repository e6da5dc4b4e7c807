/* fuzz.h: what every fuzz target has in common. A target is one function over bytes; libFuzzer drives it in
 * `make fuzz`, and replay.c drives it over the committed corpus in the ordinary tests. */
#ifndef MXC_TESTS_FUZZ_H
#define MXC_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Set by the target for each input: 1 when the reader took it, 0 when it refused it. The names of the corpus say
 * which it must be: ok-*, no-*; any-* may be either. */
extern int fuzz_accepted;

/* A property that holds for every input. */
#define FUZZ_HOLDS(condition) fuzz_holds((condition), #condition, __FILE__, __LINE__)
void fuzz_holds(int holds, const char *condition, const char *file, int line);

/* Takes numbers from the front of an input; zeroes when it is used up. */
struct fuzz_input {
    const uint8_t *data;
    size_t size;
};
uint64_t fuzz_number(struct fuzz_input *input, size_t bytes);
/* The next bytes, at most `want`; *size says how many. */
const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t want, size_t *size);

#endif
