/* cases.c: reading cases. An unknown key anywhere is an error; values are checked by case.schema.json in the
 * quick test, here only as far as the runner would misread them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static const char *const case_keys[] = {"id",     "title",      "why", "tags",    "requires", "volatile", "setup",
                                        "policy", "policyText", "run", "actions", "steps",    "expect",   NULL};
static const char *const setup_keys[] = {"dir", "file", "symlink", "link", "fifo", "target", "text", "mode", NULL};
static const char *const run_keys[] = {"argv", "code",  "language",  "interpreter", "cwd",
                                       "env",  "input", "timeoutMs", "graceMs",     NULL};
static const char *const action_keys[] = {"afterMs", "signal", "stopGraceMs", NULL};
static const char *const step_keys[] = {"run",    "spawn",   "command",     "wait",   "kill",    "signal",
                                        "stop",   "graceMs", "killSandbox", "reopen", "sleepMs", "host",
                                        "expect", "close",   "timeoutMs",   NULL};
static const char *const expect_keys[] = {"exitCode", "signal",  "timedOut", "limitHit", "stdout",    "stderr",
                                          "error",    "denials", "receipt",  "host",     "elapsedMs", NULL};
static const char *const output_keys[] = {"contains", "lacks",    "json",  "lines",     "head", "tail",
                                          "hex",      "captured", "total", "truncated", NULL};
static const char *const error_keys[] = {"status", "origin", "message", "hint", NULL};
static const char *const host_keys[] = {"path", "absent", "text", "mode", "owner", "names", "stillMs", NULL};
static const char *const denial_keys[] = {"what", "count", NULL};
static const char *const receipt_keys[] = {"item", "level", "mechanism", NULL};
static const char *const span_keys[] = {"min", "max", NULL};

static void only(const char *id, json_t *object, const char *const *keys) {
    const char *key;
    json_t *value;
    if (!object || json_is_string(object))
        return;
    json_object_foreach(object, key, value) {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], key) != 0)
            i++;
        if (!keys[i])
            broken("%s: unknown key %s", id, key);
    }
}

static void only_each(const char *id, json_t *list, const char *const *keys) {
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) only(id, item, keys);
}

static void check_expect(const char *id, json_t *expect) {
    only(id, expect, expect_keys);
    only(id, json_object_get(expect, "stdout"), output_keys);
    only(id, json_object_get(expect, "stderr"), output_keys);
    only(id, json_object_get(expect, "error"), error_keys);
    only(id, json_object_get(expect, "elapsedMs"), span_keys);
    only_each(id, json_object_get(expect, "host"), host_keys);
    only_each(id, json_object_get(expect, "denials"), denial_keys);
    only_each(id, json_object_get(expect, "receipt"), receipt_keys);
}

static void check_case(const char *id, json_t *found) {
    size_t i;
    json_t *step;
    const char *said = json_string_value(json_object_get(found, "id"));
    if (!said || strcmp(said, id) != 0)
        broken("%s: its id is %s", id, said ? said : "missing");
    only(id, found, case_keys);
    only(id, json_object_get(found, "run"), run_keys);
    only_each(id, json_object_get(found, "setup"), setup_keys);
    only_each(id, json_object_get(found, "actions"), action_keys);
    check_expect(id, json_object_get(found, "expect"));
    json_array_foreach(json_object_get(found, "steps"), i, step) {
        only(id, step, step_keys);
        only(id, json_object_get(step, "run"), run_keys);
        only(id, json_object_get(step, "command"), run_keys);
        only_each(id, json_object_get(step, "host"), host_keys);
        check_expect(id, json_object_get(step, "expect"));
    }
}

static int by_id(const void *a, const void *b) {
    return strcmp(json_string_value(json_object_get(*(json_t *const *)a, "id")),
                  json_string_value(json_object_get(*(json_t *const *)b, "id")));
}

static void load_area(json_t *cases, const char *folder, const char *area, bool wrong) {
    char path[4096], id[512];
    struct dirent *entry;
    json_error_t why;
    snprintf(path, sizeof(path), "%s/%s", folder, area);
    DIR *dir = opendir(path);
    while (dir && (entry = readdir(dir))) {
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".json") != 0)
            continue;
        if (!strncmp(entry->d_name, "wrong-", 6) != wrong)
            continue;
        snprintf(path, sizeof(path), "%s/%s/%s", folder, area, entry->d_name);
        snprintf(id, sizeof(id), "%s/%.*s", area, (int)(length - 5), entry->d_name);
        json_t *found = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
        if (!found)
            broken("%s: %s (line %d)", id, why.text, why.line);
        check_case(id, found);
        json_array_append_new(cases, found);
    }
    if (dir)
        closedir(dir);
}

json_t *cases_load(const char *folder, bool wrong) {
    json_t *cases = json_array(), *sorted = json_array();
    struct dirent *entry;
    DIR *dir = opendir(folder);
    if (!dir)
        broken("%s: no such folder", folder);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "harness") != 0 && strcmp(entry->d_name, "c") != 0)
            load_area(cases, folder, entry->d_name, wrong);
    closedir(dir);
    size_t count = json_array_size(cases);
    json_t **order = calloc(count + 1, sizeof(*order));
    for (size_t i = 0; i < count; i++)
        order[i] = json_array_get(cases, i);
    qsort(order, count, sizeof(*order), by_id);
    for (size_t i = 0; i < count; i++)
        json_array_append(sorted, order[i]);
    free(order);
    json_decref(cases);
    return sorted;
}

static char *replaced(char *text, const char *name, const char *value) {
    char *at, *longer;
    while ((at = strstr(text, name))) {
        if (asprintf(&longer, "%.*s%s%s", (int)(at - text), text, value, at + strlen(name)) < 0)
            broken("out of memory");
        free(text);
        text = longer;
    }
    return text;
}

static char *fill_text(const char *text, const struct ground *ground) {
    char *filled = replaced(strdup(text), "${PROBE}", ground->probe);
    filled = replaced(filled, "${BIN}", ground->bin);
    filled = replaced(filled, "${WORK}", ground->work);
    filled = replaced(filled, "${OUTSIDE}", ground->outside);
    filled = replaced(filled, "${HOME_CANARY}", ground->secret);
    if (strstr(filled, "${"))
        broken("unknown placeholder in %s", text);
    return filled;
}

static json_t *fill_object(json_t *object, const struct ground *ground) {
    json_t *filled = json_object(), *item;
    const char *key;
    json_object_foreach(object, key, item) {
        char *name = fill_text(key, ground);
        json_object_set_new(filled, name, cases_fill(item, ground));
        free(name);
    }
    return filled;
}

json_t *cases_fill(json_t *value, const struct ground *ground) {
    if (json_is_object(value))
        return fill_object(value, ground);
    if (json_is_array(value)) {
        json_t *filled = json_array(), *item;
        size_t i;
        json_array_foreach(value, i, item) json_array_append_new(filled, cases_fill(item, ground));
        return filled;
    }
    if (!json_is_string(value))
        return json_incref(value);
    char *text = fill_text(json_string_value(value), ground);
    json_t *filled = json_string(text);
    free(text);
    return filled;
}
