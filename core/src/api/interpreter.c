/* interpreter.c: finding an interpreter on the host and its virtual environment. What it may be granted is
 * runtime.c's. */
#include "api/interpreter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/runtime.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/fd.h"

static const struct {
    const char *language;
    const char *programs[3];
} languages[] = {
    [MXC_LANGUAGE_PYTHON] = {"python", {"python3", "python"}},
    [MXC_LANGUAGE_BASH] = {"bash", {"bash"}},
    [MXC_LANGUAGE_NODE] = {"node", {"node", "nodejs"}},
};

const char *mxc_language_name(enum mxc_language language) { return languages[language].language; }

/* MXC_OK with *out NULL: not there or not executable. */
static mxc_status resolve(char **out, const char *path, mxc_error **err) {
    char real[PATH_MAX];
    struct stat found;
    *out = NULL;
    if (!realpath(path, real) || stat(real, &found) != 0 || !S_ISREG(found.st_mode) || access(real, X_OK) != 0)
        return MXC_OK;
    *out = mxc_strdup(real);
    return *out ? MXC_OK : mxc_fail_memory(err);
}

/* Version managers put scripts named like the interpreter in PATH; those need their whole home to find the real one. */
static int is_script(const char *path) {
    char start[2];
    MXC_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && read(fd, start, sizeof start) == 2 && start[0] == '#' && start[1] == '!';
}

static mxc_status take_path(struct mxc_interpreter *out, const char *path, mxc_error **err) {
    char folder[PATH_MAX];
    MXC_AUTO_BUF struct mxc_buf found = {0};
    const char *slash = strrchr(path, '/');
    mxc_status status = resolve(&out->real, path, err);
    if (status != MXC_OK || !out->real)
        return status;
    mxc_buf_bytes(&found, path, (size_t)(slash - path) + 1);
    if (found.failed)
        return mxc_fail_memory(err);
    if (!realpath(found.data, folder))
        return mxc_fail_errno(err, "realpath", errno);
    mxc_buf_free(&found);
    mxc_buf_format(&found, "%s%s", strcmp(folder, "/") == 0 ? "" : folder, slash);
    out->found = mxc_buf_take(&found);
    return out->found ? MXC_OK : mxc_fail_memory(err);
}

/* The first program of that name in the caller's PATH that is no script. */
static mxc_status search(struct mxc_interpreter *out, const char *program, const char *search_path, mxc_error **err) {
    const char *folder = search_path;
    while (*folder) {
        MXC_AUTO_BUF struct mxc_buf path = {0};
        size_t length = strcspn(folder, ":");
        mxc_buf_bytes(&path, folder, length);
        mxc_buf_format(&path, "/%s", program);
        if (path.failed)
            return mxc_fail_memory(err);
        int usable = folder[0] == '/' && !is_script(path.data);
        mxc_status status = usable ? take_path(out, path.data, err) : MXC_OK;
        if (status != MXC_OK || out->found)
            return status;
        folder += length;
        folder += *folder == ':';
    }
    return MXC_OK;
}

static mxc_status search_all(struct mxc_interpreter *out, const char *name, mxc_error **err) {
    const char *search_path = getenv("PATH");
    const char *const one[] = {name, NULL};
    const char *const *programs = name ? one : languages[out->language].programs;
    if (!search_path || !*search_path)
        search_path = "/usr/local/bin:/usr/bin:/bin";
    for (; *programs && !out->found; programs++) {
        mxc_status status = search(out, *programs, search_path, err);
        if (status != MXC_OK)
            return status;
    }
    if (out->found)
        return MXC_OK;
    return mxc_fail(err, MXC_E_INTERPRETER, MXC_FAULT(.hint = "install it, or name the interpreter"),
                    "no interpreter for %s: looked for %s in %s", languages[out->language].language,
                    name ? name : languages[out->language].programs[0], search_path);
}

static mxc_status choose_language(enum mxc_language *out, const char *name, mxc_error **err) {
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        if (!name || strcmp(name, languages[i].language) == 0) {
            *out = (enum mxc_language)i;
            return MXC_OK;
        }
    return mxc_fail(err, MXC_E_INTERPRETER, MXC_FAULT(.hint = "use python, bash or node, or run argv"),
                    "there is no language '%s'", name);
}

static struct mxc_seen look(const char *path) {
    struct stat found;
    if (!path || stat(path, &found) != 0)
        return (struct mxc_seen){0};
    return (struct mxc_seen){.device = found.st_dev, .inode = found.st_ino, .changed = found.st_ctim};
}

static int is_same(const struct mxc_seen *one, const struct mxc_seen *other) {
    return one->device == other->device && one->inode == other->inode && one->changed.tv_sec == other->changed.tv_sec &&
           one->changed.tv_nsec == other->changed.tv_nsec;
}

mxc_status mxc_interpreter_find(struct mxc_interpreter *out, const mxc_command *command, mxc_error **err) {
    const char *name = command->interpreter;
    memset(out, 0, sizeof *out);
    mxc_status status = choose_language(&out->language, command->language, err);
    if (status == MXC_OK && (!name || !strchr(name, '/')))
        status = search_all(out, name, err);
    else if (status == MXC_OK && name[0] != '/')
        status = mxc_fail(err, MXC_E_INVALID_ARGUMENT, NULL, "the interpreter '%s' is not an absolute path", name);
    else if (status == MXC_OK)
        status = take_path(out, name, err);
    if (status == MXC_OK && !out->found)
        status = mxc_fail(err, MXC_E_INTERPRETER, MXC_FAULT(.hint = "give the path of an executable file"),
                          "the interpreter %s does not exist or cannot be executed", name);
    if (status == MXC_OK)
        status = mxc_runtime_survey(out, err);
    if (status != MXC_OK) {
        mxc_interpreter_clear(out);
        return status;
    }
    out->program = look(out->found);
    out->home = look(out->venv);
    return MXC_OK;
}

int mxc_interpreter_still(const struct mxc_interpreter *interpreter) {
    const struct mxc_seen program = look(interpreter->found), home = look(interpreter->venv);
    return program.inode && is_same(&program, &interpreter->program) && is_same(&home, &interpreter->home);
}

void mxc_interpreter_clear(struct mxc_interpreter *interpreter) {
    mxc_free(interpreter->found);
    mxc_free(interpreter->real);
    mxc_free(interpreter->venv);
    mxc_free(interpreter->tree);
    memset(interpreter, 0, sizeof *interpreter);
}

const char *mxc_interpreter_program(const struct mxc_interpreter *interpreter) {
    return interpreter->venv ? interpreter->found : interpreter->real;
}

static mxc_status language_needs(struct mxc_strings *paths, const char *language, const mxc_policy *policy,
                                 mxc_error **err) {
    const mxc_command command = {.struct_size = sizeof command, .language = language};
    struct mxc_interpreter interpreter;
    mxc_status status = mxc_interpreter_find(&interpreter, &command, err);
    if (status != MXC_OK)
        return status;
    status = mxc_interpreter_needs(paths, &interpreter, policy, err);
    mxc_interpreter_clear(&interpreter);
    return status;
}

mxc_status mxc_languages_need(struct mxc_strings *paths, const char *const *names, const mxc_policy *policy,
                              mxc_error **err) {
    enum mxc_language known;
    mxc_status status = MXC_OK;
    for (; status == MXC_OK && names && *names; names++) {
        status = choose_language(&known, *names, err);
        if (status != MXC_OK)
            return status;
        status = language_needs(paths, *names, policy, err);
        if (status != MXC_E_INTERPRETER)
            continue;
        if (err) {
            mxc_error_free(*err);
            *err = NULL;
        }
        status = MXC_OK;
    }
    return status;
}
