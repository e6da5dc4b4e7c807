/* notes.c: see notes.h. Names, addresses and paths come from the workload: all go through cli_put_escaped. */
#include "notes.h"

#include <jansson.h>
#include <string.h>

#include "text.h"

#define MOST 8 /* lines of one kind; a workload that is refused a thousand things does not scroll the rest away */

struct phrase {
    const char *word, *text;
};

/* Outcomes of connections that are refusals; the others are none. */
static const struct phrase refusals[] = {
    {"unknown_name", "no rule grants this name"},
    {"denied", "no rule grants it"},
    {"guarded", "it leads to a private or local address that no rule names"},
    {"too_many", "too many connections at once"},
    {"cut", "later rules do not grant it"},
};

static const struct phrase findings[] = {
    {"new_repository", "a new repository: git run there would trust its settings and hooks"},
    {"new_hook", "a new hook: git would execute it"},
    {"new_protected_name", "a new file that programs of the host read and trust"},
    {"incomplete", "too large to be looked through: it may hold new hooks and settings"},
};

static const char *find(const struct phrase *phrases, size_t count, const char *word) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(phrases[i].word, word) == 0)
            return phrases[i].text;
    return NULL;
}

#define FIND(phrases, word) find(phrases, sizeof(phrases) / sizeof((phrases)[0]), word)

static const char *text_of(const json_t *row, const char *key) {
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static json_int_t number_of(const json_t *row, const char *key) {
    return json_integer_value(json_object_get(row, key));
}

static void put_times(FILE *to, json_int_t count) {
    if (count > 1)
        fprintf(to, " (%lld times)", (long long)count);
}

/* " (hint: --allow HOST:PORT)" from the rule that would let it pass. */
static void put_grant(FILE *to, const json_t *grant) {
    const json_t *target = json_array_get(json_object_get(grant, "to"), 0);
    const json_t *port = json_array_get(json_object_get(grant, "ports"), 0);
    const char *name = *text_of(target, "host") ? text_of(target, "host") : text_of(target, "cidr");
    if (!*name || strcmp(text_of(port, "protocol"), "tcp") != 0)
        return;
    fputs(strchr(name, ':') ? " (hint: --allow [" : " (hint: --allow ", to);
    cli_put_escaped(to, name);
    fprintf(to, "%s:%lld)", strchr(name, ':') ? "]" : "", (long long)number_of(port, "port"));
}

static int put_connection(FILE *to, const json_t *row) {
    const char *why = FIND(refusals, text_of(row, "outcome"));
    const char *name = *text_of(row, "name") ? text_of(row, "name") : text_of(row, "address");
    if (!why)
        return 0;
    if (!to)
        return 1;
    fputs("mxc: refused: connection to ", to);
    cli_put_escaped(to, name);
    if (strcmp(text_of(row, "protocol"), "udp") == 0)
        fputs(" by udp", to);
    if (number_of(row, "port"))
        fprintf(to, " port %lld", (long long)number_of(row, "port"));
    put_times(to, number_of(row, "count"));
    fprintf(to, ": %s%s", *text_of(row, "rule") ? "denied by " : "", *text_of(row, "rule") ? "" : why);
    cli_put_escaped(to, text_of(row, "rule"));
    put_grant(to, json_object_get(row, "grant"));
    fputc('\n', to);
    return 1;
}

static int put_denial(FILE *to, const json_t *row) {
    if (!to)
        return 1;
    fprintf(to, "mxc: refused: %s ",
            strcmp(text_of(row, "kind"), "syscall") == 0 ? "system call" : text_of(row, "kind"));
    cli_put_escaped(to, text_of(row, "what"));
    put_times(to, number_of(row, "count"));
    fprintf(to, ": by %s\n", text_of(row, "mechanism"));
    return 1;
}

static int put_finding(FILE *to, const json_t *row) {
    const char *what = FIND(findings, text_of(row, "kind"));
    if (!what)
        return 0;
    if (!to)
        return 1;
    fputs("mxc: found: ", to);
    cli_put_escaped(to, text_of(row, "path"));
    fprintf(to, ": %s\n", what);
    return 1;
}

static void put_all(FILE *to, const json_t *rows, int (*put)(FILE *to, const json_t *row)) {
    int count = 0;
    size_t index;
    json_t *row;
    json_array_foreach((json_t *)rows, index, row) { count += put(count < MOST ? to : NULL, row); }
    if (count > MOST)
        fprintf(to, "mxc: and %d more: --json lists them\n", count - MOST);
}

void cli_print_notes(FILE *to, const char *result) {
    json_t *whole = json_loads(result, 0, NULL);
    put_all(to, json_object_get(whole, "connections"), put_connection);
    put_all(to, json_object_get(whole, "denials"), put_denial);
    put_all(to, json_object_get(whole, "findings"), put_finding);
    json_decref(whole);
}
