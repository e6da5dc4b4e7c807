/* print.c: a policy as canonical JSON: the fields in the order of the table, defaults left out, two spaces a level.
 * Reading it gives an equal policy, and printing that gives the same bytes. */
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "contract/contract.h"
#include "contract/fields.h"
#include "policy/host.h"
#include "policy/limits.h"
#include "policy/words.h"

struct writer {
    const mxc_policy *policy;
    struct mxc_buf buf;
    size_t depth;
    int comma; /* the level has an item already */
};

/* ---- JSON layout ---------------------------------------------------------------------------------------------------------- */

static void new_line(struct writer *writer) {
    mxc_buf_text(&writer->buf, "\n");
    for (size_t i = 0; i < writer->depth; i++)
        mxc_buf_text(&writer->buf, "  ");
}

static void item(struct writer *writer) {
    if (writer->comma)
        mxc_buf_text(&writer->buf, ",");
    new_line(writer);
    writer->comma = 1;
}

static void name(struct writer *writer, const char *text) {
    item(writer);
    mxc_buf_json(&writer->buf, text);
    mxc_buf_text(&writer->buf, ": ");
}

static void open_level(struct writer *writer, const char *bracket) {
    mxc_buf_text(&writer->buf, bracket);
    writer->depth++;
    writer->comma = 0;
}

static void close_level(struct writer *writer, const char *bracket) {
    writer->depth--;
    if (writer->comma)
        new_line(writer);
    mxc_buf_text(&writer->buf, bracket);
    writer->comma = 1;
}

static void member_text(struct writer *writer, const char *member, const char *text) {
    name(writer, member);
    mxc_buf_json(&writer->buf, text);
}

static void member_number(struct writer *writer, const char *member, uint64_t number) {
    name(writer, member);
    mxc_buf_format(&writer->buf, "%llu", (unsigned long long)number);
}

/* ---- values: each writes its member, or nothing when it is the default ------------------------------------------------------ */

typedef void field_printer(struct writer *writer, const struct mxc_field *field, const void *value);

static void print_members(struct writer *writer, const struct mxc_field *fields);

/* An object without members is not printed: its start is taken back. */
static void print_object(struct writer *writer, const struct mxc_field *field, const void *value) {
    size_t start = writer->buf.length;
    int comma = writer->comma;
    (void)value;
    name(writer, field->name);
    open_level(writer, "{");
    print_members(writer, field->fields);
    if (writer->comma) {
        close_level(writer, "}");
        return;
    }
    writer->depth--;
    writer->comma = comma;
    if (!writer->buf.failed) {
        writer->buf.length = start;
        writer->buf.data[start] = 0;
    }
}

static void print_version(struct writer *writer, const struct mxc_field *field, const void *value) {
    (void)value;
    member_text(writer, field->name, "1.0.0");
}

static void print_text(struct writer *writer, const struct mxc_field *field, const void *value) {
    const char *text = *(char *const *)value;
    if (text)
        member_text(writer, field->name, text);
}

static void print_flag(struct writer *writer, const struct mxc_field *field, const void *value) {
    if (!*(const int *)value)
        return;
    name(writer, field->name);
    mxc_buf_text(&writer->buf, field->inverted ? "false" : "true");
}

static void print_word(struct writer *writer, const struct mxc_field *field, const void *value) {
    if (*(const int *)value)
        member_text(writer, field->name, field->words[*(const int *)value]);
}

static void print_assurance(struct writer *writer, const struct mxc_field *field, const void *value) {
    (void)value;
    if (writer->policy->has_assurance)
        member_text(writer, field->name, mxc_containment_words[writer->policy->assurance]);
}

static void print_time(struct writer *writer, const struct mxc_field *field, const void *value) {
    if (*(const uint64_t *)value)
        member_number(writer, field->name, *(const uint64_t *)value);
}

static void print_limit(struct writer *writer, const struct mxc_field *field, const void *value) {
    uint64_t number = mxc_limit_said(writer->policy, field->number);
    (void)value;
    if (number != MXC_UNSET)
        member_number(writer, field->name, number);
}

static void print_cpus(struct writer *writer, const struct mxc_field *field, const void *value) {
    uint64_t number = mxc_limit_said(writer->policy, field->number);
    char decimals[8];
    size_t length = 3;
    (void)value;
    if (number == MXC_UNSET)
        return;
    member_number(writer, field->name, number / 1000);
    for (size_t i = 0; i < 3; i++)
        decimals[i] = (char)('0' + number / (i == 0 ? 100 : i == 1 ? 10 : 1) % 10);
    while (length && decimals[length - 1] == '0')
        length--;
    if (length)
        mxc_buf_text(&writer->buf, ".");
    mxc_buf_bytes(&writer->buf, decimals, length);
}

static void print_list(struct writer *writer, const char *member, const struct mxc_strings *list) {
    name(writer, member);
    open_level(writer, "[");
    for (size_t i = 0; i < list->count; i++) {
        item(writer);
        mxc_buf_json(&writer->buf, list->items[i]);
    }
    close_level(writer, "]");
}

static void print_texts(struct writer *writer, const struct mxc_field *field, const void *value) {
    const struct mxc_strings *list = value;
    if (list->count)
        print_list(writer, field->name, list);
}

static void print_env(struct writer *writer, const struct mxc_field *field, const void *value) {
    if (writer->policy->process.has_env)
        print_list(writer, field->name, value);
}

static void print_protected(struct writer *writer, const struct mxc_field *field, const void *value) {
    if (writer->policy->filesystem.has_protected_names)
        print_list(writer, field->name, value);
}

static void print_paths(struct writer *writer, const struct mxc_field *field, const void *value) {
    const mxc_policy *policy = writer->policy;
    int begun = 0;
    (void)value;
    for (size_t i = 0; i < policy->filesystem.count; i++) {
        if (policy->filesystem.rules[i].access != field->number)
            continue;
        if (!begun) {
            name(writer, field->name);
            open_level(writer, "[");
            begun = 1;
        }
        item(writer);
        mxc_buf_json(&writer->buf, policy->filesystem.rules[i].path);
    }
    if (begun)
        close_level(writer, "]");
}

/* ---- network -------------------------------------------------------------------------------------------------------------- */

static void print_peer(struct writer *writer, const struct mxc_peer *peer) {
    char text[MXC_CIDR_TEXT];
    item(writer);
    open_level(writer, "{");
    if (peer->host)
        member_text(writer, "host", peer->host);
    else
        member_text(writer, "cidr", mxc_cidr_format(text, &peer->cidr));
    if (peer->except_count) {
        name(writer, "except");
        open_level(writer, "[");
        for (size_t i = 0; i < peer->except_count; i++) {
            item(writer);
            mxc_buf_json(&writer->buf, mxc_cidr_format(text, &peer->except[i]));
        }
        close_level(writer, "]");
    }
    close_level(writer, "}");
}

static void print_port_rule(struct writer *writer, const struct mxc_port_rule *ports) {
    item(writer);
    open_level(writer, "{");
    if (ports->protocol != MXC_PROTOCOL_ANY)
        member_text(writer, "protocol", mxc_protocol_words[ports->protocol]);
    if (ports->port)
        member_number(writer, "port", ports->port);
    if (ports->end_port && ports->end_port != ports->port)
        member_number(writer, "endPort", ports->end_port);
    close_level(writer, "}");
}

static void print_rule(struct writer *writer, const struct mxc_net_rule *rule) {
    item(writer);
    open_level(writer, "{");
    if (rule->to_count) {
        name(writer, "to");
        open_level(writer, "[");
        for (size_t i = 0; i < rule->to_count; i++)
            print_peer(writer, &rule->to[i]);
        close_level(writer, "]");
    }
    if (rule->port_count) {
        name(writer, "ports");
        open_level(writer, "[");
        for (size_t i = 0; i < rule->port_count; i++)
            print_port_rule(writer, &rule->ports[i]);
        close_level(writer, "]");
    }
    close_level(writer, "}");
}

static void print_rules(struct writer *writer, const struct mxc_field *field, const void *value) {
    const struct mxc_net_rules *rules = value;
    if (!rules->count)
        return;
    name(writer, field->name);
    open_level(writer, "[");
    for (size_t i = 0; i < rules->count; i++)
        print_rule(writer, &rules->items[i]);
    close_level(writer, "]");
}

static void print_publish(struct writer *writer, const struct mxc_field *field, const void *value) {
    const mxc_policy *policy = writer->policy;
    (void)value;
    if (!policy->network.publish_count)
        return;
    name(writer, field->name);
    open_level(writer, "[");
    for (size_t i = 0; i < policy->network.publish_count; i++) {
        item(writer);
        open_level(writer, "{");
        member_number(writer, "port", policy->network.publish[i].port);
        if (policy->network.publish[i].host_port)
            member_number(writer, "hostPort", policy->network.publish[i].host_port);
        close_level(writer, "}");
    }
    close_level(writer, "]");
}

/* ---- all ------------------------------------------------------------------------------------------------------------------ */

static field_printer *const printers[MXC_FIELD_KINDS] = {
    [MXC_FIELD_OBJECT] = print_object,       [MXC_FIELD_VERSION] = print_version,
    [MXC_FIELD_TEXT] = print_text,           [MXC_FIELD_PATH] = print_text,
    [MXC_FIELD_FLAG] = print_flag,           [MXC_FIELD_WORD] = print_word,
    [MXC_FIELD_CONTAINMENT] = print_word,    [MXC_FIELD_ASSURANCE] = print_assurance,
    [MXC_FIELD_TIME] = print_time,           [MXC_FIELD_LIMIT] = print_limit,
    [MXC_FIELD_CPUS] = print_cpus,           [MXC_FIELD_TEXTS] = print_texts,
    [MXC_FIELD_ARGV] = print_texts,          [MXC_FIELD_ENV] = print_env,
    [MXC_FIELD_PROTECTED] = print_protected, [MXC_FIELD_PATHS] = print_paths,
    [MXC_FIELD_RULES] = print_rules,         [MXC_FIELD_PUBLISH] = print_publish,
    [MXC_FIELD_USER] = print_text, /* MXC_FIELD_IGNORED prints nothing */
};

static void print_members(struct writer *writer, const struct mxc_field *fields) {
    for (; fields->name; fields++)
        if (printers[fields->kind])
            printers[fields->kind](writer, fields, mxc_field_value(writer->policy, fields));
}

mxc_status mxc_contract_print(char **out, const mxc_policy *policy, mxc_error **err) {
    struct writer writer = {.policy = policy};
    open_level(&writer, "{");
    print_members(&writer, mxc_fields_v1_0_0.fields);
    close_level(&writer, "}");
    char *text = mxc_buf_take(&writer.buf);
    mxc_buf_free(&writer.buf);
    if (!text)
        return mxc_fail_memory(err);
    *out = text;
    return MXC_OK;
}
