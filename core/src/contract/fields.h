/* fields.h: the language as a table, in the order of docs/policy.md. Reader, printer and schema walk it. */
#ifndef MXC_CONTRACT_FIELDS_H
#define MXC_CONTRACT_FIELDS_H

#include <stddef.h>

#include "policy/checks.h"
#include "policy/policy.h"

enum mxc_field_kind {
    MXC_FIELD_OBJECT,      /* `fields` */
    MXC_FIELD_VERSION,     /* the contract version */
    MXC_FIELD_TEXT,        /* char *, `check` */
    MXC_FIELD_PATH,        /* char *, made absolute */
    MXC_FIELD_FLAG,        /* int; `inverted`: true in JSON is 0 here */
    MXC_FIELD_WORD,        /* int-sized enum, `words` */
    MXC_FIELD_CONTAINMENT, /* enum, with the names of other contracts */
    MXC_FIELD_ASSURANCE,
    MXC_FIELD_TIME,  /* uint64_t, 0..2^32-1, 0 is the default */
    MXC_FIELD_LIMIT, /* `number` is a mxc_limit */
    MXC_FIELD_CPUS,  /* a limit with a decimal point */
    MXC_FIELD_TEXTS, /* struct mxc_strings, `check` for each */
    MXC_FIELD_ARGV,  /* struct mxc_strings, not empty */
    MXC_FIELD_ENV,
    MXC_FIELD_PROTECTED,
    MXC_FIELD_PATHS, /* `number` is a mxc_access */
    MXC_FIELD_RULES, /* struct mxc_net_rules; `number`: 1 when host names may stand in it */
    MXC_FIELD_PUBLISH,
    MXC_FIELD_USER,
    MXC_FIELD_IGNORED, /* a bool that means nothing here */
    MXC_FIELD_KINDS
};

struct mxc_field {
    const char *name;
    enum mxc_field_kind kind;
    const char *about; /* one sentence, for the schema */
    size_t offset;     /* in struct mxc_policy */
    int number, inverted;
    const char *const *words;
    mxc_text_check *check;
    const struct mxc_field *fields; /* up to a NULL name */
};

extern const struct mxc_field mxc_fields_v1_0_0; /* the root object */

/* Names that people write and that are not fields: what to say. `where` is the pointer of the object. */
struct mxc_stranger {
    const char *where, *name;
    mxc_status status;
    const char *message, *hint;
};
const struct mxc_stranger *mxc_stranger_v1_0_0(const char *where, const char *name);

static inline void *mxc_field_place(mxc_policy *policy, const struct mxc_field *field) {
    return (char *)policy + field->offset;
}
static inline const void *mxc_field_value(const mxc_policy *policy, const struct mxc_field *field) {
    return (const char *)policy + field->offset;
}

#endif
