/* atoms.h: the smallest pieces of egress rules: one peer (or any) and one port range (or any). */
#ifndef MXC_POLICY_ATOMS_H
#define MXC_POLICY_ATOMS_H

#include <stddef.h>

#include "policy/policy.h"

struct mxc_atom {
    int any_peer;
    struct mxc_peer peer;       /* owned; counts when !any_peer */
    struct mxc_port_rule ports; /* protocol any and port 0: everything */
    const char *origin;         /* borrowed from the rule it was split from */
};

struct mxc_atoms {
    struct mxc_atom *items;
    size_t count, capacity;
};

void mxc_atom_clear(struct mxc_atom *atom);
void mxc_atoms_clear(struct mxc_atoms *atoms);
int mxc_atoms_add(struct mxc_atoms *atoms, struct mxc_atom *atom); /* takes the content */
int mxc_atoms_split(struct mxc_atoms *out, const struct mxc_net_rules *rules);
/* Of two grants. 1 and `out`; 0 when nothing is in both; -1: out of memory */
int mxc_atom_meet(struct mxc_atom *out, const struct mxc_atom *a, const struct mxc_atom *b);
/* Whether everything that `inner` matches is matched by `outer`; of grants: and everything that it opens is opened. */
int mxc_atom_within(const struct mxc_atom *inner, const struct mxc_atom *outer, int grants);
/* Drops atoms that another one contains and appends the rest to `out` as rules. Changes `atoms`. */
int mxc_atoms_group(struct mxc_net_rules *out, struct mxc_atoms *atoms, int grants);
/* Whether a grant of `outer` (NULL: of every address) opens all that one of `inner`, a part of it, does: a guarded block
 * (base/guarded.h) is opened only by what lies within it. */
int mxc_opens_as_much(const struct mxc_cidr *outer, const struct mxc_cidr *inner);

#define MXC_AUTO_ATOMS __attribute__((cleanup(mxc_atoms_clear)))

#endif
