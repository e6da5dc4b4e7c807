/* fake.h: a keeper that builds nothing (tests/support/fake_keeper.c), and short ways to give it commands. */
#ifndef MXC_TESTS_CLIENT_FAKE_H
#define MXC_TESTS_CLIENT_FAKE_H

#include "client/client.h"

/* From now on every keeper is the fake one. */
int fake_setup(void **state);
/* `word` tells it what to do (see fake_keeper.c); MXC_OK or the failure of the start itself. */
mxc_status fake_start(struct mxc_keeper **out, const char *word, mxc_error **err);

/* A launch with defaults: 64 bytes of output, cwd "/here", PATH "/bin". */
struct mxc_launch fake_launch(const char *const *argv);
/* FAKE_RUN(process, keeper, "exit", "3"): launches and gives the status. */
mxc_status fake_run(mxc_process **out, struct mxc_keeper *keeper, const struct mxc_launch *launch, mxc_error **err);
#define FAKE_LAUNCH(...) fake_launch((const char *const[]){__VA_ARGS__, NULL})

/* One command in a keeper of its own from start to end: status, result or error. */
mxc_status fake_once(mxc_result **out, const struct mxc_launch *launch, mxc_error **err);
#define FAKE_ONCE(out, err, ...) fake_once((out), &FAKE_LAUNCH_OBJECT(__VA_ARGS__), (err))
#define FAKE_LAUNCH_OBJECT(...) ((struct mxc_launch[1]){FAKE_LAUNCH(__VA_ARGS__)})[0]

/* Open descriptors of this process, and its children that were not reaped. */
int count_descriptors(void);
int count_children(void);
/* Reaps what is still to be reaped, waiting for it for a moment. */
void settle_keepers(void);

#endif
