/* parked.h: interpreters that are started ahead: what is executed, and which commands they can be given. */
#ifndef MXC_API_PARKED_H
#define MXC_API_PARKED_H

#include "api/request.h"

/* 0 for bash: whether its last command replaces it or is its child, and what its messages begin with, depends on how it
 * was given its code. It starts in a sandbox that is built ahead. */
int mxc_parked_can_be(enum mxc_language language);
/* 1 when it can be sent no descriptors: its input comes by a file. */
int mxc_parked_reads_files(enum mxc_language language);
/* What is executed ahead: the interpreter, with a program that imports `modules`, says that it is warm, and does what it
 * is told then as if it had been started with it. */
mxc_status mxc_parked_request(struct mxc_request *out, const struct mxc_prepared *prepared,
                              const struct mxc_interpreter *interpreter, const struct mxc_strings *modules,
                              const struct mxc_strings *env, mxc_error **err);
/* 1 when a cold run of this request would start the same interpreter in the same folder, with the same variables as far
 * as interpreters and their libraries read them at their start, and the streams can be given later. */
int mxc_parked_fits(const struct mxc_request *request, const struct mxc_request *parked, enum mxc_language language);

/* The programs: what stands behind -c and -e. */
extern const char mxc_parked_python[];
extern const char mxc_parked_node[];

#endif
