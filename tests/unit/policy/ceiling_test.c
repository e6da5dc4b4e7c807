/* ceiling_test.c: which networks an open sandbox may be changed to, and what holds then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "contract/contract.h"
#include "policy/ceiling.h"
#include "policy/model.h"

static mxc_policy *parse(const char *json) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    if (mxc_contract_parse(&policy, json, strlen(json), "/base", &error) != MXC_OK)
        fail_msg("refused: %s\n  %s: %s", json, mxc_error_origin(error), mxc_error_message(error));
    return policy;
}

#define NET(members) "{\"network\":{" members "}}"
#define EGRESS(members) NET("\"egress\":{" members "}")
#define ALLOW(to, ports) EGRESS("\"allow\":[{\"to\":[" to "],\"ports\":[" ports "]}]")
#define HOST(name) "{\"host\":\"" name "\"}"
#define CIDR(block) "{\"cidr\":\"" block "\"}"
#define TCP(port) "{\"protocol\":\"tcp\",\"port\":" port "}"
#define RANGE(port, end) "{\"protocol\":\"tcp\",\"port\":" port ",\"endPort\":" end "}"

static const struct {
    const char *ceiling, *wanted, *origin; /* origin: of what is too much; NULL: it is within */
} rows[] = {
    {"{}", "{}", NULL},
    {ALLOW(HOST("a.b"), TCP("1")), "{}", NULL},
    {ALLOW(HOST("a.b"), TCP("1")), ALLOW(HOST("a.b"), TCP("1")), NULL},
    {"{}", ALLOW(HOST("a.b"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW(HOST("*.b"), TCP("1")), ALLOW(HOST("a.b"), TCP("1")), NULL},
    {ALLOW(HOST("*.b"), TCP("1")), ALLOW(HOST("b"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW(HOST("a.b"), TCP("1")), ALLOW(HOST("*.b"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW(HOST("a.b"), RANGE("1", "9")), ALLOW(HOST("a.b"), RANGE("2", "9")), NULL},
    {ALLOW(HOST("a.b"), RANGE("1", "9")), ALLOW(HOST("a.b"), RANGE("2", "10")), "/network/egress/allow/0"},
    {ALLOW(HOST("a.b"), TCP("1")), ALLOW(HOST("a.b"), "{\"protocol\":\"tcp\"}"), "/network/egress/allow/0"},
    {ALLOW(HOST("a.b"), TCP("1")), ALLOW(HOST("a.b"), "{\"port\":1}"), "/network/egress/allow/0"},
    {ALLOW(HOST("a.b"), "{\"port\":1}"), ALLOW(HOST("a.b"), TCP("1")), NULL},
    {ALLOW(CIDR("192.0.2.0/24"), TCP("1")), ALLOW(CIDR("192.0.2.7"), TCP("1")), NULL},
    {ALLOW(CIDR("192.0.2.0/24"), TCP("1")), ALLOW(CIDR("192.0.0.0/16"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW("{\"cidr\":\"192.0.2.0/24\",\"except\":[\"192.0.2.7\"]}", TCP("1")), ALLOW(CIDR("192.0.2.0/28"), TCP("1")),
     "/network/egress/allow/0"},
    {ALLOW(CIDR("0.0.0.0/0"), TCP("1")), ALLOW(HOST("a.b"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW(HOST("a.b"), TCP("1")), EGRESS("\"allow\":[{}]"), "/network/egress/allow/0"},
    {ALLOW(HOST("a.b"), TCP("1")), EGRESS("\"default\":\"allow\""), "/network/egress/default"},
    {EGRESS("\"default\":\"allow\""), ALLOW(HOST("a.b"), TCP("1")), NULL},
    /* what is guarded is opened only by what lies within it, so a part may open more than the whole */
    {EGRESS("\"default\":\"allow\""), ALLOW(CIDR("10.0.0.0/8"), TCP("1")), "/network/egress/allow/0"},
    {EGRESS("\"default\":\"allow\""), ALLOW(CIDR("8.0.0.0/5"), TCP("1")), NULL},
    {EGRESS("\"default\":\"allow\",\"allow\":[{\"to\":[" CIDR("10.0.0.0/8") "]}]"),
     ALLOW(CIDR("10.1.0.0/16"), TCP("1")), NULL},
    {EGRESS("\"default\":\"allow\""), EGRESS("\"default\":\"allow\""), NULL},
    {EGRESS("\"default\":\"allow\""), EGRESS("\"default\":\"allow\",\"allow\":[{\"to\":[" CIDR("10.0.0.0/8") "]}]"),
     "/network/egress/allow/0"},
    {EGRESS("\"allow\":[{}]"), ALLOW(CIDR("192.168.1.0/24"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW(CIDR("0.0.0.0/0"), TCP("1")), ALLOW(CIDR("169.254.169.254"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW(CIDR("169.254.0.0/16"), TCP("1")), ALLOW(CIDR("169.254.169.254"), TCP("1")), "/network/egress/allow/0"},
    {ALLOW(CIDR("169.254.0.0/16"), TCP("1")), ALLOW(CIDR("169.254.7.0/24"), TCP("1")), NULL},
    {NET("\"publish\":[{\"port\":1}]"), NET("\"publish\":[{\"port\":1}]"), NULL},
    {NET("\"publish\":[{\"port\":1}]"), "{}", NULL},
    {NET("\"publish\":[{\"port\":1}]"), NET("\"publish\":[{\"port\":2}]"), "/network/publish"},
    {NET("\"publish\":[{\"port\":1}]"), NET("\"publish\":[{\"port\":1,\"hostPort\":2}]"), "/network/publish"},
    {"{}", NET("\"ingress\":{\"hostLoopback\":\"allow\"}"), "/network/ingress/hostLoopback"},
    {"{}", NET("\"ingress\":{\"default\":\"allow\"}"), "/network/ingress/default"},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://localhost:1\"}}",
     "{\"runtimeConfig\":{\"networkProxy\":\"http://localhost:1\"}}", NULL},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://localhost:1\"}}",
     "{\"runtimeConfig\":{\"networkProxy\":\"http://localhost:2\"}}", "/runtimeConfig/networkProxy"},
};

static void test_ceiling(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        MXC_AUTO_POLICY mxc_policy *ceiling = parse(rows[i].ceiling);
        MXC_AUTO_POLICY mxc_policy *wanted = parse(rows[i].wanted);
        MXC_AUTO_POLICY mxc_policy *both = NULL;
        mxc_error *error = NULL;
        mxc_status status = mxc_policy_with_network(&both, ceiling, wanted, &error);
        if (status != (rows[i].origin ? MXC_E_POLICY_CONFLICT : MXC_OK))
            fail_msg("%s within %s: status %d", rows[i].wanted, rows[i].ceiling, status);
        assert_string_equal(error ? mxc_error_origin(error) : "", rows[i].origin ? rows[i].origin : "");
        mxc_error_free(error);
    }
}

/* The rest of the policy is the ceiling's, and what that denies stays denied. */
static void test_what_holds(void **state) {
    MXC_AUTO_POLICY mxc_policy *ceiling =
        parse("{\"filesystem\":{\"readonlyPaths\":[\"/r\"]},\"network\":{\"egress\":{\"allow\":[{}],"
              "\"deny\":[{\"to\":[{\"cidr\":\"192.0.2.0/24\"}]}]}}}");
    MXC_AUTO_POLICY mxc_policy *wanted = parse("{\"filesystem\":{\"readwritePaths\":[\"/w\"]},\"network\":{\"egress\":{"
                                               "\"allow\":[{\"to\":[{\"host\":\"a.b\"}]}],"
                                               "\"deny\":[{\"to\":[{\"cidr\":\"198.51.100.0/24\"}]}]}}}");
    MXC_AUTO_POLICY mxc_policy *both = NULL;
    char *text = NULL;
    (void)state;
    assert_int_equal(mxc_policy_with_network(&both, ceiling, wanted, NULL), MXC_OK);
    assert_int_equal(mxc_contract_print(&text, both, NULL), MXC_OK);
    assert_non_null(strstr(text, "\"/r\""));
    assert_null(strstr(text, "\"/w\""));
    assert_non_null(strstr(text, "\"a.b\""));
    assert_non_null(strstr(text, "\"192.0.2.0/24\""));
    assert_non_null(strstr(text, "\"198.51.100.0/24\""));
    mxc_free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ceiling), cmocka_unit_test(test_what_holds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
