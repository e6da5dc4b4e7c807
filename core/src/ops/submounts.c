/* submounts.c: reading the table of mounts (proc_pid_mountinfo(5)), for grants that contain other file systems. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/text.h"
#include "ops/ops.h"

#define TABLE_ROOM (1 << 20)

void mxc_mountinfo_unescape(char *path) {
    char *out = path;
    for (char *in = path; *in; in++, out++) {
        if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] && in[3]) {
            *out = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
            in += 3;
        } else {
            *out = *in;
        }
    }
    *out = 0;
}

/* The fifth field of one line, or NULL. */
static char *mount_point(char *line) {
    for (int i = 0; i < 4; i++) {
        line = strchr(line, ' ');
        if (!line)
            return NULL;
        line++;
    }
    char *end = strchr(line, ' ');
    if (!end)
        return NULL;
    *end = 0;
    mxc_mountinfo_unescape(line);
    return line;
}

int mxc_submounts(struct mxc_apply *apply, const struct mxc_op *op, mxc_submount_function each) {
    static char table[TABLE_ROOM];
    static long length;
    const char *folder = mxc_plan_text_at(apply->plan, op->text2);
    size_t prefix = strlen(folder);
    char copy[4096];
    if (!length)
        length = mxc_file_read(AT_FDCWD, "/proc/self/mountinfo", table, sizeof table);
    if (length < 0 || length == sizeof table - 1)
        return length < 0 ? (int)length : -E2BIG;
    for (char *line = table; *line;) {
        char *end = strchrnul(line, '\n');
        size_t size = (size_t)(end - line);
        if (size >= sizeof copy)
            return -E2BIG;
        memcpy(copy, line, size);
        copy[size] = 0;
        const char *point = mount_point(copy);
        if (point && strncmp(point, folder, prefix) == 0 && point[prefix] == '/') {
            int result = each(apply, op, point + prefix);
            if (result != 0)
                return result;
        }
        line = *end ? end + 1 : end;
    }
    return 0;
}
