"""Words that are wrong: each has its own sentence, names the option, and starts nothing."""
import json

import pytest
from conftest import call

# words after `mxc run`, what the line on standard error says
WRONG = [
    (["--memroy", "1G", "true"], "mxc: usage: unknown option --memroy (hint: did you mean --memory?)"),
    (["--time-out=3", "true"], "mxc: usage: unknown option --time-out (hint: did you mean --timeout?)"),
    (["--quux", "true"], "mxc: usage: unknown option --quux (hint: see mxc run --help)"),
    (["--plan", "true"], "mxc: usage: unknown option --plan (hint: it is an option of mxc explain)"),
    (["-x", "true"], "mxc: usage: unknown option -x (hint: see mxc run --help)"),
    (["-hx"], "mxc: usage: unknown option -hx (hint: see mxc run --help)"),
    (["--memory"], "mxc: usage --memory: wants a value: SIZE"),
    (["--env", "--", "true"], "mxc: usage --env: wants a value: NAME=VALUE, and '--' follows "
                              "(hint: write --env=NAME=VALUE when it begins with two dashes)"),
    (["--ro=", "true"], "mxc: usage --ro: '' is empty"),
    (["--json=1", "true"], "mxc: usage --json: takes no value"),
    (["--memory", "1G", "--memory=2G", "true"], "mxc: usage --memory: given twice"),
    (["--env", "NAME", "true"],
     "mxc: usage --env: 'NAME' is not NAME=VALUE (hint: write the name, = and the value, such as LANG=C)"),
    (["--env", "=x", "true"],
     "mxc: usage --env: '=x' is not NAME=VALUE (hint: write the name, = and the value, such as LANG=C)"),
    (["-c", "1", "--", "true"], "mxc: usage --code: a command is given too (hint: choose one of --code and a command)"),
    (["--lang", "bash", "true"], "mxc: usage --lang: there is no --code (hint: give the source text with -c CODE)"),
    ([], "mxc: usage: no command given (hint: mxc run [OPTION]... -- COMMAND [ARG]...)"),
    (["--preset", "strict", "--policy", "p.json", "true"],
     "mxc: usage --preset: a policy file is given too (hint: choose one of --policy and --preset)"),
    (["--policy", "-", "--input", "-", "true"],
     "mxc: usage --input: the policy comes from standard input already (hint: put the policy into a file)"),
    (["--input", "/nonexistent/in", "true"],
     "mxc: system --input: cannot open /nonexistent/in: No such file or directory"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=[" ".join(words) or "nothing" for words, _ in WRONG])
def test_wrong_words(words, said, tmp_path):
    done = call("run", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (125, "", said + "\n")


@pytest.mark.parametrize("words, said", WRONG[:3])
def test_wrong_words_as_json(words, said):
    done = call("run", "--json", *words)
    assert done.returncode == 125 and done.stderr == ""
    error = json.loads(done.stdout)["error"]
    assert set(error) == {"status", "message", "operation", "origin", "hint", "errno"}
    assert said == f"mxc: {error['status']}: {error['message']} (hint: {error['hint']})"


OTHERS = [
    (["runn", "true"], "mxc: usage: unknown command 'runn' (hint: did you mean mxc run?)"),
    (["frobnicate"], "mxc: usage: unknown command 'frobnicate' (hint: see mxc --help)"),
    (["policy", "chek", "x"], "mxc: usage: unknown command 'chek' (hint: see mxc --help)"),
    (["help", "nothing"], "mxc: usage: unknown command 'nothing' (hint: see mxc --help)"),
    (["explain", "--receipt"], "mxc: usage: unknown option --receipt (hint: it is an option of mxc run)"),
    (["doctor", "me"], "mxc: usage: mxc doctor takes no operands, and 'me' was given"),
    (["policy", "check"], "mxc: usage: mxc policy check wants FILE..."),
    (["completion"], "mxc: usage: mxc completion wants SHELL"),
    (["completion", "bash", "zsh"], "mxc: usage: mxc completion takes SHELL, and 'zsh' was given too"),
    (["completion", "tcsh"], "mxc: usage: no completion for shell 'tcsh' (hint: one of: bash zsh fish)"),
    (["policy", "print", "--preset", "strict", "x.json"],
     "mxc: usage: files are given, and --policy or --preset too (hint: leave the option out)"),
]


@pytest.mark.parametrize("words, said", OTHERS, ids=[" ".join(words) for words, _ in OTHERS])
def test_wrong_words_elsewhere(words, said):
    done = call(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said + "\n")


def test_no_command_prints_help_on_stderr():
    done = call()
    assert done.returncode == 2 and done.stdout == "" and done.stderr.startswith("Usage: mxc ")


def test_control_bytes_do_not_reach_the_terminal():
    done = call("run", "--ro", "/nonexistent/\x1b]0;x\x07\u009b31m\u202e", "true")
    assert done.returncode == 125
    assert r"\x1b]0;x\x07\xc2\x9b31m\xe2\x80\xae" in done.stderr
    assert not set(done.stderr) & set("\x1b\x07\u009b\u202e")


# ---- numbers: read back from the policy that they make ----

KIB = 1024
SIZES = {"65536": 65536, "65536B": 65536, "64K": 64 * KIB, "64KB": 64 * KIB, "64KiB": 64 * KIB, "512M": 512 * KIB**2,
         "512MiB": 512 * KIB**2, "1.5G": 3 * KIB**3 // 2, "0.5GB": KIB**3 // 2, "2GiB": 2 * KIB**3, "0064K": 64 * KIB}
TIMES = {"30": 30000, "30s": 30000, "1500ms": 1500, "1.5s": 1500, "0.25": 250, "2m": 120000, "1h": 3600000}
CPUS = {"1": 1, "1.5": 1.5, "0.125": 0.125}


def limits(*words):
    done = call("policy", "print", "--preset", "strict", *words)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout).get("limits", {})


@pytest.mark.parametrize("text, value", SIZES.items())
def test_size(text, value):
    if value < 1 << 24:
        assert limits(f"--output={text}")["outputBytes"] == value
    else:
        assert limits("--memory", text)["memoryBytes"] == value


@pytest.mark.parametrize("text, value", TIMES.items())
def test_time(text, value):
    assert limits("--cpu-time", text)["cpuTimeMs"] == value


@pytest.mark.parametrize("text, value", CPUS.items())
def test_cpus(text, value):
    assert limits("--cpus", text)["cpus"] == value


def test_count():
    assert limits("--procs", "64")["processes"] == 64


SIZE = "is not a size (hint: write bytes, or a number with K, M, G or T, such as 512M)"
TIME = "is not a time (hint: write seconds, or a number with ms, s, m or h, such as 30s)"
COUNT = "is not a count (hint: write a whole number, such as 64)"
WRONG_NUMBERS = [
    *[("--memory", text, SIZE) for text in ("0x10", " 1", "1 M", "1M ", "123bogus", "-1", "+1", "1.", ".5", "1.5.5", "1e3",
                                            "m", "512m", "512mib", "1MM", "1MiBs", "1Ki", "\u0661", "1,5G")],
    ("--memory", "0.3", "has too many decimal places (hint: write bytes, or a number with K, M, G or T, such as 512M)"),
    *[("--memory", text, "is too large (hint: write bytes, or a number with K, M, G or T, such as 512M)")
      for text in ("9223372036854775808", "99999999999999999999999", "8388608T", "1." + "0" * 25)],
    *[("--timeout", text, TIME) for text in ("1d", "30 s", "30S", "ms", "1:30", "-3s", "inf", "0x1s", "3ss")],
    ("--timeout", "1.5ms", "has too many decimal places (hint: write seconds, or a number with ms, s, m or h, such as 30s)"),
    *[("--procs", text, COUNT) for text in ("many", "-1", "6K", "0x40", "64 ")],
    ("--procs", "1.5", "has too many decimal places (hint: write a whole number, such as 64)"),
    ("--cpus", "1.2345", "has too many decimal places (hint: write a number with at most three decimal places, such as 1.5)"),
    ("--cpus", "two", "is not a number of processors (hint: write a number with at most three decimal places, such as 1.5)"),
]


@pytest.mark.parametrize("option, text, said", WRONG_NUMBERS)
def test_wrong_number(option, text, said):
    done = call("run", option, text, "true")
    assert (done.returncode, done.stderr) == (125, f"mxc: usage {option}: '{text}' {said}\n")
