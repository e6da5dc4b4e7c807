/* lines.c: see lines.h. */
#include "backend/lines.h"

const char *mxc_receipt_text(struct mxc_receipt *receipt, const struct mxc_buf *buf) {
    receipt->failed |= buf->failed;
    return buf->failed || !buf->data ? "" : buf->data;
}

void mxc_receipt_number(struct mxc_receipt *receipt, const struct mxc_receipt_args *args, uint64_t number,
                        const char *unit) {
    MXC_AUTO_BUF struct mxc_buf rule = {0};
    struct mxc_receipt_args line = *args;
    mxc_buf_format(&rule, "%s %llu %s", args->rule, (unsigned long long)number, unit);
    line.rule = mxc_receipt_text(receipt, &rule);
    mxc_receipt_add(receipt, &line);
}

static void names_line(struct mxc_receipt *receipt, const char *item, const char *word,
                       const struct mxc_strings *names) {
    MXC_AUTO_BUF struct mxc_buf rule = {0};
    if (!names->count)
        return;
    mxc_buf_text(&rule, word);
    for (size_t i = 0; i < names->count; i++)
        mxc_buf_format(&rule, "%s %s", i ? "," : "", names->items[i]);
    LINE(receipt, .item = item, .rule = mxc_receipt_text(receipt, &rule), .mechanism = "seccomp",
         .level = MXC_LEVEL_KERNEL);
}

void mxc_syscall_lines(struct mxc_receipt *receipt, const struct mxc_lowering *from) {
    int strict = from->policy->syscalls.profile == MXC_SYSCALLS_STRICT;
    LINE(receipt, .item = "/syscalls/profile",
         .rule = strict ? "only the system calls of the strict list" : "only the system calls of the default list",
         .mechanism = "seccomp", .level = MXC_LEVEL_KERNEL);
    names_line(receipt, "/syscalls/allow", "also allowed:", &from->policy->syscalls.allow);
    names_line(receipt, "/syscalls/deny", "also denied:", &from->policy->syscalls.deny);
}
