/* start.h: starting the keeper from somebody's threaded program: the only place of the library where a process
 * begins. Knows descriptors and nothing of what they carry. */
#ifndef MXC_CLIENT_START_H
#define MXC_CLIENT_START_H

#include <sys/types.h>

struct mxc_start {
    int image;   /* the program; close-on-exec */
    int control; /* becomes MXC_KEEPER_FD_CONTROL */
    int plan;    /* becomes MXC_KEEPER_FD_PLAN */
    int relay;   /* becomes MXC_KEEPER_FD_RELAY; -1: none */
    int ahead;   /* it waits for MXC_MSG_BEGIN */
    pid_t pid;   /* out */
    int pidfd;   /* out */
};

/* 0, or -errno and nothing is left behind. `*step` then names what failed. */
int mxc_start_process(struct mxc_start *start, const char **step);

/* A descriptor (the caller's) of the keeper's image in a sealed memfd, or -errno. */
int mxc_keeper_image_open(void);
int mxc_relay_image_open(void); /* the same for the relay */
/* Test hook: another image from now on; NULL brings the embedded one back. Not thread safe. */
void mxc_keeper_image_replace(const void *bytes, size_t size);

#endif
