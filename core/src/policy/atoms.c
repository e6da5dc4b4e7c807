/* atoms.c: order and meet of the smallest pieces of egress rules. Everything here must be exact or narrower: where
 * the common part of two peers cannot be written (a name and an address block), it is nothing. */
#include "policy/atoms.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/guarded.h"
#include "policy/host.h"
#include "policy/model.h"

void mxc_atom_clear(struct mxc_atom *atom) { mxc_peer_clear(&atom->peer); }

void mxc_atoms_clear(struct mxc_atoms *atoms) {
    for (size_t i = 0; i < atoms->count; i++)
        mxc_atom_clear(&atoms->items[i]);
    mxc_free(atoms->items);
    *atoms = (struct mxc_atoms){0};
}

int mxc_atoms_add(struct mxc_atoms *atoms, struct mxc_atom *atom) {
    if (mxc_reserve(&atoms->items, &atoms->capacity, atoms->count + 1, sizeof *atoms->items))
        return -1;
    atoms->items[atoms->count++] = *atom;
    *atom = (struct mxc_atom){0};
    return 0;
}

/* ---- exceptions of an address block --------------------------------------------------------------------------------- */

static int compare_cidrs(const void *a, const void *b) { return mxc_cidr_compare(a, b); }

static int siblings(const struct mxc_cidr *a, const struct mxc_cidr *b) {
    struct mxc_cidr parent = *a;
    if (a->prefix == 0 || a->prefix != b->prefix)
        return 0;
    parent.prefix--;
    return mxc_cidr_within(b, &parent) && !(a->address[parent.prefix / 8] & (0x80 >> (parent.prefix % 8)));
}

/* Sorted; without blocks inside others; two halves become their whole. */
static void normalise_except(struct mxc_peer *peer) {
    size_t kept = 0;
    qsort(peer->except, peer->except_count, sizeof *peer->except, compare_cidrs);
    for (size_t i = 0; i < peer->except_count; i++) {
        if (kept && mxc_cidr_within(&peer->except[i], &peer->except[kept - 1]))
            continue;
        peer->except[kept++] = peer->except[i];
        while (kept > 1 && siblings(&peer->except[kept - 2], &peer->except[kept - 1])) {
            peer->except[kept - 2].prefix--;
            kept--;
        }
    }
    peer->except_count = kept;
    if (!kept) {
        mxc_free(peer->except);
        peer->except = NULL;
    }
}

static int excepted(const struct mxc_cidr *cidr, const struct mxc_peer *peer) {
    for (size_t i = 0; i < peer->except_count; i++)
        if (mxc_cidr_within(cidr, &peer->except[i]))
            return 1;
    return 0;
}

/* ---- splitting -------------------------------------------------------------------------------------------------------- */

static struct mxc_port_rule normal_ports(struct mxc_port_rule ports) {
    if (ports.end_port == ports.port)
        ports.end_port = 0;
    return ports;
}

static int split_one(struct mxc_atoms *out, const struct mxc_net_rule *rule, const struct mxc_peer *peer,
                     struct mxc_port_rule ports) {
    struct mxc_atom atom = {.any_peer = !peer, .ports = normal_ports(ports), .origin = rule->origin};
    if (peer && mxc_peer_copy(&atom.peer, peer)) {
        mxc_atom_clear(&atom);
        return -1;
    }
    if (atom.peer.except_count)
        normalise_except(&atom.peer);
    if (peer && !peer->host && excepted(&peer->cidr, &atom.peer)) { /* nothing is left of it */
        mxc_atom_clear(&atom);
        return 0;
    }
    if (mxc_atoms_add(out, &atom)) {
        mxc_atom_clear(&atom);
        return -1;
    }
    return 0;
}

static int split_rule(struct mxc_atoms *out, const struct mxc_net_rule *rule) {
    static const struct mxc_port_rule every_port = {0};
    size_t peers = rule->to_count ? rule->to_count : 1, ports = rule->port_count ? rule->port_count : 1;
    for (size_t i = 0; i < peers * ports; i++)
        if (split_one(out, rule, rule->to_count ? &rule->to[i / ports] : NULL,
                      rule->port_count ? rule->ports[i % ports] : every_port))
            return -1;
    return 0;
}

int mxc_atoms_split(struct mxc_atoms *out, const struct mxc_net_rules *rules) {
    for (size_t i = 0; i < rules->count; i++)
        if (split_rule(out, &rules->items[i]))
            return -1;
    return 0;
}

/* ---- meet ------------------------------------------------------------------------------------------------------------- */

static uint16_t last_port(struct mxc_port_rule ports) { return ports.end_port ? ports.end_port : ports.port; }

static int meet_ports(struct mxc_port_rule *out, struct mxc_port_rule a, struct mxc_port_rule b) {
    struct mxc_port_rule both = {.protocol = a.protocol ? a.protocol : b.protocol};
    if (a.protocol && b.protocol && a.protocol != b.protocol)
        return 0;
    if (both.protocol == MXC_PROTOCOL_ICMP && (a.port || b.port))
        return 0;
    if (a.port && b.port) {
        both.port = a.port > b.port ? a.port : b.port;
        both.end_port = last_port(a) < last_port(b) ? last_port(a) : last_port(b);
        if (both.port > both.end_port)
            return 0;
    } else {
        both.port = a.port ? a.port : b.port;
        both.end_port = a.port ? a.end_port : b.end_port;
    }
    *out = normal_ports(both);
    return 1;
}

static int lies_within(const struct mxc_cidr *cidr, const struct mxc_guarded *guard) {
    struct mxc_cidr block = {.family = guard->family, .prefix = guard->prefix};
    memcpy(block.address, guard->address, sizeof block.address);
    return mxc_cidr_within(cidr, &block);
}

int mxc_opens_as_much(const struct mxc_cidr *outer, const struct mxc_cidr *inner) {
    for (const struct mxc_guarded *guard = mxc_guarded_blocks; guard->family; guard++)
        if (lies_within(inner, guard) && (!outer || !lies_within(outer, guard)))
            return 0;
    return 1;
}

/* The smaller block without the exceptions of both; nothing where the larger one does not open it. */
static int meet_blocks(struct mxc_peer *out, const struct mxc_peer *small, const struct mxc_peer *large) {
    size_t room = small->except_count + large->except_count;
    if (!mxc_cidr_within(&small->cidr, &large->cidr) || excepted(&small->cidr, large) ||
        !mxc_opens_as_much(&large->cidr, &small->cidr))
        return 0;
    out->cidr = small->cidr;
    if (!room)
        return 1;
    out->except = mxc_alloc(room * sizeof *out->except);
    if (!out->except)
        return -1;
    for (size_t i = 0; i < room; i++) {
        const struct mxc_cidr *item =
            i < small->except_count ? &small->except[i] : &large->except[i - small->except_count];
        if (mxc_cidr_within(item, &small->cidr))
            out->except[out->except_count++] = *item;
    }
    normalise_except(out);
    if (!excepted(&out->cidr, out))
        return 1;
    mxc_peer_clear(out);
    return 0;
}

static int meet_peers(struct mxc_peer *out, const struct mxc_peer *a, const struct mxc_peer *b) {
    if (!a->host != !b->host)
        return 0;
    if (!a->host) {
        int met = meet_blocks(out, a, b);
        return met ? met : meet_blocks(out, b, a);
    }
    const struct mxc_peer *small = mxc_host_within(a->host, b->host) ? a : b;
    if (!mxc_host_within(small->host, small == a ? b->host : a->host))
        return 0;
    return mxc_peer_copy(out, small) ? -1 : 1;
}

static int meet_any(struct mxc_peer *out, const struct mxc_peer *peer) {
    if (!peer->host && !mxc_opens_as_much(NULL, &peer->cidr))
        return 0;
    return mxc_peer_copy(out, peer) ? -1 : 1;
}

int mxc_atom_meet(struct mxc_atom *out, const struct mxc_atom *a, const struct mxc_atom *b) {
    struct mxc_atom both = {.any_peer = a->any_peer && b->any_peer, .origin = a->any_peer ? b->origin : a->origin};
    int met = 1;
    if (!meet_ports(&both.ports, a->ports, b->ports))
        return 0;
    if (!a->any_peer && !b->any_peer)
        met = meet_peers(&both.peer, &a->peer, &b->peer);
    else if (!both.any_peer)
        met = meet_any(&both.peer, a->any_peer ? &b->peer : &a->peer);
    if (met > 0)
        *out = both;
    else
        mxc_atom_clear(&both);
    return met;
}
