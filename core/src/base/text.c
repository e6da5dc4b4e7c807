/* text.c: see text.h. */
#define _GNU_SOURCE
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void mxc_text_add(struct mxc_text *text, const char *part) {
    size_t length = strlen(part);
    if (text->length + length + 1 > text->size) {
        text->overflow = 1;
        return;
    }
    memcpy(text->data + text->length, part, length + 1);
    text->length += length;
}

void mxc_text_add_number(struct mxc_text *text, uint64_t number) {
    char digits[21];
    size_t at = sizeof digits - 1;
    digits[at] = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    mxc_text_add(text, digits + at);
}

uint64_t mxc_text_number(const char **cursor) {
    uint64_t number = 0;
    for (; **cursor >= '0' && **cursor <= '9'; ++*cursor)
        number = number * 10 + (uint64_t)(**cursor - '0');
    return number;
}

const char *mxc_text_field(const char *table, const char *key) {
    size_t length = strlen(key);
    for (const char *line = table; line; line = strchr(line, '\n')) {
        if (*line == '\n')
            line++;
        if (strncmp(line, key, length) == 0)
            return line + length + strspn(line + length, ": \t");
    }
    return NULL;
}

long mxc_file_read(int dir, const char *path, char *data, size_t size) {
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    size_t length = 0;
    long got;
    do
        got = read(fd, data + length, size - 1 - length);
    while ((got > 0 && (length += (size_t)got) < size - 1) || (got < 0 && errno == EINTR));
    int failed = got < 0 ? errno : 0;
    close(fd);
    data[length] = 0;
    return failed ? -failed : (long)length;
}

int mxc_file_write(int dir, const char *path, const char *data, size_t length) {
    int fd = openat(dir, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    ssize_t done = write(fd, data, length);
    int failed = done == (ssize_t)length ? 0 : done < 0 ? errno : EIO;
    close(fd);
    return -failed;
}
