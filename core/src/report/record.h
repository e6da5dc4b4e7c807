/* record.h: the exit record: what the keeper tells the host about one command, once, on the status stream, before
 * end of file. Fixed head, then its entries. End of file without a whole record: the keeper died.
 * Shared with the keeper: plain integers, little endian. */
#ifndef MXC_REPORT_RECORD_H
#define MXC_REPORT_RECORD_H

#include <stdint.h>

#include "base/timing.h"

#define MXC_RECORD_MAGIC 0x5243584du /* "MXCR" */
#define MXC_RECORD_MAX_DENIALS 64u
#define MXC_RECORD_MAX_CONNECTIONS 64u
#define MXC_RECORD_NAME 256

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

/* One connection that was asked for, made or refused; `rule` is a MXC_NET_ENTRY() of plan/network.h. */
struct mxc_connection_entry {
    uint32_t id;    /* of the connection, unique in the sandbox */
    uint32_t rule;  /* MXC_NET_NO_ENTRY: none */
    uint32_t times; /* equal refusals are one entry; of the relay: 0 when it has told of this id before */
    uint16_t port;
    uint8_t outcome; /* MXC_CONNECTION_* of mxc.h */
    uint8_t family;  /* of address: 4, 6, or 0 when there is none */
    uint8_t address[16];
    uint16_t inbound;             /* 1: from the host to a published port */
    uint16_t never;               /* 1: guarded, and there is no rule that opens it */
    uint32_t protocol;            /* 1: TCP, 2: UDP, as in plan/network.h; 0: a question for a name */
    uint64_t bytes_in, bytes_out; /* in: to the sandbox */
    uint64_t started_ns;          /* CLOCK_MONOTONIC; in a record: after the start of the command */
    uint64_t duration_ns;
    char name[MXC_RECORD_NAME]; /* "" when it was asked for by address */
};

/* What the relay tells the keeper; SOCK_SEQPACKET, one a packet. */
enum mxc_relay_packet_kind {
    MXC_RELAY_READY = 1,  /* confined */
    MXC_RELAY_CONNECTION, /* entry: new, or the same id once more with what has changed */
    MXC_RELAY_SYNCED,
};

struct mxc_relay_packet {
    uint32_t kind;
    uint32_t reserved; /* 0 */
    struct mxc_connection_entry entry;
};

struct mxc_record {
    uint32_t magic;
    uint32_t size; /* of head, denials and connections together */
    uint32_t outcome;
    uint32_t stage, op, sys_errno, detail; /* REFUSED */
    int32_t exit_code;                     /* -1 when a signal ended it */
    int32_t signal;                        /* 0 when it exited */
    uint32_t limits_hit;
    uint32_t denial_count;
    uint32_t denials_dropped; /* distinct ones beyond MXC_RECORD_MAX_DENIALS */
    uint64_t wall_ns, cpu_ns, peak_memory;
    struct mxc_record_stream out, err;
    uint32_t connection_count;
    uint32_t connections_dropped; /* older ones beyond MXC_RECORD_MAX_CONNECTIONS */
    uint64_t began_ns;            /* CLOCK_MONOTONIC, main() of the keeper; 0: the sandbox has other commands */
    uint64_t said_ns;             /* this record was sent */
    uint64_t time_ns[MXC_TIMES];  /* of enum mxc_time, but the host's */
    /* struct mxc_denial_entry[denial_count], struct mxc_connection_entry[connection_count] */
};

#endif
