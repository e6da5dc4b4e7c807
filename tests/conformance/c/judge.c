/* judge.c: what came out against what was expected, and the normalised record; as harness/judge.py. */
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define SHOWN 600

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static void compare(const json_t *info, json_t *expect, const char *key, json_t *otherwise, json_t *faults) {
    json_t *wanted = json_object_get(expect, key), *actual = json_object_get(info, key);
    if (!json_equal(actual, wanted ? wanted : otherwise)) {
        char *shown = json_dumps(actual, JSON_ENCODE_ANY);
        char *asked = json_dumps(wanted ? wanted : otherwise, JSON_ENCODE_ANY);
        fault(faults, "%s is %s instead of %s", key, shown, asked);
        free(shown);
        free(asked);
    }
    json_decref(otherwise);
}

static void match_lines(const char *name, const char *bytes, json_t *patterns, json_t *faults) {
    size_t number = 0;
    while (*bytes) {
        size_t length = strcspn(bytes, "\n");
        json_t *line = json_loadb(bytes, length, 0, NULL), *pattern = json_array_get(patterns, number++);
        if (!line || !pattern || !pattern_matches(line, pattern)) {
            char *asked = json_dumps(pattern, JSON_ENCODE_ANY);
            fault(faults, "%s: %.*s does not match %s", name, (int)(length > 900 ? 900 : length), bytes, asked);
            free(asked);
        }
        json_decref(line);
        bytes += length + (bytes[length] == '\n');
    }
    if (number != json_array_size(patterns))
        fault(faults, "%s: %zu lines instead of %zu", name, number, json_array_size(patterns));
}

static void contains(const char *name, const struct outcome *outcome, size_t at, json_t *wanted, json_t *faults) {
    size_t i;
    json_t *text;
    json_array_foreach(json_object_get(wanted, "contains"), i, text) {
        if (!memmem(outcome->bytes[at], outcome->length[at], json_string_value(text), json_string_length(text)))
            fault(faults, "%s: lacks %s", name, json_string_value(text));
    }
    json_array_foreach(json_object_get(wanted, "lacks"), i, text) {
        if (memmem(outcome->bytes[at], outcome->length[at], json_string_value(text), json_string_length(text)))
            fault(faults, "%s: has %s", name, json_string_value(text));
    }
}

static void ends(const char *name, const struct outcome *outcome, size_t at, json_t *wanted, json_t *faults) {
    json_t *head = json_object_get(wanted, "head"), *tail = json_object_get(wanted, "tail");
    size_t length = outcome->length[at], size = json_string_length(head);
    if (head && (length < size || memcmp(outcome->bytes[at], json_string_value(head), size) != 0))
        fault(faults, "%s: begins with %.40s", name, outcome->bytes[at]);
    size = json_string_length(tail);
    if (tail && (length < size || memcmp(outcome->bytes[at] + length - size, json_string_value(tail), size) != 0))
        fault(faults, "%s: ends otherwise", name);
}

static void hex_is(const char *name, const struct outcome *outcome, size_t at, const char *hex, json_t *faults) {
    static const char digits[] = "0123456789abcdef";
    bool same = strlen(hex) == outcome->length[at] * 2;
    for (size_t i = 0; same && i < outcome->length[at]; i++) {
        unsigned char byte = (unsigned char)outcome->bytes[at][i];
        same = hex[i * 2] == digits[byte >> 4] && hex[i * 2 + 1] == digits[byte & 15];
    }
    if (!same)
        fault(faults, "%s: other bytes (%zu)", name, outcome->length[at]);
}

static void output(const struct outcome *outcome, json_t *expect, size_t at, json_t *faults) {
    const char *name = at ? "stderr" : "stdout";
    json_t *wanted = json_object_get(expect, name), *lines = json_object_get(wanted, "lines");
    json_t *json = json_object_get(wanted, "json"), *number;
    if (json_is_string(wanted) && (json_string_length(wanted) != outcome->length[at] ||
                                   memcmp(json_string_value(wanted), outcome->bytes[at], outcome->length[at]) != 0))
        fault(faults, "%s: %.400s instead of %.400s", name, outcome->bytes[at], json_string_value(wanted));
    if (!json_is_object(wanted))
        return;
    contains(name, outcome, at, wanted, faults);
    ends(name, outcome, at, wanted, faults);
    if (json_object_get(wanted, "hex"))
        hex_is(name, outcome, at, text_of(wanted, "hex"), faults);
    if ((number = json_object_get(wanted, "captured")) && json_integer_value(number) != (json_int_t)outcome->length[at])
        fault(faults, "%s: %zu bytes captured", name, outcome->length[at]);
    number = json_object_get(outcome->info, at ? "stderrLength" : "stdoutLength");
    if (json_object_get(wanted, "total") && !json_equal(number, json_object_get(wanted, "total")))
        fault(faults, "%s: %lld bytes in all", name, (long long)json_integer_value(number));
    number = json_object_get(outcome->info, at ? "stderrTruncated" : "stdoutTruncated");
    if (json_object_get(wanted, "truncated") && number != json_object_get(wanted, "truncated"))
        fault(faults, "%s: truncated is %s", name, json_is_true(number) ? "true" : "false");
    if (lines)
        match_lines(name, outcome->bytes[at], lines, faults);
    if (json) {
        json_t *one = json_pack("[O]", json);
        match_lines(name, outcome->bytes[at], one, faults);
        json_decref(one);
    }
}

static void denials(const json_t *info, json_t *wanted, json_t *faults) {
    json_t *got = json_object_get(info, "denials"), *one, *other;
    size_t i, j, found = 0;
    json_array_foreach(wanted, i, one) json_array_foreach(got, j, other) found += pattern_matches(other, one);
    if (wanted && (found != json_array_size(wanted) || found != json_array_size(got))) {
        char *shown = json_dumps(got, JSON_COMPACT);
        fault(faults, "denials are %s", shown);
        free(shown);
    }
}

static bool receipt_line_fits(const json_t *line, json_t *wanted) {
    json_t *mechanism;
    size_t i;
    if (!json_equal(json_object_get(line, "item"), json_object_get(wanted, "item")) ||
        !json_equal(json_object_get(line, "level"), json_object_get(wanted, "level")))
        return false;
    json_array_foreach(json_object_get(wanted, "mechanism"), i, mechanism) {
        json_t *one = json_pack("{s:[O]}", "$contains", mechanism);
        bool has = pattern_matches(json_object_get(line, "mechanism"), one);
        json_decref(one);
        if (!has)
            return false;
    }
    return true;
}

static void receipt(const json_t *info, json_t *wanted, json_t *faults) {
    size_t i, j;
    json_t *line, *asked;
    json_array_foreach(wanted, i, asked) {
        bool fits = false;
        json_array_foreach(json_object_get(info, "receipt"), j, line) fits = fits || receipt_line_fits(line, asked);
        if (!fits) {
            char *shown = json_dumps(json_object_get(info, "receipt"), JSON_COMPACT);
            fault(faults, "receipt of %s is otherwise: %.900s", text_of(asked, "item"), shown);
            free(shown);
        }
    }
}

static void error_faults(const json_t *info, json_t *wanted, json_t *faults) {
    json_t *error = json_object_get(info, "error"), *hint = json_object_get(wanted, "hint");
    const char *message = text_of(wanted, "message");
    if (!error) {
        fault(faults, "no error %s: it ran", text_of(wanted, "status"));
        return;
    }
    compare(error, wanted, "status", json_null(), faults);
    if (json_object_get(wanted, "origin"))
        compare(error, wanted, "origin", json_null(), faults);
    if (message && !strstr(text_of(error, "message"), message))
        fault(faults, "error message is %s", text_of(error, "message"));
    if (hint && json_is_true(hint) != (*text_of(error, "hint") != 0))
        fault(faults, "error hint is %s", text_of(error, "hint"));
}

static void result_faults(const struct outcome *outcome, json_t *expect, json_t *faults) {
    const json_t *info = outcome->info;
    size_t before = json_array_size(faults);
    compare(info, expect, "exitCode", json_null(), faults);
    compare(info, expect, "signal", json_null(), faults);
    compare(info, expect, "timedOut", json_false(), faults);
    compare(info, expect, "limitHit", json_null(), faults);
    output(outcome, expect, 0, faults);
    output(outcome, expect, 1, faults);
    denials(info, json_object_get(expect, "denials"), faults);
    receipt(info, json_object_get(expect, "receipt"), faults);
    if (json_array_size(faults) > before && outcome->length[1])
        fault(faults, "(stderr was %.300s)", outcome->bytes[1]);
}

void judge_faults(const struct outcome *outcome, json_t *expect, json_t *faults) {
    json_t *wanted = json_object_get(expect, "error"), *error = json_object_get(outcome->info, "error");
    json_t *span = json_object_get(expect, "elapsedMs"), *most = json_object_get(span, "max");
    if (wanted)
        error_faults(outcome->info, wanted, faults);
    else if (error)
        fault(faults, "error instead of a result: %s %s: %s", text_of(error, "status"), text_of(error, "origin"),
              text_of(error, "message"));
    else
        result_faults(outcome, expect, faults);
    if ((most && outcome->took_ms > json_integer_value(most)) ||
        outcome->took_ms < json_integer_value(json_object_get(span, "min")))
        fault(faults, "took %ld ms", outcome->took_ms);
    host_check(json_object_get(expect, "host"), faults);
}

/* Output as the record shows it: without the run's own folder, printable, cut. */
static json_t *shown(const char *bytes, size_t length, const char *base) {
    static const char mark[] = "${BASE}", digits[] = "0123456789abcdef";
    char out[SHOWN * 4 + 1];
    size_t at = 0, given = 0, size = strlen(base);
    for (size_t i = 0; i < length && given < SHOWN; i++, given++) {
        if (length - i >= size && !memcmp(bytes + i, base, size)) {
            for (const char *m = mark; *m && given < SHOWN; m++, given++)
                out[at++] = *m;
            i += size - 1;
            given--;
            continue;
        }
        unsigned char byte = (unsigned char)bytes[i];
        if ((byte >= 0x20 && byte < 0x7f) || byte == '\n') {
            out[at++] = (char)byte;
            continue;
        }
        memcpy(out + at, (char[]){'\\', 'x', digits[byte >> 4], digits[byte & 15]}, 4);
        at += 4;
    }
    return json_stringn(out, at);
}

static json_t *error_record(json_t *error, const char *base) {
    /* a wait that ran out says in the language's own words for whom */
    const char *message = strcmp(text_of(error, "status"), "timeout") != 0 ? text_of(error, "message") : "";
    return json_pack("{s:{s:O, s:O, s:o, s:b}}", "error", "status", json_object_get(error, "status"), "origin",
                     json_object_get(error, "origin"), "message", shown(message, strlen(message), base), "hint",
                     *text_of(error, "hint") != 0);
}

static int by_text(const void *a, const void *b) {
    return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

static json_t *denial_record(const json_t *info) {
    json_t *lines[128], *list = json_array(), *one;
    size_t i, count = 0;
    json_array_foreach(json_object_get(info, "denials"), i, one) if (count < 128) {
        lines[count++] =
            json_sprintf("%s %s %s %lld", text_of(one, "kind"), text_of(one, "what"), text_of(one, "mechanism"),
                         (long long)json_integer_value(json_object_get(one, "count")));
    }
    qsort(lines, count, sizeof(lines[0]), by_text);
    for (i = 0; i < count; i++)
        json_array_append_new(list, lines[i]);
    return list;
}

static json_t *receipt_record(const json_t *info) {
    json_t *list = json_array(), *line, *name;
    size_t i, j;
    json_array_foreach(json_object_get(info, "receipt"), i, line) {
        if (shape_of_runtime(line))
            continue;
        json_t *text = json_sprintf("%s %s", text_of(line, "item"), text_of(line, "level"));
        json_array_foreach(json_object_get(line, "mechanism"), j, name) {
            json_t *longer = json_sprintf("%s %s", json_string_value(text), json_string_value(name));
            json_decref(text);
            text = longer;
        }
        json_array_append_new(list, text);
    }
    return list;
}

json_t *judge_record(const struct outcome *outcome, const char *base, json_t *is_volatile) {
    const json_t *info = outcome->info;
    json_t *key, *error = json_object_get(info, "error");
    size_t i;
    if (error)
        return error_record(error, base);
    json_t *record = json_pack(
        "{s:O, s:O, s:O, s:O, s:o, s:O, s:o, s:O, s:o, s:o}", "exitCode", json_object_get(info, "exitCode"), "signal",
        json_object_get(info, "signal"), "timedOut", json_object_get(info, "timedOut"), "limitHit",
        json_object_get(info, "limitHit"), "stdout", shown(outcome->bytes[0], outcome->length[0], base),
        "stdoutTruncated", json_object_get(info, "stdoutTruncated"), "stderr",
        shown(outcome->bytes[1], outcome->length[1], base), "stderrTruncated", json_object_get(info, "stderrTruncated"),
        "denials", denial_record(info), "receipt", receipt_record(info));
    /* where members may differ from run to run there is nothing to compare */
    if (outcome->shape && !json_array_size(is_volatile))
        json_object_set_new(record, "json", json_string(outcome->shape));
    json_array_foreach(is_volatile, i, key)
        json_object_set_new(record, json_string_value(key), json_string("volatile"));
    return record;
}
