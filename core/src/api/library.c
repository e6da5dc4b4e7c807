/* library.c: what belongs to no handle: version, strings, names. */
#include "base/alloc.h"
#include "mxc/mxc.h"
#include "report/mechanism.h"
#include "report/result.h"

const char *mxc_version(void) { return MXC_VERSION; }

void mxc_string_free(char *string) { mxc_free(string); }

const char *mxc_limit_name(mxc_limit limit) { return mxc_limit_text(limit); }

const char *mxc_connection_outcome_name(mxc_connection_outcome outcome) { return mxc_outcome_text(outcome); }

const char *mxc_mechanism_name(mxc_mechanism mechanism) { return mxc_mechanism_text(mechanism); }
