/* receipt_test.c: lines of a receipt and their JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "base/alloc.h"
#include "report/receipt.h"

static void fill(struct mxc_receipt *receipt) {
    mxc_receipt_add(receipt, &(const struct mxc_receipt_args){.item = "/a",
                                                              .rule = "read \"x\"",
                                                              .mechanism = "mount, network namespace",
                                                              .level = MXC_LEVEL_KERNEL});
    mxc_receipt_add(receipt, &(const struct mxc_receipt_args){
                                 .item = "/b", .mechanism = "keeper", .level = MXC_LEVEL_SUPERVISOR, .note = "n\n"});
    mxc_receipt_add(receipt, &(const struct mxc_receipt_args){.item = "/c", .rule = "r"});
}

static void lines_become_json(void **state) {
    struct mxc_receipt receipt = {0};
    MXC_AUTO_BUF struct mxc_buf json = {0};
    (void)state;
    fill(&receipt);
    mxc_receipt_json(&json, &receipt);
    assert_string_equal(
        json.data,
        "[{\"item\": \"/a\", \"rule\": \"read \\\"x\\\"\", \"mechanism\": [\"mount\", \"network namespace\"], "
        "\"level\": \"kernel\"}, "
        "{\"item\": \"/b\", \"rule\": \"\", \"mechanism\": [\"keeper\"], \"level\": \"supervisor\", \"note\": \"n\\n\"}, "
        "{\"item\": \"/c\", \"rule\": \"r\", \"mechanism\": [], \"level\": \"none\"}]");
    mxc_receipt_clear(&receipt);
    assert_int_equal(receipt.count, 0);
}

static void an_empty_receipt_is_a_list(void **state) {
    struct mxc_receipt receipt = {0};
    MXC_AUTO_BUF struct mxc_buf json = {0};
    (void)state;
    mxc_receipt_json(&json, &receipt);
    assert_string_equal(json.data, "[]");
}

static void lost_memory_is_never_a_shorter_receipt(void **state) {
    (void)state;
    for (unsigned long n = 1;; n++) {
        struct mxc_receipt receipt = {0};
        MXC_AUTO_BUF struct mxc_buf json = {0};
        mxc_alloc_fail_at(n);
        fill(&receipt);
        int reached = mxc_alloc_count() >= n;
        mxc_alloc_fail_at(0);
        mxc_receipt_json(&json, &receipt);
        assert_int_equal(receipt.failed, reached);
        assert_int_equal(json.failed, reached);
        mxc_receipt_clear(&receipt);
        if (!reached)
            break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_json),
        cmocka_unit_test(an_empty_receipt_is_a_list),
        cmocka_unit_test(lost_memory_is_never_a_shorter_receipt),
    };
    return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
