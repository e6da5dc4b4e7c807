/* buf.c: see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

#define FIRST_BYTES 64 /* few texts are shorter, and growing is what costs */

void mxc_buf_bytes(struct mxc_buf *buf, const void *data, size_t length) {
    if (buf->failed)
        return;
    if (length >= buf->capacity - buf->length) { /* one more for the NUL */
        size_t wanted = buf->length + length + 1;
        if (length > SIZE_MAX - buf->length - 1 ||
            mxc_reserve(&buf->data, &buf->capacity, wanted < FIRST_BYTES ? FIRST_BYTES : wanted, 1)) {
            buf->failed = 1;
            return;
        }
    }
    if (length)
        memcpy(buf->data + buf->length, data, length);
    buf->length += length;
    buf->data[buf->length] = 0;
}

void mxc_buf_text(struct mxc_buf *buf, const char *text) { mxc_buf_bytes(buf, text, strlen(text)); }

/* 1 when the only conversion in it is %s, as in most: joining texts takes a third of what printf does. */
static int joins_only(const char *format) {
    while ((format = strchr(format, '%')) != NULL) {
        if (format[1] != 's')
            return 0;
        format += 2;
    }
    return 1;
}

static void join(struct mxc_buf *buf, const char *format, va_list args) {
    for (const char *next; (next = strchr(format, '%')) != NULL; format = next + 2) {
        const char *text = va_arg(args, const char *);
        mxc_buf_bytes(buf, format, (size_t)(next - format));
        mxc_buf_text(buf, text ? text : "(null)");
    }
    mxc_buf_text(buf, format);
}

void mxc_buf_format(struct mxc_buf *buf, const char *format, ...) {
    char small[256];
    va_list args;
    va_start(args, format);
    if (joins_only(format)) {
        join(buf, format, args);
        va_end(args);
        return;
    }
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length < 0) {
        buf->failed = 1;
        return;
    }
    if ((size_t)length < sizeof small) {
        mxc_buf_bytes(buf, small, (size_t)length);
        return;
    }
    MXC_AUTO_FREE char *large = mxc_alloc((size_t)length + 1);
    if (!large) {
        buf->failed = 1;
        return;
    }
    va_start(args, format);
    vsnprintf(large, (size_t)length + 1, format, args);
    va_end(args);
    mxc_buf_bytes(buf, large, (size_t)length);
}

/* Length of the well-formed UTF-8 sequence at the start of `s`, or 0 (Unicode 15, table 3-7). */
static size_t utf8_length(const unsigned char *s, size_t left) {
    unsigned char low = 0x80, high = 0xBF;
    size_t need;
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        need = 2;
    else if (s[0] >= 0xE0 && s[0] <= 0xEF)
        need = 3;
    else if (s[0] >= 0xF0 && s[0] <= 0xF4)
        need = 4;
    else
        return 0;
    if (s[0] == 0xE0)
        low = 0xA0;
    if (s[0] == 0xED)
        high = 0x9F;
    if (s[0] == 0xF0)
        low = 0x90;
    if (s[0] == 0xF4)
        high = 0x8F;
    if (left < need || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++)
        if (s[i] < 0x80 || s[i] > 0xBF)
            return 0;
    return need;
}

int mxc_utf8_valid(const char *text, size_t length) {
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        size_t step = utf8_length(s + i, length - i);
        if (!step)
            return 0;
        i += step;
    }
    return 1;
}

static void json_byte(struct mxc_buf *buf, unsigned char byte) {
    static const char *const named[] = {['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    if (byte == '"' || byte == '\\')
        mxc_buf_format(buf, "\\%c", byte);
    else if (byte < sizeof named / sizeof *named && named[byte])
        mxc_buf_text(buf, named[byte]);
    else if (byte < 0x20 || byte == 0x7F)
        mxc_buf_format(buf, "\\u%04x", byte);
    else
        mxc_buf_bytes(buf, &byte, 1);
}

/* How many bytes from here on stand for themselves. */
static size_t plain_length(const unsigned char *s, size_t left) {
    size_t length = 0;
    while (length < left && s[length] >= 0x20 && s[length] < 0x7F && s[length] != '"' && s[length] != '\\')
        length++;
    return length;
}

void mxc_buf_json_string(struct mxc_buf *buf, const char *text, size_t length) {
    const unsigned char *s = (const unsigned char *)text;
    mxc_buf_text(buf, "\"");
    for (size_t i = 0; i < length;) {
        size_t step = plain_length(s + i, length - i);
        if (step) {
            mxc_buf_bytes(buf, s + i, step);
            i += step;
            continue;
        }
        step = utf8_length(s + i, length - i);
        if (step == 1)
            json_byte(buf, s[i]);
        else if (step)
            mxc_buf_bytes(buf, s + i, step);
        else
            mxc_buf_text(buf, "\xEF\xBF\xBD");
        i += step ? step : 1;
    }
    mxc_buf_text(buf, "\"");
}

void mxc_buf_json(struct mxc_buf *buf, const char *text) {
    if (text)
        mxc_buf_json_string(buf, text, strlen(text));
    else
        mxc_buf_text(buf, "null");
}

void mxc_buf_base64(struct mxc_buf *buf, const void *data, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *s = data;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned int group = (unsigned int)s[i] << 16;
        if (left > 1)
            group |= (unsigned int)s[i + 1] << 8;
        if (left > 2)
            group |= s[i + 2];
        char out[4] = {digits[group >> 18], digits[(group >> 12) & 63], left > 1 ? digits[(group >> 6) & 63] : '=',
                       left > 2 ? digits[group & 63] : '='};
        mxc_buf_bytes(buf, out, 4);
    }
}

char *mxc_buf_take(struct mxc_buf *buf) {
    mxc_buf_bytes(buf, "", 0);
    char *data = buf->failed ? NULL : buf->data;
    if (buf->failed)
        mxc_free(buf->data);
    *buf = (struct mxc_buf){0};
    return data;
}

void mxc_buf_free(struct mxc_buf *buf) {
    mxc_free(buf->data);
    *buf = (struct mxc_buf){0};
}
