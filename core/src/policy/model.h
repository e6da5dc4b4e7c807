/* model.h: making, copying and counting policies, for the rooms that fill one in (contract, api). Everybody else
 * needs policy.h only. A policy is mutable until mxc_policy_freeze() and never afterwards. */
#ifndef MXC_POLICY_MODEL_H
#define MXC_POLICY_MODEL_H

#include <stddef.h>

#include "policy/policy.h"

mxc_policy *mxc_policy_new(void); /* the "strict" preset, not frozen; NULL: out of memory */
void mxc_policy_unref(mxc_policy *policy);
mxc_status mxc_policy_copy(mxc_policy **out, const mxc_policy *policy, mxc_error **err);

/* What `to` says about the network becomes what `from` says. 0, or -1: out of memory. */
int mxc_policy_replace_network(mxc_policy *to, const mxc_policy *from);

/* Sorts and unites rules and lists, forgets what only repeats a default, and refuses fields that contradict. */
mxc_status mxc_policy_freeze(mxc_policy *policy, mxc_error **err);

int mxc_strings_add(struct mxc_strings *strings, const char *text); /* 0, or -1: out of memory */
int mxc_strings_copy(struct mxc_strings *to, const struct mxc_strings *from);
int mxc_strings_equal(const struct mxc_strings *a, const struct mxc_strings *b);
int mxc_strings_has(const struct mxc_strings *strings, const char *text);
void mxc_strings_sort_unique(struct mxc_strings *strings);
void mxc_strings_clear(struct mxc_strings *strings);

int mxc_net_rules_add(struct mxc_net_rules *rules, struct mxc_net_rule *rule); /* takes the content of `rule` */
int mxc_net_rules_copy(struct mxc_net_rules *to, const struct mxc_net_rules *from);
void mxc_net_rules_clear(struct mxc_net_rules *rules);
void mxc_net_rule_clear(struct mxc_net_rule *rule);
int mxc_peer_copy(struct mxc_peer *to, const struct mxc_peer *from);
void mxc_peer_clear(struct mxc_peer *peer);

static inline void mxc_cleanup_policy(mxc_policy **p) { mxc_policy_unref(*p); }
#define MXC_AUTO_POLICY __attribute__((cleanup(mxc_cleanup_policy)))
static inline void mxc_cleanup_net_rule(struct mxc_net_rule *p) { mxc_net_rule_clear(p); }
#define MXC_AUTO_NET_RULE __attribute__((cleanup(mxc_cleanup_net_rule)))
#define MXC_AUTO_NET_RULES __attribute__((cleanup(mxc_net_rules_clear)))

#endif
