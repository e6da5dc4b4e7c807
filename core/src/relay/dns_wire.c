/* dns_wire.c: see dns_wire.h. */
#include "relay/dns_wire.h"

#include <string.h>

static int plain(uint8_t c) { return c > 0x20 && c < 0x7f && c != '.' && c != '\\'; }

struct text {
    char *name;
    size_t length;
    int odd;
};

static int add_label(struct text *text, const uint8_t *label, size_t length) {
    if (text->length + length + 1 > MXC_HOSTNAME_MAX + 1u)
        return -1;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = label[i];
        text->odd |= !plain(c);
        text->name[text->length++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    text->name[text->length++] = '.';
    return 0;
}

int mxc_dns_name(const uint8_t *packet, size_t length, size_t *at, char name[MXC_HOSTNAME_MAX + 1]) {
    struct text text = {name, 0, 0};
    size_t cursor = *at, behind = 0, lowest = *at;
    for (;;) {
        if (cursor >= length)
            return -1;
        uint8_t head = packet[cursor];
        if ((head & 0xc0) == 0xc0) {
            if (cursor + 2 > length)
                return -1;
            size_t target = (size_t)(head & 0x3f) << 8 | packet[cursor + 1];
            behind = behind ? behind : cursor + 2;
            if (target >= lowest) /* only ever backward, so it ends */
                return -1;
            cursor = lowest = target;
            continue;
        }
        if ((head & 0xc0) || cursor + 1 + head > length)
            return -1;
        cursor += 1u + head;
        if (!head)
            break;
        if (add_label(&text, packet + cursor - head, head) != 0)
            return -1;
    }
    name[text.length ? text.length - 1 : 0] = 0;
    if (text.odd)
        name[0] = 0;
    *at = behind ? behind : cursor;
    return text.odd;
}
