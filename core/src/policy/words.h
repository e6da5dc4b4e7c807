/* words.h: the fixed words of the language and their numbers. */
#ifndef MXC_POLICY_WORDS_H
#define MXC_POLICY_WORDS_H

#include "policy/policy.h"

/* NULL-terminated, in the order of the enums. */
extern const char *const mxc_containment_words[];
extern const char *const mxc_assurance_words[];
extern const char *const mxc_baseline_words[];
extern const char *const mxc_profile_words[];
extern const char *const mxc_verdict_words[];
extern const char *const mxc_protocol_words[];
extern const char *const mxc_clipboard_words[];
extern const char *const mxc_unsupported_words[];
extern const char *const mxc_hard_links_words[];

int mxc_word_index(const char *const *words, const char *word); /* -1: not one of them */
/* "must be one of a, b, c" with the pointer. */
mxc_status mxc_word_refuse(const char *const *words, const char *word, const char *origin, mxc_error **err);
/* The containment's own words, and the names that other systems' walls have in the contract. */
mxc_status mxc_containment_parse(enum mxc_containment *out, const char *word, mxc_error **err);
mxc_status mxc_assurance_parse(enum mxc_containment *out, const char *word, mxc_error **err);

#endif
