/* rules.h: may this sandbox reach that. Pure: rules, a name or an address, a protocol and a port. */
#ifndef MXC_RELAY_RULES_H
#define MXC_RELAY_RULES_H

#include "plan/network.h"
#include "relay/address.h"

/* The entry, after `from`, that leads a port of the sandbox's loopback to the host's, or MXC_NET_NO_ENTRY. */
uint32_t mxc_rules_for_local(const struct mxc_net_rules_view *rules, uint16_t port, uint32_t from);

/* The entry that publishes the port, or MXC_NET_NO_ENTRY. */
uint32_t mxc_rules_for_published(const struct mxc_net_rules_view *rules, uint16_t port);

enum mxc_permission { MXC_PERMITTED, MXC_NO_RULE, MXC_DENIED_BY_RULE, MXC_GUARDED };

struct mxc_service {
    uint8_t protocol; /* one of enum mxc_net_protocol */
    uint16_t port;
};

/* Whether the name may be asked for: a rule grants it on a port on which none denies it. *entry: the one that grants it,
 * or the one that denies it where it is granted, or as it was. */
enum mxc_permission mxc_rules_know_name(const struct mxc_net_rules_view *rules, const char *name, uint32_t *entry);
/* *entry: the entry that grants or denies the name on this port, or as it was. */
enum mxc_permission mxc_rules_name(const struct mxc_net_rules_view *rules, const char *name, struct mxc_service service,
                                   uint32_t *entry);
/* 1 when a rule is about port 53 itself and has the address: what is sent there is not for the relay's own names. */
int mxc_rules_other_names(const struct mxc_net_rules_view *rules, const struct mxc_ip *ip, uint8_t protocol);

/* Whether an address may be dialled. `own`: it is one of the host's own. `by_name`: a rule grants the name that led
 * to it; else a rule must grant the address. *entry: the entry that grants or denies the address, or as it was. */
enum mxc_permission mxc_rules_address(const struct mxc_net_rules_view *rules, const struct mxc_ip *ip,
                                      struct mxc_service service, int own, int by_name, uint32_t *entry);

#endif
