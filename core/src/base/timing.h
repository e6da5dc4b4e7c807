/* timing.h: where the time of one run goes, as stages that follow each other from the call to the result. Each process
 * measures its own with the monotonic clock, which all of them share. Always on: a stamp takes some 40 ns, a start has
 * about forty. Shared with the keeper: plain integers, no libc but clock_gettime. */
#ifndef MXC_BASE_TIMING_H
#define MXC_BASE_TIMING_H

#include <stdint.h>
#include <time.h>

enum mxc_time {
    /* host program */
    MXC_TIME_POLICY, /* the policy with the runtime paths */
    MXC_TIME_FACTS,  /* what this host is and has */
    MXC_TIME_PLAN,   /* filter, receipt, plan */
    MXC_TIME_REQUEST,
    MXC_TIME_START, /* until the keeper's main() */
    /* keeper */
    MXC_TIME_LOAD, /* the plan, keyring, identity */
    MXC_TIME_CGROUPS,
    MXC_TIME_GRANTS, /* opened and ID-mapped on the host, while init builds */
    MXC_TIME_GHOSTS,
    MXC_TIME_RELAY,
    /* init; all of them fit one message (mxc_times_pack) */
    MXC_TIME_NAMESPACES, /* clone until the first instruction of init */
    MXC_TIME_IDS,        /* groups entered, maps written */
    MXC_TIME_NETWORK,    /* waited for, entered, sockets in it */
    MXC_TIME_TREE,       /* root, folders, files, links */
    MXC_TIME_BINDS,
    MXC_TIME_DEVICES,
    MXC_TIME_MOUNTS, /* tmpfs, proc, devpts */
    MXC_TIME_MASKS,
    MXC_TIME_COVERS, /* of ghosts */
    MXC_TIME_CLOSE,  /* no further namespaces, old root gone, mounts locked */
    MXC_TIME_RIGHTS,
    MXC_TIME_LANDLOCK,
    MXC_TIME_SECCOMP,
    MXC_TIME_VERIFY,
    /* the command */
    MXC_TIME_HAND_OVER, /* from the walls, or the request if that comes later, until its first instruction */
    MXC_TIME_COMMAND,
    MXC_TIME_END,    /* the rest ended, ghosts removed, the record sent */
    MXC_TIME_RESULT, /* until the host has it, with what was left behind */
    MXC_TIMES
};

#define MXC_TIME_INIT MXC_TIME_NAMESPACES /* first of init */
#define MXC_TIMES_INIT (MXC_TIME_HAND_OVER - MXC_TIME_INIT)

struct mxc_times {
    uint64_t since; /* the running stage began, CLOCK_MONOTONIC */
    uint64_t ns[MXC_TIMES];
};

static inline uint64_t mxc_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What has passed since the last call was this stage. */
static inline void mxc_time_spent(struct mxc_times *times, enum mxc_time stage) {
    uint64_t now = mxc_monotonic_ns();
    times->ns[stage] += now - times->since;
    times->since = now;
}

/* Init's stages in 32 bytes: units of 64 ns in 12 bits with an exponent, so up to 8 s and to one part in 2,000. */
static inline void mxc_times_pack(uint64_t out[4], const struct mxc_times *times) {
    for (unsigned int i = 0; i < MXC_TIMES_INIT; i++) {
        uint64_t units = times->ns[MXC_TIME_INIT + i] >> 6, exponent = 0;
        for (; units > 0xfff && exponent < 15; exponent++)
            units >>= 1;
        out[i / 4] |= (units > 0xfff ? 0xfff : units) << 4 << i % 4 * 16 | exponent << i % 4 * 16;
    }
}

static inline void mxc_times_unpack(struct mxc_times *times, const uint64_t in[4]) {
    for (unsigned int i = 0; i < MXC_TIMES_INIT; i++) {
        uint64_t field = in[i / 4] >> i % 4 * 16 & 0xffff;
        times->ns[MXC_TIME_INIT + i] = (field >> 4) << (field & 15) << 6;
    }
}

_Static_assert(MXC_TIMES_INIT <= 16, "init's stages fit one message");

#endif
