/* text.c: see text.h. Knows nothing of options or of the library. */
#include "text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Length of the UTF-8 sequence at `at` with its code point, 0 when it is not a valid one. */
static size_t decode(const unsigned char *at, uint32_t *point) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *at < 0x80 ? 1 : *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
    if (length == 1) {
        *point = *at;
        return 1;
    }
    if (*at < 0xc2 || *at > 0xf4)
        return 0;
    *point = *at & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        *point = *point << 6 | (at[i] & 0x3f);
    }
    return *point < least[length] || (*point >= 0xd800 && *point < 0xe000) || *point > 0x10ffff ? 0 : length;
}

/* C0, DEL, C1, and what changes the direction or the end of a line (marks, embeddings, isolates, separators). */
static int dangerous(uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c || point == 0x200e || point == 0x200f ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

size_t cli_put_escaped(FILE *to, const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    size_t columns = 0;
    while (*at) {
        uint32_t point = 0;
        size_t length = decode(at, &point);
        int plain = length && !dangerous(point);
        columns += plain ? 1 : 4 * (length ? length : 1);
        for (size_t end = length ? length : 1; end > 0; end--, at++) {
            if (to)
                fprintf(to, plain ? "%c" : "\\x%02x", *at);
        }
    }
    return columns;
}

void cli_put_wrapped(FILE *to, const char *text, size_t length, size_t indent, size_t width) {
    const char *end = text + strnlen(text, length);
    size_t column = indent;
    while (text < end) {
        size_t word = 0;
        while (text + word < end && text[word] != ' ')
            word++;
        if (column > indent && column + 1 + word > width) {
            fprintf(to, "\n%*s", (int)indent, "");
            column = indent;
        }
        column += (size_t)fprintf(to, "%s%.*s", column > indent ? " " : "", (int)word, text);
        text += word + (text + word < end);
    }
    fputc('\n', to);
}

int cli_write_all(int fd, const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0) {
            at += written;
            length -= (size_t)written;
        }
    }
    return 0;
}

/* Copies `json` to `out`, which has room for escaped_length() bytes and a NUL, and gives the length. */
static size_t escape_json(char *out, const char *json) {
    char *to = out;
    for (const unsigned char *at = (const unsigned char *)json; *at; at++) {
        int c1 = *at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f;
        at += c1;
        if (c1 || *at == 0x7f)
            to += snprintf(to, 7, "\\u%04x", *at);
        else
            *to++ = (char)*at;
    }
    return (size_t)(to - out);
}

static size_t escaped_length(const char *json) {
    size_t length = 0;
    for (const unsigned char *at = (const unsigned char *)json; *at; at++)
        length += *at == 0x7f || *at == 0xc2 ? 6 : 1;
    return length;
}

int cli_write_json(const char *json) {
    char *text = malloc(escaped_length(json) + 1);
    if (!text)
        return ENOMEM;
    size_t length = escape_json(text, json);
    text[length++] = '\n';
    int failed = cli_write_all(STDOUT_FILENO, text, length);
    free(text);
    return failed;
}

int cli_flush(void) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    return errno ? errno : EIO;
}
