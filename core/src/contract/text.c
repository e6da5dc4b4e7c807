/* text.c: what is JSON text and what is not: size, BOM, UTF-8, NUL, depth here; the grammar, numbers and duplicate
 * keys are jansson's. A broken text is reported with line, column and the pointer of the item it broke in. */
#include "contract/text.h"

#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "contract/contract.h"

struct place {
    size_t line, column; /* from 1; columns are characters */
};

static struct place place_of(const char *text, size_t offset) {
    struct place place = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n')
            place = (struct place){place.line + 1, 1};
        else if (((unsigned char)text[i] & 0xc0) != 0x80)
            place.column++;
    }
    return place;
}

struct complaint {
    size_t offset;
    const char *what, *hint;
};

static mxc_status complain(const struct complaint *complaint, const char *text, mxc_error **err) {
    struct place place = place_of(text, complaint->offset);
    MXC_AUTO_FREE char *pointer = mxc_text_pointer(text, complaint->offset);
    if (!pointer)
        return mxc_fail_memory(err);
    return mxc_fail(err, MXC_E_POLICY_SYNTAX, MXC_FAULT(.origin = pointer, .hint = complaint->hint),
                    "line %zu, column %zu: %s", place.line, place.column, complaint->what);
}

/* ---- before the grammar ------------------------------------------------------------------------------------------------- */

/* The first byte that is not part of well-formed UTF-8, or `length`. */
static size_t utf8_fault(const char *text, size_t length) {
    size_t i = 0;
    while (i < length) {
        unsigned char c = (unsigned char)text[i];
        size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        if (size > length - i || !mxc_utf8_valid(text + i, size))
            return i;
        i += size;
    }
    return length;
}

/* Offset of the bracket that opens one level too many, or `length`. */
static size_t depth_fault(const char *text, size_t length) {
    size_t depth = 0;
    int quoted = 0;
    for (size_t i = 0; i < length; i++) {
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '[') && ++depth > MXC_POLICY_DEPTH_MAX)
            return i;
        else if (!quoted && (text[i] == '}' || text[i] == ']') && depth)
            depth--;
    }
    return length;
}

static int find_complaint(struct complaint *out, const char *text, size_t length) {
    const char *nul = memchr(text, 0, length);
    size_t blank = 0, at;
    while (blank < length && strchr(" \t\r\n", text[blank]) && text[blank])
        blank++;
    if (blank == length)
        *out = (struct complaint){0, "the text is empty", "the smallest policy is {}"};
    else if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        *out = (struct complaint){0, "the text begins with a byte order mark", "save the file as UTF-8 without a BOM"};
    else if (nul)
        *out = (struct complaint){(size_t)(nul - text), "there is a NUL byte in the text", "remove it"};
    else if ((at = utf8_fault(text, length)) < length)
        *out = (struct complaint){at, "the text is not valid UTF-8", "save the file as UTF-8"};
    else if ((at = depth_fault(text, length)) < length)
        *out = (struct complaint){at, "more than 32 levels of nesting", "a policy needs 7"};
    else
        return 0;
    return 1;
}

/* ---- the grammar ---------------------------------------------------------------------------------------------------------- */

/* jansson would take the seed of its hash tables from /dev/urandom, through a descriptor without close-on-exec. */
static void seed_once(void) {
    size_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed && seed)
        json_object_seed(seed);
}

/* When memory runs out while jansson reads a token, it may lose bytes of the token and not notice. So ask for more than
 * it can need first: where memory is limited by address space, this fails instead. */
static int has_room(size_t length) {
    void *room = mxc_alloc(16 * length + 65536);
    mxc_free(room);
    return room != NULL;
}

static const char *grammar_hint(enum json_error_code code) {
    switch (code) {
    case json_error_duplicate_key:
        return "keep one of the two";
    case json_error_end_of_input_expected:
        return "remove what follows the policy's closing brace";
    case json_error_numeric_overflow:
        return "use a smaller number";
    case json_error_null_character:
        return "remove the NUL character";
    default:
        return "strict JSON: no comments, no trailing commas, double quotes";
    }
}

/* jansson quotes the text it was reading: bytes of any kind, possibly a secret. The place is said already. */
static const char *grammar_message(json_error_t *error) {
    char *quoted = strstr(error->text, " near ");
    if (quoted)
        *quoted = 0;
    return error->text;
}

static mxc_status grammar_fault(json_error_t *error, const char *text, size_t length, mxc_error **err) {
    enum json_error_code code = json_error_code(error);
    size_t offset = error->position > 0 ? (size_t)error->position : 0;
    if (code == json_error_out_of_memory || !error->text[0]) /* it has no words for some of these */
        return mxc_fail_memory(err);
    struct complaint complaint = {offset < length ? offset : length, grammar_message(error), grammar_hint(code)};
    return complain(&complaint, text, err);
}

mxc_status mxc_text_parse(json_t **out, const char *text, size_t length, mxc_error **err) {
    struct complaint complaint;
    json_error_t error;
    if (length > MXC_POLICY_TEXT_MAX)
        return mxc_fail(err, MXC_E_POLICY_SYNTAX, MXC_FAULT(.hint = "name folders, not single files"),
                        "the text is longer than 1 MiB");
    if (find_complaint(&complaint, text, length))
        return complain(&complaint, text, err);
    if (!has_room(length))
        return mxc_fail_memory(err);
    seed_once();
    json_t *tree = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!tree)
        return grammar_fault(&error, text, length, err);
    *out = tree;
    return MXC_OK;
}
