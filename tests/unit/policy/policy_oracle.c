/* policy_oracle.c: the policy library at the end of a pipe, for tests/support/policy_reference.py. One request a
 * line, words between tabs; one answer a line:
 *   parse NAME JSON    "ok", or "error STATUS POINTER"
 *   meet NAME A B      the same; NAME becomes what A and B both allow
 *   json NAME          canonical JSON on one line
 *   levels NAME PATH.. one digit a path: 0 nothing, 1 curated view, 2 read, 3 write */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "contract/contract.h"
#include "policy/intersect.h"
#include "policy/model.h"
#include "policy/paths.h"

enum { NAMES = 26, WORDS = 512 };

static mxc_policy *named[NAMES];

static mxc_policy **slot(const char *name) { return &named[(unsigned char)(name[0] - 'a') % NAMES]; }

static void answer(mxc_status status, mxc_error *error) {
    if (status == MXC_OK)
        puts("ok");
    else
        printf("error %s %s\n", mxc_status_name(status), mxc_error_origin(error));
    mxc_error_free(error);
}

static void keep(const char *name, mxc_status status, mxc_policy *made, mxc_error *error) {
    if (status == MXC_OK) {
        mxc_policy_unref(*slot(name));
        *slot(name) = made;
    }
    answer(status, error);
}

static void print(const mxc_policy *policy) {
    char *text = NULL;
    if (mxc_contract_print(&text, policy, NULL) != MXC_OK)
        abort();
    for (char *c = text; *c; c++)
        if (*c == '\n')
            *c = ' ';
    puts(text);
    mxc_free(text);
}

static void serve(char *const *word) {
    mxc_policy *made = NULL;
    mxc_error *error = NULL;
    if (strcmp(word[0], "parse") == 0) {
        mxc_status status = mxc_contract_parse(&made, word[2], strlen(word[2]), "/base", &error);
        keep(word[1], status, made, error);
    } else if (strcmp(word[0], "meet") == 0) {
        mxc_status status = mxc_policy_meet(&made, *slot(word[2]), *slot(word[3]), &error);
        keep(word[1], status, made, error);
    } else if (strcmp(word[0], "json") == 0) {
        print(*slot(word[1]));
    } else {
        for (int i = 2; i < WORDS && word[i]; i++)
            putchar('0' + (int)mxc_policy_reach(*slot(word[1]), word[i]));
        putchar('\n');
    }
    fflush(stdout);
}

int main(void) {
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        char *word[WORDS + 1] = {NULL}, *rest = line;
        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < WORDS && rest; i++)
            word[i] = strsep(&rest, "\t");
        serve(word);
    }
    for (int i = 0; i < NAMES; i++)
        mxc_policy_unref(named[i]);
    free(line);
    return 0;
}
