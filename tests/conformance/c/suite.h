/* suite.h: the parts of the C runner of the conformance suite. It sees mxc.h and jansson only, and follows the same
 * rules as harness/ (Python); parity.py compares what both write. */
#ifndef MXC_TESTS_CONFORMANCE_SUITE_H
#define MXC_TESTS_CONFORMANCE_SUITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "mxc/mxc.h"

/* The folders of one case. */
struct ground {
    const char *base;
    char root[2048], work[2100], outside[2100], home[2100], canary[2200], secret[2200], probe[2200], bin[2100];
    struct stat before[2];
};

/* What came of a run: `info` has the keys of the result JSON but for the bytes, or {"error": {...}}. */
struct outcome {
    json_t *info;
    char *bytes[2]; /* stdout, stderr */
    size_t length[2];
    char *shape; /* of the library's own JSON; NULL of an error */
    long took_ms;
};

/* Ends the runner: the suite itself is broken. */
void broken(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
/* Adds a text to the list of faults. */
void fault(json_t *faults, const char *format, ...) __attribute__((format(printf, 2, 3)));
long now_ms(void);
void wait_ms(long ms);

/* cases.c: all cases (or the wrong ones) in the order of their ids, checked for unknown keys. */
json_t *cases_load(const char *folder, bool wrong);
json_t *cases_fill(json_t *value, const struct ground *ground); /* a copy without placeholders */

/* match.c */
bool pattern_matches(const json_t *actual, const json_t *pattern);

/* ground.c */
void ground_make(struct ground *ground, const char *base, const char *id);
void ground_set_up(json_t *items);
void ground_check(const struct ground *ground, json_t *faults);
void ground_remove(const struct ground *ground);
void host_check(json_t *checks, json_t *faults);

/* outcome.c */
void outcome_of_error(struct outcome *out, const mxc_error *error);
void outcome_of_result(struct outcome *out, const mxc_result *result);
void outcome_clear(struct outcome *out);
int signal_number(const char *name);

/* shape.c */
char *shape_text(json_t *value);           /* the caller frees it */
bool shape_of_runtime(const json_t *line); /* what an interpreter of a binding's own needs: not of the policy */

/* judge.c */
void judge_faults(const struct outcome *outcome, json_t *expect, json_t *faults);
json_t *judge_record(const struct outcome *outcome, const char *base, json_t *is_volatile);

/* command.c: the `run` object of a case as an mxc_command; the case must outlive it. */
struct command {
    mxc_command call;
    const char *argv[256], *env[64];
};
void command_of(struct command *out, json_t *run);
/* One case without its judgement; steps are judged on the way. */
void run_single(struct outcome *out, json_t *filled, const struct ground *ground);
json_t *run_steps(json_t *filled, const struct ground *ground, json_t *faults);

#endif
