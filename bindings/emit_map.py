"""The version script of libmxc: every function of the header is exported, nothing else."""
import emit

NODE = "MXC_0"


def files(description):
    listed = "".join(f"        {name};\n" for name in sorted(description["functions"]))
    text = f"/* {emit.MADE} */\n{NODE} {{\n    global:\n{listed}    local:\n        *;\n}};\n"
    return {"core/abi/libmxc.map": text}
