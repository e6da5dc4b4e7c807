/* What SWIG reads: the public header and nothing of ours beside it. Used with -xml only (describe.py); no wrapper
 * code of SWIG is in the project. */
%module mxc
%include <stdint.i>
%include "mxc/mxc.h"
