/* gen.c: runs during the build and prints the BPF programs of the two profiles as C arrays. A program of its
 * own; not part of the library. lint: build-time program */
#include <stdio.h>

#include "base/alloc.h"
#include "base/error.h"
#include "filter/compile.h"

static int print_profile(const char *name, int profile) {
    MXC_AUTO_FREE struct mxc_decision *decisions = mxc_alloc(mxc_call_count() * sizeof *decisions);
    struct mxc_filter filter = {0};
    mxc_error *err = NULL;
    if (!decisions)
        return 1;
    if (mxc_filter_compile(&filter, decisions, mxc_decisions_of(profile, decisions), &err) != MXC_OK) {
        fprintf(stderr, "filter-gen: %s\n", mxc_error_message(err));
        mxc_error_free(err);
        return 1;
    }
    printf("const struct sock_filter mxc_profile_%s[] = {\n", name);
    for (size_t i = 0; i < filter.count; i++) {
        const struct sock_filter *f = &filter.program[i];
        printf("    {0x%02x, %u, %u, 0x%08x},\n", f->code, f->jt, f->jf, f->k);
    }
    printf("};\nconst size_t mxc_profile_%s_count = %zu;\n", name, filter.count);
    mxc_filter_clear(&filter);
    return 0;
}

int main(void) {
    printf("/* The BPF programs of the two profiles; made by core/src/filter/gen.c. */\n"
           "#include \"filter/profiles.h\"\n");
    return print_profile("default", MXC_SYSCALLS_DEFAULT) || print_profile("strict", MXC_SYSCALLS_STRICT);
}
