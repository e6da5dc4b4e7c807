/* host.h: names and addresses of the network in their one spelling. Resolves nothing. */
#ifndef MXC_POLICY_HOST_H
#define MXC_POLICY_HOST_H

#include "policy/policy.h"

/* Lower case, no trailing dot; a name, or "*.suffix". Addresses and odd spellings of addresses are refused. */
mxc_status mxc_host_parse(char **out, const char *text, const char *origin, mxc_error **err);
/* "192.0.2.0/24", "2001:db8::/32", or one address. Host bits must be zero. */
mxc_status mxc_cidr_parse(struct mxc_cidr *out, const char *text, const char *origin, mxc_error **err);
/* The canonical text, always with a prefix length. */
#define MXC_CIDR_TEXT 52
const char *mxc_cidr_format(char text[MXC_CIDR_TEXT], const struct mxc_cidr *cidr);
int mxc_cidr_within(const struct mxc_cidr *inner, const struct mxc_cidr *outer); /* or equal */
int mxc_cidr_compare(const struct mxc_cidr *a, const struct mxc_cidr *b);
int mxc_host_within(const char *inner, const char *outer); /* or equal: "a.b.c" and "*.b.c" are within "*.c" */
int mxc_port_parse(uint16_t *out, const char *text);       /* 1..65535, no sign, no leading zero; 0 or -1 */

#endif
