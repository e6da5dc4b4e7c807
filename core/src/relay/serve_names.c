/* serve_names.c: the name server of the sandbox, on whatever server address is asked. A granted name gets its
 * synthetic addresses; no other name exists. No question ever leaves the host from here. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mxc/mxc.h"
#include "relay/relay.h"

#define TALK_NS (5 * UINT64_C(1000000000))

static int answer_code(struct mxc_relay *relay, const struct mxc_dns_question *question, struct mxc_ip *ip,
                       int *has_address) {
    uint32_t entry = MXC_NET_NO_ENTRY;
    *has_address = 0;
    enum mxc_permission permission =
        question->name[0] ? mxc_rules_know_name(&relay->rules, question->name, &entry) : MXC_NO_RULE;
    if (permission != MXC_PERMITTED) {
        if (question->name[0])
            mxc_relay_tell_refusal(relay, question->name, NULL, (struct mxc_service){0}, entry,
                                   permission == MXC_DENIED_BY_RULE ? MXC_CONNECTION_DENIED
                                                                    : MXC_CONNECTION_UNKNOWN_NAME);
        return MXC_DNS_NO_NAME;
    }
    int family = question->type == MXC_DNS_A ? 4 : question->type == MXC_DNS_AAAA && relay->has_v6 ? 6 : 0;
    if (!family)
        return MXC_DNS_OK; /* the name exists, without such a record */
    int number = mxc_names_add(&relay->names, question->name);
    if (number < 0)
        return MXC_DNS_SERVER_FAILED;
    *ip = mxc_names_address((uint32_t)number, family);
    *has_address = 1;
    return MXC_DNS_OK;
}

/* Bytes of the answer; 0: none. */
size_t mxc_names_answer(struct mxc_relay *relay, uint8_t out[MXC_DNS_UDP_MAX], const uint8_t *packet, size_t length) {
    struct mxc_dns_question question;
    struct mxc_ip ip;
    int has_address = 0;
    int code = mxc_dns_read_question(&question, packet, length);
    if (code < 0)
        return 0;
    if (code == MXC_DNS_OK)
        code = answer_code(relay, &question, &ip, &has_address);
    return mxc_dns_write_answer(out, packet, &question, code, has_address ? &ip : NULL);
}

/* ---- TCP ---- */

void mxc_names_close(struct mxc_relay *relay, struct mxc_tcp_question *question) {
    if (question->socket.fd < 0)
        return;
    mxc_relay_forget(relay, &question->socket);
    relay->waiting--;
}

void mxc_names_take(struct mxc_relay *relay, int fd) {
    for (uint32_t i = 0; i < MXC_RELAY_QUESTIONS; i++) {
        struct mxc_tcp_question *question = &relay->question[i];
        if (question->socket.fd >= 0)
            continue;
        *question = (struct mxc_tcp_question){.socket = {.fd = fd}, .deadline_ns = relay->now_ns + TALK_NS};
        relay->waiting++;
        if (mxc_relay_watch(relay, &question->socket, EPOLLIN, MXC_ON_QUESTION, i) != 0)
            mxc_names_close(relay, question);
        return;
    }
    close(fd); /* too many at once: asks again, or over UDP */
}

/* Answers the message that is there whole: 1; 0: not whole yet; -1: the end. */
static int answer_framed(struct mxc_relay *relay, struct mxc_tcp_question *question) {
    uint8_t out[MXC_DNS_UDP_MAX + 2];
    uint32_t wanted = question->have < 2 ? 2 : 2u + (uint32_t)(question->bytes[0] << 8 | question->bytes[1]);
    if (wanted > sizeof question->bytes)
        return -1;
    if (question->have < 2 || question->have < wanted)
        return 0;
    size_t length = mxc_names_answer(relay, out + 2, question->bytes + 2, wanted - 2);
    out[0] = (uint8_t)(length >> 8);
    out[1] = (uint8_t)length;
    if (!length || send(question->socket.fd, out, length + 2, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length + 2)
        return -1;
    question->have -= wanted;
    memmove(question->bytes, question->bytes + wanted, question->have);
    return 1;
}

void mxc_names_event(struct mxc_relay *relay, uint32_t number) {
    struct mxc_tcp_question *question = &relay->question[number];
    int more = 1;
    if (question->socket.fd < 0)
        return;
    ssize_t got = recv(question->socket.fd, question->bytes + question->have, sizeof question->bytes - question->have,
                       MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    question->have += got > 0 ? (uint32_t)got : 0;
    while (got > 0 && more == 1)
        more = answer_framed(relay, question);
    if (got <= 0 || more < 0)
        mxc_names_close(relay, question);
}
