/* result.h: what came out of one command, decoded from the exit record: the object behind mxc_result, and its
 * JSON. Immutable once it is given out and reference counted, so that threads may share it. Knows nothing of
 * descriptors, policies or how a record travels. */
#ifndef MXC_REPORT_RESULT_H
#define MXC_REPORT_RESULT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "mxc/mxc.h"
#include "report/findings.h"
#include "report/record.h"

/* The largest record: what a reader must have room for. */
#define MXC_RECORD_MAX_BYTES \
    (sizeof(struct mxc_record) + MXC_RECORD_MAX_DENIALS * sizeof(struct mxc_denial_entry) + \
     MXC_RECORD_MAX_CONNECTIONS * sizeof(struct mxc_connection_entry))

/* Bytes that the record beginning at `bytes` has in all, as far as can be told from `length` of them; -1 when these
 * bytes begin no record. A reader reads until it has as many. */
long mxc_record_wanted(const void *bytes, size_t length);
struct mxc_record_entries {
    struct mxc_denial_entry denials[MXC_RECORD_MAX_DENIALS];
    struct mxc_connection_entry connections[MXC_RECORD_MAX_CONNECTIONS];
};

/* Copies and checks a whole record: 0, or -1 when a field is outside what the keeper may say. */
int mxc_record_decode(struct mxc_record *record, struct mxc_record_entries *entries, const void *bytes, size_t length);

struct mxc_captured {
    char *data;    /* NULL: nothing was captured */
    size_t length; /* head and tail together */
    size_t head;
    uint64_t total;
    int truncated;
};

#define MXC_ADDRESS_TEXT 46 /* INET6_ADDRSTRLEN */

struct mxc_denial {
    char *what; /* filled by the caller that knows the names of system calls */
    uint32_t number;
    uint64_t times, first_ns;
};

struct mxc_connection {
    char *rule; /* filled by the caller that knows the rules; NULL: "" */
    char address[MXC_ADDRESS_TEXT];
    struct mxc_connection_entry entry;
};

struct mxc_result {
    atomic_int references;
    int32_t exit_code, signal;
    uint32_t limits_hit; /* as in the record */
    uint64_t wall_ns, cpu_ns, peak_memory;
    uint64_t time_ns[MXC_TIMES];
    struct mxc_captured out, err;
    struct mxc_denial *denials;
    size_t denial_count;
    struct mxc_connection *connections;
    size_t connection_count;
    uint64_t connections_dropped;
    struct mxc_findings findings;
    char *receipt; /* JSON array */
};

/* A result of one reference; output is left empty. NULL when out of memory. */
struct mxc_result *mxc_result_new(const struct mxc_record *record, const struct mxc_record_entries *entries,
                                  const char *receipt);
struct mxc_result *mxc_result_ref(struct mxc_result *result);
void mxc_result_unref(struct mxc_result *result);

int mxc_result_has_hit(const struct mxc_result *result, mxc_limit limit);
mxc_limit mxc_result_first_hit(const struct mxc_result *result);
/* "SIGKILL", or NULL for a number without a name (real-time signals). */
const char *mxc_signal_name(int signal);
/* "memory", "cpu_time", ...: the names that results print; "unknown" outside the list. */
const char *mxc_limit_text(mxc_limit limit);

/* "open", "denied", ...; "unknown" outside the list. */
const char *mxc_outcome_text(mxc_connection_outcome outcome);
/* connections.c; "tcp", "udp", "" */
const char *mxc_connection_protocol(const struct mxc_connection *connection);
void mxc_connections_json(struct mxc_buf *out, const struct mxc_result *result);
/* timings.c */
void mxc_timings_json(struct mxc_buf *out, const struct mxc_result *result);

void mxc_result_json(struct mxc_buf *out, const struct mxc_result *result);

#endif
