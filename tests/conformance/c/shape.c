/* shape.c: members of a JSON text in their order and the kinds of their values, as harness/judge.py says them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define KINDS_MAX 64

bool shape_of_runtime(const json_t *line) {
    const char *item = json_string_value(json_object_get(line, "item"));
    return item && strncmp(item, "/runtime", 8) == 0;
}

static const char *kind_of(const json_t *value) {
    if (json_is_boolean(value))
        return "bool";
    if (json_is_string(value))
        return "text";
    return json_is_number(value) ? "number" : "null";
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Of a list each kind of item once, in order. */
static void list_shape(FILE *out, json_t *list) {
    char *kinds[KINDS_MAX];
    size_t i, count = 0;
    json_t *item;
    json_array_foreach(list, i, item) {
        if (shape_of_runtime(item))
            continue;
        if (count == KINDS_MAX)
            broken("a list of more than %d items", KINDS_MAX);
        kinds[count++] = shape_text(item);
    }
    qsort(kinds, count, sizeof(*kinds), by_text);
    const char *before = "";
    for (i = 0; i < count; i++) {
        if (i == 0 || strcmp(kinds[i], kinds[i - 1]) != 0) {
            fprintf(out, "%s%s", before, kinds[i]);
            before = " ";
        }
    }
    for (i = 0; i < count; i++)
        free(kinds[i]);
}

char *shape_text(json_t *value) {
    char *text = NULL;
    size_t size = 0;
    const char *key, *before = "";
    json_t *item;
    if (!json_is_object(value) && !json_is_array(value))
        return strdup(kind_of(value));
    FILE *out = open_memstream(&text, &size);
    if (!out)
        broken("out of memory");
    fputs(json_is_object(value) ? "{" : "[", out);
    if (json_is_array(value))
        list_shape(out, value);
    json_object_foreach(value, key, item) {
        char *inner = shape_text(item);
        fprintf(out, "%s%s:%s", before, key, inner);
        before = " ";
        free(inner);
    }
    fputs(json_is_object(value) ? "}" : "]", out);
    fclose(out);
    return text;
}
