/* values.h: sizes, times and counts as people write them. Strict: what is not exactly one of the forms is refused. */
#ifndef MXC_CLI_VALUES_H
#define MXC_CLI_VALUES_H

#include <stdint.h>

#include "spec.h"

/* NULL when `text` is a good value of this kind (and `*number` is set for kinds that are numbers: bytes, milliseconds,
 * a count, thousandths of a processor), else what is wrong with it. */
const char *cli_value_wrong(enum cli_kind kind, const char *text, uint64_t *number);
/* What a good one looks like, for the hint; NULL when the kind has no form of its own. */
const char *cli_value_form(enum cli_kind kind);

#endif
