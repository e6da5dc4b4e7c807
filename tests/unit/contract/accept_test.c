/* accept_test.c: policies and their canonical JSON. Every row is also read back and printed again, which must give
 * the same bytes, and equal policies must print equally. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "contract/contract.h"
#include "policy/limits.h"
#include "policy/model.h"
#include "policy/paths.h"

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

/* Removes the layout, so that the table below is readable. */
static void squeeze(char *text) {
    char *to = text;
    int quoted = 0;
    for (; *text; text++) {
        quoted ^= *text == '"';
        if (quoted || (*text != ' ' && *text != '\n'))
            *to++ = *text;
    }
    *to = 0;
}

struct row {
    const char *json, *canonical; /* without the version and the outer braces */
};

static const struct row rows[] = {
    {"{}", ""},
    {" \r\n\t{ } \n", ""},
    {"{\"version\":\"1.0.0\"}", ""},
    {"{\"$schema\":\"https://x/y\",\"_comment\":{\"any\":[1,null]}}", ""},
    {"{\"_comment\":null}", ""},
    {"{\"process\":{},\"filesystem\":{},\"network\":{\"egress\":{}},\"limits\":{}}", ""},
    {"{\"containment\":\"process\"}", ""},
    {"{\"containment\":\"bubblewrap\"}", ""},
    {"{\"containment\":\"lxc\"}", "\"containment\":\"container\""},
    {"{\"containment\":\"isolation_session\"}", "\"containment\":\"session\""},
    {"{\"containment\":\"hyperlight\"}", "\"containment\":\"microvm\""},
    {"{\"containment\":\"vm\"}", "\"containment\":\"vm\""},
    {"{\"containment\":\"auto\"}", "\"containment\":\"auto\""},
    {"{\"containment\":\"auto\",\"assurance\":\"process\"}", "\"containment\":\"auto\""},
    {"{\"assurance\":\"microvm\",\"containment\":\"auto\"}", "\"containment\":\"auto\",\"assurance\":\"microvm\""},
    {"{\"containerId\":\"a.B-c_9\"}", "\"containerId\":\"a.B-c_9\""},
    {"{\"process\":{\"commandLine\":\"echo \\\"hi\\\"\\n\"}}", "\"process\":{\"commandLine\":\"echo \\\"hi\\\"\\n\"}"},
    {"{\"process\":{\"argv\":[\"a\",\"\",\"\xc3\xa4 b\"]}}", "\"process\":{\"argv\":[\"a\",\"\",\"\xc3\xa4 b\"]}"},
    {"{\"process\":{\"argv\":[\"\\u00e4\\ud83d\\ude00\"]}}", "\"process\":{\"argv\":[\"\xc3\xa4\xf0\x9f\x98\x80\"]}"},
    {"{\"process\":{\"cwd\":\"sub/./dir/\"}}", "\"process\":{\"cwd\":\"/base/sub/dir\"}"},
    {"{\"process\":{\"env\":[]}}", "\"process\":{\"env\":[]}"},
    {"{\"process\":{\"env\":[\"B=1\",\"A=x=y\",\"B=2\"]}}", "\"process\":{\"env\":[\"B=2\",\"A=x=y\"]}"},
    {"{\"process\":{\"env\":[\"A=\"],\"inheritDefaultEnv\":true}}",
     "\"process\":{\"env\":[\"A=\"],\"inheritDefaultEnv\":true}"},
    {"{\"process\":{\"inheritDefaultEnv\":true}}", ""},
    {"{\"process\":{\"timeout\":0,\"tty\":false,\"user\":\"mapped\"}}", ""},
    {"{\"process\":{\"timeout\":4294967295,\"tty\":true}}", "\"process\":{\"timeout\":4294967295,\"tty\":true}"},
    {"{\"lifecycle\":{\"destroyOnExit\":true,\"preservePolicy\":false}}", ""},
    {"{\"lifecycle\":{\"destroyOnExit\":false,\"preservePolicy\":true}}",
     "\"lifecycle\":{\"destroyOnExit\":false,\"preservePolicy\":true}"},
    {"{\"filesystem\":{\"readwritePaths\":[],\"readonlyPaths\":[],\"deniedPaths\":[]}}", ""},
    {"{\"filesystem\":{\"readonlyPaths\":[\"/b\",\"/a//c/\",\"/./a/./c\",\"x y\"]}}",
     "\"filesystem\":{\"readonlyPaths\":[\"/a/c\",\"/b\",\"/base/x y\"]}"},
    {"{\"filesystem\":{\"readonlyPaths\":[\".\"]}}", "\"filesystem\":{\"readonlyPaths\":[\"/base\"]}"},
    {"{\"filesystem\":{\"readonlyPaths\":[\"/\"]}}", "\"filesystem\":{\"readonlyPaths\":[\"/\"]}"},
    {"{\"filesystem\":{\"readonlyPaths\":[\"./~x\",\"/a/~\",\"/a/...\",\"/a/..b\"]}}",
     "\"filesystem\":{\"readonlyPaths\":[\"/a/...\",\"/a/..b\",\"/a/~\",\"/base/~x\"]}"},
    {"{\"filesystem\":{\"readwritePaths\":[\"/processing\",\"/devel\",\"/system\"]}}",
     "\"filesystem\":{\"readwritePaths\":[\"/devel\",\"/processing\",\"/system\"]}"},
    {"{\"filesystem\":{\"readonlyPaths\":[\"/sys/class\"],\"deniedPaths\":[\"/proc/kcore\",\"/\"]}}",
     "\"filesystem\":{\"readonlyPaths\":[\"/sys/class\"],\"deniedPaths\":[\"/\",\"/proc/kcore\"]}"},
    {"{\"filesystem\":{\"readwritePaths\":[\"/a\",\"/b\",\"/c\"],\"readonlyPaths\":[\"/b\",\"/c/\"],\"deniedPaths\":[\"/c\"]}}",
     "\"filesystem\":{\"readwritePaths\":[\"/a\"],\"readonlyPaths\":[\"/b\"],\"deniedPaths\":[\"/c\"]}"},
    {"{\"filesystem\":{\"baseline\":\"system\",\"tmpBytes\":268435456}}", ""},
    {"{\"filesystem\":{\"baseline\":\"none\",\"tmpBytes\":65536}}",
     "\"filesystem\":{\"baseline\":\"none\",\"tmpBytes\":65536}"},
    {"{\"filesystem\":{\"protectedNames\":[]}}", "\"filesystem\":{\"protectedNames\":[]}"},
    {"{\"filesystem\":{\"protectedNames\":[\"b/c\",\"a\",\"b/c\"]}}",
     "\"filesystem\":{\"protectedNames\":[\"a\",\"b/c\"]}"},
    {"{\"network\":{\"egress\":{\"default\":\"deny\",\"allow\":[],\"deny\":[]},\"ingress\":{\"default\":\"deny\",\"hostLoopback\":"
     "\"deny\"}}}",
     ""},
    {"{\"network\":{\"ingress\":{\"hostLoopback\":\"allow\",\"default\":\"allow\"}}}",
     "\"network\":{\"ingress\":{\"default\":\"allow\",\"hostLoopback\":\"allow\"}}"},
    {"{\"network\":{\"egress\":{\"allow\":[{}]}}}", "\"network\":{\"egress\":{\"allow\":[{}]}}"},
    {"{\"network\":{\"egress\":{\"allow\":[{\"to\":[{\"host\":\"Example.org.\"},{\"host\":\"*.Example.com\"},{\"host\":\"x_1.y\"}]}]}}}",
     "\"network\":{\"egress\":{\"allow\":[{\"to\":[{\"host\":\"example.org\"},{\"host\":\"*.example.com\"},{\"host\":\"x_1.y\"}]}]}}"},
    {"{\"network\":{\"egress\":{\"allow\":[{\"to\":[{\"cidr\":\"192.0.2.7\"},{\"cidr\":\"2001:DB8:0:0::/32\"},{\"cidr\":\"::1\"}]}]}}}",
     "\"network\":{\"egress\":{\"allow\":[{\"to\":[{\"cidr\":\"192.0.2.7/32\"},{\"cidr\":\"2001:db8::/32\"},{\"cidr\":\"::1/"
     "128\"}]}]}}"},
    {"{\"network\":{\"egress\":{\"default\":\"allow\",\"deny\":[{\"to\":[{\"cidr\":\"0.0.0.0/0\",\"except\":[\"10.0.0.0/8\"]}]}]}}}",
     "\"network\":{\"egress\":{\"default\":\"allow\",\"deny\":[{\"to\":[{\"cidr\":\"0.0.0.0/0\",\"except\":[\"10.0.0.0/8\"]}]}]}}"},
    {"{\"network\":{\"egress\":{\"allow\":[{\"ports\":[{\"protocol\":\"tcp\",\"port\":80,\"endPort\":80},{\"protocol\":\"any\"},{"
     "\"protocol\":\"icmp\"},{\"port\":1,\"endPort\":65535}]}]}}}",
     "\"network\":{\"egress\":{\"allow\":[{\"ports\":[{\"protocol\":\"tcp\",\"port\":80},{},{\"protocol\":\"icmp\"},{\"port\":1,"
     "\"endPort\":65535}]}]}}"},
    {"{\"network\":{\"publish\":[{\"port\":8080},{\"hostPort\":9000,\"port\":80}]}}",
     "\"network\":{\"publish\":[{\"port\":8080},{\"port\":80,\"hostPort\":9000}]}"},
    {"{\"runtimeConfig\":{\"networkProxy\":\"http://[::1]:3128\"}}",
     "\"runtimeConfig\":{\"networkProxy\":\"http://[::1]:3128\"}"},
    {"{\"ui\":{\"disable\":true,\"clipboard\":\"none\",\"injection\":false}}", ""},
    {"{\"ui\":{\"disable\":false,\"clipboard\":\"write\",\"injection\":true}}",
     "\"ui\":{\"disable\":false,\"clipboard\":\"write\",\"injection\":true}"},
    {"{\"lxc\":{\"distribution\":\"alpine\",\"release\":\"3.23\"}}",
     "\"lxc\":{\"distribution\":\"alpine\",\"release\":\"3.23\"}"},
    {"{\"telemetry\":{\"enabled\":true}}", "\"telemetry\":{\"enabled\":true}"},
    {"{\"fallback\":{\"allowDaclMutation\":false}}", ""},
    {"{\"limits\":{\"memoryBytes\":1073741824,\"swapBytes\":0,\"processes\":256,\"outputBytes\":1048576,\"openFiles\":1024,"
     "\"cpuTimeMs\":0,\"wallTimeMs\":0,\"fileBytes\":0,\"diskBytes\":0}}",
     ""},
    {"{\"limits\":{\"diskBytes\":1,\"openFiles\":16,\"fileBytes\":2,\"outputBytes\":0,\"wallTimeMs\":3,\"cpuTimeMs\":4,\"cpus\":1.5,"
     "\"processes\":1,\"swapBytes\":5,\"memoryBytes\":4194304}}",
     "\"limits\":{\"memoryBytes\":4194304,\"swapBytes\":5,\"processes\":1,\"cpus\":1.5,\"cpuTimeMs\":4,\"wallTimeMs\":3,"
     "\"outputBytes\":0,\"fileBytes\":2,\"openFiles\":16,\"diskBytes\":1}"},
    {"{\"limits\":{\"cpus\":2}}", "\"limits\":{\"cpus\":2}"},
    {"{\"limits\":{\"cpus\":0.01}}", "\"limits\":{\"cpus\":0.01}"},
    {"{\"limits\":{\"cpus\":12.345}}", "\"limits\":{\"cpus\":12.345}"},
    {"{\"limits\":{\"cpus\":1e1}}", "\"limits\":{\"cpus\":10}"},
    {"{\"syscalls\":{\"profile\":\"default\",\"allow\":[],\"deny\":[]}}", ""},
    {"{\"syscalls\":{\"profile\":\"strict\",\"allow\":[\"ptrace\",\"bpf\"],\"deny\":[\"io_uring_setup\"]}}",
     "\"syscalls\":{\"profile\":\"strict\",\"allow\":[\"bpf\",\"ptrace\"],\"deny\":[\"io_uring_setup\"]}"},
    {"{\"onUnsupported\":\"fail\"}", ""},
    {"{\"onUnsupported\":\"report\"}", "\"onUnsupported\":\"report\""},
    /* as other clients of the contract send it */
    {"{\"version\":\"1.0.0\",\"containerId\":\"9f86d081884c7d659a2feaa0c55ad015\",\"containment\":\"process\",\"lifecycle\":{"
     "\"destroyOnExit\":true,\"preservePolicy\":false},\"process\":{\"commandLine\":\"echo hi\",\"timeout\":1000},\"filesystem\":{"
     "\"readwritePaths\":[\"/tmp/w\"],\"readonlyPaths\":[],\"deniedPaths\":[]}}",
     "\"containerId\":\"9f86d081884c7d659a2feaa0c55ad015\",\"process\":{\"commandLine\":\"echo hi\",\"timeout\":1000},"
     "\"filesystem\":{\"readwritePaths\":[\"/tmp/w\"]}"},
};

static void canonical(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char expected[2048] = "{\"version\":\"1.0.0\"";
        mxc_policy *policy = parse(rows[i].json);
        char *text = print(policy);
        mxc_policy *again = parse(text);
        char *second = print(again);
        assert_string_equal(text, second);
        strcat(strcat(strcat(expected, *rows[i].canonical ? "," : ""), rows[i].canonical), "}");
        squeeze(text);
        assert_string_equal(text, expected);
        mxc_free(text);
        mxc_free(second);
        mxc_policy_unref(policy);
        mxc_policy_unref(again);
    }
}

/* The layout is part of the promise: two spaces a level, one item a line. */
static void layout(void **state) {
    (void)state;
    mxc_policy *policy =
        parse("{\"filesystem\":{\"readonlyPaths\":[\"/a\",\"/b\"]},\"network\":{\"egress\":{\"allow\":[{}]}}}");
    char *text = print(policy);
    assert_string_equal(text,
                        "{\n  \"version\": \"1.0.0\",\n  \"filesystem\": {\n    \"readonlyPaths\": [\n      \"/a\",\n"
                        "      \"/b\"\n    ]\n  },\n  \"network\": {\n    \"egress\": {\n      \"allow\": [\n"
                        "        {}\n      ]\n    }\n  }\n}");
    mxc_free(text);
    mxc_policy_unref(policy);
}

static void defaults(void **state) {
    (void)state;
    mxc_policy *policy = parse("{}");
    struct mxc_limits limits = mxc_limits_effective(policy);
    assert_int_equal(limits.memory_bytes, (uint64_t)1 << 30);
    assert_int_equal(limits.swap_bytes, 0);
    assert_int_equal(limits.processes, 256);
    assert_int_equal(limits.millicpus, 0);
    assert_int_equal(limits.cpu_time_ms, 0);
    assert_int_equal(limits.wall_time_ms, 0);
    assert_int_equal(limits.output_bytes, 1 << 20);
    assert_int_equal(limits.file_bytes, 0);
    assert_int_equal(limits.open_files, 1024);
    assert_int_equal(limits.disk_bytes, 0);
    assert_int_equal(mxc_tmp_bytes_effective(policy), 256 << 20);
    assert_int_equal(policy->network.egress_default, MXC_VERDICT_DENY);
    assert_int_equal(policy->ui.enable, 0);
    assert_int_equal(policy->lifecycle.keep_on_exit, 0);
    mxc_policy_unref(policy);
}

static void smaller_deadline_holds(void **state) {
    static const struct {
        const char *json;
        uint64_t wall;
    } cases[] = {{"{\"process\":{\"timeout\":50}}", 50},
                 {"{\"limits\":{\"wallTimeMs\":40}}", 40},
                 {"{\"process\":{\"timeout\":50},\"limits\":{\"wallTimeMs\":40}}", 40},
                 {"{\"process\":{\"timeout\":30},\"limits\":{\"wallTimeMs\":40}}", 30},
                 {"{\"process\":{\"timeout\":30},\"limits\":{\"wallTimeMs\":0}}", 30}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mxc_policy *policy = parse(cases[i].json);
        assert_int_equal(mxc_limits_effective(policy).wall_time_ms, cases[i].wall);
        mxc_policy_unref(policy);
    }
}

static void origins(void **state) {
    (void)state;
    mxc_policy *policy =
        parse("{\"filesystem\":{\"readwritePaths\":[\"/x\",\"/a\"],\"readonlyPaths\":[\"/a\"]},\"network\":{"
              "\"egress\":{\"allow\":[{},{}]}}}");
    assert_string_equal(mxc_policy_rule_for(policy, "/a/b")->origin, "/filesystem/readonlyPaths/0");
    assert_string_equal(mxc_policy_rule_for(policy, "/x")->origin, "/filesystem/readwritePaths/0");
    assert_string_equal(policy->network.allow.items[1].origin, "/network/egress/allow/1");
    mxc_policy_unref(policy);
}

static void schema_is_whole(void **state) {
    const char *schema = mxc_contract_schema();
    (void)state;
    assert_non_null(strstr(schema, "https://json-schema.org/draft/2020-12/schema"));
    assert_non_null(strstr(schema, "\"memoryBytes\""));
    assert_non_null(strstr(schema, "\"hostLoopback\""));
    assert_int_equal(schema[strlen(schema) - 2], '}');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical), cmocka_unit_test(layout),
        cmocka_unit_test(defaults),  cmocka_unit_test(smaller_deadline_holds),
        cmocka_unit_test(origins),   cmocka_unit_test(schema_is_whole),
    };
    return cmocka_run_group_tests_name("contract_accept", tests, NULL, NULL);
}
