#!/usr/bin/env bash
# The main job, end to end, with the package in build/python. `make demo` builds first and then runs this.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${MXC_PYTHON:-$root/build/venv/bin/python}
package=${MXC_BUILD:-$root/build}/python
if [ ! -x "$python" ] || [ ! -d "$package/mxc" ]; then
    echo "demo: mxc is not built yet; run: make demo" >&2
    exit 1
fi
export PYTHONPATH="$package${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
exec "$python" "$here/demo.py" "$@"
