"""mxc-sys: constants, structs with asserted layout, externs, and the closed lists as enums that keep unknown numbers."""
import re

import emit

HEAD = """\
// {made}
//
// The C interface as it is: `no_std`, nothing safe, nothing renamed. `names` has the lists of statuses, limits and
// mechanisms as enums.
#![allow(non_camel_case_types)]
#![cfg_attr(rustfmt, rustfmt_skip)]

use core::ffi::{{c_char, c_void}};
use core::marker::{{PhantomData, PhantomPinned}};
"""
BASES = {"char": "c_char", "void": "c_void", "size_t": "usize"}
KEYWORDS = {"in", "type", "match", "ref", "move", "fn", "loop", "self", "use", "where", "box", "try", "async"}


def rust_type(kind):
    """`const char *const *` -> `*const *const c_char`"""
    kind = kind.strip()
    if kind.endswith("const") and "*" in kind:
        kind = kind[:-len("const")].strip()
    if kind.endswith("*"):
        inner = kind[:-1].strip()
        constant = inner.endswith("const") if "*" in inner else inner.startswith("const ")
        return f"*{'const' if constant else 'mut'} {rust_type(inner)}"
    base = re.sub(r"^const ", "", kind)
    if re.fullmatch(r"u?int\d+_t", base):
        return ("u" if base[0] == "u" else "i") + re.sub(r"\D", "", base)
    return BASES.get(base, base)


def ident(name):
    return f"r#{name}" if name in KEYWORDS else name


def docs(text, lead=""):
    # a bare JSON pointer or [names] would be a link to rustdoc
    text = re.sub(r"(?<!`)([\[\]<>])", r"\\\1", emit.sentence(text))
    return emit.wrapped(text, f"{lead}/// ") + "\n" if text else ""


def handle(name, item):
    freed = f"Freed with `{item['freed_with']}`"
    return (docs(f"{freed}; {item['doc']}" if item["doc"] else freed) +
            f"#[repr(C)]\npub struct {name} {{\n    _data: [u8; 0],\n"
            "    _marker: PhantomData<(*mut u8, PhantomPinned)>,\n}\n")


def typedef(name, item, values):
    text = docs(item["doc"]) + f"pub type {name} = {rust_type(item['type'])};\n"
    for value in values:
        text += docs(value["doc"]) + f"pub const {value['name']}: {name} = {value['value']};\n"
    return text


def struct(name, item):
    fields = "".join(docs(field["doc"], "    ") + f"    pub {ident(field['name'])}: {rust_type(field['type'])},\n"
                     for field in item["fields"])
    asserts = "".join(f"    assert!(core::mem::offset_of!({name}, {ident(field['name'])}) == {field['offset']});\n"
                      for field in item["fields"])
    return (docs(item["doc"]) + f"#[repr(C)]\n#[derive(Clone, Copy)]\npub struct {name} {{\n{fields}}}\n\n"
            f'#[cfg(target_pointer_width = "64")]\nconst _: () = {{\n'
            f"    assert!(core::mem::size_of::<{name}>() == {item['size']});\n{asserts}}};\n")


def tags(function):
    for item in function["params"]:
        text = f": {item['doc']}" if item["doc"] else ""
        yield f"- `{item['name']}` ({', '.join(item['tags'])}){text}"
    result = function["returns"]
    if result["doc"]:
        whose = f" ({', '.join(result['tags'])}{' by ' + result['borrowed_by'] if result['borrowed_by'] else ''})"
        yield f"- returns{whose if result['tags'] else ''} {result['doc']}"
    blocking = "May wait for another process" if function["blocking"] == "yes" else "Does not block"
    threads = "any thread" if function["threadsafe"] == "any" else "one thread at a time per handle"
    yield f"\n{blocking}; {threads}; since {function['since']}."


def function_docs(function):
    text = docs(function["doc"], "    ") + "    ///\n"
    for line in tags(function):
        if line.startswith("\n"):
            text += "    ///\n"
        escaped = re.sub(r"(?<!`)([\[\]<>])", r"\\\1", line.strip())
        first = emit.wrapped(escaped, "    /// ")
        text += first.replace("\n    /// ", "\n    ///   ") + "\n" if line.startswith("-") else first + "\n"
    return text


def extern(name, function):
    params = [f"{ident(item['name'])}: {rust_type(item['type'])}" for item in function["params"]]
    result = function["returns"]["type"]
    arrow = "" if result == "void" else f" -> {rust_type(result)}"
    line = f"    pub fn {name}({', '.join(params)}){arrow};"
    if len(line) > 100:  # as rustfmt breaks it
        line = f"    pub fn {name}(\n" + "".join(f"        {item},\n" for item in params) + f"    ){arrow};"
    return function_docs(function) + line + "\n"


NAMES = """\
/// Lists that only grow, as enums. A number that this version does not know is `Unknown` and keeps the number.
pub mod names {
    use core::fmt;

"""
CODED = """\
    impl {enum} {{
        /// What a number of the library means here.
        pub const fn from_code(code: i32) -> Self {{
            match code {{
{from_code}                other => Self::Unknown(other),
            }}
        }}

        /// The number, `{raw}` in C.
        pub const fn code(self) -> i32 {{
            match self {{
{code}                Self::Unknown(other) => other,
            }}
        }}

        /// The name as the library prints it; "unknown" for a number outside the list.
        pub const fn name(self) -> &'static str {{
            match self {{
{name}                Self::Unknown(_) => "unknown",
            }}
        }}

        /// The one with this name, `None` when this version has no such name.
        pub fn from_name(name: &str) -> Option<Self> {{
            Self::ALL.iter().copied().find(|item| item.name() == name)
        }}

        /// Every one of the list, in the order of the header.
        pub const ALL: &'static [Self] = &[
{all}        ];
    }}

    impl From<i32> for {enum} {{
        fn from(code: i32) -> Self {{
            Self::from_code(code)
        }}
    }}

    impl fmt::Display for {enum} {{
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {{
            match self {{
                Self::Unknown(code) => write!(f, "unknown ({{code}})"),
                known => f.write_str(known.name()),
            }}
        }}
    }}
"""


def coded(name, values):
    enum = emit.pascal(name)
    members = [(emit.member(name, value), value) for value in values]
    listed = "".join(docs(value["doc"], "        ") + f"        {item},\n" for item, value in members)
    arms = {
        "from_code": "".join(f"                {value['value']} => Self::{item},\n" for item, value in members),
        "code": "".join(f"                Self::{item} => {value['value']},\n" for item, value in members),
        "name": "".join(f"                Self::{item} => \"{value['text']}\",\n" for item, value in members),
        "all": "".join(f"            Self::{item},\n" for item, _ in members),
    }
    return (f"    /// The list of `{name}` in mxc.h.\n    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n"
            f"    #[non_exhaustive]\n    pub enum {enum} {{\n{listed}        /// A number that this version does not "
            f"know.\n        Unknown(i32),\n    }}\n\n" + CODED.format(enum=enum, raw=name, **arms))


def files(description):
    parts = [HEAD.format(made=emit.MADE)]
    for kind, name in emit.in_order(description):
        if kind == "handles":
            parts.append(handle(name, description["handles"][name]))
        elif kind == "typedefs":
            parts.append(typedef(name, description["typedefs"][name], description["enums"].get(name, [])))
        elif kind == "structs":
            parts.append(struct(name, description["structs"][name]))
    externs = [extern(name, description["functions"][name]) for kind, name in emit.in_order(description)
               if kind == "functions"]
    parts.append('unsafe extern "C" {\n' + "\n".join(externs) + "}\n")
    lists = [coded(name, values) for name, values in sorted(emit.named_enums(description).items())]
    parts.append(NAMES + "\n".join(lists) + "}\n")
    return {"rust/mxc-sys/src/bindings.rs": "\n".join(parts)}
