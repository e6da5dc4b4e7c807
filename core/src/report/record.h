/* record.h: the exit record: what the keeper tells the host about one command, once, on the status stream, before
 * end of file. Fixed head, then `denial_count` entries. End of file without a whole record: the keeper died.
 * Shared with the keeper: plain integers, little endian. */
#ifndef MXC_REPORT_RECORD_H
#define MXC_REPORT_RECORD_H

#include <stdint.h>

#define MXC_RECORD_MAGIC 0x5243584du /* "MXCR" */
#define MXC_RECORD_MAX_DENIALS 64u

enum mxc_outcome {
    MXC_OUTCOME_ENDED = 1,   /* the command ran and ended: exit_code or signal */
    MXC_OUTCOME_REFUSED = 2, /* it never ran: stage, op, sys_errno, detail (channel.h) */
};

/* Bits of `limits_hit`: 1 << MXC_LIMIT_*, and: */
enum mxc_record_limits {
    MXC_RECORD_TIMED_OUT = 1u << 31, /* the wall-clock deadline passed */
};

struct mxc_denial_entry {
    uint32_t number;   /* syscall number of the native ABI */
    uint32_t reserved; /* 0 */
    uint64_t times;
    uint64_t first_ns; /* after exec */
};

struct mxc_record_stream {
    uint64_t total; /* bytes written by the command */
    uint64_t head;  /* bytes in the head area */
    uint64_t tail;  /* bytes in the ring; the oldest is at (total - head) % ring size when the ring wrapped, else 0 */
};

struct mxc_record {
    uint32_t magic;
    uint32_t size; /* of head and denials together */
    uint32_t outcome;
    uint32_t stage, op, sys_errno, detail; /* REFUSED */
    int32_t exit_code;                     /* -1 when a signal ended it */
    int32_t signal;                        /* 0 when it exited */
    uint32_t limits_hit;
    uint32_t denial_count;
    uint32_t denials_dropped; /* distinct ones beyond MXC_RECORD_MAX_DENIALS */
    uint64_t wall_ns, cpu_ns, peak_memory;
    struct mxc_record_stream out, err;
    /* struct mxc_denial_entry[denial_count] */
};

#endif
