/* schema.h: the JSON Schema as text, for the program that makes schema_text.c. */
#ifndef MXC_CONTRACT_SCHEMA_H
#define MXC_CONTRACT_SCHEMA_H

#include "base/buf.h"
#include "contract/fields.h"

int mxc_schema_write(struct mxc_buf *buf); /* 0, or -1: out of memory */

#endif
