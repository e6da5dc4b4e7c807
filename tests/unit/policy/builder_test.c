/* builder_test.c: the builder makes the policy that the JSON would make, and refuses the same values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "contract/contract.h"
#include "policy/builder.h"
#include "policy/limits.h"
#include "policy/model.h"

static mxc_policy_builder *fresh(void) {
    mxc_policy_builder *builder = NULL;
    assert_int_equal(mxc_builder_new(&builder, NULL, NULL), MXC_OK);
    return builder;
}

static void assert_builds(const mxc_policy_builder *builder, const char *json) {
    mxc_policy *built = NULL, *parsed = NULL;
    char *text = NULL, *expected = NULL;
    assert_int_equal(mxc_builder_build(&built, builder, NULL), MXC_OK);
    assert_int_equal(mxc_contract_parse(&parsed, json, strlen(json), "/base", NULL), MXC_OK);
    assert_int_equal(mxc_contract_print(&text, built, NULL), MXC_OK);
    assert_int_equal(mxc_contract_print(&expected, parsed, NULL), MXC_OK);
    assert_string_equal(text, expected);
    mxc_free(text);
    mxc_free(expected);
    mxc_policy_unref(built);
    mxc_policy_unref(parsed);
}

static void path(mxc_policy_builder *builder, mxc_access access, const char *text) {
    struct mxc_path_rule rule = {access, (char *)text, (char *)"/filesystem"};
    assert_int_equal(mxc_builder_path(builder, &rule, "/base", NULL), MXC_OK);
}

static void set(mxc_policy_builder *builder, const char *pointer, const char *value) {
    assert_int_equal(mxc_builder_set(builder, pointer, value, "/base", NULL), MXC_OK);
}

static void same_as_json(void **state) {
    mxc_policy_builder *builder = fresh();
    (void)state;
    assert_builds(builder, "{}");
    path(builder, MXC_ACCESS_WRITE, "w");
    path(builder, MXC_ACCESS_READ, "/r/");
    path(builder, MXC_ACCESS_DENY, "/w/d");
    assert_int_equal(mxc_builder_allow(builder, "Example.org:443", NULL), MXC_OK);
    assert_int_equal(mxc_builder_limit(builder, MXC_LIMIT_MEMORY, 512 << 20, NULL), MXC_OK);
    assert_int_equal(mxc_builder_limit(builder, MXC_LIMIT_CPUS, 1500, NULL), MXC_OK);
    assert_int_equal(mxc_builder_limit(builder, MXC_LIMIT_TMP, 1 << 20, NULL), MXC_OK);
    assert_int_equal(mxc_builder_env(builder, "A=1", NULL), MXC_OK);
    set(builder, "/containment", "auto");
    set(builder, "/assurance", "container");
    set(builder, "/containerId", "x");
    set(builder, "/process/cwd", "w");
    set(builder, "/filesystem/baseline", "none");
    set(builder, "/syscalls/profile", "strict");
    set(builder, "/syscalls/allow", "ptrace");
    set(builder, "/syscalls/deny", "bpf");
    set(builder, "/onUnsupported", "report");
    set(builder, "/filesystem/hardLinks", "refuse");
    assert_builds(
        builder,
        "{\"containment\":\"auto\",\"assurance\":\"container\",\"containerId\":\"x\",\"process\":{\"cwd\":\"w\","
        "\"env\":[\"A=1\"],\"inheritDefaultEnv\":true},\"filesystem\":{\"baseline\":\"none\","
        "\"readwritePaths\":[\"w\"],\"readonlyPaths\":[\"/r\"],\"deniedPaths\":[\"/w/d\"],\"hardLinks\":\"refuse\",\"tmpBytes\":1048576},"
        "\"network\":{\"egress\":{\"allow\":[{\"to\":[{\"host\":\"example.org\"}],\"ports\":[{\"protocol\":\"tcp\","
        "\"port\":443}]}]}},\"limits\":{\"memoryBytes\":536870912,\"cpus\":1.5},\"syscalls\":{\"profile\":"
        "\"strict\",\"allow\":[\"ptrace\"],\"deny\":[\"bpf\"]},\"onUnsupported\":\"report\"}");
    mxc_builder_free(builder);
}

static void targets(void **state) {
    static const struct {
        const char *target, *to, *port;
    } rows[] = {{"a.b", "{\"host\":\"a.b\"}", ""},
                {"*.a.b:1", "{\"host\":\"*.a.b\"}", ",\"port\":1"},
                {"10.0.0.1", "{\"cidr\":\"10.0.0.1\"}", ""},
                {"10.0.0.0/8:80", "{\"cidr\":\"10.0.0.0/8\"}", ",\"port\":80"},
                {"2001:db8::1", "{\"cidr\":\"2001:db8::1\"}", ""},
                {"2001:db8::/32", "{\"cidr\":\"2001:db8::/32\"}", ""},
                {"[2001:db8::]", "{\"cidr\":\"2001:db8::\"}", ""},
                {"[2001:db8::/32]:443", "{\"cidr\":\"2001:db8::/32\"}", ",\"port\":443"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[256] = "{\"network\":{\"egress\":{\"allow\":[{\"to\":[";
        mxc_policy_builder *builder = fresh();
        assert_int_equal(mxc_builder_allow(builder, rows[i].target, NULL), MXC_OK);
        strcat(strcat(strcat(strcat(json, rows[i].to), "],\"ports\":[{\"protocol\":\"tcp\""), rows[i].port), "}]}]}}}");
        assert_builds(builder, json);
        mxc_builder_free(builder);
    }
}

static void bad_targets(void **state) {
    static const char *const rows[] = {
        "",       ":80",    "a.b:",        "a.b:0",      "a.b:65536",      "a.b:0443", "a.b:x",      "[::1",
        "[::1]x", "[::1]:", "[]:80",       "127.1",      "127.1:80",       "0x7f.1",   "1.2.3.4/33", "*",
        "*:443",  "a b",    "https://a.b", "10.0.0.1/8", "::ffff:1.2.3.4", "[a.b]:80x"};
    mxc_policy_builder *builder = fresh();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mxc_error *error = NULL;
        if (mxc_builder_allow(builder, rows[i], &error) != MXC_E_POLICY_INVALID)
            fail_msg("accepted: %s", rows[i]);
        assert_string_equal(mxc_error_origin(error), "/network/egress/allow");
        assert_true(*mxc_error_hint(error));
        mxc_error_free(error);
    }
    assert_builds(builder, "{}");
    mxc_builder_free(builder);
}

static void refused_values_change_nothing(void **state) {
    mxc_policy_builder *builder = fresh();
    struct mxc_path_rule root = {MXC_ACCESS_WRITE, (char *)"/", NULL}, odd = {7, (char *)"/a", NULL};
    (void)state;
    assert_int_equal(mxc_builder_path(builder, &root, "/", NULL), MXC_E_PATH);
    assert_int_equal(mxc_builder_path(builder, &odd, "/", NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_builder_limit(builder, MXC_LIMIT_MEMORY, 0, NULL), MXC_E_POLICY_INVALID);
    assert_int_equal(mxc_builder_limit(builder, MXC_LIMIT_MEMORY, UINT64_MAX, NULL), MXC_E_POLICY_INVALID);
    assert_int_equal(mxc_builder_limit(builder, MXC_LIMIT_WALL_TIME, UINT64_MAX, NULL), MXC_E_POLICY_INVALID);
    assert_int_equal(mxc_builder_limit(builder, MXC_LIMIT_NONE, 1, NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_builder_limit(builder, 99, 1, NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_builder_env(builder, "novalue", NULL), MXC_E_POLICY_INVALID);
    assert_int_equal(mxc_builder_set(builder, "/containment", "jail", "/", NULL), MXC_E_POLICY_INVALID);
    assert_int_equal(mxc_builder_set(builder, "/containment", "wslc", "/", NULL), MXC_E_UNSUPPORTED);
    assert_int_equal(mxc_builder_set(builder, "/process/timeout", "1", "/", NULL), MXC_E_INVALID_ARGUMENT);
    assert_int_equal(mxc_builder_set(builder, "/process/cwd", "..", "/", NULL), MXC_E_PATH);
    assert_int_equal(mxc_builder_set(builder, "/filesystem/protectedNames", "/x", "/", NULL), MXC_E_POLICY_INVALID);
    assert_builds(builder, "{}");
    mxc_builder_free(builder);
}

static void contradictions_show_at_build(void **state) {
    mxc_policy_builder *builder = fresh();
    mxc_policy *policy = NULL;
    (void)state;
    set(builder, "/assurance", "session");
    assert_int_equal(mxc_builder_build(&policy, builder, NULL), MXC_E_POLICY_CONFLICT);
    set(builder, "/containment", "auto");
    assert_int_equal(mxc_builder_build(&policy, builder, NULL), MXC_OK);
    mxc_policy_unref(policy);
    mxc_builder_free(builder);
}

static void protected_names_join_the_default(void **state) {
    mxc_policy_builder *builder = fresh();
    mxc_policy *policy = NULL;
    size_t defaults = 0;
    (void)state;
    while (mxc_default_protected_names()[defaults])
        defaults++;
    set(builder, "/filesystem/protectedNames", "secrets");
    assert_int_equal(mxc_builder_build(&policy, builder, NULL), MXC_OK);
    assert_int_equal(policy->filesystem.protected_names.count, defaults + 1);
    mxc_policy_unref(policy);
    set(builder, "/filesystem/protectedNames", "secrets");
    assert_int_equal(mxc_builder_build(&policy, builder, NULL), MXC_OK);
    assert_int_equal(policy->filesystem.protected_names.count, defaults + 1);
    mxc_policy_unref(policy);
    mxc_builder_free(builder);
}

static void base_is_copied(void **state) {
    static const char json[] = "{\"filesystem\":{\"readonlyPaths\":[\"/r\"]},\"process\":{\"env\":[\"A=1\"]}}";
    mxc_policy *base = NULL;
    mxc_policy_builder *builder = NULL;
    (void)state;
    assert_int_equal(mxc_contract_parse(&base, json, strlen(json), "/base", NULL), MXC_OK);
    assert_int_equal(mxc_builder_new(&builder, base, NULL), MXC_OK);
    mxc_policy_unref(base);
    assert_int_equal(mxc_builder_env(builder, "B=2", NULL), MXC_OK);
    assert_builds(builder, "{\"filesystem\":{\"readonlyPaths\":[\"/r\"]},\"process\":{\"env\":[\"A=1\",\"B=2\"]}}");
    mxc_builder_free(builder);
    mxc_builder_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_json),
        cmocka_unit_test(targets),
        cmocka_unit_test(bad_targets),
        cmocka_unit_test(refused_values_change_nothing),
        cmocka_unit_test(contradictions_show_at_build),
        cmocka_unit_test(protected_names_join_the_default),
        cmocka_unit_test(base_is_copied),
    };
    return cmocka_run_group_tests_name("policy_builder", tests, NULL, NULL);
}
