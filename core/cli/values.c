/* values.c: strict numbers with units. Digits, an optional fraction, an optional unit and nothing else; the value must
 * be a whole number of bytes, milliseconds or thousandths and fit 63 bits, as JSON numbers of a policy do. */
#include "values.h"

#include <string.h>

struct unit {
    const char *name;
    uint64_t scale;
};

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

static const struct unit sizes[] = {{"", 1},      {"B", 1},    {"K", KIB},   {"KB", KIB},  {"KiB", KIB},
                                    {"M", MIB},   {"MB", MIB}, {"MiB", MIB}, {"G", GIB},   {"GB", GIB},
                                    {"GiB", GIB}, {"T", TIB},  {"TB", TIB},  {"TiB", TIB}, {NULL, 0}};
static const struct unit times[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {NULL, 0}};
static const struct unit counts[] = {{"", 1}, {NULL, 0}};
static const struct unit thousandths[] = {{"", 1000}, {NULL, 0}};

static const char too_large[] = "is too large";
static const char not_whole[] = "has too many decimal places";

struct number {
    uint64_t digits; /* integer part and fraction as one number */
    uint64_t power;  /* of ten, for the places of the fraction */
    const char *end;
};

/* 0, or -1 when the digits alone overflow; `end` is `text` when there are none. */
static int read_number(struct number *number, const char *text) {
    const char *at = text;
    int fraction = 0;
    *number = (struct number){.digits = 0, .power = 1, .end = text};
    for (;; at++) {
        if (*at == '.' && !fraction && at > text && at[1] >= '0' && at[1] <= '9') {
            fraction = 1;
            continue;
        }
        if (*at < '0' || *at > '9')
            break;
        if (__builtin_mul_overflow(number->digits, 10, &number->digits) ||
            __builtin_add_overflow(number->digits, (uint64_t)(*at - '0'), &number->digits))
            return -1;
        if (fraction && __builtin_mul_overflow(number->power, 10, &number->power))
            return -1;
    }
    number->end = at;
    return 0;
}

static const char *scaled(const struct unit *unit, const char *text, const char *what, uint64_t *value) {
    struct number number;
    if (read_number(&number, text) != 0)
        return too_large;
    if (number.end == text)
        return what;
    while (unit->name && strcmp(unit->name, number.end) != 0)
        unit++;
    if (!unit->name)
        return what;
    unsigned __int128 product = (unsigned __int128)number.digits * unit->scale;
    if (product % number.power != 0)
        return not_whole;
    product /= number.power;
    if (product > INT64_MAX)
        return too_large;
    *value = (uint64_t)product;
    return NULL;
}

const char *cli_value_wrong(enum cli_kind kind, const char *text, uint64_t *number) {
    *number = 0;
    if (kind == CLI_CODE)
        return NULL;
    if (!*text)
        return "is empty";
    switch (kind) {
    case CLI_SIZE:
        return scaled(sizes, text, "is not a size", number);
    case CLI_DURATION:
        return scaled(times, text, "is not a time", number);
    case CLI_COUNT:
        return scaled(counts, text, "is not a count", number);
    case CLI_CPUS:
        return scaled(thousandths, text, "is not a number of processors", number);
    case CLI_ENV:
        return *text == '=' || !strchr(text, '=') ? "is not NAME=VALUE" : NULL;
    default:
        return NULL;
    }
}

const char *cli_value_form(enum cli_kind kind) {
    switch (kind) {
    case CLI_SIZE:
        return "write bytes, or a number with K, M, G or T, such as 512M";
    case CLI_DURATION:
        return "write seconds, or a number with ms, s, m or h, such as 30s";
    case CLI_COUNT:
        return "write a whole number, such as 64";
    case CLI_CPUS:
        return "write a number with at most three decimal places, such as 1.5";
    case CLI_ENV:
        return "write the name, = and the value, such as LANG=C";
    default:
        return NULL;
    }
}
