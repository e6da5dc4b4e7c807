/* buf_test.c: texts that grow piece by piece, however long, and what stands for a byte in JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"

static void pieces_of_any_length(void **state) {
    char piece[300];
    (void)state;
    memset(piece, 'x', sizeof piece);
    for (size_t length = 0; length < sizeof piece; length++) {
        MXC_AUTO_BUF struct mxc_buf buf = {0};
        for (size_t i = 1; i <= 20; i++) {
            mxc_buf_bytes(&buf, piece, length);
            assert_false(buf.failed);
            assert_int_equal(buf.length, i * length);
            assert_int_equal(strlen(buf.data), buf.length);
        }
    }
}

static void formats(void **state) {
    MXC_AUTO_BUF struct mxc_buf buf = {0};
    char longer[1000];
    (void)state;
    memset(longer, 'y', sizeof longer);
    longer[sizeof longer - 1] = 0;
    mxc_buf_format(&buf, "plain ");
    mxc_buf_format(&buf, "%s/%s", "a", "");
    mxc_buf_format(&buf, "%s", "%d");
    mxc_buf_format(&buf, " %s %d%% %s", "b", 5, "c");
    mxc_buf_format(&buf, "%5s|%-3s|%.2s|", "x", "y", "zzz");
    assert_string_equal(buf.data, "plain a/%d b 5% c    x|y  |zz|");
    mxc_buf_free(&buf);
    mxc_buf_format(&buf, "<%s>", longer);
    mxc_buf_format(&buf, "<%d%s>", 1, longer);
    assert_int_equal(buf.length, 2 * (sizeof longer - 1) + 5);
}

static void json_of(const char *text, size_t length, const char *expected) {
    MXC_AUTO_BUF struct mxc_buf buf = {0};
    mxc_buf_json_string(&buf, text, length);
    assert_string_equal(buf.data, expected);
}

#define JSON_OF(text, expected) json_of(text, sizeof(text) - 1, expected)

static void json_strings(void **state) {
    (void)state;
    JSON_OF("", "\"\"");
    JSON_OF("plain /text~ with {all}", "\"plain /text~ with {all}\"");
    JSON_OF("a\"b\\c", "\"a\\\"b\\\\c\"");
    JSON_OF("\n\t\r\b\f", "\"\\n\\t\\r\\b\\f\"");
    JSON_OF("x\0y\x01\x1f\x7f", "\"x\\u0000y\\u0001\\u001f\\u007f\"");
    JSON_OF("\xc3\xa4z\xe2\x82\xac", "\"\xc3\xa4z\xe2\x82\xac\"");
    JSON_OF("a\xff\xc3", "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void out_of_memory(void **state) {
    (void)state;
    for (unsigned long n = 1; n < 4; n++) {
        MXC_AUTO_BUF struct mxc_buf buf = {0};
        mxc_alloc_fail_at(n);
        for (int i = 0; i < 100; i++)
            mxc_buf_format(&buf, "%s %d", "some text that makes it grow", i);
        mxc_alloc_fail_at(0);
        assert_true(buf.failed);
        assert_null(mxc_buf_take(&buf));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_any_length),
        cmocka_unit_test(formats),
        cmocka_unit_test(json_strings),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
