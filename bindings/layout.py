"""Sizes and offsets of the public structs, worked out from the types alone (64-bit pointers: the ABI has no 32-bit
build). The C compiler, CFFI, Rust and the Node addon each compare them with their own.
"""
SIZES = {"char": 1, "int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2, "int32_t": 4, "uint32_t": 4,
         "int64_t": 8, "uint64_t": 8, "size_t": 8}


def size_of(kind, typedefs):
    if kind.endswith(("*", "*const")):
        return 8
    return SIZES.get(typedefs.get(kind, kind), 0)


def of(fields, typedefs):
    """(fields with offset and size, size of the whole); a type that is not allowed counts nothing, rules.py says so."""
    offset, widest, found = 0, 1, []
    for field in fields:
        size = size_of(field["type"], typedefs) or 1
        offset = -(-offset // size) * size
        found.append({**field, "offset": offset, "size": size})
        offset += size
        widest = max(widest, size)
    return found, -(-offset // widest) * widest
