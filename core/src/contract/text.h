/* text.h: strict JSON text to a tree. */
#ifndef MXC_CONTRACT_TEXT_H
#define MXC_CONTRACT_TEXT_H

#include <jansson.h>

#include "policy/policy.h"

#define MXC_POLICY_DEPTH_MAX 32

/* Every error names line and column, and the JSON pointer where the reader had got to. */
mxc_status mxc_text_parse(json_t **out, const char *text, size_t length, mxc_error **err);

/* JSON pointer of what is being read at byte `offset` (freed with mxc_free); the text need not be valid. */
char *mxc_text_pointer(const char *text, size_t offset);

static inline void mxc_cleanup_json(json_t **p) { json_decref(*p); }
#define MXC_AUTO_JSON __attribute__((cleanup(mxc_cleanup_json)))

#endif
