"""The one vocabulary: reads words.json and looks whether each word is there, in each language.

A word is spelled as in its language: `mxc_run`, `mxc_command.timeout_ms`, `mxc run --timeout`, `Result.exit_code`,
`run(timeout)` for a parameter, `Outcome::exit_code`. C and the command are asked, Python is imported; Node and Rust
are read as text, because building them is not this check's business.
"""
import inspect
import json
import pathlib
import re
import subprocess

LANGUAGES = {"c": "C", "cli": "Command line", "python": "Python", "node": "Node", "rust": "Rust"}
#: what says that a binding is there at all
PRESENT = {"node": "node/package.json", "rust": "rust/mxc/Cargo.toml"}
SOURCES = {"node": "node/src/**/*.ts", "rust": "rust/mxc/src/**/*.rs"}


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def of(groups, language):
    """[(concept, word)]"""
    return [(row["concept"], word) for group in groups for row in group["rows"] for word in row[language]]


# ---- C

def c_names(description):
    names = set(description["functions"]) | set(description["handles"]) | set(description["structs"])
    names |= {value["name"] for values in description["enums"].values() for value in values}
    for name, item in description["structs"].items():
        names |= {f"{name}.{field['name']}" for field in item["fields"]}
    return names


# ---- the command

def has_option(program, word):
    """`mxc run --timeout`: the help of the subcommand lists the option; `mxc doctor`: there is such a help."""
    words = word.split()
    commands = [part for part in words[1:] if not part.startswith("-")]
    done = subprocess.run([program, *commands, "--help"], capture_output=True, text=True)
    options = [part for part in words if part.startswith("-")]
    usage = f"Usage: {' '.join(['mxc', *commands])} "
    return done.returncode == 0 and (done.stdout + " ").replace("\n", " \n").startswith(usage) and \
        all(re.search(rf"^\s+(-\w, )?{option}\b", done.stdout, re.M) for option in options)


# ---- Python

def has_python(module, word):
    called = re.fullmatch(r"(.+)\((\w+)\)", word)
    if called:
        target = resolve(module, called[1])
        return target is not None and called[2] in inspect.signature(target).parameters
    return resolve(module, word) is not None


def resolve(module, word):
    found = module
    for part in word.split("."):
        if inspect.isclass(found) and not hasattr(found, part):
            return True if is_instance_attribute(found, part) else None
        found = getattr(found, part, None)
    return found


def is_instance_attribute(cls, name):
    """Annotated in the class, or set in one of its methods."""
    return any(name in vars(base).get("__annotations__", {}) or f"self.{name} = " in source(base)
               for base in cls.__mro__)


def source(cls):
    try:
        return inspect.getsource(cls)
    except (OSError, TypeError):  # a class of the interpreter's own
        return ""


# ---- Node and Rust, as text

def texts(root, pattern):
    return {path: re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.S)
            for path in sorted(root.glob(pattern)) if "generated" not in path.parts}


def body(text, start):
    """What is between the first brace after `start` and the one that closes it."""
    begin = text.find("{", start)
    depth = 0
    for at in range(begin, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[begin + 1:at]
    return ""


def exported_by_node(root):
    """The names that index.ts gives out, types included."""
    index = re.sub(r"/\*.*?\*/", "", (root / "node/src/index.ts").read_text(encoding="utf-8"), flags=re.S)
    names = set(re.findall(r"export (?:abstract )?(?:class|function|const|type|interface|async function) (\w+)", index))
    for listed in re.findall(r"export (?:type )?\{([^}]*)\}", index):
        names |= {item.split(" as ")[-1].replace("type ", "").strip() for item in listed.split(",") if item.strip()}
    return names


def node_members(sources, name, member):
    """Whether a class or interface, or one that it extends, has the member."""
    for text in sources.values():
        for found in re.finditer(rf"(?:class|interface) {name}\b(?: extends ([\w, ]+))?[^{{]*", text):
            words = r"(?:(?:public|static|readonly|async|get|declare|override)\s+)*"
            if re.search(rf"^\s+{words}{member}\s*[(:?!=<;]", body(text, found.start()), re.M):
                return True
            for base in re.findall(r"\w+", found[1] or ""):
                if base == "Error":
                    return member in ("message", "name", "stack", "cause")
                if node_members(sources, base, member):
                    return True
    return False


def has_node(root, sources, word):
    name, _, member = word.partition(".")
    return name in exported_by_node(root) and (not member or node_members(sources, name, member))


def exported_by_rust(root):
    library = re.sub(r"//[^\n]*", "", (root / "rust/mxc/src/lib.rs").read_text(encoding="utf-8"))
    names = set()
    for listed in re.findall(r"pub use [\w:]+::(?:\{([^}]*)\}|(?:\w+));", library):
        names |= {item.split(" as ")[-1].strip() for item in listed.split(",") if item.strip()}
    names |= set(re.findall(r"pub use [\w:]+::(\w+);", library))
    return names | set(re.findall(r"pub (?:async )?(?:fn|struct|enum|mod|trait) (\w+)", library))


def rust_member(sources, name, member):
    """A method or field of a type, or a variant in the file that has the enum (which a macro may write)."""
    for text in sources.values():
        for found in re.finditer(rf"(?:impl(?:<[^{{]*>)? |struct |enum |trait ){name}\b", text):
            inside = body(text, found.start())
            if re.search(rf"\bpub (?:async |const )*fn {member}\b|\bpub {member}:", inside):
                return True
        if re.search(rf"^\s*(?:pub enum )?{name} \{{", text, re.M) and re.search(rf"^\s*{member}\b", text, re.M):
            return True
    return False


def has_rust(root, sources, word):
    name, _, member = word.partition("::")
    return name in exported_by_rust(root) and (not member or rust_member(sources, name, member))


def missing_in_text(groups, language, root):
    """The words of Node or Rust that their sources do not have; None when the binding is not there."""
    if not (root / PRESENT[language]).exists():
        return None
    sources = texts(root, SOURCES[language])
    has = has_node if language == "node" else has_rust
    return [f"{word} ({concept})" for concept, word in of(groups, language) if not has(root, sources, word)]
