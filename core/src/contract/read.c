/* read.c: the JSON tree into a policy, by the table of fields. Checks types and names; values are checked by the
 * policy room. */
#include <string.h>

#include "base/alloc.h"
#include "contract/contract.h"
#include "contract/reader.h"
#include "contract/text.h"
#include "policy/limits.h"
#include "policy/model.h"
#include "policy/paths.h"
#include "policy/words.h"

/* ---- types ---------------------------------------------------------------------------------------------------------------- */

static const char *type_name(const json_t *value) {
    static const char *const names[] = {"an object", "an array",  "a string",  "an integer",
                                        "a number",  "a boolean", "a boolean", "null"};
    return names[json_typeof(value)];
}

static const char *wanted_name(json_type type) {
    switch (type) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number";
    default:
        return "true or false";
    }
}

static mxc_status wrong_type(struct mxc_reader *reader, const json_t *value, json_type type, const struct mxc_at *at) {
    const char *hint = json_is_null(value) ? "leave the field out to get its default" : NULL;
    if (type == JSON_INTEGER && json_is_string(value))
        hint = "write a plain number: bytes or milliseconds, without quotes and units";
    return mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, hint, "this must be %s, not %s", wanted_name(type),
                       type_name(value));
}

mxc_status mxc_want(struct mxc_reader *reader, const json_t *value, json_type type, const struct mxc_at *at) {
    int fits = json_typeof(value) == type || (type == JSON_TRUE && json_is_boolean(value)) ||
               (type == JSON_REAL && json_is_number(value));
    return fits ? MXC_OK : wrong_type(reader, value, type, at);
}

mxc_status mxc_want_integer(struct mxc_reader *reader, const json_t *value, uint64_t high, uint64_t *out,
                            const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_INTEGER, at);
    if (status)
        return status;
    json_int_t number = json_integer_value(value);
    if (number < 0 || (uint64_t)number > high)
        return mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, "use a value in this range, or leave the field out",
                           "the value must be between 0 and %llu", (unsigned long long)high);
    *out = (uint64_t)number;
    return MXC_OK;
}

/* ---- unknown fields ------------------------------------------------------------------------------------------------------- */

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Edits between two names; long names are not worth the trouble. */
static size_t distance(const char *a, const char *b) {
    enum { ROOM = 40 };
    size_t row[ROOM + 1], width = strlen(b);
    if (strlen(a) > ROOM || width > ROOM)
        return ROOM;
    for (size_t k = 0; k <= width; k++)
        row[k] = k;
    for (size_t i = 0; a[i]; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t k = 0; k < width; k++) {
            size_t change = corner + (lower(a[i]) != lower(b[k]));
            corner = row[k + 1];
            row[k + 1] = least(change, 1 + least(row[k], row[k + 1]));
        }
    }
    return row[width];
}

static const char *nearest(const struct mxc_field *fields, const char *name) {
    const char *best = NULL;
    size_t best_distance = 1 + least(3, strlen(name) / 2);
    for (; fields->name; fields++) {
        size_t edits = distance(name, fields->name);
        if (edits < best_distance) {
            best = fields->name;
            best_distance = edits;
        }
    }
    return best;
}

static mxc_status list_fields(struct mxc_reader *reader, const struct mxc_field *fields, const struct mxc_at *at) {
    MXC_AUTO_BUF struct mxc_buf hint = {0};
    const char *near = nearest(fields, at->name);
    if (near)
        mxc_buf_format(&hint, "did you mean \"%s\"?", near);
    else
        mxc_buf_text(&hint, "known here:");
    for (; !near && fields->name; fields++)
        mxc_buf_format(&hint, " %s", fields->name);
    if (hint.failed)
        return mxc_fail_memory(reader->err);
    return mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, hint.data, "unknown field");
}

mxc_status mxc_unknown_field(struct mxc_reader *reader, const struct mxc_field *fields, const struct mxc_at *at) {
    MXC_AUTO_FREE char *where = mxc_at_pointer(at->up);
    if (!where)
        return mxc_fail_memory(reader->err);
    const struct mxc_stranger *stranger = mxc_stranger_v1_0_0(where, at->name);
    if (stranger)
        return mxc_at_fail(reader->err, at, stranger->status, stranger->hint, "%s", stranger->message);
    return list_fields(reader, fields, at);
}

/* ---- simple values -------------------------------------------------------------------------------------------------------- */

static mxc_status keep_text(struct mxc_reader *reader, char **place, const char *text) {
    char *copy = mxc_strdup(text);
    if (!copy)
        return mxc_fail_memory(reader->err);
    mxc_free(*place);
    *place = copy;
    return MXC_OK;
}

static mxc_status check_text(struct mxc_reader *reader, mxc_text_check *check, const json_t *value,
                             const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (status || !check)
        return status;
    MXC_AUTO_FREE char *origin = mxc_at_pointer(at);
    return origin ? check(json_string_value(value), origin, reader->err) : mxc_fail_memory(reader->err);
}

static mxc_status read_text(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    mxc_status status = check_text(reader, field->check, value, at);
    return status ? status : keep_text(reader, mxc_field_place(reader->policy, field), json_string_value(value));
}

static mxc_status read_version(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                               const struct mxc_at *at) {
    static const char *const other[] = {"0.6.0-alpha",  "0.7.0-alpha", "0.8.0-alpha", "0.9.0-alpha",
                                        "0.10.0-alpha", "1.1.0-alpha", NULL};
    struct mxc_quote quote;
    (void)field;
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (status || strcmp(json_string_value(value), "1.0.0") == 0)
        return status;
    const char *hint = mxc_word_index(other, json_string_value(value)) < 0
                           ? "write \"1.0.0\", or leave the field out"
                           : "this contract version is not read yet; rewrite the policy for \"1.0.0\"";
    return mxc_at_fail(reader->err, at, MXC_E_POLICY_VERSION, hint, "contract version %s is not supported",
                       mxc_quoted(&quote, json_string_value(value)));
}

static mxc_status read_path(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    MXC_AUTO_FREE char *path = NULL;
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (status)
        return status;
    MXC_AUTO_FREE char *origin = mxc_at_pointer(at);
    if (!origin)
        return mxc_fail_memory(reader->err);
    status = mxc_path_normalise(&path, json_string_value(value), reader->base_dir, origin, reader->err);
    return status ? status : keep_text(reader, mxc_field_place(reader->policy, field), path);
}

static mxc_status read_flag(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_TRUE, at);
    if (!status)
        *(int *)mxc_field_place(reader->policy, field) = json_is_true(value) != field->inverted;
    return status;
}

static mxc_status read_ignored(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                               const struct mxc_at *at) {
    (void)field;
    return mxc_want(reader, value, JSON_TRUE, at);
}

static mxc_status read_word(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (status)
        return status;
    int index = mxc_word_index(field->words, json_string_value(value));
    if (index >= 0) {
        *(int *)mxc_field_place(reader->policy, field) = index;
        return MXC_OK;
    }
    MXC_AUTO_FREE char *origin = mxc_at_pointer(at);
    return origin ? mxc_word_refuse(field->words, json_string_value(value), origin, reader->err)
                  : mxc_fail_memory(reader->err);
}

static mxc_status read_containment(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                                   const struct mxc_at *at) {
    (void)field;
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    return status ? status : mxc_containment_parse(&reader->policy->containment, json_string_value(value), reader->err);
}

static mxc_status read_assurance(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                                 const struct mxc_at *at) {
    (void)field;
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (!status)
        status = mxc_assurance_parse(&reader->policy->assurance, json_string_value(value), reader->err);
    if (!status)
        reader->policy->has_assurance = 1;
    return status;
}

static mxc_status read_user(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    (void)field;
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (status || strcmp(json_string_value(value), "mapped") == 0)
        return status;
    return mxc_at_fail(reader->err, at, MXC_E_UNSUPPORTED, "write \"mapped\", or leave the field out",
                       "only the user \"mapped\" exists inside a sandbox");
}

/* ---- numbers -------------------------------------------------------------------------------------------------------------- */

static mxc_status read_time(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    return mxc_want_integer(reader, value, UINT32_MAX, mxc_field_place(reader->policy, field), at);
}

static mxc_status read_limit(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                             const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_INTEGER, at);
    if (status)
        return status;
    json_int_t number = json_integer_value(value);
    /* a negative number becomes one that no limit takes, so that the message is the range */
    return mxc_policy_set_limit(reader->policy, field->number, number < 0 ? MXC_UNSET : (uint64_t)number, reader->err);
}

static mxc_status read_cpus(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_REAL, at);
    if (status)
        return status;
    double thousandths = json_number_value(value) * 1000;
    if (!(thousandths >= 0 && thousandths <= 1e12))
        return mxc_policy_set_limit(reader->policy, field->number, MXC_UNSET, reader->err);
    uint64_t whole = (uint64_t)(thousandths + 0.5);
    double rest = thousandths - (double)whole;
    if (rest > 1e-6 || rest < -1e-6)
        return mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, "for example 1.5",
                           "the number of processors has more than three decimals");
    return mxc_policy_set_limit(reader->policy, field->number, whole, reader->err);
}

/* ---- lists ---------------------------------------------------------------------------------------------------------------- */

static mxc_status read_texts(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                             const struct mxc_at *at) {
    struct mxc_strings *list = mxc_field_place(reader->policy, field);
    mxc_status status = mxc_want(reader, value, JSON_ARRAY, at);
    for (size_t i = 0; !status && i < json_array_size(value); i++) {
        const struct mxc_at item = {.up = at, .index = i};
        const json_t *text = json_array_get(value, i);
        status = check_text(reader, field->check, text, &item);
        if (!status && mxc_strings_add(list, json_string_value(text)))
            status = mxc_fail_memory(reader->err);
    }
    return status;
}

static mxc_status read_argv(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    mxc_status status = read_texts(reader, field, value, at);
    const struct mxc_strings *argv = mxc_field_place(reader->policy, field);
    const struct mxc_at first = {.up = at};
    if (status)
        return status;
    if (!argv->count)
        return mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, "give it a command, or leave the field out",
                           "argv is empty");
    if (!*argv->items[0])
        return mxc_at_fail(reader->err, &first, MXC_E_POLICY_INVALID, "name a program", "the command is empty");
    return MXC_OK;
}

static mxc_status read_env(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                           const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_ARRAY, at);
    (void)field;
    reader->policy->process.has_env = 1;
    for (size_t i = 0; !status && i < json_array_size(value); i++) {
        const struct mxc_at item = {.up = at, .index = i};
        const json_t *text = json_array_get(value, i);
        status = mxc_want(reader, text, JSON_STRING, &item);
        MXC_AUTO_FREE char *origin = status ? NULL : mxc_at_pointer(&item);
        if (!status)
            status = origin ? mxc_policy_add_env(reader->policy, json_string_value(text), origin, reader->err)
                            : mxc_fail_memory(reader->err);
    }
    return status;
}

static mxc_status read_protected(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                                 const struct mxc_at *at) {
    reader->policy->filesystem.has_protected_names = 1;
    return read_texts(reader, field, value, at);
}

static mxc_status read_paths(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                             const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_ARRAY, at);
    for (size_t i = 0; !status && i < json_array_size(value); i++) {
        const struct mxc_at item = {.up = at, .index = i};
        const json_t *text = json_array_get(value, i);
        status = mxc_want(reader, text, JSON_STRING, &item);
        MXC_AUTO_FREE char *origin = status ? NULL : mxc_at_pointer(&item);
        struct mxc_path_rule rule = {field->number, (char *)json_string_value(text), origin};
        if (!status)
            status = origin ? mxc_policy_add_path(reader->policy, &rule, reader->base_dir, reader->err)
                            : mxc_fail_memory(reader->err);
    }
    return status;
}

/* ---- objects -------------------------------------------------------------------------------------------------------------- */

static mxc_field_reader *const readers[MXC_FIELD_KINDS] = {
    [MXC_FIELD_OBJECT] = mxc_read_object,
    [MXC_FIELD_VERSION] = read_version,
    [MXC_FIELD_TEXT] = read_text,
    [MXC_FIELD_PATH] = read_path,
    [MXC_FIELD_FLAG] = read_flag,
    [MXC_FIELD_WORD] = read_word,
    [MXC_FIELD_CONTAINMENT] = read_containment,
    [MXC_FIELD_ASSURANCE] = read_assurance,
    [MXC_FIELD_TIME] = read_time,
    [MXC_FIELD_LIMIT] = read_limit,
    [MXC_FIELD_CPUS] = read_cpus,
    [MXC_FIELD_TEXTS] = read_texts,
    [MXC_FIELD_ARGV] = read_argv,
    [MXC_FIELD_ENV] = read_env,
    [MXC_FIELD_PROTECTED] = read_protected,
    [MXC_FIELD_PATHS] = read_paths,
    [MXC_FIELD_RULES] = mxc_read_rules,
    [MXC_FIELD_PUBLISH] = mxc_read_publish,
    [MXC_FIELD_USER] = read_user,
    [MXC_FIELD_IGNORED] = read_ignored,
};

static int is_annotation(const struct mxc_at *at) {
    return !at->up->up && (strcmp(at->name, "$schema") == 0 || strcmp(at->name, "_comment") == 0);
}

static mxc_status read_member(struct mxc_reader *reader, const struct mxc_field *fields, const json_t *value,
                              const struct mxc_at *at) {
    if (is_annotation(at))
        return strcmp(at->name, "$schema") == 0 ? mxc_want(reader, value, JSON_STRING, at) : MXC_OK;
    for (const struct mxc_field *field = fields; field->name; field++)
        if (strcmp(field->name, at->name) == 0)
            return readers[field->kind](reader, field, value, at);
    return mxc_unknown_field(reader, fields, at);
}

mxc_status mxc_read_object(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                           const struct mxc_at *at) {
    json_t *object = (json_t *)value; /* jansson's iterators want it so; nothing is changed */
    mxc_status status = mxc_want(reader, value, JSON_OBJECT, at);
    if (status)
        return status;
    for (void *iter = json_object_iter(object); !status && iter; iter = json_object_iter_next(object, iter)) {
        const struct mxc_at member = {.up = at, .name = json_object_iter_key(iter)};
        status = read_member(reader, field->fields, json_object_iter_value(iter), &member);
    }
    return status;
}

/* The version first: what the other fields are depends on it. */
static mxc_status read_root(struct mxc_reader *reader, const json_t *tree) {
    const struct mxc_at root = {0}, at = {.up = &root, .name = "version"};
    const json_t *version = json_object_get(tree, "version");
    mxc_status status = version ? read_version(reader, NULL, version, &at) : MXC_OK;
    return status ? status : mxc_read_object(reader, &mxc_fields_v1_0_0, tree, &root);
}

mxc_status mxc_contract_parse(mxc_policy **out, const char *json, size_t length, const char *base_dir,
                              mxc_error **err) {
    MXC_AUTO_JSON json_t *tree = NULL;
    mxc_status status = mxc_text_parse(&tree, json, length, err);
    if (status)
        return status;
    MXC_AUTO_POLICY mxc_policy *policy = mxc_policy_new();
    if (!policy)
        return mxc_fail_memory(err);
    struct mxc_reader reader = {policy, base_dir, err};
    status = read_root(&reader, tree);
    if (!status)
        status = mxc_policy_freeze(policy, err);
    if (!status)
        *out = mxc_take(policy);
    return status;
}
