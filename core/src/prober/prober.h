/* prober.h: the small static program behind `mxc doctor --verify`. It tries acts and says what the kernel answered,
 * one line "name answer" each; it does not know what the answers should be. */
#ifndef MXC_PROBER_H
#define MXC_PROBER_H

/* Name of an errno that walls give, else "other"; 0 is "ok". */
const char *prober_answer(long result);
void prober_say(const char *name, const char *answer);

/* load.c: acts that use something up until a limit ends them; each by its name. Exit status. */
int prober_load(const char *name, const char *argument);

#endif
