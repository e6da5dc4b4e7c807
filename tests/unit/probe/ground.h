/* ground.h: a temporary folder for one test, with files and links in it. */
#ifndef MXC_TESTS_PROBE_GROUND_H
#define MXC_TESTS_PROBE_GROUND_H

int ground_make(void **state);   /* cmocka set-up: *state is the folder's path (real, no links) */
int ground_remove(void **state); /* cmocka tear-down */
/* The path of `name` in the folder, in one of four static arrays used in turn. */
const char *ground_path(void *const *state, const char *name);
void ground_folder(void *const *state, const char *name);
void ground_file(void *const *state, const char *name, const char *text);
void ground_link(void *const *state, const char *name, const char *target);

#endif
