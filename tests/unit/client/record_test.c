/* record_test.c: exit records as bytes, and what results say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "report/result.h"

static struct mxc_record good(void) {
    return (struct mxc_record){
        .magic = MXC_RECORD_MAGIC, .size = sizeof(struct mxc_record), .outcome = MXC_OUTCOME_ENDED};
}

static int decode(const struct mxc_record *record, size_t length) {
    struct mxc_record out;
    struct mxc_record_entries entries;
    return mxc_record_decode(&out, &entries, record, length);
}

static void test_wanted(void **state) {
    (void)state;
    struct mxc_record record = good();
    assert_int_equal(mxc_record_wanted(&record, 0), sizeof record);
    assert_int_equal(mxc_record_wanted(&record, sizeof record - 1), sizeof record);
    assert_int_equal(mxc_record_wanted(&record, sizeof record), sizeof record);
    record.denial_count = 2;
    assert_int_equal(mxc_record_wanted(&record, sizeof record), -1);
    record.size += 2 * sizeof(struct mxc_denial_entry);
    assert_int_equal(mxc_record_wanted(&record, sizeof record), sizeof record + 48);
    record.magic++;
    assert_int_equal(mxc_record_wanted(&record, sizeof record), -1);
}

static void test_fields(void **state) {
    (void)state;
    struct mxc_record record = good();
    assert_int_equal(decode(&record, sizeof record), 0);
    assert_int_equal(decode(&record, sizeof record - 1), -1);
    record.exit_code = 256;
    assert_int_equal(decode(&record, sizeof record), -1);
    record.exit_code = -1;
    assert_int_equal(decode(&record, sizeof record), -1);
    record.signal = 9;
    assert_int_equal(decode(&record, sizeof record), 0);
    record.signal = 65;
    assert_int_equal(decode(&record, sizeof record), -1);
    record = good();
    record.err = (struct mxc_record_stream){.total = 10, .head = 6, .tail = 5};
    assert_int_equal(decode(&record, sizeof record), -1);
    record.err.tail = 4;
    assert_int_equal(decode(&record, sizeof record), 0);
    record.outcome = 3;
    assert_int_equal(decode(&record, sizeof record), -1);
}

/* Any one byte of a record changed gives a record or a refusal, never a fault: run under the sanitizers. */
static void test_every_byte(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(struct mxc_record); i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct mxc_record record = good(), out;
            struct mxc_record_entries entries;
            ((unsigned char *)&record)[i] ^= (unsigned char)(1u << bit);
            if (mxc_record_decode(&out, &entries, &record, sizeof record) == 0)
                assert_true(out.denial_count == 0 && out.exit_code >= -1 && out.exit_code < 256);
        }
}

static void test_limits(void **state) {
    (void)state;
    struct mxc_record record = good();
    record.limits_hit = 1u << MXC_LIMIT_PROCESSES | 1u << MXC_LIMIT_CPU_TIME;
    struct mxc_result *result = mxc_result_new(&record, NULL, NULL);
    assert_int_equal(mxc_result_first_hit(result), MXC_LIMIT_CPU_TIME);
    assert_int_equal(mxc_result_has_hit(result, MXC_LIMIT_PROCESSES), 1);
    assert_int_equal(mxc_result_has_hit(result, MXC_LIMIT_MEMORY), 0);
    assert_int_equal(mxc_result_has_hit(result, MXC_LIMIT_NONE), 0);
    assert_int_equal(mxc_result_has_hit(result, 31), 0);
    assert_int_equal(mxc_result_has_hit(result, -1), 0);
    mxc_result_unref(result);
    record.limits_hit = MXC_RECORD_TIMED_OUT;
    result = mxc_result_new(&record, NULL, NULL);
    assert_int_equal(mxc_result_first_hit(result), MXC_LIMIT_WALL_TIME);
    mxc_result_unref(result);
}

static char *json_of(struct mxc_result *result) {
    struct mxc_buf text = {0};
    mxc_result_json(&text, result);
    return mxc_buf_take(&text);
}

static void test_json(void **state) {
    (void)state;
    struct mxc_record record = good();
    record.exit_code = 3;
    record.wall_ns = 1234567;
    record.cpu_ns = 999;
    record.peak_memory = 4096;
    record.time_ns[MXC_TIME_START] = 1000;
    record.time_ns[MXC_TIME_BINDS] = 2999;
    record.time_ns[MXC_TIME_VERIFY] = 1000000;
    record.denial_count = 1;
    record.connection_count = 1;
    struct mxc_record_entries entries = {.denials = {{.number = 1, .times = 2, .first_ns = 5000000}},
                                         .connections = {{.rule = UINT32_MAX,
                                                          .times = 2,
                                                          .port = 443,
                                                          .protocol = 1,
                                                          .outcome = MXC_CONNECTION_DENIED,
                                                          .family = 4,
                                                          .address = {192, 0, 2, 1},
                                                          .bytes_in = 1,
                                                          .bytes_out = 3,
                                                          .started_ns = 4000,
                                                          .name = "a.example"}}};
    struct mxc_result *result = mxc_result_new(&record, &entries, "[{\"item\": \"/x\"}]");
    result->denials[0].what = mxc_strdup("unshare");
    result->out = (struct mxc_captured){.data = mxc_strdup("a\"b\n"), .length = 4, .head = 4, .total = 4};
    result->err =
        (struct mxc_captured){.data = mxc_strdup("\xff!"), .length = 2, .head = 1, .total = 9, .truncated = 1};
    mxc_findings_add(&result->findings, MXC_FINDING_HOOK, "/w/h");
    mxc_findings_add(&result->findings, MXC_FINDING_HOOK, "/w/h"); /* once is enough */
    char *text = json_of(result);
    assert_string_equal(
        text,
        "{\"exitCode\": 3, \"signal\": null, \"timedOut\": false, \"limitHit\": \"output\", \"limitsHit\": "
        "[\"output\"], \"stdout\": \"a\\\"b\\n\", \"stdoutEncoding\": \"utf-8\", \"stdoutBytes\": 4, "
        "\"stdoutLength\": 4, \"stdoutTruncated\": false, \"stderr\": \"/yE=\", \"stderrEncoding\": \"base64\", "
        "\"stderrBytes\": 2, \"stderrLength\": 9, \"stderrTruncated\": true, \"wallTimeMs\": 1.234, "
        "\"cpuTimeMs\": 0.000, \"peakMemoryBytes\": 4096, \"timingsMs\": "
        "{\"host\": {\"start\": 0.001}, \"init\": {\"binds\": 0.002, \"verify\": 1.000}}, \"denials\": [{\"kind\": \"syscall\", \"what\": "
        "\"unshare\", \"mechanism\": \"seccomp\", \"count\": 2, \"firstMs\": 5.000}], \"connections\": "
        "[{\"name\": \"a.example\", \"address\": \"192.0.2.1\", \"protocol\": \"tcp\", \"port\": 443, \"direction\": \"out\", \"outcome\": \"denied\", \"rule\": "
        "\"\", \"count\": 2, \"bytesIn\": 1, \"bytesOut\": 3, \"startedMs\": 0.004, \"durationMs\": 0.000, "
        "\"grant\": {\"to\": [{\"host\": \"a.example\"}], \"ports\": [{\"protocol\": \"tcp\", \"port\": "
        "443}]}}], \"connectionsDropped\": 0, \"findings\": [{\"kind\": "
        "\"new_hook\", \"path\": \"/w/h\"}], \"receipt\": [{\"item\": \"/x\"}]}");
    mxc_free(text);
    mxc_result_unref(result);
}

static void test_json_signal(void **state) {
    (void)state;
    struct mxc_record record = good();
    record.exit_code = -1;
    record.signal = 9;
    struct mxc_result *result = mxc_result_new(&record, NULL, NULL);
    char *text = json_of(result);
    const char *begin = "{\"exitCode\": null, \"signal\": 9, \"signalName\": \"SIGKILL\", \"timedOut\": false, ";
    assert_memory_equal(text, begin, strlen(begin));
    mxc_free(text);
    mxc_result_unref(result);
    assert_null(mxc_signal_name(40));
    assert_null(mxc_signal_name(-1));
}

static void test_limit_names(void **state) {
    (void)state;
    assert_string_equal(mxc_limit_text(MXC_LIMIT_CPU_TIME), "cpu_time");
    assert_string_equal(mxc_limit_text(MXC_LIMIT_DISK), "disk");
    assert_string_equal(mxc_limit_text(12), "unknown");
    assert_string_equal(mxc_limit_text(-1), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wanted),      cmocka_unit_test(test_fields), cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_limits),      cmocka_unit_test(test_json),   cmocka_unit_test(test_json_signal),
        cmocka_unit_test(test_limit_names),
    };
    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
