/* buf.h: a growing text and byte buffer with one sticky failure flag, so that a long run of appends is checked
 * once at the end. JSON strings are escaped here because three rooms print JSON. Host side only. */
#ifndef MXC_BASE_BUF_H
#define MXC_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct mxc_buf {
    char *data; /* always followed by a NUL once anything was appended */
    size_t length;
    size_t capacity;
    int failed; /* an append ran out of memory: the content is then not to be used */
};

#define MXC_AUTO_BUF __attribute__((cleanup(mxc_buf_free)))

void mxc_buf_bytes(struct mxc_buf *buf, const void *data, size_t length);
void mxc_buf_text(struct mxc_buf *buf, const char *text);
void mxc_buf_format(struct mxc_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "text" with quotes; invalid UTF-8 becomes U+FFFD, control bytes \u00xx. */
void mxc_buf_json_string(struct mxc_buf *buf, const char *text, size_t length);
void mxc_buf_json(struct mxc_buf *buf, const char *text); /* the same for a C string; NULL is null */
void mxc_buf_base64(struct mxc_buf *buf, const void *data, size_t length);
/* Gives the text away (freed with mxc_free); NULL when any append failed. Never NULL for an empty buffer. */
char *mxc_buf_take(struct mxc_buf *buf);
void mxc_buf_free(struct mxc_buf *buf);

/* 1 when all bytes are well-formed UTF-8 (no overlong forms, no surrogates), else 0. */
int mxc_utf8_valid(const char *text, size_t length);

#endif
