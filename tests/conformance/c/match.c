/* match.c: patterns, as harness/match.py has them. */
#include <string.h>

#include "suite.h"

static bool holds(const json_t *actual, const json_t *wanted) {
    size_t i;
    json_t *item;
    if (json_is_string(actual))
        return json_is_string(wanted) && strstr(json_string_value(actual), json_string_value(wanted));
    json_array_foreach((json_t *)actual, i, item) if (pattern_matches(item, wanted)) return true;
    return false;
}

static bool holds_each(const json_t *actual, const json_t *wanted, bool sense) {
    size_t i;
    json_t *item;
    if (!json_is_string(actual) && !json_is_array(actual))
        return false;
    json_array_foreach((json_t *)wanted, i, item) if (holds(actual, item) != sense) return false;
    return true;
}

static bool any_of(const json_t *actual, const json_t *wanted) {
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)wanted, i, item) if (pattern_matches(actual, item)) return true;
    return false;
}

static bool test_holds(const char *name, const json_t *actual, const json_t *wanted) {
    if (!strcmp(name, "$contains"))
        return holds_each(actual, wanted, true);
    if (!strcmp(name, "$lacks"))
        return holds_each(actual, wanted, false);
    if (!strcmp(name, "$min"))
        return json_is_number(actual) && json_number_value(actual) >= json_number_value(wanted);
    if (!strcmp(name, "$max"))
        return json_is_number(actual) && json_number_value(actual) <= json_number_value(wanted);
    if (!strcmp(name, "$any"))
        return any_of(actual, wanted);
    if (!strcmp(name, "$starts"))
        return json_is_string(actual) &&
               !strncmp(json_string_value(actual), json_string_value(wanted), json_string_length(wanted));
    broken("unknown test %s", name);
}

static bool object_matches(const json_t *actual, const json_t *pattern) {
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)pattern, key, item) {
        if (key[0] == '$') {
            if (!test_holds(key, actual, item))
                return false;
            continue;
        }
        json_t *found = json_object_get(actual, key);
        if (!found || !pattern_matches(found, item))
            return false;
    }
    return true;
}

bool pattern_matches(const json_t *actual, const json_t *pattern) {
    if (json_is_object(pattern))
        return object_matches(actual, pattern);
    if (!json_is_array(pattern))
        return json_equal(actual, pattern);
    if (!json_is_array(actual) || json_array_size(actual) != json_array_size(pattern))
        return false;
    for (size_t i = 0; i < json_array_size(pattern); i++)
        if (!pattern_matches(json_array_get(actual, i), json_array_get(pattern, i)))
            return false;
    return true;
}
