/* verify.h: `mxc doctor --verify`: a sandbox is started and each mechanism shown from inside. */
#ifndef MXC_CLI_VERIFY_H
#define MXC_CLI_VERIFY_H

#include <jansson.h>

/* What the host of a verification has that the sandbox must not reach: folders, files, a listener, a segment. */
struct verify_ground {
    char root[64];
    char hidden[96], denied[96], readonly[96], work[96]; /* below root */
    int program;                                         /* the prober, sealed */
    int listener, segment, leaked;
    char port[8], key[16], pid[16];
};

/* verify_ground.c: 0, or -1 and errno with `what` naming what could not be made. */
int verify_ground_make(struct verify_ground *ground, const char **what);
void verify_ground_remove(struct verify_ground *ground);
/* Somebody has connected to the listener since. */
int verify_ground_reached(const struct verify_ground *ground);
/* The prober's output outside, at most size - 1 bytes; its length or -1. */
long verify_ground_outside(const struct verify_ground *ground, const char *const *argv, char *text, size_t size);

/* An array of {"mechanism", "claim", "act", "without", "inside", "proven"}; NULL without memory. */
json_t *verify_all(const struct verify_ground *ground);

#endif
