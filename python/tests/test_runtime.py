"""The caller's Python inside: the same interpreter, its packages, and none of the caller's own folders."""
import os
import subprocess
import sys

import pytest

import mxc
from mxc import _runtime

CALL = "import mxc\nprint(mxc.run({code!r}, 'strict').check().stdout_text, end='')\n"
BASE = os.path.realpath(sys.executable)


@pytest.fixture
def environment(tmp_path):
    """A virtual environment with a package of its own."""
    subprocess.run([BASE, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    packages = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    (packages / "only_here.py").write_text("answer = 42\n")
    return tmp_path / "venv"


def test_it_is_the_same_interpreter(policy):
    code = "import sys; print([sys.version, sys.prefix, sys.base_prefix])"
    assert mxc.run(code, policy).check().stdout_text.strip() == str([sys.version, sys.prefix, sys.base_prefix])


def test_the_packages_of_a_virtual_environment(program, environment):
    code = "import only_here, sys; print(only_here.answer, sys.prefix)"
    assert program(CALL.format(code=code), python=environment / "bin/python") == f"42 {environment}\n"


def test_the_packages_of_the_user(program, tmp_path):
    packages = tmp_path / f"base/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    packages.mkdir(parents=True)
    (packages / "of_the_user.py").write_text("answer = 42\n")
    (tmp_path / "base/secret").write_text("secret")
    code = f"import of_the_user, os; print(of_the_user.answer, os.path.exists({str(tmp_path / 'base/secret')!r}))"
    printed = program(CALL.format(code=code), python=BASE, env={"PYTHONUSERBASE": str(tmp_path / "base")})
    assert printed == "42 False\n"


def test_an_open_sandbox_shows_them_too(program, environment):
    source = "import mxc\nwith mxc.Sandbox('strict') as s: print(s.run('import only_here; print(only_here.answer)').stdout_text)"
    assert program(source, python=environment / "bin/python") == "42\n\n"


def test_a_virtual_environment_that_is_the_current_folder_shows_only_its_parts(program, environment):
    (environment / ".env").write_text("PASSWORD=secret")
    code = f"import only_here, os; print(os.listdir({str(environment)!r}))"
    printed = program(CALL.format(code=code), python=environment / "bin/python", cwd=environment)
    assert "'bin'" in printed and "'lib'" in printed
    assert ".env" not in printed


def test_the_folder_of_the_script_is_not_shown(program, tmp_path):
    code = f"import os; print(os.path.exists({str(tmp_path / 'program.py')!r}))"
    assert program(CALL.format(code=code)) == "False\n"


def test_arguments_are_given_no_python(program, environment):
    source = f"import mxc\nprint(mxc.run(['ls', {str(environment)!r}], 'strict').ok)"
    assert program(source, python=environment / "bin/python") == "False\n"


def test_nothing_below_usr_is_named():
    for path in _runtime.python().paths:
        assert os.path.isabs(path) and os.path.exists(path)
        assert not path.startswith("/usr/")


@pytest.mark.parametrize("executable", ["", None, "/usr/sbin/webserver"])
def test_a_program_that_embeds_python(monkeypatch, executable):
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(sys, "prefix", "/nowhere")
    found = _runtime.python()
    assert found.paths == []
    assert os.path.basename(found.interpreter) == "python3"


def test_the_home_folder_is_never_shown(monkeypatch, tmp_path):
    for part in ("bin", "lib", "Documents"):
        (tmp_path / part).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "exec_prefix", str(tmp_path.parent))
    paths = _runtime.python().paths
    assert str(tmp_path / "lib") in paths
    assert not {"/", str(tmp_path), str(tmp_path.parent), str(tmp_path / "Documents")} & set(paths)


def test_the_root_is_never_shown(monkeypatch):
    monkeypatch.setattr(sys, "prefix", "/")
    assert "/" not in _runtime.python().paths
