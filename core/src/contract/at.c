/* at.c: see at.h. */
#include "contract/at.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

void mxc_pointer_step(struct mxc_buf *buf, const char *name, size_t length) {
    mxc_buf_text(buf, "/");
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c == '~')
            mxc_buf_text(buf, "~0");
        else if (c == '/')
            mxc_buf_text(buf, "~1");
        else if (c < 0x20 || c == 0x7f)
            mxc_buf_format(buf, "\\u%04x", c);
        else
            mxc_buf_bytes(buf, &name[i], 1);
    }
}

static void append(struct mxc_buf *buf, const struct mxc_at *at) {
    if (!at)
        return;
    append(buf, at->up);
    if (at->name)
        mxc_pointer_step(buf, at->name, strlen(at->name));
    else if (at->up)
        mxc_buf_format(buf, "/%zu", at->index);
}

char *mxc_at_pointer(const struct mxc_at *at) {
    MXC_AUTO_BUF struct mxc_buf buf = {0};
    append(&buf, at);
    return mxc_buf_take(&buf);
}

mxc_status mxc_at_fail(mxc_error **err, const struct mxc_at *at, mxc_status status, const char *hint,
                       const char *format, ...) {
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    MXC_AUTO_FREE char *origin = mxc_at_pointer(at);
    if (!origin)
        return mxc_fail_memory(err);
    return mxc_fail(err, status, MXC_FAULT(.origin = origin, .hint = hint), "%s", message);
}
