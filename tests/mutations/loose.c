/* loose.c: what turns the mxc command into one whose walls can be tested one by one. MXC_TEST_ALLOW_ALL=1: the filter
 * allows every call, so that the locks behind it show. MXC_TEST_SWAP=A:B: A and B change places after the library has
 * looked at the policy's paths, and before the keeper uses them. MXC_TEST_FORK=1: a child that lives for some seconds
 * has copies of all descriptors, as in a program that forks. A test program; never installed. */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/client.h"
#include "filter/filter.h"

mxc_status __real_mxc_filter_for(struct mxc_filter *out, const struct mxc_policy *policy, unsigned int narrow,
                                 mxc_error **err);
mxc_status __wrap_mxc_filter_for(struct mxc_filter *out, const struct mxc_policy *policy, unsigned int narrow,
                                 mxc_error **err);
mxc_status __real_mxc_keeper_start(struct mxc_keeper **out, const struct mxc_keeper_args *args, mxc_error **err);
mxc_status __wrap_mxc_keeper_start(struct mxc_keeper **out, const struct mxc_keeper_args *args, mxc_error **err);

mxc_status __wrap_mxc_filter_for(struct mxc_filter *out, const struct mxc_policy *policy, unsigned int narrow,
                                 mxc_error **err) {
    static const struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    if (!getenv("MXC_TEST_ALLOW_ALL"))
        return __real_mxc_filter_for(out, policy, narrow, err);
    *out = (struct mxc_filter){.program = all, .count = 1};
    return MXC_OK;
}

static void swap(const char *pair) {
    char first[4096];
    const char *second = strchr(pair, ':');
    if (!second || (size_t)(second - pair) >= sizeof first)
        exit(64);
    memcpy(first, pair, (size_t)(second - pair));
    first[second - pair] = 0;
    if (renameat2(AT_FDCWD, first, AT_FDCWD, second + 1, RENAME_EXCHANGE) != 0) {
        perror("swap");
        exit(64);
    }
}

mxc_status __wrap_mxc_keeper_start(struct mxc_keeper **out, const struct mxc_keeper_args *args, mxc_error **err) {
    const char *pair = getenv("MXC_TEST_SWAP");
    if (pair)
        swap(pair);
    mxc_status status = __real_mxc_keeper_start(out, args, err);
    if (getenv("MXC_TEST_FORK") && fork() == 0) {
        alarm(8);
        pause();
    }
    return status;
}
