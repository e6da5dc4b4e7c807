/* absent.c: why a command is not inside, when the host knows more: a link or a script's interpreter leads to a place
 * that the policy does not grant (a virtual environment's python, a version manager's node). Only a message comes of
 * it: nothing is executed, and what the workload may have changed is read as data. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/parts.h"

/* BINPRM_BUF_SIZE: the kernel reads no more of a script's first line. */
#define FIRST_LINE 256

/* The interpreter of a script into `word`; 0 when it is none. Special files are not read, and nothing is waited for. */
static int interpreter_of(const char *path, char word[FIRST_LINE + 1]) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat facts;
    ssize_t have = -1;
    if (fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode))
        have = read(fd, word, FIRST_LINE);
    if (fd >= 0)
        close(fd);
    if (have < 3 || memcmp(word, "#!", 2) != 0)
        return 0;
    word[have] = 0;
    char *begin = word + 2 + strspn(word + 2, " \t");
    begin[strcspn(begin, " \t\r\n")] = 0;
    memmove(word, begin, strlen(begin) + 1);
    return word[0] == '/';
}

/* Whether a mount of the plan shows this path of the host. */
static int is_shown(const struct mxc_plan_view *view, const char *path) {
    for (uint32_t i = 0; view && i < view->op_count; i++) {
        if (view->ops[i].kind != MXC_OP_BIND)
            continue;
        const char *from = mxc_plan_text_at(view, view->ops[i].text2);
        size_t length = strlen(from);
        if (strncmp(path, from, length) == 0 && (path[length] == 0 || path[length] == '/'))
            return 1;
    }
    return 0;
}

int mxc_absent_hint(char *hint, size_t size, const struct mxc_told *told) {
    char path[PATH_MAX], real[PATH_MAX], word[FIRST_LINE + 1];
    const char *command = told->command, *which = "the command";
    int relative = command[0] != '/';
    if (relative && !told->cwd)
        return 0;
    int length = snprintf(path, sizeof path, "%s%s%s", relative ? told->cwd : "", relative ? "/" : "", command);
    if (length >= (int)sizeof path || !realpath(path, real))
        return 0;
    if (is_shown(told->view, real)) {
        which = "the script's interpreter";
        if (!interpreter_of(real, word))
            return 0;
        if (!realpath(word, real))
            return snprintf(hint, size, "the script's interpreter %s does not exist", word) > 0;
        if (is_shown(told->view, real))
            return 0;
    }
    snprintf(hint, size, "%s is %s on the host: grant that and what it loads (readonlyPaths, --ro)", which, real);
    return 1;
}
