/* relay_dns_fuzz.c: what the relay makes of the bytes of a hostile program and of a hostile name server. A question gets
 * an answer that fits and repeats just that question; an answer counts only for the question that was asked. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "relay/dns.h"

static void ask(const uint8_t *packet, size_t length) {
    struct mxc_dns_question question;
    struct mxc_dns_reply reply;
    uint8_t out[MXC_DNS_UDP_MAX];
    static const uint8_t address[4] = {198, 18, 1, 0};
    struct mxc_ip ip = mxc_ip_v4(address);
    int code = mxc_dns_read_question(&question, packet, length);
    if (code < 0)
        return;
    FUZZ_HOLDS(question.end <= length);
    size_t written = mxc_dns_write_answer(out, packet, &question, code, code == 0 ? &ip : NULL);
    FUZZ_HOLDS(written >= 12 && written <= sizeof out);
    fuzz_accepted = code == 0 && question.name[0];
    if (!fuzz_accepted)
        return;
    FUZZ_HOLDS(mxc_hostname_fault(question.name) == NULL);
    if (question.type == MXC_DNS_A && packet[question.end - 1] == 1)
        FUZZ_HOLDS(mxc_dns_read_reply(&reply, out, written, question.id, question.name, MXC_DNS_A) == 0 &&
                   reply.count == 1 && mxc_ip_equal(&reply.addresses[0], &ip));
}

static void hear(const uint8_t *packet, size_t length) {
    static const uint16_t types[] = {MXC_DNS_A, MXC_DNS_AAAA};
    for (int i = 0; i < 2; i++) {
        struct mxc_dns_reply reply;
        if (mxc_dns_read_reply(&reply, packet, length, 0x1234, "a.example", types[i]) != 0)
            continue;
        fuzz_accepted = 1;
        FUZZ_HOLDS(reply.count <= MXC_DNS_ADDRESSES && reply.ttl <= 86400);
        FUZZ_HOLDS(packet[0] == 0x12 && packet[1] == 0x34 && (packet[2] & 0x80));
        for (uint32_t a = 0; a < reply.count; a++)
            FUZZ_HOLDS(reply.addresses[a].family == 4 || i == 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_accepted = 0;
    if (size < 1)
        return 0;
    if (data[0] & 1)
        hear(data + 1, size - 1);
    else
        ask(data + 1, size - 1);
    return 0;
}
