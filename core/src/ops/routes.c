/* routes.c: a private network in which every address is at home, and the sockets that wait there for the relay. With
 * a local route for everything the kernel delivers each connection to this namespace itself: there is no way out but
 * through a socket that was handed over. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "ops/ops.h"

#define BACKLOG 1024

/* linux/if_link.h; older headers lack the later ones */
enum { LARGEST_GSO = 41, LARGEST_GRO = 58, LARGEST_GSO_V4 = 63, LARGEST_GRO_V4 = 64 };

struct request {
    struct nlmsghdr head;
    unsigned char rest[64]; /* one message body and its attributes */
};

/* Sends one request about lo and waits for the kernel's answer: 0 or -errno. */
static int ask(int netlink, const struct request *request) {
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char more[512];
    } answer;
    if (send(netlink, request, request->head.nlmsg_len, 0) != (ssize_t)request->head.nlmsg_len)
        return -errno;
    ssize_t got = recv(netlink, &answer, sizeof answer, 0);
    if (got < 0)
        return -errno;
    if (got < (ssize_t)(sizeof answer.head + sizeof answer.error) || answer.head.nlmsg_type != NLMSG_ERROR)
        return -EBADMSG;
    return answer.error.error;
}

/* `body` and behind it one attribute with one number. */
static void compose(struct request *request, const void *body, size_t body_length, unsigned short type,
                    uint32_t value) {
    struct rtattr attribute = {.rta_len = RTA_LENGTH(sizeof value), .rta_type = type};
    size_t at = NLMSG_ALIGN(body_length);
    memcpy(request->rest, body, body_length);
    memcpy(request->rest + at, &attribute, sizeof attribute);
    memcpy(request->rest + at + RTA_LENGTH(0), &value, sizeof value);
    request->head.nlmsg_len = (uint32_t)(sizeof request->head + at + RTA_LENGTH(sizeof value));
    request->head.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
}

/* Nothing is lost or shared on lo, so nothing is to be paced there, whatever the host does with its own. */
static void compose_unpaced(struct request *request) {
    const struct {
        struct rtattr metrics, congestion;
        char name[8];
    } unpaced = {{sizeof unpaced, RTA_METRICS}, {RTA_LENGTH(sizeof "reno"), RTAX_CC_ALGO}, "reno"};
    memcpy((char *)request + request->head.nlmsg_len, &unpaced, sizeof unpaced);
    request->head.nlmsg_len += sizeof unpaced;
}

static int add_local_route(int netlink, int family, uint32_t lo, int unpaced) {
    struct request request = {.head = {.nlmsg_type = RTM_NEWROUTE, .nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL}};
    const struct rtmsg route = {.rtm_family = (unsigned char)family,
                                .rtm_table = RT_TABLE_LOCAL,
                                .rtm_protocol = RTPROT_STATIC,
                                .rtm_scope = family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
                                .rtm_type = RTN_LOCAL};
    compose(&request, &route, sizeof route, RTA_OIF, lo);
    if (unpaced)
        compose_unpaced(&request);
    int result = ask(netlink, &request);
    return unpaced && result == -EINVAL ? add_local_route(netlink, family, lo, 0) : result; /* not in this kernel */
}

/* Larger pieces between two sockets on lo: a matter of speed, so kernels that do not know it are fine. */
static void raise_segments(int netlink, uint32_t lo, uint32_t bytes) {
    static const unsigned short settings[] = {LARGEST_GSO, LARGEST_GRO, LARGEST_GSO_V4, LARGEST_GRO_V4};
    const struct ifinfomsg link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)lo};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct request request = {.head = {.nlmsg_type = RTM_NEWLINK}};
        compose(&request, &link, sizeof link, settings[i], bytes);
        (void)ask(netlink, &request);
    }
}

static int without_v6(int error) {
    return error == -EAFNOSUPPORT || error == -EOPNOTSUPP || error == -EACCES || error == -ENODEV;
}

int mxc_op_routes(struct mxc_apply *apply, const struct mxc_op *op) {
    uint32_t lo = if_nametoindex("lo");
    MXC_AUTO_FD int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (!lo || netlink < 0)
        return -errno;
    int result = add_local_route(netlink, AF_INET, lo, 1);
    if (result < 0)
        return result;
    result = add_local_route(netlink, AF_INET6, lo, 1); /* a host without IPv6 has none inside either */
    if (result < 0 && !without_v6(result))
        return result;
    if (op->a)
        raise_segments(netlink, lo, (uint32_t)op->a);
    mxc_hear_refused(apply);
    return 0;
}

/* ---- sockets ---- */

static int set(int fd, int level, int option) {
    const int one = 1;
    return setsockopt(fd, level, option, &one, sizeof one) ? -errno : 0;
}

/* The asked address comes with each packet, and answers leave from it although it is nobody's. */
static int set_up_udp(int fd, int family) {
    int result = set(fd, IPPROTO_IP, IP_PKTINFO);
    if (result == 0)
        result = set(fd, IPPROTO_IP, IP_FREEBIND);
    if (result == 0 && family == AF_INET6)
        result = set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
    return result == 0 && family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_FREEBIND) : result;
}

static int bind_any(int fd, int family, uint16_t port) {
    const struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    const int off = 0;
    if (family == AF_INET)
        return bind(fd, (const struct sockaddr *)&v4, sizeof v4) ? -errno : 0;
    if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
        return -errno;
    return bind(fd, (const struct sockaddr *)&v6, sizeof v6) ? -errno : 0;
}

static int open_listener(int family, uint16_t port, int udp) {
    MXC_AUTO_FD int fd = socket(family, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int result = udp ? set_up_udp(fd, family) : 0;
    if (result == 0)
        result = bind_any(fd, family, port);
    if (result == 0 && !udp && listen(fd, BACKLOG) != 0)
        result = -errno;
    return result < 0 ? result : mxc_take_fd(&fd);
}

int mxc_op_listen(struct mxc_apply *apply, const struct mxc_op *op) {
    if (apply->listen_count == MXC_MAX_LISTENERS)
        return -E2BIG;
    int fd = open_listener(AF_INET6, (uint16_t)op->a, (int)op->b);
    if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL)
        fd = open_listener(AF_INET, (uint16_t)op->a, (int)op->b);
    if (fd < 0)
        return fd;
    apply->listeners[apply->listen_count++] = fd;
    return 0;
}
