/* A program of somebody else's: runs a hello under a policy, then sees a denial. Valid C99 and C++11. */
#include <mxc/mxc.h>

#include <stdio.h>
#include <string.h>

static int run(const mxc_policy *policy, const char *const *argv, mxc_result **result) {
    mxc_command command;
    mxc_error *error = NULL;
    memset(&command, 0, sizeof command);
    command.struct_size = sizeof command;
    command.argv = argv;
    if (mxc_run(result, policy, &command, NULL, &error) == MXC_OK)
        return 0;
    fprintf(stderr, "%s: %s\n", mxc_error_origin(error), mxc_error_message(error));
    mxc_error_free(error);
    return 1;
}

int main(void) {
    const char *const hello[] = {"echo", "hello from inside", NULL};
    const char *const refused[] = {"unshare", "--user", "true", NULL};
    mxc_policy *policy = NULL;
    mxc_result *first = NULL, *second = NULL;
    size_t length = 0;
    const char *denied, *text;
    if (mxc_policy_preset(&policy, "strict", NULL, NULL) != MXC_OK || run(policy, hello, &first) ||
        run(policy, refused, &second))
        return 1;
    text = mxc_result_output(first, MXC_STDOUT, &length);
    fwrite(text, 1, length, stdout);
    denied = mxc_result_denial_what(second, 0);
    printf("denied: %s\n", denied ? denied : "nothing");
    mxc_result_free(first);
    mxc_result_free(second);
    mxc_policy_free(policy);
    return 0;
}
