"""The ABI gate: each kind of break makes it fail, each kind of addition does not.

The libraries are stubs made from a header, so that a break costs a fraction of a second: their ABI is the whole of
what the gate looks at.
"""
import json
import re
import shutil
import subprocess

import pytest

import abi
import append_only
import describe
import emit_map

HEADER = describe.HEADER.read_text()
STDOUT_FD, STDERR_FD = re.findall(r" +int32_t std(?:out|err)_fd;.*\n", HEADER)
pytestmark = pytest.mark.skipif(not shutil.which("abidiff"), reason="abidiff (abigail-tools)")


def stub(description, folder, *options):
    """A shared library with every function of the description, all doing nothing."""
    lines = ['#include "mxc/mxc.h"']
    for name, function in description["functions"].items():
        params = ", ".join(f"{item['type']} {item['name']}" for item in function["params"])
        result = function["returns"]["type"]
        lines.append(f"{result} {name}({params or 'void'}) {{ {'' if result == 'void' else 'return 0;'} }}")
    (folder / "stub.c").write_text("\n".join(lines))
    (folder / "stub.map").write_text(emit_map.files(description)["core/abi/libmxc.map"])
    library = folder / "libmxc.so.0"
    subprocess.run(["gcc", "-shared", "-fPIC", *options, f"-I{folder}/include", "-Wl,-soname,libmxc.so.0",
                    f"-Wl,--version-script={folder}/stub.map", "-o", library, folder / "stub.c"], check=True)
    return library


@pytest.fixture
def gate(header, tmp_path):
    """Runs the gate over a changed header and a stub of it; gives the problems."""
    def run(old="", new="", debug="-g", drop_symbol=""):
        assert old in HEADER, f"{old!r} is not in mxc.h"
        path = header(HEADER.replace(old, new, 1) if old else HEADER)
        description = describe.describe(path)[0]
        shown = json.loads(describe.text_of(description))
        shown["functions"].pop(drop_symbol, None)
        library = stub(shown, tmp_path, debug)
        version_script = emit_map.files(description)["core/abi/libmxc.map"]
        return abi.check(path, version_script, library, abi.ABI)
    return run


def has(problems, *texts):
    return all(any(re.search(text, problem) for problem in problems) for text in texts)


def test_the_same_header_passes(gate):
    assert gate() == []


ADDITIONS = {
    "field at the end": ("} mxc_command;", "    uint64_t later; /* ms */\n} mxc_command;"),
    "value at the end": ("MXC_E_INTERNAL = -17 ", "MXC_E_INTERNAL = -17, /* bug */\n    MXC_E_LATER = -18 "),
    "function": ("/** Frees a result.", "/** Later. @param[borrowed] result  @return 1 or 0  @blocking no  @threadsafe "
                 "any  @since 0.2 */\nMXC_API int32_t mxc_result_later(const mxc_result *result);\n/** Frees a result."),
}


@pytest.mark.parametrize("kind", ADDITIONS)
def test_an_addition_passes(gate, kind):
    assert gate(*ADDITIONS[kind]) == []


BREAKS = {
    "field in the middle": ("    const char *language;", "    uint64_t sooner; /* ms */\n    const char *language;",
                            r"mxc_command: field 4 was const char \* language at 32", r"abidiff \(status"),
    "field of another size": ("uint64_t timeout_ms;", "uint32_t timeout_ms;",
                              "mxc_command: field 10 was uint64_t timeout_ms", r"abidiff \(status"),
    # to abidiff the next two are no difference, as the renumbered enum is none
    "field of another type": ("uint64_t timeout_ms;", "int64_t timeout_ms;",
                              "mxc_command: field 10 was uint64_t timeout_ms"),
    "fields in another order": (STDOUT_FD + STDERR_FD, STDERR_FD + STDOUT_FD,
                                "mxc_command: field 16 was int32_t stdout_fd"),
    "field gone": (STDERR_FD, "", "mxc_command: field 17 .* is gone", r"abidiff \(status"),
    "enum renumbered": ("MXC_LIMIT_MEMORY = 1,", "MXC_LIMIT_MEMORY = 12,",
                        "mxc_limit: MXC_LIMIT_MEMORY was 1 and is 12"),
    "enum value gone": ("    MXC_ACCESS_READ = 1, /* readable */\n", "",
                        "mxc_access: MXC_ACCESS_READ is gone"),
    "name of a value": ('"uts namespace": ', '"host name": ', 'was named "uts namespace" and is named "host name"'),
    "function gone": ("MXC_API const char *mxc_version(void);", "", "function mxc_version is gone", "abidiff"),
    "parameter of another type": ("mxc_process_kill(mxc_process *process, int32_t signal",
                                  "mxc_process_kill(mxc_process *process, int64_t signal",
                                  "function mxc_process_kill was", r"abidiff \(status"),
    "parameter more": ("mxc_process_stop(mxc_process *process, uint64_t grace_ms",
                       "mxc_process_stop(mxc_process *process, uint64_t grace_ms, int32_t signal",
                       "function mxc_process_stop was", r"abidiff \(status"),
    "result of another type": ("MXC_API int32_t mxc_result_signal", "MXC_API int64_t mxc_result_signal",
                               "function mxc_result_signal was", r"abidiff \(status"),
    "typedef of another type": ("typedef int32_t mxc_stream;", "typedef uint32_t mxc_stream;",
                                "typedef mxc_stream was int32_t and is uint32_t", r"abidiff \(status"),
    "another header included": ("#include <stdint.h>", "#include <stdint.h>\n#include <stdio.h>",
                                "mxc.h includes <stdio.h>"),
    "no C++": ("mxc_probe(char **out,", "mxc_probe(char **class,", r"mxc.h is not clean c\+\+11"),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_break_fails(gate, kind):
    old, new, *said = BREAKS[kind]
    problems = gate(old, new)
    assert has(problems, *said), "\n".join(problems)


def test_a_symbol_that_is_gone_fails(gate):
    problems = gate(drop_symbol="mxc_version")
    assert has(problems, "libmxc.so does not export mxc_version, which the header declares", "abidiff")


def test_a_build_without_g_fails(gate):
    assert gate(debug="-g0") == ["libmxc.so.0 was built without -g: its types cannot be compared"]


def test_a_baseline_is_only_written_over_additions(header, tmp_path, monkeypatch, capsys):
    path = header(HEADER.replace("MXC_E_PATH = -7", "MXC_E_PATH = -70"))
    (tmp_path / "lib").mkdir()
    shutil.move(stub(describe.describe(path)[0], tmp_path, "-g"), tmp_path / "lib")
    baseline = shutil.copytree(abi.ABI, tmp_path / "abi")
    monkeypatch.setattr(abi, "ABI", baseline)
    monkeypatch.setattr(describe, "HEADER", path)
    monkeypatch.setattr("sys.argv", ["abi.py", "--build", str(tmp_path), "--write-baseline"])
    assert abi.main() == 1
    assert "mxc_status: MXC_E_PATH was -7 and is -70" in capsys.readouterr().out
    assert (baseline / "released.json").read_text() == (abi.ROOT / "core/abi/released.json").read_text()


def test_words_are_no_part_of_the_baseline():
    description = describe.describe(describe.HEADER)[0]
    assert "doc" not in json.dumps(append_only.essence(description)).replace("docs", "")
