/* run_c.c: the conformance suite through the C API: the loop over the cases, arguments, features, the JSON lines.
 * `conformance_c --cases FOLDER --base FOLDER --probe FILE --out FILE [--tag NAME] [--wrong] [--only ID]...` */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conformance/c/suite.h"

struct arguments {
    const char *cases, *base, *out, *tag, *only[256];
    size_t only_count;
    bool wrong, keep;
};

void broken(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "conformance_c: ");
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

void fault(json_t *faults, const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    json_t *said = json_string(text);
    json_array_append_new(faults, said ? said : json_string("a fault whose text is not UTF-8"));
}

long now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void wait_ms(long ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000};
    while (nanosleep(&left, &left)) {
    }
}

static void read_arguments(struct arguments *out, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (!strcmp(argv[i], "--wrong"))
            out->wrong = true;
        else if (!strcmp(argv[i], "--keep"))
            out->keep = true;
        else if (!strcmp(argv[i], "--cases") && ++i)
            out->cases = value;
        else if (!strcmp(argv[i], "--base") && ++i)
            out->base = value;
        else if (!strcmp(argv[i], "--probe"))
            i++; /* it is in the bin folder of base */
        else if (!strcmp(argv[i], "--out") && ++i)
            out->out = value;
        else if (!strcmp(argv[i], "--tag") && ++i)
            out->tag = value;
        else if (!strcmp(argv[i], "--only") && ++i && out->only_count < 256)
            out->only[out->only_count++] = value;
        else
            broken("unknown argument %s", argv[i]);
    }
    if (!out->cases || !out->base || !out->out)
        broken("--cases, --base and --out are needed");
}

/* {"name": available}, from the library's own probe and what this runner can do. */
static json_t *features_here(void) {
    char *text = NULL;
    mxc_error *error = NULL;
    json_t *features = json_object(), *probed, *one;
    size_t i;
    if (mxc_probe(&text, &error) != MXC_OK)
        broken("mxc_probe: %s", mxc_error_message(error));
    probed = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_array_foreach(json_object_get(probed, "features"), i, one)
        json_object_set(features, json_string_value(json_object_get(one, "name")), json_object_get(one, "available"));
    json_object_set_new(features, "root", json_boolean(geteuid() == 0));
    json_object_set_new(features, "user", json_boolean(geteuid() != 0));
    json_object_set_new(features, "handles", json_true());
    json_object_set_new(features, "grace", json_true());
    json_object_set_new(features, "policy-command", json_true());
    json_object_set_new(features, "timed-wait", json_true());
    /* a handle that was freed must not be used again: nothing to test */
    json_object_set_new(features, "closed-handles", json_false());
    json_decref(probed);
    mxc_string_free(text);
    return features;
}

static bool has_text(json_t *list, const char *text) {
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) if (!strcmp(json_string_value(item), text)) return true;
    return false;
}

static bool chosen(const struct arguments *args, json_t *one) {
    const char *id = json_string_value(json_object_get(one, "id"));
    if (args->tag && !has_text(json_object_get(one, "tags"), args->tag))
        return false;
    for (size_t i = 0; i < args->only_count; i++)
        if (!strcmp(args->only[i], id))
            return true;
    return !args->only_count;
}

static const char *missing(json_t *one, json_t *features) {
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(one, "requires"), i, name) {
        json_t *there = json_object_get(features, json_string_value(name));
        if (!there)
            broken("feature %s is asked for, but the probe does not know it", json_string_value(name));
        if (!json_is_true(there))
            return json_string_value(name);
    }
    return NULL;
}

static json_t *carry_out(json_t *filled, const struct ground *ground, json_t *faults) {
    struct outcome outcome;
    ground_set_up(json_object_get(filled, "setup"));
    if (json_object_get(filled, "steps"))
        return run_steps(filled, ground, faults);
    run_single(&outcome, filled, ground);
    judge_faults(&outcome, json_object_get(filled, "expect"), faults);
    json_t *record = judge_record(&outcome, ground->base, json_object_get(filled, "volatile"));
    outcome_clear(&outcome);
    return record;
}

static json_t *run_case(const struct arguments *args, json_t *one, json_t *features) {
    struct ground ground;
    const char *id = json_string_value(json_object_get(one, "id")), *lacking = missing(one, features);
    const char *role = geteuid() ? "user" : "root";
    if (lacking)
        return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", id, "runner", "c", "role", role, "outcome", "skipped",
                         "feature", lacking);
    ground_make(&ground, args->base, id);
    json_t *filled = cases_fill(one, &ground), *faults = json_array(), *fault_text;
    json_t *record = carry_out(filled, &ground, faults);
    size_t i;
    ground_check(&ground, faults);
    if (!args->keep)
        ground_remove(&ground);
    json_array_foreach(faults, i, fault_text) printf("FAILED %s: %s\n", id, json_string_value(fault_text));
    json_decref(filled);
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", id, "runner", "c", "role", role, "outcome",
                     json_array_size(faults) ? "failed" : "passed", "faults", faults, "record", record);
}

int main(int argc, char **argv) {
    struct arguments args = {0};
    int count[3] = {0};
    size_t i;
    json_t *one;
    read_arguments(&args, argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    json_t *cases = cases_load(args.cases, args.wrong), *features = features_here();
    FILE *out = fopen(args.out, "we");
    if (!out)
        broken("%s: cannot be written", args.out);
    json_array_foreach(cases, i, one) {
        if (!chosen(&args, one))
            continue;
        json_t *line = run_case(&args, one, features);
        const char *outcome = json_string_value(json_object_get(line, "outcome"));
        count[outcome[0] == 'p' ? 0 : outcome[0] == 'f' ? 1 : 2]++;
        json_dumpf(line, out, JSON_COMPACT | JSON_ENSURE_ASCII);
        fputc('\n', out);
        fflush(out);
        json_decref(line);
    }
    fclose(out);
    json_decref(cases);
    json_decref(features);
    printf("%d passed, %d failed, %d skipped\n", count[0], count[1], count[2]);
    return count[1] || !(count[0] + count[2]) ? 1 : 0;
}
