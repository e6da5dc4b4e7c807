/* read_network.c: egress rules and published ports out of the JSON tree. */
#include <string.h>

#include "base/alloc.h"
#include "contract/reader.h"
#include "policy/host.h"
#include "policy/model.h"
#include "policy/words.h"

typedef mxc_status item_reader(struct mxc_reader *reader, void *item, const json_t *value, const struct mxc_at *at);

/* Every member of an object must be one of `names`. */
static mxc_status known_members(struct mxc_reader *reader, const struct mxc_field *names, const json_t *value,
                                const struct mxc_at *at) {
    json_t *object = (json_t *)value;
    mxc_status status = mxc_want(reader, value, JSON_OBJECT, at);
    if (status)
        return status;
    for (void *iter = json_object_iter(object); iter; iter = json_object_iter_next(object, iter)) {
        const struct mxc_at member = {.up = at, .name = json_object_iter_key(iter)};
        const struct mxc_field *name = names;
        while (name->name && strcmp(name->name, member.name) != 0)
            name++;
        if (!name->name)
            return mxc_unknown_field(reader, names, &member);
    }
    return MXC_OK;
}

/* An array that is there has at least one element: an empty one would read as "every". */
static mxc_status want_items(struct mxc_reader *reader, const json_t *value, const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_ARRAY, at);
    if (!status && json_array_size(value) == 0)
        status = mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID,
                             "leave the field out to match everything, or remove the rule to match nothing",
                             "the array is empty");
    return status;
}

struct array {
    void *items;   /* an mxc_alloc'ed array with room for all elements */
    size_t *count; /* counts the elements begun, for the owner's clean-up */
    size_t size;
    item_reader *read;
};

static mxc_status read_items(struct mxc_reader *reader, const struct array *array, const json_t *value,
                             const struct mxc_at *at) {
    mxc_status status = MXC_OK;
    for (size_t i = 0; !status && i < json_array_size(value); i++) {
        const struct mxc_at item = {.up = at, .index = i};
        *array->count = i + 1;
        status = array->read(reader, (char *)array->items + i * array->size, json_array_get(value, i), &item);
    }
    return status;
}

/* ---- peers ---------------------------------------------------------------------------------------------------------------- */

static mxc_status read_cidr(struct mxc_reader *reader, void *item, const json_t *value, const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (status)
        return status;
    MXC_AUTO_FREE char *origin = mxc_at_pointer(at);
    return origin ? mxc_cidr_parse(item, json_string_value(value), origin, reader->err) : mxc_fail_memory(reader->err);
}

static mxc_status read_except(struct mxc_reader *reader, struct mxc_peer *peer, const json_t *value,
                              const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_ARRAY, at);
    if (status || !json_array_size(value))
        return status;
    peer->except = mxc_alloc(json_array_size(value) * sizeof *peer->except);
    if (!peer->except)
        return mxc_fail_memory(reader->err);
    const struct array array = {peer->except, &peer->except_count, sizeof *peer->except, read_cidr};
    status = read_items(reader, &array, value, at);
    for (size_t i = 0; !status && i < peer->except_count; i++) {
        const struct mxc_at item = {.up = at, .index = i};
        if (!mxc_cidr_within(&peer->except[i], &peer->cidr))
            status = mxc_at_fail(reader->err, &item, MXC_E_POLICY_INVALID, "an exception must lie inside the cidr",
                                 "this block is not inside the block it is excepted from");
    }
    return status;
}

static mxc_status read_host(struct mxc_reader *reader, struct mxc_peer *peer, const json_t *value,
                            const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    if (status)
        return status;
    MXC_AUTO_FREE char *origin = mxc_at_pointer(at);
    return origin ? mxc_host_parse(&peer->host, json_string_value(value), origin, reader->err)
                  : mxc_fail_memory(reader->err);
}

static mxc_status read_peer(struct mxc_reader *reader, void *item, const json_t *value, const struct mxc_at *at) {
    static const struct mxc_field names[] = {{"cidr", 0, ""}, {"except", 0, ""}, {"host", 0, ""}, {0}};
    const json_t *cidr = json_object_get(value, "cidr"), *host = json_object_get(value, "host");
    const json_t *except = json_object_get(value, "except");
    const struct mxc_at at_cidr = {at, "cidr", 0}, at_host = {at, "host", 0}, at_except = {at, "except", 0};
    mxc_status status = known_members(reader, names, value, at);
    if (status)
        return status;
    if (!cidr == !host)
        return mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, "write {\"host\": \"...\"} or {\"cidr\": \"...\"}",
                           "a peer has exactly one of host and cidr");
    if (host)
        status = except ? mxc_at_fail(reader->err, &at_except, MXC_E_POLICY_INVALID, "remove it",
                                      "except goes with cidr only")
                        : read_host(reader, item, host, &at_host);
    else
        status = read_cidr(reader, &((struct mxc_peer *)item)->cidr, cidr, &at_cidr);
    return status || !except ? status : read_except(reader, item, except, &at_except);
}

/* ---- ports ---------------------------------------------------------------------------------------------------------------- */

static mxc_status read_port(struct mxc_reader *reader, const json_t *value, uint16_t *out, const struct mxc_at *at) {
    uint64_t number = 0;
    mxc_status status = mxc_want_integer(reader, value, UINT16_MAX, &number, at);
    if (!status && number == 0)
        status = mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, "leave the field out to match every port",
                             "a port is between 1 and 65535");
    *out = (uint16_t)number;
    return status;
}

static mxc_status check_ports(struct mxc_reader *reader, const struct mxc_port_rule *rule, const struct mxc_at *at) {
    const struct mxc_at at_end = {at, "endPort", 0}, at_port = {at, "port", 0};
    if (rule->end_port && !rule->port)
        return mxc_at_fail(reader->err, &at_end, MXC_E_POLICY_INVALID, "add port, the first of the range",
                           "endPort needs port");
    if (rule->end_port && rule->end_port < rule->port)
        return mxc_at_fail(reader->err, &at_end, MXC_E_POLICY_INVALID, "swap the two", "endPort is smaller than port");
    if (rule->port && rule->protocol == MXC_PROTOCOL_ICMP)
        return mxc_at_fail(reader->err, &at_port, MXC_E_POLICY_INVALID, "remove port and endPort", "icmp has no ports");
    return MXC_OK;
}

static mxc_status read_protocol(struct mxc_reader *reader, const json_t *value, enum mxc_protocol *out,
                                const struct mxc_at *at) {
    mxc_status status = mxc_want(reader, value, JSON_STRING, at);
    int index = status ? 0 : mxc_word_index(mxc_protocol_words, json_string_value(value));
    if (status)
        return status;
    if (index >= 0) {
        *out = (enum mxc_protocol)index;
        return MXC_OK;
    }
    MXC_AUTO_FREE char *origin = mxc_at_pointer(at);
    return origin ? mxc_word_refuse(mxc_protocol_words, json_string_value(value), origin, reader->err)
                  : mxc_fail_memory(reader->err);
}

static mxc_status read_port_rule(struct mxc_reader *reader, void *item, const json_t *value, const struct mxc_at *at) {
    static const struct mxc_field names[] = {{"protocol", 0, ""}, {"port", 0, ""}, {"endPort", 0, ""}, {0}};
    const struct mxc_at at_protocol = {at, "protocol", 0}, at_port = {at, "port", 0}, at_end = {at, "endPort", 0};
    struct mxc_port_rule *rule = item;
    mxc_status status = known_members(reader, names, value, at);
    const json_t *protocol = json_object_get(value, "protocol"), *port = json_object_get(value, "port");
    const json_t *end = json_object_get(value, "endPort");
    if (!status && protocol)
        status = read_protocol(reader, protocol, &rule->protocol, &at_protocol);
    if (!status && port)
        status = read_port(reader, port, &rule->port, &at_port);
    if (!status && end)
        status = read_port(reader, end, &rule->end_port, &at_end);
    return status ? status : check_ports(reader, rule, at);
}

/* ---- rules ---------------------------------------------------------------------------------------------------------------- */

static mxc_status read_to(struct mxc_reader *reader, struct mxc_net_rule *rule, const json_t *value,
                          const struct mxc_at *at) {
    mxc_status status = want_items(reader, value, at);
    if (status)
        return status;
    rule->to = mxc_alloc(json_array_size(value) * sizeof *rule->to);
    if (!rule->to)
        return mxc_fail_memory(reader->err);
    const struct array array = {rule->to, &rule->to_count, sizeof *rule->to, read_peer};
    return read_items(reader, &array, value, at);
}

static mxc_status read_ports(struct mxc_reader *reader, struct mxc_net_rule *rule, const json_t *value,
                             const struct mxc_at *at) {
    mxc_status status = want_items(reader, value, at);
    if (status)
        return status;
    rule->ports = mxc_alloc(json_array_size(value) * sizeof *rule->ports);
    if (!rule->ports)
        return mxc_fail_memory(reader->err);
    const struct array array = {rule->ports, &rule->port_count, sizeof *rule->ports, read_port_rule};
    return read_items(reader, &array, value, at);
}

static mxc_status read_rule(struct mxc_reader *reader, struct mxc_net_rule *rule, const json_t *value,
                            const struct mxc_at *at) {
    static const struct mxc_field names[] = {{"to", 0, ""}, {"ports", 0, ""}, {0}};
    const struct mxc_at at_to = {at, "to", 0}, at_ports = {at, "ports", 0};
    mxc_status status = known_members(reader, names, value, at);
    const json_t *to = json_object_get(value, "to"), *ports = json_object_get(value, "ports");
    rule->origin = status ? NULL : mxc_at_pointer(at);
    if (!status && !rule->origin)
        status = mxc_fail_memory(reader->err);
    if (!status && to)
        status = read_to(reader, rule, to, &at_to);
    return status || !ports ? status : read_ports(reader, rule, ports, &at_ports);
}

mxc_status mxc_read_rules(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                          const struct mxc_at *at) {
    struct mxc_net_rules *rules = mxc_field_place(reader->policy, field);
    mxc_status status = mxc_want(reader, value, JSON_ARRAY, at);
    for (size_t i = 0; !status && i < json_array_size(value); i++) {
        const struct mxc_at item = {.up = at, .index = i};
        MXC_AUTO_NET_RULE struct mxc_net_rule rule = {0};
        status = read_rule(reader, &rule, json_array_get(value, i), &item);
        if (!status && mxc_net_rules_add(rules, &rule))
            status = mxc_fail_memory(reader->err);
    }
    return status;
}

static mxc_status read_published(struct mxc_reader *reader, void *item, const json_t *value, const struct mxc_at *at) {
    static const struct mxc_field names[] = {{"port", 0, ""}, {"hostPort", 0, ""}, {0}};
    const struct mxc_at at_port = {at, "port", 0}, at_host = {at, "hostPort", 0};
    struct mxc_publish *publish = item;
    mxc_status status = known_members(reader, names, value, at);
    const json_t *port = json_object_get(value, "port"), *host = json_object_get(value, "hostPort");
    if (!status && !port)
        status = mxc_at_fail(reader->err, at, MXC_E_POLICY_INVALID, "write {\"port\": 8080}", "the port is missing");
    if (!status)
        status = read_port(reader, port, &publish->port, &at_port);
    return status || !host ? status : read_port(reader, host, &publish->host_port, &at_host);
}

mxc_status mxc_read_publish(struct mxc_reader *reader, const struct mxc_field *field, const json_t *value,
                            const struct mxc_at *at) {
    mxc_policy *policy = reader->policy;
    mxc_status status = mxc_want(reader, value, JSON_ARRAY, at);
    (void)field;
    if (status || !json_array_size(value))
        return status;
    policy->network.publish = mxc_alloc(json_array_size(value) * sizeof *policy->network.publish);
    if (!policy->network.publish)
        return mxc_fail_memory(reader->err);
    const struct array array = {policy->network.publish, &policy->network.publish_count,
                                sizeof *policy->network.publish, read_published};
    return read_items(reader, &array, value, at);
}
