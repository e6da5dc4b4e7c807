/* track.c: which item of a JSON text stands at a byte offset. Follows brackets, keys and commas only, so that it
 * has an answer for broken text too. */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "contract/at.h"
#include "contract/text.h"

struct level {
    int is_object, has_key;
    const char *key; /* raw text of the key, between its quotes */
    size_t key_length, index;
};

struct track {
    struct level levels[MXC_POLICY_DEPTH_MAX + 1];
    size_t depth;
    int want_key; /* the next string is a key */
};

/* Index behind the closing quote; 0: the string does not end before `end`. */
static size_t string_end(const char *text, size_t start, size_t end) {
    size_t i = start + 1;
    while (i < end && text[i] != '"')
        i += text[i] == '\\' ? 2 : 1;
    return i < end ? i + 1 : 0;
}

static void open_level(struct track *track, int is_object) {
    if (track->depth > MXC_POLICY_DEPTH_MAX)
        return;
    track->levels[track->depth++] = (struct level){.is_object = is_object};
    track->want_key = is_object;
}

static void next_item(struct track *track) {
    if (!track->depth)
        return;
    struct level *top = &track->levels[track->depth - 1];
    track->want_key = top->is_object;
    top->has_key = 0;
    top->index++;
}

static void take_string(struct track *track, const char *text, size_t start, size_t end) {
    if (!track->want_key || !track->depth)
        return;
    struct level *top = &track->levels[track->depth - 1];
    *top = (struct level){.is_object = 1, .has_key = 1, .key = text + start + 1, .key_length = end - start - 2};
    track->want_key = 0;
}

static void follow(struct track *track, const char *text, size_t offset) {
    for (size_t i = 0; i < offset;) {
        if (text[i] == '"') {
            size_t end = string_end(text, i, offset);
            if (!end)
                return;
            take_string(track, text, i, end);
            i = end;
            continue;
        }
        if (text[i] == '{' || text[i] == '[')
            open_level(track, text[i] == '{');
        else if ((text[i] == '}' || text[i] == ']') && track->depth)
            track->depth--;
        else if (text[i] == ',')
            next_item(track);
        i++;
    }
}

/* Keys are shown decoded, as every other error shows them. */
static void append_key(struct mxc_buf *buf, const struct level *level) {
    json_t *decoded = NULL;
    if (memchr(level->key, '\\', level->key_length))
        decoded = json_loadb(level->key - 1, level->key_length + 2, JSON_DECODE_ANY, NULL);
    if (json_is_string(decoded))
        mxc_pointer_step(buf, json_string_value(decoded), json_string_length(decoded));
    else
        mxc_pointer_step(buf, level->key, level->key_length);
    json_decref(decoded);
}

char *mxc_text_pointer(const char *text, size_t offset) {
    MXC_AUTO_BUF struct mxc_buf buf = {0};
    struct track track = {0};
    follow(&track, text, offset);
    for (size_t i = 0; i < track.depth; i++) {
        const struct level *level = &track.levels[i];
        if (level->has_key)
            append_key(&buf, level);
        else if (!level->is_object)
            mxc_buf_format(&buf, "/%zu", level->index);
    }
    /* the text is checked for UTF-8 only up to the first fault; what is shown must be whole */
    if (buf.data && !mxc_utf8_valid(buf.data, buf.length))
        buf.length = 0;
    if (buf.data)
        buf.data[buf.length] = 0;
    return mxc_buf_take(&buf);
}
