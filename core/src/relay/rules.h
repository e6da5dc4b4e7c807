/* rules.h: may this sandbox reach that. Pure: rules, a name or an address, a port. */
#ifndef MXC_RELAY_RULES_H
#define MXC_RELAY_RULES_H

#include "plan/network.h"
#include "relay/address.h"

enum mxc_permission { MXC_PERMITTED, MXC_NO_RULE, MXC_DENIED_BY_RULE, MXC_GUARDED };

struct mxc_service {
    uint8_t protocol; /* one of enum mxc_net_protocol */
    uint16_t port;
};

/* Whether the name may be asked for: a rule grants it on some port, and none denies it on all. *entry: the one that
 * denies it, or as it was. */
enum mxc_permission mxc_rules_know_name(const struct mxc_net_rules_view *rules, const char *name, uint32_t *entry);
/* *entry: the entry that grants or denies the name on this port, or as it was. */
enum mxc_permission mxc_rules_name(const struct mxc_net_rules_view *rules, const char *name, struct mxc_service service,
                                   uint32_t *entry);
/* 1 when a rule for port 53 itself has the address: what is sent there is not for the relay's own name server. */
int mxc_rules_other_names(const struct mxc_net_rules_view *rules, const struct mxc_ip *ip, uint8_t protocol);

/* Whether an address may be dialled. `own`: it is one of the host's own. `by_name`: a rule grants the name that led
 * to it; else a rule must grant the address. *entry: the entry that grants or denies the address, or as it was. */
enum mxc_permission mxc_rules_address(const struct mxc_net_rules_view *rules, const struct mxc_ip *ip,
                                      struct mxc_service service, int own, int by_name, uint32_t *entry);

#endif
