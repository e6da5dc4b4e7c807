/* schema.c: JSON Schema (draft 2020-12) of the language, from the table of fields, so that it cannot fall behind.
 * Part of the program that makes schema_text.c during the build, not of the library. It says what an editor can check; what only the reader can know (paths, contradictions) is in the descriptions. */
#include "contract/schema.h"
#include "policy/limits.h"
#include "policy/words.h"

typedef void field_schema(struct mxc_buf *buf, const struct mxc_field *field);

static const char head[] = "{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                           "\"title\": \"mxc policy\",\n\"description\": ";

static const char definitions[] =
    "\"$defs\": {\n"
    "\"port\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535},\n"
    "\"cidr\": {\"type\": \"string\", \"description\": \"192.0.2.0/24, 2001:db8::/32 or one address; the bits behind the "
    "prefix are zero.\", \"pattern\": \"^[0-9a-fA-F:.]+(/[0-9]{1,3})?$\"},\n"
    "\"peer\": {\"oneOf\": [\n"
    "{\"type\": \"object\", \"required\": [\"cidr\"], \"additionalProperties\": false, \"properties\": {\"cidr\": {\"$ref\": "
    "\"#/$defs/cidr\"}, \"except\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/cidr\"}}}},\n"
    "{\"type\": \"object\", \"required\": [\"host\"], \"additionalProperties\": false, \"properties\": {\"host\": {\"type\": "
    "\"string\", \"description\": \"A name, or *.suffix for every name below it; ASCII.\"}}}]},\n"
    "\"portRule\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"protocol\": {\"enum\": "
    "[\"any\", \"tcp\", \"udp\", \"icmp\"], \"default\": \"any\"}, \"port\": {\"$ref\": \"#/$defs/port\"}, \"endPort\": "
    "{\"$ref\": \"#/$defs/port\"}}, \"dependentRequired\": {\"endPort\": [\"port\"]}},\n"
    "\"rule\": {\"type\": \"object\", \"additionalProperties\": false, \"description\": \"What is left out matches "
    "everything.\", \"properties\": {\"to\": {\"type\": \"array\", \"minItems\": 1, \"items\": {\"$ref\": "
    "\"#/$defs/peer\"}}, \"ports\": {\"type\": \"array\", \"minItems\": 1, \"items\": {\"$ref\": "
    "\"#/$defs/portRule\"}}}}\n"
    "}\n}\n";

static void describe_field(struct mxc_buf *buf, const struct mxc_field *field);

static void describe_object(struct mxc_buf *buf, const struct mxc_field *field) {
    mxc_buf_text(buf, "\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\n");
    for (const struct mxc_field *member = field->fields; member->name; member++) {
        describe_field(buf, member);
        mxc_buf_text(buf, member[1].name ? ",\n" : "\n");
    }
    mxc_buf_text(buf, "}");
}

static void describe_version(struct mxc_buf *buf, const struct mxc_field *field) {
    (void)field;
    mxc_buf_text(buf, "\"const\": \"1.0.0\"");
}

static void describe_text(struct mxc_buf *buf, const struct mxc_field *field) {
    mxc_buf_text(buf, "\"type\": \"string\"");
    if (field->check == mxc_check_container_id)
        mxc_buf_text(buf, ", \"pattern\": \"^[A-Za-z0-9._-]{1,64}$\"");
    else if (field->check)
        mxc_buf_text(buf, ", \"minLength\": 1");
}

static void describe_flag(struct mxc_buf *buf, const struct mxc_field *field) {
    mxc_buf_format(buf, "\"type\": \"boolean\", \"default\": %s", field->inverted ? "true" : "false");
}

static void describe_ignored(struct mxc_buf *buf, const struct mxc_field *field) {
    (void)field;
    mxc_buf_text(buf, "\"type\": \"boolean\"");
}

static void words(struct mxc_buf *buf, const char *const *list) {
    for (size_t i = 0; list[i]; i++) {
        mxc_buf_text(buf, i ? ", " : "");
        mxc_buf_json(buf, list[i]);
    }
}

static void describe_word(struct mxc_buf *buf, const struct mxc_field *field) {
    mxc_buf_text(buf, "\"enum\": [");
    words(buf, field->words);
    if (field->kind == MXC_FIELD_CONTAINMENT)
        mxc_buf_text(buf, ", \"bubblewrap\", \"isolation_session\", \"lxc\", \"hyperlight\"");
    mxc_buf_text(buf, "], \"default\": ");
    mxc_buf_json(buf, field->words[0]);
}

static void describe_time(struct mxc_buf *buf, const struct mxc_field *field) {
    (void)field;
    mxc_buf_text(buf, "\"type\": \"integer\", \"minimum\": 0, \"maximum\": 4294967295, \"default\": 0");
}

static void describe_limit(struct mxc_buf *buf, const struct mxc_field *field) {
    const struct mxc_limit_rule *rule = mxc_limit_rule(field->number);
    mxc_buf_format(buf, "\"type\": \"integer\", \"minimum\": %llu, \"maximum\": %llu, \"default\": %llu",
                   (unsigned long long)(rule->zero_is_none ? 0 : rule->low), (unsigned long long)rule->high,
                   (unsigned long long)rule->fallback);
}

static void describe_cpus(struct mxc_buf *buf, const struct mxc_field *field) {
    (void)field;
    mxc_buf_text(buf, "\"type\": \"number\", \"minimum\": 0.01, \"maximum\": 10000");
}

static void describe_texts(struct mxc_buf *buf, const struct mxc_field *field) {
    mxc_buf_text(buf, "\"type\": \"array\", \"items\": {\"type\": \"string\"");
    if (field->kind == MXC_FIELD_ENV)
        mxc_buf_text(buf, ", \"pattern\": \"^[^=]+=\"");
    mxc_buf_text(buf, field->kind == MXC_FIELD_ARGV ? "}, \"minItems\": 1" : "}");
    if (field->kind != MXC_FIELD_PROTECTED)
        return;
    mxc_buf_text(buf, ", \"default\": [");
    words(buf, mxc_default_protected_names());
    mxc_buf_text(buf, "]");
}

static void describe_rules(struct mxc_buf *buf, const struct mxc_field *field) {
    (void)field;
    mxc_buf_text(buf, "\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/rule\"}");
}

static void describe_publish(struct mxc_buf *buf, const struct mxc_field *field) {
    (void)field;
    mxc_buf_text(buf, "\"type\": \"array\", \"items\": {\"type\": \"object\", \"required\": [\"port\"], "
                      "\"additionalProperties\": false, \"properties\": {\"port\": {\"$ref\": \"#/$defs/port\"}, "
                      "\"hostPort\": {\"$ref\": \"#/$defs/port\"}}}");
}

static void describe_user(struct mxc_buf *buf, const struct mxc_field *field) {
    (void)field;
    mxc_buf_text(buf, "\"const\": \"mapped\"");
}

static field_schema *const describers[MXC_FIELD_KINDS] = {
    [MXC_FIELD_OBJECT] = describe_object,    [MXC_FIELD_VERSION] = describe_version,
    [MXC_FIELD_TEXT] = describe_text,        [MXC_FIELD_PATH] = describe_text,
    [MXC_FIELD_FLAG] = describe_flag,        [MXC_FIELD_WORD] = describe_word,
    [MXC_FIELD_CONTAINMENT] = describe_word, [MXC_FIELD_ASSURANCE] = describe_word,
    [MXC_FIELD_TIME] = describe_time,        [MXC_FIELD_LIMIT] = describe_limit,
    [MXC_FIELD_CPUS] = describe_cpus,        [MXC_FIELD_TEXTS] = describe_texts,
    [MXC_FIELD_ARGV] = describe_texts,       [MXC_FIELD_ENV] = describe_texts,
    [MXC_FIELD_PROTECTED] = describe_texts,  [MXC_FIELD_PATHS] = describe_texts,
    [MXC_FIELD_RULES] = describe_rules,      [MXC_FIELD_PUBLISH] = describe_publish,
    [MXC_FIELD_USER] = describe_user,        [MXC_FIELD_IGNORED] = describe_ignored,
};

static void describe_field(struct mxc_buf *buf, const struct mxc_field *field) {
    mxc_buf_json(buf, field->name);
    mxc_buf_text(buf, ": {\"description\": ");
    mxc_buf_json(buf, field->about);
    mxc_buf_text(buf, ", ");
    describers[field->kind](buf, field);
    mxc_buf_text(buf, "}");
}

int mxc_schema_write(struct mxc_buf *buf) {
    mxc_buf_text(buf, head);
    mxc_buf_json(buf, mxc_fields_v1_0_0.about);
    mxc_buf_text(buf, ",\n\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\n"
                      "\"$schema\": {\"type\": \"string\"},\n\"_comment\": {}");
    for (const struct mxc_field *field = mxc_fields_v1_0_0.fields; field->name; field++) {
        mxc_buf_text(buf, ",\n");
        describe_field(buf, field);
    }
    mxc_buf_text(buf, "\n},\n");
    mxc_buf_text(buf, definitions);
    return buf->failed ? -1 : 0;
}
