/* lines.h: writing a receipt, and the lines that do not depend on the wall. */
#ifndef MXC_BACKEND_LINES_H
#define MXC_BACKEND_LINES_H

#include "backend/backend.h"

#define LINE(receipt, ...) mxc_receipt_add((receipt), &(const struct mxc_receipt_args){__VA_ARGS__})
#define NUMBER_LINE(receipt, number, unit, ...) \
    mxc_receipt_number((receipt), &(const struct mxc_receipt_args){__VA_ARGS__}, (number), (unit))

/* The text of a finished buffer; out of memory is remembered in the receipt. */
const char *mxc_receipt_text(struct mxc_receipt *receipt, const struct mxc_buf *buf);
/* A line whose rule ends with a number and its unit. */
void mxc_receipt_number(struct mxc_receipt *receipt, const struct mxc_receipt_args *args, uint64_t number,
                        const char *unit);
/* What the policy says about system calls. */
void mxc_syscall_lines(struct mxc_receipt *receipt, const struct mxc_lowering *from);

#endif
