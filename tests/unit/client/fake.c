/* fake.c: see fake.h. */
#include "fake.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "client/start.h"
#include "plan/builder.h"

extern const unsigned char mxc_fake_keeper_image[] __attribute__((visibility("hidden")));
extern const uint64_t mxc_fake_keeper_image_size __attribute__((visibility("hidden")));

int fake_setup(void **state) {
    (void)state;
    mxc_keeper_image_replace(mxc_fake_keeper_image, mxc_fake_keeper_image_size);
    return 0;
}

static char *denial_text(uint32_t number, unsigned int narrow) {
    char text[32];
    (void)narrow;
    snprintf(text, sizeof text, "call %u", number);
    return mxc_strdup(text);
}

mxc_status fake_start(struct mxc_keeper **out, const char *word, mxc_error **err) {
    struct mxc_plan plan = {0};
    MXC_PLAN_ADD(&plan, MXC_OP_HOSTNAME, .text = word, .origin = "/containerId");
    MXC_PLAN_ADD(&plan, MXC_OP_BIND, .text = "/w", .text2 = "/w", .a = MXC_BIND_IDMAP, .d = S_IFDIR, .origin = "/w");
    MXC_PLAN_ADD(&plan, MXC_OP_PROC, .text = "/proc", .origin = "/p");
    struct mxc_keeper_args args = {.receipt = "[{\"item\": \"/x\"}]", .denial_text = denial_text};
    MXC_AUTO_FREE void *wire = mxc_plan_encode(&plan, &args.plan_length);
    mxc_plan_clear(&plan);
    args.plan = wire;
    return wire ? mxc_keeper_start(out, &args, err) : mxc_fail_memory(err);
}

struct mxc_launch fake_launch(const char *const *argv) {
    static const char *const env[] = {"A=1", NULL};
    return (struct mxc_launch){
        .argv = argv, .env = env, .cwd = "/here", .path = "/bin", .grace_ms = 1000, .output_bytes = 64};
}

mxc_status fake_run(mxc_process **out, struct mxc_keeper *keeper, const struct mxc_launch *launch, mxc_error **err) {
    MXC_AUTO_BUF struct mxc_buf block = {0};
    mxc_status status = mxc_launch_encode(&block, launch, err);
    return status == MXC_OK ? mxc_process_launch(out, keeper, launch, &block, err) : status;
}

mxc_status fake_once(mxc_result **out, const struct mxc_launch *launch, mxc_error **err) {
    struct mxc_launch last = *launch;
    struct mxc_keeper *keeper = NULL;
    mxc_process *process = NULL;
    last.last = 1;
    mxc_status status = fake_start(&keeper, "plain", err);
    if (status != MXC_OK)
        return status;
    status = fake_run(&process, keeper, &last, err);
    if (status == MXC_OK)
        status = mxc_process_await(out, process, 10000, err);
    mxc_process_end(process);
    mxc_keeper_unref(keeper);
    return status;
}

int count_descriptors(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder && readdir(folder))
        count++;
    closedir(folder);
    return count;
}

int count_children(void) {
    char path[64];
    int count = 0, pid;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%d", &pid) == 1)
        count++;
    if (file)
        fclose(file);
    return count;
}

void settle_keepers(void) {
    const struct timespec moment = {.tv_nsec = 2000000};
    for (int i = 0; i < 500; i++) {
        mxc_keepers_reap();
        if (count_children() == 0)
            return;
        nanosleep(&moment, NULL);
    }
}
