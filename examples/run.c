/* run.c: the library in a minute: a policy in JSON, one command, what it printed and what held it.
 *
 *     cc examples/run.c -Icore/include -Lbuild/lib -lmxc -o run && LD_LIBRARY_PATH=build/lib ./run ls -l /
 */
#include <mxc/mxc.h>

#include <stdio.h>
#include <string.h>

static const char POLICY[] = "{\"filesystem\": {\"readonlyPaths\": [\".\"]},"
                             " \"limits\": {\"memoryBytes\": 134217728, \"processes\": 16, \"wallTimeMs\": 5000}}";

static int failed(mxc_error *error) {
    fprintf(stderr, "%s %s: %s\n", mxc_status_name(mxc_error_status(error)), mxc_error_origin(error),
            mxc_error_message(error));
    fprintf(stderr, "hint: %s\n", mxc_error_hint(error));
    mxc_error_free(error);
    return 125;
}

static void show(const mxc_result *result) {
    size_t length;
    const char *text = mxc_result_output(result, MXC_STDOUT, &length);
    fwrite(text, 1, length, stdout);
    text = mxc_result_output(result, MXC_STDERR, &length);
    fwrite(text, 1, length, stderr);
    printf("exit code %d, %.1f ms, %zu kinds of denied calls\n", mxc_result_exit_code(result),
           (double)mxc_result_wall_time_ns(result) / 1e6, mxc_result_denial_count(result));
    printf("receipt: %s\n", mxc_result_receipt_json(result));
}

int main(int argc, char **argv) {
    const char *const fallback[] = {"echo", "hello from inside", NULL};
    mxc_command command = {.struct_size = sizeof command};
    mxc_policy *policy = NULL;
    mxc_result *result = NULL;
    mxc_error *error = NULL;

    command.argv = argc > 1 ? (const char *const *)argv + 1 : fallback;
    if (mxc_policy_parse(&policy, POLICY, strlen(POLICY), NULL, &error) != MXC_OK)
        return failed(error);
    if (mxc_run(&result, policy, &command, NULL, &error) != MXC_OK) {
        mxc_policy_free(policy);
        return failed(error);
    }
    show(result);
    int status = mxc_result_signal(result) ? 128 + mxc_result_signal(result) : mxc_result_exit_code(result);
    mxc_result_free(result);
    mxc_policy_free(policy);
    return status;
}
