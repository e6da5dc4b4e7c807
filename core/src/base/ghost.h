/* ghost.h: ghosts: the empty folders that hold the places of protected names which do not exist, so that something
 * can be mounted there. The folder itself says what it is (its mode) and who uses it (shared locks), so there is no
 * list of ghosts that could be lost, forged or left behind. Used by the keeper, and by the host when a keeper died. */
#ifndef MXC_BASE_GHOST_H
#define MXC_BASE_GHOST_H

#include <sys/stat.h>

/* The mark: a sticky bit on a folder that only its owner may write is of no use to anybody else. */
#define MXC_GHOST_MODE 01755u

static inline int mxc_ghost_marked(const struct stat *info) {
    return S_ISDIR(info->st_mode) && (info->st_mode & S_ISVTX) && !(info->st_mode & (S_IWGRP | S_IWOTH));
}

/* Makes the ghost `name` in `parent`, or joins those who use it: a descriptor with a shared lock, or -errno; -ESTALE
 * when something else is there. */
int mxc_ghost_take(int parent, const char *name);
/* Removes the ghost when nobody else uses it, it is empty, and still the one that was taken; afterwards the lock is
 * gone in any case. One that somebody of the host has filled meanwhile becomes an ordinary folder. Closing `fd`, which
 * frees the folder and takes file systems ten times longer, is left to the caller. */
void mxc_ghost_drop(int parent, const char *name, int fd);
/* 1 when nobody else uses the ghost that was taken. Else the lock is gone: to whoever still has one it belongs now. */
int mxc_ghost_is_ours_alone(int fd);
/* Removes what a keeper that was killed has left at `name`: nothing unless it is a ghost that nobody uses. 1 when a
 * ghost is there still. */
int mxc_ghost_sweep(int parent, const char *name);

#endif
