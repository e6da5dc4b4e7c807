/* network.c: egress rules as sets. A rule is a product (peers x ports), so it falls apart into atoms of one peer
 * and one port range; the meet of two atoms is one atom or nothing. The largest atoms, grouped again, are a normal
 * form: that is what makes intersection independent of order. Resolves no names, opens no sockets. */
#include "policy/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "policy/atoms.h"
#include "policy/model.h"

int mxc_net_everything(struct mxc_net_rules *out) {
    MXC_AUTO_NET_RULE struct mxc_net_rule all = {.origin = mxc_strdup("/network/egress/default")};
    return !all.origin || mxc_net_rules_add(out, &all) ? -1 : 0;
}

/* One atom of `a` against all of `b`. */
static int meet_one(struct mxc_atoms *out, const struct mxc_atom *a, const struct mxc_atoms *b) {
    for (size_t i = 0; i < b->count; i++) {
        struct mxc_atom both = {0};
        int met = mxc_atom_meet(&both, a, &b->items[i]);
        if (met < 0 || (met > 0 && mxc_atoms_add(out, &both))) {
            mxc_atom_clear(&both);
            return -1;
        }
    }
    return 0;
}

int mxc_net_meet(struct mxc_net_rules *out, const struct mxc_net_rules *a, const struct mxc_net_rules *b) {
    MXC_AUTO_ATOMS struct mxc_atoms left = {0}, right = {0}, both = {0};
    if (mxc_atoms_split(&left, a) || mxc_atoms_split(&right, b))
        return -1;
    for (size_t i = 0; i < left.count; i++)
        if (meet_one(&both, &left.items[i], &right))
            return -1;
    return mxc_atoms_group(out, &both, 1);
}

int mxc_net_join(struct mxc_net_rules *out, const struct mxc_net_rules *a, const struct mxc_net_rules *b) {
    MXC_AUTO_ATOMS struct mxc_atoms all = {0};
    if (mxc_atoms_split(&all, a) || mxc_atoms_split(&all, b))
        return -1;
    return mxc_atoms_group(out, &all, 0);
}

static int within_any(const struct mxc_atom *atom, const struct mxc_atoms *outer) {
    for (size_t i = 0; i < outer->count; i++)
        if (mxc_atom_within(atom, &outer->items[i], 1))
            return 1;
    return 0;
}

int mxc_net_within(const struct mxc_net_rules *inner, const struct mxc_net_rules *outer, const char **origin) {
    MXC_AUTO_ATOMS struct mxc_atoms small = {0}, large = {0};
    if (mxc_atoms_split(&small, inner) || mxc_atoms_split(&large, outer))
        return -1;
    for (size_t i = 0; i < small.count; i++) {
        if (within_any(&small.items[i], &large))
            continue;
        *origin = small.items[i].origin;
        return 0;
    }
    return 1;
}

/* ---- published ports ------------------------------------------------------------------------------------------------ */

static int compare_publish(const void *left, const void *right) {
    const struct mxc_publish *a = left, *b = right;
    return a->port != b->port ? a->port - b->port : a->host_port - b->host_port;
}

static void publish_add(struct mxc_policy *out, struct mxc_publish item) {
    for (size_t i = 0; i < out->network.publish_count; i++)
        if (compare_publish(&out->network.publish[i], &item) == 0)
            return;
    out->network.publish[out->network.publish_count++] = item;
}

/* hostPort 0 leaves the choice to the host, so it agrees with every number. */
int mxc_net_publish_meet(struct mxc_policy *out, const mxc_policy *a, const mxc_policy *b) {
    size_t room = a->network.publish_count * b->network.publish_count;
    if (!room)
        return 0;
    out->network.publish = mxc_alloc(room * sizeof *out->network.publish);
    if (!out->network.publish)
        return -1;
    for (size_t i = 0; i < room; i++) {
        struct mxc_publish x = a->network.publish[i / b->network.publish_count];
        struct mxc_publish y = b->network.publish[i % b->network.publish_count];
        uint16_t host_port = x.host_port ? x.host_port : y.host_port;
        if (x.port == y.port && (x.host_port == y.host_port || !x.host_port || !y.host_port))
            publish_add(out, (struct mxc_publish){.port = x.port, .host_port = host_port});
    }
    qsort(out->network.publish, out->network.publish_count, sizeof *out->network.publish, compare_publish);
    return 0;
}
