/* memory_test.c: the n-th allocation fails, for every n: each function says so, and nothing is left behind (the
 * sanitizer build looks). jansson's own memory is not counted: it ignores some failures while it reads a token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "contract/contract.h"
#include "policy/builder.h"
#include "policy/intersect.h"
#include "policy/model.h"
#include "policy/presets.h"

static const char rich[] =
    "{\"$schema\":\"x\",\"containment\":\"auto\",\"assurance\":\"session\",\"containerId\":\"id\",\"process\":{\"argv\":[\"a\","
    "\"b\"],\"cwd\":\"w\",\"env\":[\"A=1\",\"A=2\",\"B=3\"]},\"filesystem\":{\"readwritePaths\":[\"/w\",\"x\"],\"readonlyPaths\":["
    "\"/r\",\"/w/r\"],\"deniedPaths\":[\"/w/d\"],\"protectedNames\":[\"a\",\"b\"]},\"network\":{\"egress\":{\"allow\":[{\"to\":[{"
    "\"cidr\":\"10.0.0.0/8\",\"except\":[\"10.1.0.0/16\",\"10.2.0.0/16\"]},{\"host\":\"*.a.b\"}],\"ports\":[{\"port\":80},{"
    "\"protocol\":\"udp\",\"port\":1,\"endPort\":9}]},{\"to\":[{\"host\":\"x.a.b\"}]}],\"deny\":[{\"to\":[{\"cidr\":\"10.9.0.0/"
    "16\"}]}]},\"publish\":[{\"port\":80},{\"port\":81,\"hostPort\":82}]},\"lxc\":{\"distribution\":\"d\",\"release\":\"r\"},"
    "\"limits\":{\"cpus\":1.5},\"syscalls\":{\"allow\":[\"bpf\",\"ptrace\"],\"deny\":[\"reboot\"]}}";

static const char *const broken[] = {
    "{\"containmnt\":1}",
    "{\"filesystem\":{\"readonlyPaths\":[\"/a\",\"..\"]}}",
    "{\"process\":{\"env\":[\"A=1\",\"B\"]}}",
    "{\"containment\":\"x\"}",
    "{\"a\":{\"\\u0062\":1,\"b\":2}}",
    "{\"network\":{\"egress\":{\"allow\":[{\"to\":[{\"host\":\"a.b\"},{\"host\":\"1.2\"}]}]}}}",
    "{\"a\":[",
};

static const mxc_policy *made; /* from `rich`, for the steps that begin with a policy */

static mxc_status read_rich(mxc_error **err) {
    mxc_policy *policy = NULL;
    mxc_status status = mxc_contract_parse(&policy, rich, sizeof rich - 1, "/base", err);
    mxc_policy_unref(policy);
    return status;
}

static mxc_status print_rich(mxc_error **err) {
    char *text = NULL;
    mxc_status status = mxc_contract_print(&text, made, err);
    mxc_free(text);
    return status;
}

static mxc_status meet_rich(mxc_error **err) {
    mxc_policy *both = NULL;
    mxc_status status = mxc_policy_meet(&both, made, made, err);
    mxc_policy_unref(both);
    return status;
}

static mxc_status runtime_rich(mxc_error **err) {
    static const char *const paths[] = {"/opt/python", "/w/x", "/srv//lib/", NULL};
    mxc_policy *policy = NULL;
    mxc_status status = mxc_policy_with_runtime(&policy, made, paths, err);
    mxc_policy_unref(policy);
    return status;
}

static mxc_status preset(mxc_error **err) {
    mxc_policy *policy = NULL;
    mxc_status status = mxc_policy_from_preset(&policy, "workspace", "/base", err);
    mxc_policy_unref(policy);
    return status;
}

static mxc_status fill(mxc_policy_builder *builder, mxc_error **err) {
    static const char *const settings[][2] = {{"/containerId", "new"},
                                              {"/process/cwd", "sub"},
                                              {"/syscalls/deny", "mount"},
                                              {"/filesystem/protectedNames", "x"}};
    struct mxc_path_rule rule = {MXC_ACCESS_READ, (char *)"rel", (char *)"/filesystem"};
    mxc_status status = mxc_builder_path(builder, &rule, "/base", err);
    if (!status)
        status = mxc_builder_allow(builder, "*.x.org:443", err);
    if (!status)
        status = mxc_builder_allow(builder, "[2001:db8::]:443", err);
    if (!status)
        status = mxc_builder_env(builder, "A=9", err);
    for (size_t i = 0; !status && i < sizeof settings / sizeof *settings; i++)
        status = mxc_builder_set(builder, settings[i][0], settings[i][1], "/base", err);
    return status;
}

static mxc_status build(const mxc_policy *base, mxc_error **err) {
    mxc_policy_builder *builder = NULL;
    mxc_policy *policy = NULL;
    mxc_status status = mxc_builder_new(&builder, base, err);
    if (!status)
        status = fill(builder, err);
    if (!status)
        status = mxc_builder_build(&policy, builder, err);
    mxc_policy_unref(policy);
    mxc_builder_free(builder);
    return status;
}

static mxc_status build_rich(mxc_error **err) { return build(made, err); }
static mxc_status build_strict(mxc_error **err) { return build(NULL, err); }

static void every_allocation(mxc_status (*step)(mxc_error **), mxc_status expected) {
    unsigned long failures = 0;
    for (unsigned long n = 1; n < 5000; n++) {
        mxc_error *error = NULL;
        mxc_alloc_fail_at(n);
        mxc_status status = step(&error);
        unsigned long count = mxc_alloc_count();
        mxc_alloc_fail_at(0);
        if (count < n) {
            assert_int_equal(status, expected);
            mxc_error_free(error);
            assert_true(failures > 0);
            return;
        }
        if (status != MXC_E_NO_MEMORY)
            fail_msg("allocation %lu failed, the step gave %s", n, mxc_status_name(status));
        assert_int_equal(mxc_error_status(error), MXC_E_NO_MEMORY);
        mxc_error_free(error);
        failures++;
    }
    fail_msg("the step never comes to its end");
}

static void reading(void **state) {
    (void)state;
    every_allocation(read_rich, MXC_OK);
}

static void printing(void **state) {
    (void)state;
    every_allocation(print_rich, MXC_OK);
}

static void combining(void **state) {
    (void)state;
    every_allocation(meet_rich, MXC_OK);
    every_allocation(runtime_rich, MXC_OK);
}

static void building(void **state) {
    (void)state;
    every_allocation(build_rich, MXC_OK);
    every_allocation(build_strict, MXC_OK);
    every_allocation(preset, MXC_OK);
}

static const char *broken_text;

static mxc_status read_broken(mxc_error **err) {
    mxc_policy *policy = NULL;
    return mxc_contract_parse(&policy, broken_text, strlen(broken_text), "/base", err);
}

static void refusing(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        broken_text = broken[i];
        every_allocation(read_broken, read_broken(NULL));
    }
}

static int set_up(void **state) {
    mxc_policy *policy = NULL;
    (void)state;
    if (mxc_contract_parse(&policy, rich, sizeof rich - 1, "/base", NULL) != MXC_OK)
        return -1;
    made = policy;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    mxc_policy_unref((mxc_policy *)made);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),  cmocka_unit_test(printing), cmocka_unit_test(combining),
        cmocka_unit_test(building), cmocka_unit_test(refusing),
    };
    return cmocka_run_group_tests_name("contract_memory", tests, set_up, tear_down);
}
