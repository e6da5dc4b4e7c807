"""What the emitters share: names in the shapes of other languages, wrapped text, the order of the header.

An emitter is a module emit_X with `files(description)`, which gives {path from the project's root: text}. It reads
the description only, never the header.
"""
import re
import textwrap

MADE = "Made from core/include/mxc/mxc.h by `make bindings`; do not edit."


def words(name):
    """MXC_E_POLICY_INVALID, mxc_sandbox_options -> ["policy", "invalid"], ["sandbox", "options"]"""
    return [word for word in re.sub(r"^(MXC_E_|MXC_|mxc_)", "", name).lower().split("_") if word]


def pascal(name):
    return "".join(word.capitalize() for word in words(name))


def camel(name):
    whole = pascal(name)
    return whole[:1].lower() + whole[1:]


def member(enum, value):
    """The name of a value inside its enum: MXC_LIMIT_CPU_TIME of mxc_limit -> CpuTime."""
    prefix = f"{enum.upper()}_"
    name = value["name"]
    return pascal(name[len(prefix):] if name.startswith(prefix) else name)


def named_enums(description):
    """The enums whose values the library has names for: mxc_status with mxc_status_name(), ..."""
    return {name: values for name, values in description["enums"].items() if f"{name}_name" in description["functions"]}


def in_order(description):
    """Every name in the order of the header, with its kind."""
    kinds = ("handles", "typedefs", "structs", "functions")
    for area in description["areas"]:
        for name in area["names"]:
            yield next(kind for kind in kinds if name in description[kind]), name


def declarator(kind, name):
    """`const char *argv`: a type and a name as C wants them."""
    return f"{kind}{name}" if kind.endswith("*") else f"{kind} {name}"


def declaration(name, function):
    params = ", ".join(declarator(item["type"], item["name"]) for item in function["params"])
    return f"{declarator(function['returns']['type'], name)}({params or 'void'})"


def sentence(text):
    """A text as one sentence: a capital and a full stop, unless it begins with code."""
    if not text:
        return ""
    text = text[:1].upper() + text[1:] if re.match(r"[a-z]+([ ,:;]|$)", text) else text
    return text if text.endswith((".", ":", "?")) else text + "."


def wrapped(text, lead, width=120):
    return textwrap.fill(text, width, initial_indent=lead, subsequent_indent=lead, break_long_words=False,
                         break_on_hyphens=False)
