/* alloc.h: memory for the host side. Every allocation of the library goes through here, so that a test can
 * make the n-th one fail (mxc_alloc_fail_at) and prove that nothing is left behind. Not used by the keeper. */
#ifndef MXC_BASE_ALLOC_H
#define MXC_BASE_ALLOC_H

#include <stddef.h>

void *mxc_alloc(size_t size);              /* zeroed; NULL when out of memory; size 0 is 1 */
void *mxc_realloc(void *old, size_t size); /* new part is not zeroed */
char *mxc_strdup(const char *text);        /* NULL gives NULL */
char *mxc_strndup(const char *text, size_t length);
void mxc_free(void *block); /* NULL is fine */

/* Grows `*items` (of `*capacity` elements of `size` bytes) so that it holds `count`; 0 or -1 (out of memory). */
int mxc_reserve(void *items, size_t *capacity, size_t count, size_t size);

/* Test hook: the n-th allocation from now on (1 is the next) fails, once; 0 turns it off.
 * mxc_alloc_count() tells how many were made since. Not thread safe. */
void mxc_alloc_fail_at(unsigned long n);
unsigned long mxc_alloc_count(void);

/* Owner variables: declared with these, given away with mxc_take(). */
static inline void mxc_cleanup_free(void *p) { mxc_free(*(void **)p); }
#define MXC_AUTO_FREE __attribute__((cleanup(mxc_cleanup_free)))
#define mxc_take(p) \
    __extension__({ \
        __typeof__(p) taken_ = (p); \
        (p) = NULL; \
        taken_; \
    })

#endif
