/* fuzz.c: see fuzz.h. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

int fuzz_accepted;

void fuzz_holds(int holds, const char *condition, const char *file, int line) {
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

const uint8_t *fuzz_bytes(struct fuzz_input *input, size_t want, size_t *size) {
    const uint8_t *start = input->data;
    *size = want < input->size ? want : input->size;
    input->data += *size;
    input->size -= *size;
    return start;
}

uint64_t fuzz_number(struct fuzz_input *input, size_t bytes) {
    size_t size;
    const uint8_t *data = fuzz_bytes(input, bytes, &size);
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number |= (uint64_t)data[i] << (8 * i);
    return number;
}
