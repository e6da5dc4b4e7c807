/* reader.h: shared by the files that turn the JSON tree into a policy. */
#ifndef MXC_CONTRACT_READER_H
#define MXC_CONTRACT_READER_H

#include <jansson.h>

#include "contract/at.h"
#include "contract/fields.h"

struct mxc_reader {
    mxc_policy *policy;
    const char *base_dir;
    mxc_error **err;
};

/* One field's value; `at` ends in the field's name. */
typedef mxc_status mxc_field_reader(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                                    const struct mxc_at *at);

mxc_status mxc_read_object(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                           const struct mxc_at *at);
mxc_field_reader mxc_read_rules;
mxc_field_reader mxc_read_publish;

/* Types: the value, or an error that says what was wanted and what there is. */
mxc_status mxc_want(struct mxc_reader *reader, const json_t *value, json_type type, const struct mxc_at *at);
mxc_status mxc_want_integer(struct mxc_reader *reader, const json_t *value, uint64_t high, uint64_t *out,
                            const struct mxc_at *at);
mxc_status mxc_unknown_field(struct mxc_reader *reader, const struct mxc_field *fields, const struct mxc_at *at);

#endif
