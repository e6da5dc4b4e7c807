/* interpreter.h: source code is run by an interpreter of the host. Which one, what of the host it needs to be seen
 * inside, and whether the policy lets it be seen. */
#ifndef MXC_API_INTERPRETER_H
#define MXC_API_INTERPRETER_H

#include <sys/types.h>
#include <time.h>

#include "mxc/mxc.h"
#include "policy/policy.h"

enum mxc_language { MXC_LANGUAGE_PYTHON, MXC_LANGUAGE_BASH, MXC_LANGUAGE_NODE };

struct mxc_seen { /* a file, or nothing */
    dev_t device;
    ino_t inode;
    struct timespec changed;
};

struct mxc_interpreter {
    enum mxc_language language;
    char *found; /* absolute, folders resolved, the last link not */
    char *real;  /* no links */
    char *venv;  /* folder of the virtual environment that `found` lies in, or NULL */
    char *tree;  /* folder or file to be seen for `real` to work, or NULL: nothing beyond the system */
    struct mxc_seen program, home; /* `found`, followed, and `venv`: as they were then */
};

/* MXC_E_INTERPRETER when there is none, naming where was looked. */
mxc_status mxc_interpreter_find(struct mxc_interpreter *out, const mxc_command *command, mxc_error **err);
/* 1 when the same files still lie where it was found: it need not be looked for again. */
int mxc_interpreter_still(const struct mxc_interpreter *interpreter);
void mxc_interpreter_clear(struct mxc_interpreter *interpreter);

const char *mxc_language_name(enum mxc_language language);

/* What is executed inside: a virtual environment is only noticed by the name of its link. */
const char *mxc_interpreter_program(const struct mxc_interpreter *interpreter);

/* Adds to `paths` what a sandbox of this policy must be given besides, so that the interpreter works.
 * MXC_E_INTERPRETER when the policy forbids that. */
mxc_status mxc_interpreter_needs(struct mxc_strings *paths, const struct mxc_interpreter *interpreter,
                                 const mxc_policy *policy, mxc_error **err);
/* The same for several languages at once; those that cannot be had are left out. */
mxc_status mxc_languages_need(struct mxc_strings *paths, const char *const *names, const mxc_policy *policy,
                              mxc_error **err);
/* MXC_E_INTERPRETER when a sandbox of exactly this policy does not show it. */
mxc_status mxc_interpreter_visible(const struct mxc_interpreter *interpreter, const mxc_policy *policy,
                                   mxc_error **err);

#endif
