/* decisions_test.c: the compiled programs as a table for people, one call a line, with the conditions on arguments as
 * the instructions have them: decisions-default.txt and decisions-strict.txt of this folder. Every instruction is on a
 * way that the table shows, and every line is tried with arguments that it speaks of. MXC_GOLDEN_UPDATE=1 in the
 * environment writes the files anew. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "filter/filter.h"
#include "filter/tables.h"
#include "support/bpf_eval.h"
#include "unit/filter/decisions.h"
#include "unit/filter/names.h"
#include "unit/filter/reference.h"

enum { LAST = 600, X32 = 0x40000000, COLUMN = 80 };

static struct decisions found; /* too large for a stack */

struct table {
    struct mxc_buf text;
    struct mxc_filter filter;
    uint8_t hits[BPF_MAXINSNS];
    int unknown_from; /* first of a row of calls without a name; -1: none */
};

static const char *answer_text(uint32_t answer) {
    switch (answer) {
    case ANSWER_ALLOW:
        return "allow";
    case ANSWER_NOSYS:
        return "ENOSYS";
    case ANSWER_EPERM:
        return "EPERM, not recorded";
    case (uint32_t)ANSWER_NOTIFY:
        return "notify: EPERM, recorded";
    case ANSWER_KILL:
        return "kill";
    default:
        return "ANOTHER ANSWER";
    }
}

static void put_condition(struct mxc_buf *out, const char *call, const struct condition *c, const char *before) {
    static const char *const compare[] = {"=", "has a bit of", ">", ">="};
    mxc_buf_format(out, "%sarg%d%s", before, c->word / 2, c->word % 2 ? " (upper half)" : "");
    if (c->mask != 0xffffffff)
        mxc_buf_format(out, " & %#x", c->mask);
    mxc_buf_format(out, " %s ", compare[c->test]);
    put_value(out, call, c->word / 2, c->value);
}

/* One way: the conditions that hold; those that do not are the lines above it. */
static void put_way(struct table *table, const char *call, const struct way *way) {
    MXC_AUTO_BUF struct mxc_buf line = {0};
    const char *before = "";
    for (size_t i = 0; i < way->count; i++) {
        if (!way->conditions[i].holds)
            continue;
        put_condition(&line, call, &way->conditions[i], before);
        before = ", ";
    }
    if (!line.length)
        mxc_buf_text(&line, "otherwise");
    mxc_buf_format(&table->text, "       %-*s %s\n", COLUMN, line.data, answer_text(way->answer));
}

/* The program, run, says what the table says, whatever stands in the upper halves. */
static void try_way(const struct table *table, int number, const struct way *way) {
    struct seccomp_data data = {.nr = number, .arch = NATIVE_ARCH};
    uint64_t args[6];
    if (decisions_example(args, way) != 0)
        fail_msg("call %d: a line of the table that no arguments take", number);
    for (uint64_t garbage = 0; garbage < 2; garbage++) {
        for (int i = 0; i < 6; i++)
            data.args[i] = args[i] | (garbage ? 0xdeadbeef00000000u : 0);
        assert_int_equal(bpf_eval(table->filter.program, table->filter.count, &data, NULL), way->answer);
    }
}

static void ask(struct table *table, int number, uint32_t arch) {
    assert_int_equal(decisions_of(&found, table->filter.program, table->filter.count, number, arch, table->hits), 0);
    assert_true(found.count >= 1);
}

static void end_unknown(struct table *table, int number) {
    char words[64];
    snprintf(words, sizeof words, "%d to %d: no call of this machine", table->unknown_from, number - 1);
    if (table->unknown_from >= 0)
        mxc_buf_format(&table->text, " %-*s %s\n", COLUMN + 6, words, answer_text(ANSWER_NOSYS));
    table->unknown_from = -1;
}

static void put_call(struct table *table, int number) {
    char name[64];
    ask(table, number, NATIVE_ARCH);
    for (size_t i = 0; i < found.count; i++)
        try_way(table, number, &found.ways[i]);
    if (mxc_call_name(number, name, sizeof name) != 0) {
        assert_int_equal(found.count, 1);
        assert_int_equal(found.ways[0].answer, ANSWER_NOSYS);
        table->unknown_from = table->unknown_from < 0 ? number : table->unknown_from;
        return;
    }
    end_unknown(table, number);
    if (found.count == 1) {
        mxc_buf_format(&table->text, "%4d %-*s %s\n", number, COLUMN + 2, name, answer_text(found.ways[0].answer));
        return;
    }
    mxc_buf_format(&table->text, "%4d %s\n", number, name);
    for (size_t i = 0; i < found.count; i++)
        put_way(table, name, &found.ways[i]);
}

/* One answer for all calls from `first` on, `count` of them; negative numbers are large ones. */
static void put_range(struct table *table, const char *words, uint32_t arch, uint32_t first, uint32_t count) {
    uint32_t answer = 0;
    for (uint32_t i = 0; i < count; i++) {
        ask(table, (int)(first + i), arch);
        assert_int_equal(found.count, 1);
        answer = i ? answer : found.ways[0].answer;
        assert_int_equal(found.ways[0].answer, answer);
    }
    mxc_buf_format(&table->text, "%-*s %s\n", COLUMN + 7, words, answer_text(answer));
}

static void put_others(struct table *table) {
    static const struct {
        const char *name;
        uint32_t arch;
    } machines[] = {{"x86_64", AUDIT_ARCH_X86_64},   {"i386 (int 0x80)", AUDIT_ARCH_I386}, {"arm", AUDIT_ARCH_ARM},
                    {"aarch64", AUDIT_ARCH_AARCH64}, {"riscv64", AUDIT_ARCH_RISCV64},      {"no machine at all", 0}};
    mxc_buf_text(&table->text, "\nOther numbers and machines:\n");
    put_range(table, "     601 to 1023", NATIVE_ARCH, LAST + 1, 1023 - LAST);
    put_range(table, "     0x3ffffe00 to 0x3fffffff: the largest native ones", NATIVE_ARCH, X32 - 512, 512);
    put_range(table, "     0x40000000 to 0x40000258: calls of x32", NATIVE_ARCH, X32, LAST + 1);
    put_range(table, "     0x7fffff00 to 0x7fffffff: large numbers", NATIVE_ARCH, 0x7fffff00, 0x100);
    put_range(table, "     -4096 to -2: negative numbers", NATIVE_ARCH, (uint32_t)-4096, 4095);
    put_range(table, "     -1: a call that a tracer took away", NATIVE_ARCH, (uint32_t)-1, 1);
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
        char words[96];
        if (machines[i].arch == NATIVE_ARCH)
            continue;
        snprintf(words, sizeof words, "     every number as a call of %s", machines[i].name);
        put_range(table, words, machines[i].arch, (uint32_t)-600, 1201);
    }
}

/* Every instruction that can be reached at all was reached; libseccomp ends its part with one return more. */
static void check_coverage(const struct table *table) {
    size_t missed = 0;
    for (size_t i = 0; i < table->filter.count; i++) {
        if (table->hits[i])
            continue;
        const struct sock_filter *f = &table->filter.program[i];
        if (++missed > 1 || f->code != (BPF_RET | BPF_K) || f->k != ANSWER_KILL)
            fail_msg("instruction %zu of %zu is on no way", i, table->filter.count);
    }
}

static void compare(const char *file, const char *wanted) {
    char path[1024], line[512];
    snprintf(path, sizeof path, "%s/tests/unit/filter/%s", getenv("MXC_SOURCE") ? getenv("MXC_SOURCE") : ".", file);
    FILE *golden = fopen(path, getenv("MXC_GOLDEN_UPDATE") ? "w+" : "r");
    if (!golden)
        fail_msg("%s cannot be opened", path);
    if (getenv("MXC_GOLDEN_UPDATE")) {
        fputs(wanted, golden);
        rewind(golden);
    }
    for (int number = 1; fgets(line, sizeof line, golden); number++) {
        size_t length = strlen(line);
        if (strncmp(wanted, line, length) != 0)
            fail_msg("%s:%d differs: the program says \"%.*s\"", path, number, (int)strcspn(wanted, "\n"), wanted);
        wanted += length;
    }
    fclose(golden);
    assert_string_equal(wanted, "");
}

static void one_profile(int profile, const char *file) {
    static struct table table;
    struct mxc_policy policy = {.syscalls = {.profile = profile}};
    memset(&table, 0, sizeof table);
    table.unknown_from = -1;
    assert_int_equal(mxc_filter_for(&table.filter, &policy, 0, NULL), MXC_OK);
    mxc_buf_format(&table.text,
                   "What the compiled filter of the profile \"%s\" answers on x86_64, read off its %zu instructions.\n"
                   "Of the lines below a call the first one whose conditions hold counts. Arguments are 32 bits wide:\n"
                   "no instruction looks at an upper half. Made by decisions_test.c; the intent, with reasons, is in\n"
                   "tests/plan/filter-%s.txt.\n\n",
                   profile ? "strict" : "default", table.filter.count, profile ? "strict" : "default");
    for (int number = 0; number <= LAST; number++)
        put_call(&table, number);
    end_unknown(&table, LAST + 1);
    put_others(&table);
    check_coverage(&table);
    assert_int_equal(table.text.failed, 0);
    assert_null(strstr(table.text.data, "ANOTHER ANSWER"));
    assert_null(strstr(table.text.data, "(upper half)"));
    compare(file, table.text.data);
    mxc_buf_free(&table.text);
    mxc_filter_clear(&table.filter);
}

static void test_default(void **state) {
    (void)state;
    one_profile(MXC_SYSCALLS_DEFAULT, "decisions-default.txt");
}

static void test_strict(void **state) {
    (void)state;
    one_profile(MXC_SYSCALLS_STRICT, "decisions-strict.txt");
}

int main(void) {
#if defined __x86_64__
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_default), cmocka_unit_test(test_strict)};
    return cmocka_run_group_tests_name("filter_decisions", tests, NULL, NULL);
#else
    puts("the table is of x86_64");
    return 77;
#endif
}
