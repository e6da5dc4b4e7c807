/* relay.h: the inside of the relay program: one process beside the keeper that carries the connections of one sandbox.
 * It accepts on sockets that were made inside, decides by the rules of the plan, and dials outside. One loop, fixed
 * tables, no allocation; what does not fit waits or is refused, so a flood inside starves only itself. */
#ifndef MXC_RELAY_RELAY_H
#define MXC_RELAY_RELAY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan/channel.h"
#include "plan/network.h"
#include "relay/dns.h"
#include "relay/names.h"
#include "relay/rules.h"
#include "report/record.h"

#define MXC_RELAY_LINKS 1024
#define MXC_RELAY_BUFFERS 124 /* with the pipes 64 MiB that wait, at most */
#define MXC_RELAY_BUFFER_BYTES (512u << 10)
#define MXC_RELAY_PIPES 4
#define MXC_RELAY_PIPE_BYTES (512u << 10)
#define MXC_RELAY_LISTENERS (2 * MXC_NET_MAX_PORTS + 2)
#define MXC_RELAY_UDP_FLOWS 256u
#define MXC_RELAY_UDP_QUIET_NS (120 * UINT64_C(1000000000)) /* RFC 4787, REQ-5: not sooner */
#define MXC_RELAY_UDP_SPARED_NS UINT64_C(1000000000)        /* one that was quiet for less never makes room */
#define MXC_RELAY_PACKET_BYTES (64u << 10)
#define MXC_RELAY_LOOKUPS 64
#define MXC_RELAY_QUESTIONS 32 /* DNS over TCP, at the same time */
#define MXC_RELAY_SERVERS 3
#define MXC_RELAY_HOSTS_BYTES (64u << 10)

/* What an event of the loop is about; with a number in its table. */
enum mxc_relay_source {
    MXC_ON_PUBLISHED,
    MXC_ON_CONTROL,
    MXC_ON_LISTENER,
    MXC_ON_INNER,
    MXC_ON_OUTER,
    MXC_ON_QUESTION,
    MXC_ON_LOOKUP,
    MXC_ON_REFUSED
};

struct mxc_watched { /* a descriptor in the loop */
    int fd;
    uint32_t events; /* asked for */
    int registered;
    int hung; /* both directions are over: the kernel would say so again and again */
};

struct mxc_flow { /* one direction of a link */
    int buffer;   /* number, or -1 */
    int pipe;     /* the same; never both */
    int busy;     /* the last read brought much */
    uint32_t at, length;
    int ended;   /* the source has sent its last byte */
    int shut;    /* and the other side was told */
    int starved; /* waits for a buffer */
    uint64_t bytes;
};

/* UNTOLD: ended (at its deadline), but the keeper does not know yet */
enum mxc_link_state { MXC_LINK_FREE, MXC_LINK_RESOLVING, MXC_LINK_DIALING, MXC_LINK_OPEN, MXC_LINK_UNTOLD };

struct mxc_link {
    enum mxc_link_state state;
    uint32_t id;
    struct mxc_watched inner, outer;
    struct mxc_flow out, in;
    uint8_t protocol; /* enum mxc_net_protocol */
    uint16_t port;
    int name; /* number, or -1: by address */
    uint32_t rule;
    int inbound; /* from the host's loopback: outer called, inner is a socket of the pool */
    int local;   /* to the host's loopback, by a rule for just that */
    int told;    /* the keeper knows of it */
    int outcome; /* UNTOLD: how it ended */
    int last;    /* before it opened: the client has sent its last byte, and may be gone */
    struct mxc_ip candidates[MXC_NAME_ADDRESSES];
    uint32_t candidate_count, candidate;
    uint32_t own; /* a bit for each candidate that is an address of this host */
    uint64_t started_ns, deadline_ns;
    uint32_t ended_turn; /* of the loop: events of that turn may still be about it */
    /* UDP: a flow is from one client to one address through one listener */
    struct mxc_peer_address client;
    struct mxc_ip asked;
    unsigned int listener;
    uint64_t used_ns; /* its last packet either way; 0: none yet */
};

struct mxc_lookup {
    int name; /* -1: free */
    struct mxc_watched socket;
    int tcp;
    unsigned int server, attempts;
    uint64_t deadline_ns;
    uint16_t id[2];     /* A, AAAA */
    int done[2], found; /* found: some answer was one */
    uint32_t ttl;
    struct mxc_ip addresses[MXC_NAME_ADDRESSES];
    uint32_t address_count;
    uint8_t bytes[MXC_DNS_TCP_MAX + 2]; /* TCP: what has come of the next message */
    uint32_t have;
};

struct mxc_tcp_question { /* a client inside that asks for names over TCP */
    struct mxc_watched socket;
    uint64_t deadline_ns;
    uint8_t bytes[MXC_DNS_UDP_MAX + 2];
    uint32_t have;
};

struct mxc_pipe {
    int made, taken;
    int read, write;
};

struct mxc_relay {
    int epoll, control;
    struct mxc_net_rules_view rules;
    uint32_t generation; /* of the rules */
    _Alignas(8) unsigned char rules_area[2][MXC_NET_MAX_BYTES];
    unsigned int rules_at;                                                   /* the area that later rules go to */
    struct mxc_watched listener[MXC_RELAY_LISTENERS + MXC_NET_MAX_DEMANDED]; /* the latter come and go, all of TCP */
    uint16_t listener_port[MXC_RELAY_LISTENERS + MXC_NET_MAX_DEMANDED];
    uint8_t listener_protocol[MXC_RELAY_LISTENERS + MXC_NET_MAX_DEMANDED];
    int listener_family[MXC_RELAY_LISTENERS + MXC_NET_MAX_DEMANDED];
    unsigned int listener_count;
    struct mxc_watched published[MXC_NET_MAX_PUBLISHED]; /* listeners of the host */
    uint16_t published_port[MXC_NET_MAX_PUBLISHED];      /* inside */
    unsigned int published_count;
    int dialer[MXC_NET_MAX_DIALERS]; /* sockets made inside that are free */
    unsigned int dialers, dialers_made;
    struct mxc_resting { /* one whose last bytes are still to be acknowledged */
        int fd;
        uint64_t until_ns;
    } resting[MXC_NET_MAX_DIALERS];
    unsigned int resting_count;
    struct mxc_watched refused[2];
    unsigned int refused_count;
    uint32_t unheard; /* refusals for which there was no room, so far */
    int has_v6;       /* inside */
    int on_demand;    /* listeners come as connections ask for them */
    struct mxc_link link[MXC_RELAY_LINKS];
    unsigned int link_room;            /* how many the limit on descriptors allows */
    uint16_t udp[MXC_RELAY_UDP_FLOWS]; /* those of the links that are flows of UDP */
    unsigned int udp_count;
    unsigned char packet[MXC_RELAY_PACKET_BYTES]; /* the one that is looked at */
    uint32_t next_id;
    unsigned char buffer[MXC_RELAY_BUFFERS][MXC_RELAY_BUFFER_BYTES];
    int free_buffer[MXC_RELAY_BUFFERS];
    unsigned int free_buffers, starved;
    struct mxc_pipe pipe[MXC_RELAY_PIPES];
    int without_pipes; /* the kernel has refused one */
    struct mxc_names names;
    struct mxc_lookup lookup[MXC_RELAY_LOOKUPS];
    struct mxc_tcp_question question[MXC_RELAY_QUESTIONS];
    unsigned int waiting; /* things with a deadline */
    struct mxc_ip server[MXC_RELAY_SERVERS];
    unsigned int server_count;
    char hosts[MXC_RELAY_HOSTS_BYTES];
    uint32_t turn;     /* of the loop */
    uint64_t full_ns;  /* since when there is no place for another link; 0: there is one */
    unsigned int sync; /* the keeper waits for all there is to say: turns so far */
    uint32_t untold;   /* refusals that it did not hear of */
    uint64_t now_ns;
};

/* program.c: the loop. 0 when the keeper is gone. */
int mxc_relay_run(struct mxc_relay *relay);
int mxc_relay_watch(struct mxc_relay *relay, struct mxc_watched *watched, uint32_t events, enum mxc_relay_source source,
                    uint32_t number);
void mxc_relay_unwatch(struct mxc_relay *relay, struct mxc_watched *watched);
void mxc_relay_forget(struct mxc_relay *relay, struct mxc_watched *watched); /* and closes it */
void mxc_relay_clock(struct mxc_relay *relay);

/* links.c: connections from accept to the end. */
struct mxc_link *mxc_link_new(struct mxc_relay *relay, struct mxc_service service, int fd); /* NULL: too many */
void mxc_link_unpaced(int fd); /* one that does not leave this host, or listens for such; before it connects */
struct mxc_service mxc_link_service(const struct mxc_link *link);
void mxc_link_begin(struct mxc_relay *relay, struct mxc_link *link, const struct mxc_ip *asked);
void mxc_link_watch(struct mxc_relay *relay, struct mxc_link *link); /* its client, while it does not open */
void mxc_link_refuse_more(struct mxc_relay *relay, const struct mxc_ip *asked, struct mxc_service service);
void mxc_link_accept(struct mxc_relay *relay, unsigned int listener);
void mxc_link_event(struct mxc_relay *relay, uint32_t number, enum mxc_relay_source source, uint32_t events);
void mxc_link_resolved(struct mxc_relay *relay, int name); /* found or not: names.entry has it */
void mxc_link_deadline(struct mxc_relay *relay, struct mxc_link *link);
void mxc_link_end(struct mxc_relay *relay, struct mxc_link *link, int outcome);
void mxc_link_tell_again(struct mxc_relay *relay, struct mxc_link *link); /* one that is UNTOLD */
void mxc_link_report_all(struct mxc_relay *relay);                        /* waits for a keeper that is slow */

/* dial.c: what may be dialled, and dialling one after the other. */
void mxc_dial_choose(struct mxc_relay *relay, struct mxc_link *link, const struct mxc_ip *found, uint32_t count,
                     int by_name);
/* A port of the sandbox's loopback that a rule leads to the host's: 1; 0: no rule does. */
int mxc_dial_local(struct mxc_relay *relay, struct mxc_link *link);
/* Whether the rules of now still grant the link; addresses that they do not are left out of those to be tried. */
int mxc_dial_granted(struct mxc_relay *relay, struct mxc_link *link);
void mxc_dial_next(struct mxc_relay *relay, struct mxc_link *link);
void mxc_dial_ready(struct mxc_relay *relay, struct mxc_link *link);

void mxc_dial_opened(struct mxc_relay *relay, struct mxc_link *link);

/* refused.c: what the network inside has refused by itself. */
int mxc_refused_take(struct mxc_relay *relay, int fd); /* 1: it was such a socket, and is taken over */
void mxc_refused_hear(struct mxc_relay *relay, unsigned int number);
void mxc_refused_count(struct mxc_relay *relay); /* those that nobody heard */

/* publish.c: connections from the host's loopback to listeners inside. */
void mxc_publish_listener(struct mxc_relay *relay, int fd, uint16_t port); /* takes it over */
void mxc_publish_dialer(struct mxc_relay *relay, int fd);                  /* the same */
void mxc_publish_accept(struct mxc_relay *relay, unsigned int number);
void mxc_publish_ready(struct mxc_relay *relay, struct mxc_link *link);
void mxc_publish_take_back(struct mxc_relay *relay, struct mxc_link *link, int outcome); /* the link's inner socket */
void mxc_publish_deadlines(struct mxc_relay *relay);

/* carry.c: bytes both ways. */
void mxc_carry(struct mxc_relay *relay, struct mxc_link *link, int out, int in); /* these directions */
void mxc_carry_feed(struct mxc_relay *relay);
void mxc_carry_release(struct mxc_relay *relay, struct mxc_flow *flow);

/* pipes.c: the same without copying. */
int mxc_pipe_take(struct mxc_relay *relay, struct mxc_flow *flow); /* 0: there is none */
void mxc_pipe_give_back(struct mxc_relay *relay, struct mxc_flow *flow);
void mxc_pipe_discard(struct mxc_pipe *pipe);
ssize_t mxc_pipe_fill(struct mxc_relay *relay, const struct mxc_flow *flow, int from); /* as recv() */
ssize_t mxc_pipe_drain(struct mxc_relay *relay, const struct mxc_flow *flow, int to);  /* as send() */

/* udp.c: datagrams both ways. */
void mxc_udp_hear(struct mxc_relay *relay, unsigned int listener);   /* from inside */
void mxc_udp_opened(struct mxc_relay *relay, struct mxc_link *link); /* the peer is known */
void mxc_udp_carry(struct mxc_relay *relay, struct mxc_link *link);  /* from outside */
void mxc_udp_forget(struct mxc_relay *relay, const struct mxc_link *link);
void mxc_udp_look(struct mxc_relay *relay); /* ends those that have been quiet for long */

/* serve_names.c: questions from inside. */
size_t mxc_names_answer(struct mxc_relay *relay, uint8_t out[MXC_DNS_UDP_MAX], const uint8_t *packet, size_t length);
void mxc_names_take(struct mxc_relay *relay, int fd); /* a new connection */
void mxc_names_event(struct mxc_relay *relay, uint32_t number);
void mxc_names_close(struct mxc_relay *relay, struct mxc_tcp_question *question);

/* resolve.c: the real addresses of a name. */
void mxc_resolve(struct mxc_relay *relay, int name); /* ends in mxc_link_resolved(), perhaps at once */
void mxc_resolve_event(struct mxc_relay *relay, uint32_t number, uint32_t events);
void mxc_resolve_deadline(struct mxc_relay *relay, struct mxc_lookup *lookup);

/* settings.c: resolv.conf and hosts of the host; before the relay confines itself. */
void mxc_relay_read_settings(struct mxc_relay *relay);
uint32_t mxc_hosts_find(const struct mxc_relay *relay, const char *name, struct mxc_ip *out, uint32_t room);

/* update.c: other rules for a sandbox that runs. Closes the descriptors. */
void mxc_relay_update(struct mxc_relay *relay, const struct mxc_message *message, int *fds, unsigned int count);

/* events.c: what the keeper is told. */
/* `flags` of send(). 0 or -errno. */
int mxc_relay_tell_link(struct mxc_relay *relay, struct mxc_link *link, int outcome, int flags);
void mxc_relay_tell_refusal(struct mxc_relay *relay, const char *name, const struct mxc_ip *ip,
                            struct mxc_service service, uint32_t rule, int outcome);
int mxc_relay_tell(struct mxc_relay *relay, uint32_t kind);
/* One message of the keeper; 0 when it is gone. */
int mxc_relay_hear(struct mxc_relay *relay);

/* confine.c: no capability, no file, no new program, few system calls. 0 or -errno. */
int mxc_relay_confine(struct mxc_relay *relay);

#endif
