/* receipt.c: collects the lines of a receipt and prints them as JSON. It must not know how anything is enforced:
 * a backend says that. */
#include "report/receipt.h"

#include <string.h>

#include "base/alloc.h"

static void clear_line(struct mxc_receipt_line *line) {
    mxc_free(line->item);
    mxc_free(line->rule);
    mxc_free(line->mechanism);
    mxc_free(line->note);
}

void mxc_receipt_add(struct mxc_receipt *receipt, const struct mxc_receipt_args *args) {
    struct mxc_receipt_line line = {
        .item = mxc_strdup(args->item ? args->item : ""),
        .rule = mxc_strdup(args->rule ? args->rule : ""),
        .mechanism = mxc_strdup(args->mechanism ? args->mechanism : ""),
        .note = mxc_strdup(args->note),
        .level = args->level,
    };
    if (receipt->failed || !line.item || !line.rule || !line.mechanism || (args->note && !line.note) ||
        mxc_reserve(&receipt->lines, &receipt->capacity, receipt->count + 1, sizeof *receipt->lines)) {
        receipt->failed = 1;
        clear_line(&line);
        return;
    }
    receipt->lines[receipt->count++] = line;
}

/* "network namespace, seccomp" -> ["network namespace", "seccomp"] */
static void put_mechanisms(struct mxc_buf *out, const char *names) {
    const char *comma = "";
    mxc_buf_text(out, "[");
    while (*names) {
        size_t length = strcspn(names, ",");
        mxc_buf_text(out, comma);
        mxc_buf_json_string(out, names, length);
        comma = ", ";
        names += length;
        names += strspn(names, ", ");
    }
    mxc_buf_text(out, "]");
}

static void put_line(struct mxc_buf *out, const struct mxc_receipt_line *line) {
    static const char *const levels[] = {"none", "supervisor", "kernel"};
    mxc_buf_text(out, "{\"item\": ");
    mxc_buf_json(out, line->item);
    mxc_buf_text(out, ", \"rule\": ");
    mxc_buf_json(out, line->rule);
    mxc_buf_text(out, ", \"mechanism\": ");
    put_mechanisms(out, line->mechanism);
    mxc_buf_text(out, ", \"level\": ");
    mxc_buf_json(out, levels[line->level]);
    if (line->note) {
        mxc_buf_text(out, ", \"note\": ");
        mxc_buf_json(out, line->note);
    }
    mxc_buf_text(out, "}");
}

void mxc_receipt_json(struct mxc_buf *out, const struct mxc_receipt *receipt) {
    if (receipt->failed)
        out->failed = 1;
    mxc_buf_text(out, "[");
    for (size_t i = 0; i < receipt->count; i++) {
        mxc_buf_text(out, i ? ", " : "");
        put_line(out, &receipt->lines[i]);
    }
    mxc_buf_text(out, "]");
}

void mxc_receipt_clear(struct mxc_receipt *receipt) {
    for (size_t i = 0; i < receipt->count; i++)
        clear_line(&receipt->lines[i]);
    mxc_free(receipt->lines);
    memset(receipt, 0, sizeof *receipt);
}
