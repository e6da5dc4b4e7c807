/* text.h: numbers and strings for code without stdio (the keeper, vfork children). Freestanding. */
#ifndef MXC_BASE_TEXT_H
#define MXC_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* A text under construction in a caller's array; what does not fit sets `overflow` and is dropped. */
struct mxc_text {
    char *data;
    size_t size, length;
    int overflow;
};
#define MXC_TEXT(array) \
    { .data = (array), .size = sizeof(array) }

void mxc_text_add(struct mxc_text *text, const char *part);
void mxc_text_add_number(struct mxc_text *text, uint64_t number);

/* Reads a decimal number at *cursor and moves behind it; 0 when there is none. */
uint64_t mxc_text_number(const char **cursor);
/* The value after "key" at the start of a line of `table` ("Key:\tvalue"), or NULL. */
const char *mxc_text_field(const char *table, const char *key);

/* Whole small files by descriptor and name: bytes read (at most size - 1, NUL-terminated), or -errno. */
long mxc_file_read(int dir, const char *path, char *data, size_t size);
/* Writes in one write(2): 0 or -errno (also for a short write). */
int mxc_file_write(int dir, const char *path, const char *data, size_t length);

#endif
