/* notes.h: what a person should hear after a run, a line each: what was refused, and what was left behind that programs
 * of the host would trust. Programs read the same from --json. */
#ifndef MXC_CLI_NOTES_H
#define MXC_CLI_NOTES_H

#include <stdio.h>

/* `result`: the result as JSON. Nothing is printed when there is nothing to say. */
void cli_print_notes(FILE *to, const char *result);

#endif
