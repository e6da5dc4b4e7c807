/* parked.h: interpreters that are started ahead: what is executed, and which commands they can be given. */
#ifndef MXC_API_PARKED_H
#define MXC_API_PARKED_H

#include "api/request.h"

/* MXC_E_UNSUPPORTED for a language whose interpreters are not started ahead. */
mxc_status mxc_parked_check(const char *language, mxc_error **err);
/* What is executed ahead: the interpreter, with a program that imports `modules`, says that it is warm, and does what it
 * is told then as if it had been started with it. */
mxc_status mxc_parked_request(struct mxc_request *out, const struct mxc_prepared *prepared,
                              const struct mxc_interpreter *interpreter, const struct mxc_strings *modules,
                              const struct mxc_strings *env, mxc_error **err);
/* 1 when a cold run of this request would start the same interpreter in the same folder, with the same variables as far
 * as interpreters and their libraries read them at their start, and the streams can be given later. */
int mxc_parked_fits(const struct mxc_request *request, const struct mxc_request *parked);

/* The program for Python: the text of its -c. */
extern const char mxc_parked_python[];

#endif
