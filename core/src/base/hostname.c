/* hostname.c: see hostname.h. A filter that decides on one spelling and a resolver that reads another is the classic
 * hole, so whatever is not in the one spelling is refused and never repaired beyond case and the trailing dot. */
#include "base/hostname.h"

#include <string.h>

static int digit(char c) { return c >= '0' && c <= '9'; }

static int label_ok(const char *label, size_t length) {
    if (length < 1 || length > 63 || label[0] == '-' || label[length - 1] == '-')
        return 0;
    for (size_t i = 0; i < length; i++)
        if (!(label[i] >= 'a' && label[i] <= 'z') && !digit(label[i]) && label[i] != '-' && label[i] != '_')
            return 0;
    return 1;
}

/* A last label such as "1", "0x7f" or "0177" makes resolvers read the whole as an address. */
static int reads_as_number(const char *label) {
    if (label[0] == '0' && label[1] == 'x')
        return label[2 + strspn(label + 2, "0123456789abcdef")] == 0;
    return label[strspn(label, "0123456789")] == 0;
}

const char *mxc_hostname_fault(const char *name) {
    const char *label = name;
    if (strlen(name) > MXC_HOSTNAME_MAX)
        return "the host name is longer than 253 characters";
    for (;;) {
        size_t length = strcspn(label, ".");
        if (!label_ok(label, length))
            return "this is not a host name";
        if (!label[length])
            break;
        label += length + 1;
    }
    return reads_as_number(label) ? "this is an address or reads as one, not a host name" : NULL;
}

int mxc_hostname_canonical(char name[MXC_HOSTNAME_MAX + 1], const char *text, size_t length) {
    if (length > 1 && text[length - 1] == '.')
        length--;
    if (length > MXC_HOSTNAME_MAX || memchr(text, 0, length))
        return -1;
    for (size_t i = 0; i < length; i++)
        name[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    name[length] = 0;
    return mxc_hostname_fault(name) ? -1 : 0;
}

int mxc_hostname_within(const char *inner, const char *outer) {
    size_t in = strlen(inner), out = strlen(outer);
    if (strcmp(inner, outer) == 0)
        return 1;
    if (strncmp(outer, "*.", 2) != 0 || in <= out - 1)
        return 0;
    return strcmp(inner + in - (out - 1), outer + 1) == 0; /* ends in ".suffix" and has a label before it */
}
