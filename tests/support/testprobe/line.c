/* line.c: the line of JSON that an act prints, and what all acts share. Static memory only, so that it also works
 * where memory is what is being used up. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

static char line[512 * 1024];
static size_t length;
static int said_result, need_comma, dropped;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...) {
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + length, sizeof(line) - length, format, args);
    va_end(args);
    if (more < 0 || (size_t)more >= sizeof(line) - length) {
        (void)!write(2, "mxc-testprobe: line too long\n", 29);
        _exit(64);
    }
    length += (size_t)more;
}

static void add_quoted(const unsigned char *bytes, size_t count) {
    add("\"");
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '"' || bytes[i] == '\\')
            add("\\%c", bytes[i]);
        else if (bytes[i] < 0x20 || bytes[i] > 0x7e) /* bytes above 0x7f are shown as Latin-1 */
            add("\\u%04x", bytes[i]);
        else
            add("%c", bytes[i]);
    }
    add("\"");
}

static void key_of(const char *key) {
    add("%s", need_comma ? "," : "");
    need_comma = 1;
    if (key) {
        add_quoted((const unsigned char *)key, strlen(key));
        add(":");
    }
}

void line_begin(const char *act) {
    length = 0;
    said_result = need_comma = dropped = 0;
    add("{");
    line_text("act", act);
}

void line_drop(void) { dropped = 1; }

void line_print(void) {
    if (dropped)
        return;
    if (!said_result)
        line_result(0);
    add("}\n");
    for (size_t done = 0; done < length;) {
        ssize_t wrote = write(1, line + done, length - done);
        if (wrote < 0 && errno != EINTR)
            _exit(65);
        done += wrote > 0 ? (size_t)wrote : 0;
    }
}

void line_number(const char *key, long long value) {
    key_of(key);
    add("%lld", value);
}

void line_flag(const char *key, int value) {
    key_of(key);
    add("%s", value ? "true" : "false");
}

void line_bytes(const char *key, const void *bytes, size_t count) {
    key_of(key);
    add_quoted(bytes, count);
}

void line_text(const char *key, const char *text) {
    if (text) {
        line_bytes(key, text, strlen(text));
        return;
    }
    key_of(key);
    add("null");
}

void line_list(const char *key) {
    key_of(key);
    add("[");
    need_comma = 0;
}

void line_item(const char *text) { line_text(NULL, text); }

void line_list_end(void) {
    add("]");
    need_comma = 1;
}

void line_object(const char *key) {
    key_of(key);
    add("{");
    need_comma = 0;
}

void line_object_end(void) {
    add("}");
    need_comma = 1;
}

void line_result(long long rc) {
    int number = errno;
    if (said_result)
        return;
    said_result = 1;
    line_flag("ok", rc >= 0);
    line_text("errno", rc >= 0 ? NULL : errno_name(number));
}

void line_outcome(const char *key, long long rc) { line_text(key, rc >= 0 ? "ok" : errno_name(errno)); }

#define NAME(e) \
    { e, #e }
static const struct {
    int number;
    const char *name;
} errno_names[] = {
    NAME(EPERM),           NAME(ENOENT),       NAME(ESRCH),        NAME(EINTR),         NAME(EIO),
    NAME(ENXIO),           NAME(E2BIG),        NAME(ENOEXEC),      NAME(EBADF),         NAME(ECHILD),
    NAME(EAGAIN),          NAME(ENOMEM),       NAME(EACCES),       NAME(EFAULT),        NAME(ENOTBLK),
    NAME(EBUSY),           NAME(EEXIST),       NAME(EXDEV),        NAME(ENODEV),        NAME(ENOTDIR),
    NAME(EISDIR),          NAME(EINVAL),       NAME(ENFILE),       NAME(EMFILE),        NAME(ENOTTY),
    NAME(ETXTBSY),         NAME(EFBIG),        NAME(ENOSPC),       NAME(ESPIPE),        NAME(EROFS),
    NAME(EMLINK),          NAME(EPIPE),        NAME(ELOOP),        NAME(ENAMETOOLONG),  NAME(ENOSYS),
    NAME(ENOTEMPTY),       NAME(EOVERFLOW),    NAME(EOPNOTSUPP),   NAME(EAFNOSUPPORT),  NAME(EPROTONOSUPPORT),
    NAME(ESOCKTNOSUPPORT), NAME(EPROTOTYPE),   NAME(EADDRINUSE),   NAME(EADDRNOTAVAIL), NAME(ENETUNREACH),
    NAME(EHOSTUNREACH),    NAME(ECONNREFUSED), NAME(ECONNRESET),   NAME(ETIMEDOUT),     NAME(ENOKEY),
    NAME(EKEYREVOKED),     NAME(EDQUOT),       NAME(EDESTADDRREQ), NAME(ENODATA),       NAME(EUSERS),
    NAME(ENOTSOCK),        NAME(EISCONN),      NAME(ENOTCONN),     NAME(EPROTO),        NAME(EMSGSIZE),
};
#undef NAME

const char *errno_name(int number) {
    static char other[16];
    for (size_t i = 0; i < sizeof(errno_names) / sizeof(errno_names[0]); i++)
        if (errno_names[i].number == number)
            return errno_names[i].name;
    snprintf(other, sizeof(other), "E%d", number);
    return other;
}

long long number_of(const char *text) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 0);
    if (errno || end == text || *end) {
        (void)!write(2, "mxc-testprobe: not a number\n", 28);
        _exit(64);
    }
    return value;
}

long read_text(const char *path, char *buffer, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t got = 0;
    ssize_t more = -1;
    if (fd < 0)
        return -1;
    while (got < size - 1 && (more = read(fd, buffer + got, size - 1 - got)) > 0)
        got += (size_t)more;
    int number = errno;
    close(fd);
    errno = number;
    buffer[got] = 0;
    return more < 0 && !got ? -1 : (long)got;
}

/* Inode numbers of the first namespaces: include/linux/proc_ns.h, PROC_*_INIT_INO. */
static void not_in_first(const char *path, const char *first) {
    char name[64] = "";
    ssize_t got = readlink(path, name, sizeof(name) - 1);
    if (got > 0 && strcmp(name, first) != 0)
        return;
    (void)!write(2, "mxc-testprobe: this act is for sandboxes only\n", 46);
    _exit(64);
}

void only_in_user_namespace(void) { not_in_first("/proc/self/ns/user", "user:[4026531837]"); }

void only_in_namespaces(void) {
    only_in_user_namespace();
    not_in_first("/proc/self/ns/pid", "pid:[4026531836]");
}

void sleep_ms(long long ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left) && errno == EINTR) {
    }
}

int in_child(void (*step)(void *), void *data) {
    int status = 0;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (!child) {
        step(data);
        _exit(0);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}
