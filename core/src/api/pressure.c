/* pressure.c: see pressure.h. */
#include "api/pressure.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

#define WHOLE 10000u

static unsigned digits(const char **cursor, unsigned most) {
    unsigned value = 0;
    for (; **cursor >= '0' && **cursor <= '9' && most; ++*cursor, most--)
        value = value * 10 + (unsigned)(**cursor - '0');
    return value;
}

unsigned mxc_pressure_read(const char *text) {
    static const char head[] = "some avg10=";
    const char *cursor = strncmp(text, head, sizeof head - 1) == 0 ? text + sizeof head - 1 : NULL;
    if (!cursor)
        return 0;
    unsigned value = digits(&cursor, 3) * 100;
    if (*cursor == '.' && cursor[1] >= '0' && cursor[1] <= '9') {
        cursor++;
        value += digits(&cursor, 2);
    }
    return value < WHOLE ? value : WHOLE;
}

unsigned mxc_memory_pressure(void) {
    char text[64];
    MXC_AUTO_FD int fd = open("/proc/pressure/memory", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (got <= 0)
        return 0;
    text[got] = 0;
    return mxc_pressure_read(text);
}
