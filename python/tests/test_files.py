"""`files`, `commands`, `run_code`, `create`: what agent frameworks know, done inside with the rights that code has."""
import errno
import os

import pytest

import mxc


def test_binary_and_text(sandbox):
    data = bytes(range(256)) * 5000  # more than what is captured
    sandbox.files.write("/tmp/data", data)
    assert sandbox.files.read("/tmp/data") == data
    sandbox.files.write("/tmp/data", "grün\n")
    assert sandbox.files.read("/tmp/data") == "grün\n".encode()
    assert sandbox.files.read_text("/tmp/data") == "grün\n"
    sandbox.files.write("/tmp/data", b"")
    assert sandbox.files.read("/tmp/data") == b""
    sandbox.files.write("/tmp/data", memoryview(b"view"))
    assert sandbox.files.read("/tmp/data") == b"view"


def test_relative_paths_are_those_of_commands(sandbox, workspace):
    sandbox.files.write("made", b"here")
    assert (workspace / "made").read_bytes() == b"here"
    # beside the empty folders that hold the places of protected names
    assert [name for name in sandbox.files.list() if not name.startswith(".")] == ["made"]
    assert sandbox.run(["cat", "made"]).stdout == b"here"


def test_folders(sandbox):
    files = sandbox.files
    files.make_dir("/tmp/a/b/c")
    files.make_dir("/tmp/a/b/c")
    files.write("/tmp/a/b/one", b"1")
    files.write("/tmp/a/name\nwith\xe9 and space", b"2")
    assert files.list("/tmp/a") == ["b", "name\nwith\xe9 and space"]
    assert files.exists("/tmp/a/b/one") and files.exists("/tmp/a") and not files.exists("/tmp/z")
    files.remove("/tmp/a/b/one")
    files.remove("/tmp/a")
    assert not files.exists("/tmp/a")


def test_a_name_that_is_no_text(sandbox):
    sandbox.files.make_dir("/tmp/own")
    name = os.fsdecode(b"/tmp/own/\xff\xfe")
    sandbox.files.write(name, b"x")
    assert sandbox.files.list("/tmp/own") == [os.path.basename(name)]
    assert sandbox.files.read(name) == b"x"


@pytest.mark.parametrize("act, kind", [
    (lambda files: files.read("/tmp/nothing"), FileNotFoundError),
    (lambda files: files.read("/tmp"), IsADirectoryError),
    (lambda files: files.write("/tmp", b""), IsADirectoryError),
    (lambda files: files.write("/tmp/no/folder", b""), FileNotFoundError),
    (lambda files: files.list("/tmp/nothing"), FileNotFoundError),
    (lambda files: files.list("/etc/passwd"), NotADirectoryError),
    (lambda files: files.remove("/tmp/nothing"), FileNotFoundError),
    (lambda files: files.make_dir("/etc/passwd"), FileExistsError),
    (lambda files: files.read("/tmp/\0"), ValueError),
    (lambda files: files.read(5), TypeError),
    (lambda files: files.read(b"/tmp"), TypeError),
    (lambda files: files.write("/tmp/x", 5), TypeError),
    (lambda files: files.read("/tmp/x", limit=-1), ValueError),
])
def test_errors_are_those_of_python(sandbox, act, kind):
    with pytest.raises(kind):
        act(sandbox.files)


def test_an_error_names_the_path(sandbox):
    with pytest.raises(FileNotFoundError) as caught:
        sandbox.files.read("/tmp/nothing")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, "/tmp/nothing")


def test_read_only_stays_read_only(sandbox):
    with pytest.raises(OSError) as caught:
        sandbox.files.write("/usr/made", b"")
    assert caught.value.errno == errno.EROFS


def test_a_link_leads_nowhere_on_the_host(sandbox, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    sandbox.run(["ln", "-s", str(secret), "/tmp/link"], check=True)
    with pytest.raises(FileNotFoundError):
        sandbox.files.read("/tmp/link")
    sandbox.files.write("/tmp/link", b"overwritten")  # a file in the private /tmp
    assert secret.read_text() == "secret"


def test_what_is_no_file_does_not_hold_us(sandbox):
    sandbox.run(["mkfifo", "/tmp/fifo"], check=True)
    with pytest.raises(OSError) as caught:
        sandbox.files.read("/tmp/fifo")
    assert caught.value.errno == errno.EINVAL
    with pytest.raises(OSError):
        sandbox.files.write("/tmp/fifo", b"x")
    with pytest.raises(OSError) as caught:
        sandbox.files.read("/dev/zero")
    assert caught.value.errno == errno.EINVAL


def test_a_limit(sandbox):
    sandbox.files.write("/tmp/data", b"12345")
    assert sandbox.files.read("/tmp/data", limit=5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes") as caught:
        sandbox.files.read("/tmp/data", limit=4)
    assert caught.value.errno == errno.EFBIG
    sandbox.run(["truncate", "-s", "200M", "/tmp/data"], check=True)
    with pytest.raises(OSError, match="larger"):
        sandbox.files.read("/tmp/data", limit="1M")


def test_without_python_inside():
    bare = mxc.Policy(json={"filesystem": {"deniedPaths": [os.path.realpath(mxc._runtime.own_interpreter())]}})
    with mxc.Sandbox(bare) as sandbox:
        with pytest.raises(mxc.InterpreterError):
            sandbox.files.read("/etc/passwd")


def test_commands(sandbox):
    assert sandbox.commands.run("echo $((6*7)) | cat; exit 3").stdout == b"42\n"
    assert sandbox.commands.run(["echo", "$HOME"]).stdout == b"$HOME\n"
    assert sandbox.commands.run("cat", input="given", env={"A": "b"}).stdout == b"given"
    with pytest.raises(mxc.CommandError):
        sandbox.commands.run("exit 3", check=True)
    with pytest.raises(TypeError):
        sandbox.commands.run(5)


def test_run_code(sandbox):
    assert sandbox.run_code("print(6*7)").stdout == b"42\n"
    assert sandbox.run_code("echo $0 | wc -l", "bash").stdout == b"1\n"
    assert sandbox.run_code("exit 1", language="bash").exit_code == 1


def test_create(policy):
    with mxc.Sandbox.create(policy) as sandbox:
        assert sandbox.run(["true"]).ok


def test_a_closed_sandbox(policy):
    sandbox = mxc.Sandbox(policy)
    sandbox.close()
    for use in (lambda: sandbox.files.read("/etc/passwd"), lambda: sandbox.commands.run("true"),
                lambda: sandbox.run_code("1")):
        with pytest.raises(mxc.ClosedError):
            use()
