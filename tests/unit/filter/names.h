/* names.h: what a number means as an argument of a call, for the decision tables. */
#ifndef MXC_TESTS_FILTER_NAMES_H
#define MXC_TESTS_FILTER_NAMES_H

#include <stdint.h>

#include "base/buf.h"

/* The number as that argument is usually written, with its name where there is one. */
void put_value(struct mxc_buf *out, const char *call, int argument, uint32_t value);

#endif
