# The extension that _build_native.py describes; its functions are those of mxc.h.
from typing import Any

ffi: Any
lib: Any
