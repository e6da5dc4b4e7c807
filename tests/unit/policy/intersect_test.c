/* intersect_test.c: what two layers both allow, case by case; the random cases are policy_reference.py's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "contract/contract.h"
#include "policy/intersect.h"
#include "policy/model.h"

static mxc_policy *parse(const char *json) {
    mxc_policy *policy = NULL;
    mxc_error *error = NULL;
    if (mxc_contract_parse(&policy, json, strlen(json), "/base", &error) != MXC_OK)
        fail_msg("refused: %s\n  %s: %s", json, mxc_error_origin(error), mxc_error_message(error));
    return policy;
}

static char *print(const mxc_policy *policy) {
    char *text = NULL;
    assert_int_equal(mxc_contract_print(&text, policy, NULL), MXC_OK);
    return text;
}

struct row {
    const char *a, *b, *both;
};

#define FS(members) "{\"filesystem\":{" members "}}"
#define EGRESS(members) "{\"network\":{\"egress\":{" members "}}}"
#define HOSTS(a) EGRESS("\"allow\":[{\"to\":[" a "]}]")

static const struct row rows[] = {
    {"{}", "{}", "{}"},
    /* files */
    {FS("\"readwritePaths\":[\"/w\"]"), "{}", "{}"},
    {FS("\"readwritePaths\":[\"/w\"]"), FS("\"readonlyPaths\":[\"/w\"]"), FS("\"readonlyPaths\":[\"/w\"]")},
    {FS("\"readwritePaths\":[\"/w\"]"), FS("\"readwritePaths\":[\"/w/x\"]"), FS("\"readwritePaths\":[\"/w/x\"]")},
    {FS("\"readwritePaths\":[\"/w\"]"), FS("\"readonlyPaths\":[\"/\"]"), FS("\"readonlyPaths\":[\"/w\"]")},
    {FS("\"readwritePaths\":[\"/w\"],\"deniedPaths\":[\"/w/d\"]"), FS("\"readwritePaths\":[\"/w\",\"/w/d\"]"),
     FS("\"readwritePaths\":[\"/w\"],\"deniedPaths\":[\"/w/d\"]")},
    {FS("\"deniedPaths\":[\"/d\"]"), "{}", FS("\"deniedPaths\":[\"/d\"]")},
    {FS("\"readonlyPaths\":[\"/usr\",\"/r\"]"), FS("\"readonlyPaths\":[\"/usr\",\"/r\",\"/r/x\"]"),
     FS("\"readonlyPaths\":[\"/r\"]")},
    {FS("\"deniedPaths\":[\"/usr/lib\"]"), FS("\"readonlyPaths\":[\"/usr/lib/x\"]"),
     FS("\"deniedPaths\":[\"/usr/lib\"]")},
    {FS("\"baseline\":\"none\",\"readonlyPaths\":[\"/\"]"), "{}",
     FS("\"baseline\":\"none\",\"readonlyPaths\":[\"/bin\",\"/lib\",\"/lib32\",\"/lib64\",\"/libx32\",\"/sbin\",\"/usr\"]")},
    /* the curated /etc of the baseline never becomes the real one */
    {FS("\"readonlyPaths\":[\"/etc\"]"), "{}", "{}"},
    {FS("\"baseline\":\"none\",\"readonlyPaths\":[\"/etc\"]"), "{}", FS("\"baseline\":\"none\"")},
    {FS("\"readonlyPaths\":[\"/etc\"]"), FS("\"readonlyPaths\":[\"/etc/ssl\"]"),
     FS("\"readonlyPaths\":[\"/etc/ssl\"]")},
    {FS("\"protectedNames\":[]"), FS("\"protectedNames\":[\"b\",\"a\"]"), FS("\"protectedNames\":[\"a\",\"b\"]")},
    {FS("\"protectedNames\":[]"), "{}", "{}"},
    /* network */
    {EGRESS("\"default\":\"allow\""), "{}", "{}"},
    {EGRESS("\"default\":\"allow\""), EGRESS("\"default\":\"allow\""), EGRESS("\"default\":\"allow\"")},
    {EGRESS("\"default\":\"allow\""), HOSTS("{\"host\":\"a.b\"}"), HOSTS("{\"host\":\"a.b\"}")},
    {HOSTS("{\"host\":\"a.b\"}"), "{}", "{}"},
    {HOSTS("{\"host\":\"*.b\"}"), HOSTS("{\"host\":\"x.b\"},{\"host\":\"b\"}"), HOSTS("{\"host\":\"x.b\"}")},
    {HOSTS("{\"host\":\"a.b\"}"), HOSTS("{\"cidr\":\"0.0.0.0/0\"}"), "{}"},
    {HOSTS("{\"cidr\":\"10.0.0.0/8\"}"), HOSTS("{\"cidr\":\"10.1.0.0/16\"},{\"cidr\":\"11.0.0.0/8\"}"),
     HOSTS("{\"cidr\":\"10.1.0.0/16\"}")},
    {HOSTS("{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.0.0/17\"]}"),
     HOSTS("{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.128.0/17\",\"10.1.2.0/24\"]}"),
     HOSTS("{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.0.0/16\"]}")},
    {HOSTS("{\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.0.0/16\"]}"), HOSTS("{\"cidr\":\"10.1.2.0/24\"}"), "{}"},
    {EGRESS("\"allow\":[{\"ports\":[{\"port\":1,\"endPort\":100}]}]"),
     EGRESS("\"allow\":[{\"ports\":[{\"protocol\":\"tcp\",\"port\":80,\"endPort\":200},{\"protocol\":\"icmp\"}]}]"),
     EGRESS("\"allow\":[{\"ports\":[{\"protocol\":\"tcp\",\"port\":80,\"endPort\":100}]}]")},
    {EGRESS("\"deny\":[{\"to\":[{\"cidr\":\"10.0.0.0/8\"}]}]"),
     EGRESS("\"deny\":[{\"to\":[{\"cidr\":\"10.1.0.0/16\"},{\"cidr\":\"::1\"}]}]"),
     EGRESS("\"deny\":[{\"to\":[{\"cidr\":\"10.0.0.0/8\"},{\"cidr\":\"::1\"}]}]")},
    {"{\"network\":{\"ingress\":{\"default\":\"allow\",\"hostLoopback\":\"allow\"}}}",
     "{\"network\":{\"ingress\":{\"hostLoopback\":\"allow\"}}}",
     "{\"network\":{\"ingress\":{\"hostLoopback\":\"allow\"}}}"},
    {"{\"network\":{\"publish\":[{\"port\":80},{\"port\":81}]}}",
     "{\"network\":{\"publish\":[{\"port\":80,\"hostPort\":8000}]}}",
     "{\"network\":{\"publish\":[{\"port\":80,\"hostPort\":8000}]}}"},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:1\"}}", "{}", "{}"},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:1\"}}",
     "{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:2\"}}", "{}"},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:1\"}}",
     "{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:1\"}}",
     "{\"runtimeConfig\":{\"networkProxy\":\"http://127.0.0.1:1\"}}"},
    /* limits */
    {"{\"limits\":{\"memoryBytes\":2147483648}}", "{}", "{}"},
    {"{\"limits\":{\"memoryBytes\":2147483648,\"cpus\":2}}",
     "{\"limits\":{\"memoryBytes\":4294967296,\"cpuTimeMs\":5}}",
     "{\"limits\":{\"memoryBytes\":2147483648,\"cpus\":2,\"cpuTimeMs\":5}}"},
    {"{\"limits\":{\"swapBytes\":9}}", "{}", "{}"},
    {"{\"process\":{\"timeout\":5}}", "{\"process\":{\"timeout\":7}}", "{\"process\":{\"timeout\":5}}"},
    {"{\"process\":{\"timeout\":0}}", "{\"process\":{\"timeout\":7}}", "{\"process\":{\"timeout\":7}}"},
    /* settings come from the side that says them; grants need both */
    {"{\"process\":{\"argv\":[\"a\"],\"env\":[\"A=1\"]}}", "{\"process\":{\"cwd\":\"/w\"},\"containerId\":\"x\"}",
     "{\"containerId\":\"x\",\"process\":{\"argv\":[\"a\"],\"env\":[\"A=1\"],\"cwd\":\"/w\"}}"},
    {"{\"process\":{\"tty\":true}}", "{}", "{}"},
    {"{\"ui\":{\"disable\":false,\"clipboard\":\"all\",\"injection\":true}}",
     "{\"ui\":{\"disable\":false,\"clipboard\":\"read\"}}", "{\"ui\":{\"disable\":false,\"clipboard\":\"read\"}}"},
    {"{\"ui\":{\"clipboard\":\"write\"}}", "{\"ui\":{\"clipboard\":\"read\"}}", "{}"},
    {"{\"onUnsupported\":\"report\"}", "{}", "{}"},
    {"{\"lifecycle\":{\"destroyOnExit\":false}}", "{}", "{}"},
    {"{\"syscalls\":{\"profile\":\"strict\",\"allow\":[\"a\",\"b\"]}}",
     "{\"syscalls\":{\"allow\":[\"b\",\"c\"],\"deny\":[\"d\"]}}",
     "{\"syscalls\":{\"profile\":\"strict\",\"allow\":[\"b\"],\"deny\":[\"d\"]}}"},
    /* the stronger wall */
    {"{\"containment\":\"microvm\"}", "{}", "{\"containment\":\"microvm\"}"},
    {"{\"containment\":\"session\"}", "{\"containment\":\"container\"}", "{\"containment\":\"container\"}"},
    {"{\"containment\":\"auto\"}", "{}", "{}"},
    {"{\"containment\":\"auto\",\"assurance\":\"container\"}", "{\"containment\":\"session\"}",
     "{\"containment\":\"auto\",\"assurance\":\"container\"}"},
    {"{\"containment\":\"auto\",\"assurance\":\"container\"}", "{\"containment\":\"container\"}",
     "{\"containment\":\"container\"}"},
};

static void check(const struct row *row, int turned) {
    mxc_policy *a = parse(turned ? row->b : row->a), *b = parse(turned ? row->a : row->b), *expected = parse(row->both);
    mxc_policy *both = NULL;
    assert_int_equal(mxc_policy_meet(&both, a, b, NULL), MXC_OK);
    char *text = print(both), *wanted = print(expected);
    if (strcmp(text, wanted) != 0)
        fail_msg("%s\nand %s\ngave %s", row->a, row->b, text);
    mxc_free(text);
    mxc_free(wanted);
    mxc_policy_unref(a);
    mxc_policy_unref(b);
    mxc_policy_unref(both);
    mxc_policy_unref(expected);
}

static void both_allow(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(&rows[i], 0);
        check(&rows[i], 1);
    }
}

static void conflicts(void **state) {
    static const struct {
        const char *a, *b, *origin;
    } cases[] = {
        {"{\"process\":{\"commandLine\":\"a\"}}", "{\"process\":{\"commandLine\":\"b\"}}", "/process/commandLine"},
        {"{\"process\":{\"argv\":[\"a\"]}}", "{\"process\":{\"argv\":[\"a\",\"b\"]}}", "/process/argv"},
        {"{\"process\":{\"commandLine\":\"a\"}}", "{\"process\":{\"argv\":[\"a\"]}}", "/process/argv"},
        {"{\"process\":{\"cwd\":\"/a\"}}", "{\"process\":{\"cwd\":\"/b\"}}", "/process/cwd"},
        {"{\"process\":{\"env\":[]}}", "{\"process\":{\"env\":[\"A=1\"]}}", "/process/env"},
        {"{\"process\":{\"env\":[\"A=1\"]}}", "{\"process\":{\"env\":[\"A=1\"],\"inheritDefaultEnv\":true}}",
         "/process/env"},
        {"{\"containerId\":\"a\"}", "{\"containerId\":\"b\"}", "/containerId"},
        {"{\"lxc\":{\"release\":\"1\"}}", "{\"lxc\":{\"release\":\"2\"}}", "/lxc/release"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        mxc_policy *a = parse(cases[i / 2].a), *b = parse(cases[i / 2].b), *both = NULL;
        mxc_error *error = NULL;
        assert_int_equal(mxc_policy_meet(&both, i % 2 ? a : b, i % 2 ? b : a, &error), MXC_E_POLICY_CONFLICT);
        assert_null(both);
        assert_string_equal(mxc_error_origin(error), cases[i / 2].origin);
        mxc_error_free(error);
        mxc_policy_unref(a);
        mxc_policy_unref(b);
    }
}

/* Every rule names its layer, counted from 1 through nested intersections. */
static void layers(void **state) {
    mxc_policy *a = parse(FS("\"readwritePaths\":[\"/w\",\"/x\"]")), *b = parse(FS("\"readonlyPaths\":[\"/\"]"));
    mxc_policy *c = parse(
        "{\"filesystem\":{\"readwritePaths\":[\"/x\"],\"deniedPaths\":[\"/w/d\"]},\"network\":{\"egress\":{\"deny\":[{}]}}}");
    mxc_policy *ab = NULL, *abc = NULL, *cab = NULL;
    (void)state;
    assert_int_equal(mxc_policy_meet(&ab, a, b, NULL), MXC_OK);
    assert_string_equal(mxc_policy_rule_for(ab, "/w")->origin, "2:/filesystem/readonlyPaths/0");
    assert_int_equal(mxc_policy_meet(&abc, ab, c, NULL), MXC_OK);
    assert_string_equal(mxc_policy_rule_for(abc, "/x")->origin, "2:/filesystem/readonlyPaths/0");
    assert_string_equal(mxc_policy_rule_for(abc, "/w/d")->origin, "3:/filesystem/deniedPaths/0");
    assert_string_equal(abc->network.deny.items[0].origin, "3:/network/egress/deny/0");
    assert_int_equal(mxc_policy_meet(&cab, c, ab, NULL), MXC_OK);
    assert_string_equal(mxc_policy_rule_for(cab, "/x")->origin, "3:/filesystem/readonlyPaths/0");
    assert_string_equal(mxc_policy_rule_for(cab, "/w/d")->origin, "1:/filesystem/deniedPaths/0");
    mxc_policy *const all[] = {a, b, c, ab, abc, cab};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mxc_policy_unref(all[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_allow),
        cmocka_unit_test(conflicts),
        cmocka_unit_test(layers),
    };
    return cmocka_run_group_tests_name("policy_intersect", tests, NULL, NULL);
}
