/* golden.c: policy text and literal host in, plan text and receipt (or error) out, compared with what is checked
 * in. Needs no privilege and looks at nothing of the machine.
 *   test_plan_golden CASES            compare          test_plan_golden CASES --update    rewrite
 *   test_plan_golden CASES --inject   every allocation fails once; nothing may be left behind or half done */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "base/alloc.h"
#include "contract/contract.h"
#include "plan/host_text.h"
#include "policy/model.h"
#include "report/mechanism.h"

#define NAMES_MAX 256

struct output { /* the three texts of a case; empty: no such file */
    struct mxc_buf plan, receipt, error;
};

static char *read_text(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "re");
    if (!in)
        return NULL;
    char *text = calloc(1, (1 << 20) + 1);
    size_t length = fread(text, 1, 1 << 20, in);
    text[length] = 0;
    fclose(in);
    return text;
}

static int write_text(const char *folder, const char *name, const struct mxc_buf *text) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!text->length)
        return unlink(path) && errno != ENOENT;
    FILE *out = fopen(path, "we");
    return !out || fwrite(text->data, 1, text->length, out) != text->length || fclose(out);
}

static void print_error(struct mxc_buf *out, mxc_error *error) {
    mxc_buf_format(out, "%s %s\n%s\nhint: %s\n", mxc_status_name(mxc_error_status(error)), mxc_error_origin(error),
                   mxc_error_message(error), mxc_error_hint(error));
    mxc_error_free(error);
}

/* One line an entry, so that a change shows as one line. */
static void print_receipt(struct mxc_buf *out, const struct mxc_receipt *receipt) {
    MXC_AUTO_BUF struct mxc_buf json = {0};
    mxc_receipt_json(&json, receipt);
    out->failed |= json.failed;
    for (const char *text = json.data; text && *text; text++) {
        mxc_buf_bytes(out, text, 1);
        if (text[0] == ',' && text[1] == ' ' && text[2] == '{')
            mxc_buf_text(out, "\n");
    }
    mxc_buf_text(out, "\n");
}

static int is_mechanism(const char *name, size_t length) {
    for (mxc_mechanism known = 1; strcmp(mxc_mechanism_text(known), "unknown") != 0; known++)
        if (strlen(mxc_mechanism_text(known)) == length && strncmp(mxc_mechanism_text(known), name, length) == 0)
            return 1;
    return 0;
}

/* A receipt says nothing that is not in the public list of mechanisms. */
static int all_mechanisms_are_listed(const struct mxc_receipt *receipt) {
    int listed = 1;
    for (size_t i = 0; i < receipt->count; i++)
        for (const char *name = receipt->lines[i].mechanism; *name;) {
            size_t length = strcspn(name, ",");
            if (!is_mechanism(name, length))
                listed = printf("%s: \"%.*s\" is not in the MXC_MECHANISM_ list of mxc.h; add it there\n",
                                receipt->lines[i].item, (int)length, name) < 0;
            name += length;
            name += strspn(name, ", ");
        }
    return listed;
}

static mxc_status print_plan(struct mxc_buf *out, const struct mxc_plan *plan) {
    struct mxc_plan_view view;
    size_t length;
    MXC_AUTO_FREE void *bytes = mxc_plan_encode(plan, &length);
    if (!bytes)
        return MXC_E_NO_MEMORY;
    if (mxc_plan_view(&view, bytes, length) || mxc_plan_complete(&view))
        return MXC_E_INTERNAL;
    mxc_plan_print(out, &view, 0);
    return out->failed ? MXC_E_NO_MEMORY : MXC_OK;
}

/* Everything that a start does before a process exists. */
static mxc_status run(struct output *out, const mxc_policy *policy, struct test_host *host, mxc_error **err) {
    static const struct sock_filter filter[3] = {{.code = 6}, {.code = 6}, {.code = 6}};
    struct mxc_lowering from = {.policy = policy,
                                .host = &host->host,
                                .filter = filter,
                                .filter_count = 3,
                                .filter_told = MXC_TOLD_ALL,
                                .scratch = "mxc-scratch-0"};
    const struct mxc_backend *backend;
    struct mxc_receipt receipt = {0};
    struct mxc_plan plan = {0};
    mxc_status status = mxc_backend_choose(&backend, policy, &host->host, err);
    if (!status)
        status = test_host_look(host, backend, policy, err);
    if (!status)
        status = backend->check(&receipt, &from, err);
    if (!status && !all_mechanisms_are_listed(&receipt))
        status = MXC_E_INTERNAL;
    if (!status)
        print_receipt(&out->receipt, &receipt);
    if (out->receipt.failed)
        status = MXC_E_NO_MEMORY;
    if (!status)
        status = backend->lower(&plan, &from, err);
    if (!status)
        status = print_plan(&out->plan, &plan);
    mxc_plan_clear(&plan);
    mxc_receipt_clear(&receipt);
    test_host_forget(host);
    return status;
}

static void clear(struct output *out) {
    mxc_buf_free(&out->plan);
    mxc_buf_free(&out->receipt);
    mxc_buf_free(&out->error);
    memset(out, 0, sizeof *out);
}

static mxc_policy *load_policy(const char *folder, struct mxc_buf *error) {
    mxc_policy *policy = NULL;
    mxc_error *err = NULL;
    char *json = read_text(folder, "policy.json");
    if (!json || mxc_contract_parse(&policy, json, strlen(json), "/w", &err))
        print_error(error, err);
    free(json);
    return policy;
}

static int differs(const char *folder, const char *name, const struct mxc_buf *got) {
    char *expected = read_text(folder, name);
    const char *a = expected ? expected : "", *b = got->data ? got->data : "";
    int line = 1;
    int same = strcmp(a, b) == 0;
    for (; !same && *a && *a == *b; a++, b++)
        line += *a == '\n';
    if (!same) {
        while (a > expected && a[-1] != '\n')
            a--, b--;
        printf("%s/%s line %d\n  expected: %.*s\n  got:      %.*s\n", folder, name, line, (int)strcspn(a, "\n"), a,
               (int)strcspn(b, "\n"), b);
    }
    free(expected);
    return !same;
}

static int compare(const char *folder, const struct output *out, int update) {
    if (update)
        return write_text(folder, "expected.plan", &out->plan) ||
               write_text(folder, "expected.receipt", &out->receipt) ||
               write_text(folder, "expected.error", &out->error);
    return differs(folder, "expected.plan", &out->plan) | differs(folder, "expected.receipt", &out->receipt) |
           differs(folder, "expected.error", &out->error);
}

static int golden_case(const char *folder, const char *hosts, int update) {
    char host_file[4096];
    struct output out = {0};
    struct test_host host;
    mxc_error *err = NULL;
    snprintf(host_file, sizeof host_file, "%s/host.txt", folder);
    test_host_load(&host, host_file, hosts);
    mxc_policy *policy = load_policy(folder, &out.error);
    mxc_status status = policy ? run(&out, policy, &host, &err) : MXC_OK;
    if (err)
        print_error(&out.error, err);
    else if (status)
        mxc_buf_format(&out.error, "%s without a word\n", mxc_status_name(status));
    if (status) {
        mxc_buf_free(&out.plan);
        mxc_buf_free(&out.receipt);
        memset(&out.plan, 0, 2 * sizeof out.plan);
    }
    int failed = compare(folder, &out, update);
    clear(&out);
    mxc_policy_unref(policy);
    test_host_clear(&host);
    return failed;
}

static int same(const struct mxc_buf *a, const struct mxc_buf *b) {
    return !a->failed && a->length == b->length && (!a->length || memcmp(a->data, b->data, a->length) == 0);
}

/* The n-th allocation fails, for every n: the same outcome as without failure, or out of memory. */
static int inject_case(const char *folder, const char *hosts) {
    char host_file[4096];
    struct output out = {0};
    struct test_host host;
    int failed = 0;
    snprintf(host_file, sizeof host_file, "%s/host.txt", folder);
    test_host_load(&host, host_file, hosts);
    mxc_policy *policy = load_policy(folder, &out.error);
    clear(&out);
    struct output whole = {0};
    mxc_error *err = NULL;
    mxc_status normal = policy ? run(&whole, policy, &host, &err) : MXC_OK;
    mxc_error_free(err);
    for (unsigned long n = 1; policy; n++) {
        err = NULL;
        mxc_alloc_fail_at(n);
        mxc_status status = run(&out, policy, &host, &err);
        int reached = mxc_alloc_count() >= n;
        mxc_alloc_fail_at(0);
        if (status != normal && status != MXC_E_NO_MEMORY)
            failed = printf("%s: allocation %lu: %s\n", folder, n, mxc_status_name(status));
        if (status == MXC_OK && (!same(&out.plan, &whole.plan) || !same(&out.receipt, &whole.receipt)))
            failed = printf("%s: allocation %lu: done, but not the same\n", folder, n);
        mxc_error_free(err);
        clear(&out);
        if (!reached)
            break;
    }
    clear(&whole);
    mxc_policy_unref(policy);
    test_host_clear(&host);
    return failed != 0;
}

static int compare_names(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static size_t list(char **names, const char *folder) {
    size_t count = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && count < NAMES_MAX)
            names[count++] = strdup(entry->d_name);
    if (dir)
        closedir(dir);
    qsort(names, count, sizeof *names, compare_names);
    return count;
}

int main(int argc, char **argv) {
    char *names[NAMES_MAX], folder[2048], hosts[2048];
    int update = argc > 2 && strcmp(argv[2], "--update") == 0;
    int inject = argc > 2 && strcmp(argv[2], "--inject") == 0;
    int failed = 0;
    if (argc < 2 || (argc > 2 && !update && !inject)) {
        fprintf(stderr, "usage: %s CASES [--update|--inject]\n", argv[0]);
        return 2;
    }
    snprintf(hosts, sizeof hosts, "%s/../hosts", argv[1]);
    size_t count = list(names, argv[1]);
    for (size_t i = 0; i < count; i++) {
        snprintf(folder, sizeof folder, "%s/%s", argv[1], names[i]);
        failed += inject ? inject_case(folder, hosts) : golden_case(folder, hosts, update);
        free(names[i]);
    }
    printf("%zu cases, %d failed\n", count, failed);
    return failed || count < 20;
}
