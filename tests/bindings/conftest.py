"""What these tests share: the modules of bindings/, and headers to try them on."""
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bindings"))

SMALL = """\
#include <stddef.h>
#include <stdint.h>
#if defined(__GNUC__)
#define MXC_API __attribute__((visibility("default")))
#else
#define MXC_API
#endif
/* ---- Things ------------------------ */
typedef struct mxc_error mxc_error; /* mxc_error_free */
typedef struct mxc_thing mxc_thing; /* mxc_thing_free */
typedef int32_t mxc_status;
enum {
    MXC_OK = 0,     /* success */
    MXC_E_PATH = -1 /* a path is wrong */
};
/** What a thing begins with. */
typedef struct mxc_options {
    size_t struct_size; /* of the caller */
    const char *name;   /* UTF-8 */
} mxc_options;
/** Makes a thing. @param[out,owned] out  the thing  @param[in,nullable] options
 * @param[out,owned,nullable] err  @blocking no  @threadsafe any  @since 0.1 */
MXC_API mxc_status mxc_thing_new(mxc_thing **out, const mxc_options *options, mxc_error **err);
/** How many. @param[borrowed] thing  @return a count  @blocking no  @threadsafe owner  @since 0.1 */
MXC_API uint64_t mxc_thing_count(const mxc_thing *thing);
/** Its name. @param[borrowed] thing  @return[borrowed by thing] text  @blocking no  @threadsafe any  @since 0.1 */
MXC_API const char *mxc_thing_name(const mxc_thing *thing);
/** Frees it. @param[owned,nullable] thing  @blocking yes  @threadsafe owner  @since 0.1 */
MXC_API void mxc_thing_free(mxc_thing *thing);
/** Frees it. @param[owned,nullable] error  @blocking no  @threadsafe owner  @since 0.1 */
MXC_API void mxc_error_free(mxc_error *error);
"""


@pytest.fixture
def header(tmp_path):
    """Writes text as <somewhere>/mxc/mxc.h and gives the path."""
    def write(text):
        path = tmp_path / "include/mxc/mxc.h"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path
    return write


@pytest.fixture
def broken(header):
    """The small header with one thing replaced: everything that describe says about it."""
    import describe

    def problems(old, new):
        assert SMALL.count(old) >= 1, f"{old!r} is not in the small header"
        return describe.describe(header(SMALL.replace(old, new, 1)))[1]
    return problems
