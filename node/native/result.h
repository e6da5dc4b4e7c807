/* result.h: a result on its way to JavaScript. */
#ifndef MXC_NODE_RESULT_H
#define MXC_NODE_RESULT_H

#include "addon.h"

/* Takes `result` over. */
Napi::Value WrapResult(Napi::Env env, mxc_result *result);

#endif
