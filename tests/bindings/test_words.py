"""docs/languages.md says what is there: every word of words.json exists in its language, and a wrong one is seen."""
import json
import os
import pathlib
import shutil

import pytest

import words
from conftest import ROOT

GROUPS = words.load(ROOT / "bindings/words.json")
PROGRAM = pathlib.Path(os.environ.get("MXC_BUILD", ROOT / "build")) / "bin/mxc"


def test_every_row_says_something_about_every_language():
    for group in GROUPS:
        for row in group["rows"]:
            assert set(row) == {"concept", *words.LANGUAGES}
            assert sum(bool(row[language]) for language in words.LANGUAGES) >= 2, row["concept"]


def test_c():
    names = words.c_names(json.loads((ROOT / "bindings/mxc.json").read_text()))
    assert [word for _, word in words.of(GROUPS, "c") if word not in names] == []
    assert "mxc_command.deadline" not in names


def test_the_command_line():
    assert [word for _, word in words.of(GROUPS, "cli") if not words.has_option(PROGRAM, word)] == []
    for wrong in ("mxc run --time", "mxc start", "mxc policy show", "mxc doctor --timeout"):
        assert not words.has_option(PROGRAM, wrong), wrong


def test_python():
    import mxc
    assert [word for _, word in words.of(GROUPS, "python") if not words.has_python(mxc, word)] == []
    for wrong in ("execute", "run(deadline)", "Result.exitcode", "Sandbox.destroy", "Error.reason"):
        assert not words.has_python(mxc, wrong), wrong


@pytest.mark.parametrize("language", words.PRESENT)
def test_as_text(language):
    missing = words.missing_in_text(GROUPS, language, ROOT)
    if missing is None:
        pytest.skip(f"{words.LANGUAGES[language]}: there is no {words.PRESENT[language]} yet")
    assert missing == [], "words.json and the sources differ"


NODE = {"index.ts": "export { run, Sandbox } from './sandbox';\nexport type { RunOptions } from './sandbox';\n",
        "sandbox.ts": "export interface Common {\n  timeout?: number;\n}\nexport interface RunOptions extends Common {\n"
                      "  check?: boolean;\n}\nexport async function run() {}\nexport class Sandbox {\n  get fd(): number "
                      "{ return 1; }\n  // closed(): gone\n  kill(): void { this.close(); }\n}\nexport class Hidden {}\n"}
RUST = {"lib.rs": "mod sandbox;\npub use sandbox::{run, Sandbox, Kind};\n",
        "sandbox.rs": "pub fn run() {}\npub struct Sandbox {\n    pub fd: i32,\n    shut: bool,\n}\nimpl Sandbox {\n    "
                      "pub fn kill(&self) {}\n    fn close(&self) {}\n}\npub struct Hidden;\npub enum Kind {\n    "
                      "Path,\n}\n"}


def invented(folder, language):
    (folder / words.PRESENT[language]).parent.mkdir(parents=True)
    (folder / words.PRESENT[language]).write_text("{}")
    sources = folder / words.SOURCES[language].split("/**")[0]
    sources.mkdir(parents=True)
    for name, text in (NODE if language == "node" else RUST).items():
        (sources / name).write_text(text)


@pytest.mark.parametrize("language, right, wrong", [
    ("node", ["run", "Sandbox.fd", "Sandbox.kill", "RunOptions.check", "RunOptions.timeout"],
     ["spawn", "Hidden", "Sandbox.closed", "Sandbox.close", "RunOptions.deadline"]),
    ("rust", ["run", "Sandbox::fd", "Sandbox::kill", "Kind::Path"],
     ["spawn", "Hidden", "Sandbox::close", "Sandbox::shut", "Kind::Setup"])])
def test_words_are_found_in_text_and_others_are_not(tmp_path, language, right, wrong):
    invented(tmp_path, language)
    groups = [{"title": "", "rows": [{"concept": "c", language: right + wrong}]}]
    assert words.missing_in_text(groups, language, tmp_path) == [f"{word} (c)" for word in wrong]
    shutil.rmtree(tmp_path / language)
    assert words.missing_in_text(groups, language, tmp_path) is None
