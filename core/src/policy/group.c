/* group.c: from atoms back to rules people can read, in one normal form: the largest atoms, ordered, peers with the
 * same ports in one rule. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "policy/atoms.h"
#include "policy/host.h"
#include "policy/model.h"

/* ---- order ---------------------------------------------------------------------------------------------------------- */

static int compare_peers(const struct mxc_peer *a, const struct mxc_peer *b) {
    if (a->host || b->host)
        return !a->host ? 1 : !b->host ? -1 : strcmp(a->host, b->host);
    int order = mxc_cidr_compare(&a->cidr, &b->cidr);
    for (size_t i = 0; !order && i < a->except_count && i < b->except_count; i++)
        order = mxc_cidr_compare(&a->except[i], &b->except[i]);
    return order ? order : (a->except_count > b->except_count) - (a->except_count < b->except_count);
}

static int compare_ports(const struct mxc_port_rule *a, const struct mxc_port_rule *b) {
    if (a->protocol != b->protocol)
        return a->protocol < b->protocol ? -1 : 1;
    return a->port != b->port ? a->port - b->port : a->end_port - b->end_port;
}

static int same_peer(const struct mxc_atom *a, const struct mxc_atom *b) {
    return a->any_peer == b->any_peer && (a->any_peer || compare_peers(&a->peer, &b->peer) == 0);
}

/* Names before blocks before "any". */
static int compare_atoms(const void *left, const void *right) {
    const struct mxc_atom *a = left, *b = right;
    if (a->any_peer != b->any_peer)
        return a->any_peer - b->any_peer;
    int order = a->any_peer ? 0 : compare_peers(&a->peer, &b->peer);
    return order ? order : compare_ports(&a->ports, &b->ports);
}

/* ---- containment ---------------------------------------------------------------------------------------------------- */

static int ports_within(struct mxc_port_rule inner, struct mxc_port_rule outer) {
    if (outer.protocol && inner.protocol != outer.protocol)
        return 0;
    if (!outer.port)
        return 1;
    uint16_t inner_last = inner.end_port ? inner.end_port : inner.port;
    uint16_t outer_last = outer.end_port ? outer.end_port : outer.port;
    return inner.port >= outer.port && inner_last <= outer_last;
}

static int covered(const struct mxc_cidr *cidr, const struct mxc_peer *by) {
    for (size_t i = 0; i < by->except_count; i++)
        if (mxc_cidr_within(cidr, &by->except[i]))
            return 1;
    return 0;
}

static int peer_within(const struct mxc_peer *inner, const struct mxc_peer *outer) {
    if (inner->host || outer->host)
        return inner->host && outer->host && mxc_host_within(inner->host, outer->host);
    if (!mxc_cidr_within(&inner->cidr, &outer->cidr) || covered(&inner->cidr, outer))
        return 0;
    for (size_t i = 0; i < outer->except_count; i++)
        if (mxc_cidr_within(&outer->except[i], &inner->cidr) && !covered(&outer->except[i], inner))
            return 0;
    return 1;
}

int mxc_atom_within(const struct mxc_atom *inner, const struct mxc_atom *outer, int grants) {
    if (!ports_within(inner->ports, outer->ports))
        return 0;
    if (grants && !inner->any_peer && !inner->peer.host &&
        !mxc_opens_as_much(outer->any_peer || outer->peer.host ? NULL : &outer->peer.cidr, &inner->peer.cidr))
        return 0;
    return outer->any_peer || (!inner->any_peer && peer_within(&inner->peer, &outer->peer));
}

/* Sorted equal atoms stand together: the first one stays. */
static int is_contained(const struct mxc_atoms *atoms, size_t index, int grants) {
    for (size_t i = 0; i < atoms->count; i++) {
        if (i == index || !mxc_atom_within(&atoms->items[index], &atoms->items[i], grants))
            continue;
        if (i < index || compare_atoms(&atoms->items[index], &atoms->items[i]) != 0)
            return 1;
    }
    return 0;
}

static int keep_largest(struct mxc_atoms *atoms, int grants) {
    MXC_AUTO_FREE unsigned char *drop = mxc_alloc(atoms->count);
    size_t kept = 0;
    if (!drop)
        return -1;
    if (atoms->count)
        qsort(atoms->items, atoms->count, sizeof *atoms->items, compare_atoms);
    for (size_t i = 0; i < atoms->count; i++)
        drop[i] = (unsigned char)is_contained(atoms, i, grants);
    for (size_t i = 0; i < atoms->count; i++) {
        if (drop[i])
            mxc_atom_clear(&atoms->items[i]);
        else
            atoms->items[kept++] = atoms->items[i];
    }
    atoms->count = kept;
    return 0;
}

/* ---- grouping --------------------------------------------------------------------------------------------------------- */

static size_t run_length(const struct mxc_atoms *atoms, size_t start) {
    size_t length = 1;
    while (start + length < atoms->count && same_peer(&atoms->items[start], &atoms->items[start + length]))
        length++;
    return length;
}

static int every_port(const struct mxc_port_rule *ports) { return !ports->protocol && !ports->port; }

/* The ports of one peer are a run of atoms; does `rule` have exactly these? */
static int has_ports(const struct mxc_net_rule *rule, const struct mxc_atom *run, size_t length) {
    if (every_port(&run->ports))
        return rule->port_count == 0;
    if (rule->port_count != length)
        return 0;
    for (size_t i = 0; i < length; i++)
        if (compare_ports(&rule->ports[i], &run[i].ports) != 0)
            return 0;
    return 1;
}

static int add_peer(struct mxc_net_rule *rule, const struct mxc_peer *peer) {
    size_t capacity = rule->to_count;
    if (mxc_reserve(&rule->to, &capacity, rule->to_count + 1, sizeof *rule->to))
        return -1;
    rule->to[rule->to_count] = (struct mxc_peer){0};
    return mxc_peer_copy(&rule->to[rule->to_count++], peer);
}

static int new_rule(struct mxc_net_rules *out, const struct mxc_atom *run, size_t length) {
    MXC_AUTO_NET_RULE struct mxc_net_rule rule = {.origin = mxc_strdup(run->origin)};
    if (!rule.origin || (!run->any_peer && add_peer(&rule, &run->peer)))
        return -1;
    if (!every_port(&run->ports)) {
        rule.ports = mxc_alloc(length * sizeof *rule.ports);
        if (!rule.ports)
            return -1;
        for (; rule.port_count < length; rule.port_count++)
            rule.ports[rule.port_count] = run[rule.port_count].ports;
    }
    return mxc_net_rules_add(out, &rule);
}

static int place_run(struct mxc_net_rules *out, size_t first, const struct mxc_atom *run, size_t length) {
    for (size_t i = first; !run->any_peer && i < out->count; i++)
        if (out->items[i].to_count && has_ports(&out->items[i], run, length))
            return add_peer(&out->items[i], &run->peer);
    return new_rule(out, run, length);
}

int mxc_atoms_group(struct mxc_net_rules *out, struct mxc_atoms *atoms, int grants) {
    size_t first = out->count;
    if (keep_largest(atoms, grants))
        return -1;
    for (size_t i = 0; i < atoms->count;) {
        size_t length = run_length(atoms, i);
        if (place_run(out, first, &atoms->items[i], length))
            return -1;
        i += length;
    }
    return 0;
}
