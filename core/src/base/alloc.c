/* alloc.c: see alloc.h. Thin over malloc; the only extra is the failure hook of the tests. */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static unsigned long fail_at;
static unsigned long count;

static int must_fail(void) {
    if (!fail_at)
        return 0;
    return ++count == fail_at;
}

void mxc_alloc_fail_at(unsigned long n) {
    fail_at = n;
    count = 0;
}

unsigned long mxc_alloc_count(void) { return count; }

void *mxc_alloc(size_t size) { return must_fail() ? NULL : calloc(1, size ? size : 1); }

void *mxc_realloc(void *old, size_t size) { return must_fail() ? NULL : realloc(old, size ? size : 1); }

void mxc_free(void *block) { free(block); }

char *mxc_strndup(const char *text, size_t length) {
    char *copy = mxc_alloc(length + 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

char *mxc_strdup(const char *text) { return text ? mxc_strndup(text, strlen(text)) : NULL; }

int mxc_reserve(void *items, size_t *capacity, size_t wanted, size_t size) {
    void **block = items;
    size_t room = *capacity ? *capacity : 8;
    if (wanted <= *capacity)
        return 0;
    while (room < wanted) {
        if (room > SIZE_MAX / 2)
            return -1;
        room *= 2;
    }
    if (room > SIZE_MAX / size)
        return -1;
    void *grown = mxc_realloc(*block, room * size);
    if (!grown)
        return -1;
    *block = grown;
    *capacity = room;
    return 0;
}
