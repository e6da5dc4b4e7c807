/* keyring.c: out of the caller's session keyring, which may hold its secrets, into one that is empty for good. All
 * keepers of a user share that one, because a user may have only so many keys (kernel.keys.maxkeys: 200). Nothing can be
 * put into it: whoever makes it takes the right to write to it away from everybody, himself included. It is joined by
 * its name, and anybody can make a keyring of that name, so it counts only after a look. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/keyctl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"
#include "keeper/keeper.h"

#define NAME "mxc-empty"
/* View, read and search, for who has it (0b......) and for processes of its owner (..0b....), who find it by that. */
#define NOBODY_WRITES 0x0b0b0000u
#define NOBODY_WRITES_TEXT "0b0b0000"
#define KEYS_PAUSE_NS 20000000L
#define KEYS_TRIES 250

/* "keyring;UID;GID;PERM;NAME" of one that is ours. */
static void describe(struct mxc_text *text) {
    mxc_text_add(text, "keyring;");
    mxc_text_add_number(text, getuid());
    mxc_text_add(text, ";");
    mxc_text_add_number(text, getgid());
    mxc_text_add(text, ";" NOBODY_WRITES_TEXT ";" NAME);
}

/* In this order: once nobody can write to it, what it holds cannot change any more. */
static int is_empty_for_good(void) {
    char expected[96], found[96];
    struct mxc_text text = MXC_TEXT(expected);
    describe(&text);
    long length = mxc_sys(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, found, sizeof found);
    if (text.overflow || length <= 0 || length > (long)sizeof found || strcmp(found, expected) != 0)
        return 0;
    return mxc_sys(SYS_keyctl, KEYCTL_READ, KEY_SPEC_SESSION_KEYRING, NULL, 0) == 0;
}

/* The shared one, or a new one if there was none. */
static int join_shared(void) {
    if (mxc_sys(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NAME) < 0)
        return 0;
    /* only who has just made it is allowed to */
    (void)mxc_sys(SYS_keyctl, KEYCTL_SETPERM, KEY_SPEC_SESSION_KEYRING, NOBODY_WRITES);
    return is_empty_for_good();
}

/* The kernel frees keyrings of ended processes a while later. */
static long join_own(void) {
    const struct timespec pause = {.tv_nsec = KEYS_PAUSE_NS};
    for (int i = 0;; i++) {
        long result = mxc_sys(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
        if (result != -EDQUOT || i == KEYS_TRIES)
            return result;
        nanosleep(&pause, NULL);
    }
}

long mxc_keyring_leave(void) { return join_shared() ? 0 : join_own(); }
