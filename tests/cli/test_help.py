"""--help, man pages and completion: made from one table, so they must agree; and each must really answer."""
import re
import shutil
import subprocess

import pytest
from conftest import MXC, ROOT, call

COMMANDS = ["", "run", "explain", "doctor", "policy", "policy check", "policy print", "policy schema", "completion", "man",
            "version", "help"]


def help_of(command):
    done = call(*command.split(), "--help")
    assert done.returncode == 0 and done.stderr == ""
    return done.stdout


def options_of(command):
    found = set()
    for line in help_of(command).splitlines():
        match = re.match(r"  (?:(-\w), |    )(--[a-z-]+)", line)
        if match:
            found |= {word for word in match.groups() if word}
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_help_answers(command):
    text = help_of(command)
    assert text.startswith(f"Usage: mxc {command}".rstrip() + " ")
    for heading in ("Options:", "Examples:", "Exit status:"):
        assert f"\n{heading}\n  " in text
    assert max(map(len, text.splitlines())) <= 100
    assert text == call("help", *command.split()).stdout
    assert text == call(*command.split(), "-h").stdout


def test_help_of_root_names_every_command():
    text = help_of("")
    for command in COMMANDS[1:]:
        assert re.search(rf"^  {command.split()[0]} ", text, re.M)


def test_help_has_units_and_defaults():
    text = " ".join(help_of("run").split())
    assert "powers of 1024). Default: 1G." in text
    assert "seconds, or with ms, s, m, h. Default: none." in text
    assert "Processes and threads. Default: 256." in text


def test_help_wins_over_missing_words():
    assert call("run", "--help").returncode == 0
    assert call("policy", "check", "--help").returncode == 0


def test_version():
    words = call("--version").stdout
    assert re.fullmatch(r"mxc \d+\.\d+\.\d+\n", words)
    assert call("version").stdout == words == call("-V").stdout
    assert call("version", "--json").stdout == '{"version":"%s"}\n' % words.split()[1]


# ---- man ----

@pytest.mark.parametrize("command", COMMANDS)
def test_man_page_has_every_option(command):
    done = call("man", *command.split())
    assert done.returncode == 0
    name = "\\-".join(["mxc", *command.split()])
    assert f".SH NAME\n{name} \\- " in done.stdout
    for option in options_of(command):
        assert option.replace("-", "\\-") in done.stdout


def test_man_writes_every_page(tmp_path):
    assert call("man", "--into", tmp_path).returncode == 0
    assert {page.name for page in tmp_path.iterdir()} == {"-".join(["mxc", *name.split()]) + ".1" for name in COMMANDS}
    assert (tmp_path / "mxc-run.1").read_text() == call("man", "run").stdout


def test_man_says_where_it_cannot_write():
    done = call("man", "--into", "/nonexistent")
    assert done.returncode == 1
    assert done.stderr == "mxc: system: cannot write /nonexistent/mxc.1: No such file or directory\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_man_page_is_clean(command, tmp_path):
    page = tmp_path / "page.1"
    page.write_text(call("man", *command.split()).stdout)
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
        # the page has no date: the same sources give the same page
        assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []
    elif shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", page], capture_output=True, text=True)
        assert done.stderr == ""
    else:
        pytest.skip("mandoc or groff")


# ---- completion ----

def bash_complete(*words):
    """What bash would offer for the last of these words."""
    script = ('source /dev/stdin <<<"$SCRIPT"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; '
              '_mxc; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", "mxc", *words], capture_output=True, text=True,
                          env={"SCRIPT": call("completion", "bash").stdout, "PATH": "/usr/bin:/bin"}, cwd="/usr")
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_bash_offers_what_help_lists(command):
    assert bash_complete(*command.split(), "-") == options_of(command)


def test_bash_follows_the_words():
    assert bash_complete("") == {name.split()[0] for name in COMMANDS[1:]}
    assert bash_complete("policy", "") == {"check", "print", "schema"}
    assert bash_complete("run", "--preset", "") == {"strict", "read-only", "workspace"}
    assert bash_complete("run", "--preset", "=", "r") == {"read-only"}
    assert bash_complete("run", "--lang", "") == {"python", "bash", "node"}
    assert bash_complete("completion", "") == {"bash", "zsh", "fish"}
    assert "local" in bash_complete("run", "--ro", "loc")
    # after the command begins, its words are not ours
    assert bash_complete("run", "--memory", "1G", "--", "ls", "--") == set()
    assert bash_complete("run", "ls", "--") == set()
    assert "bash" in bash_complete("run", "--memory", "1G", "--", "bas")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_parses(shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip(shell)
    script = tmp_path / "script"
    script.write_text(call("completion", shell).stdout)
    done = subprocess.run([shell, "-n", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_every_option(shell):
    text = call("completion", shell).stdout
    for command in COMMANDS:
        for option in options_of(command):
            if shell == "zsh":
                case = re.search(rf"^    '{command}'\) echo '(-.*)' ;;$", text, re.M).group(1)
                assert option in case.split()
            else:
                flag = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
                assert re.search(rf"""__mxc_at "{command}"' (-l \S+ )?{flag}\b""", text)


def test_fish_offers_values():
    if not shutil.which("fish"):
        pytest.skip("fish")
    script = call("completion", "fish").stdout + "\ncomplete -C 'mxc run --preset '\ncomplete -C 'mxc policy '\n"
    done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True)
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} >= {"strict", "workspace", "check", "schema"}


def test_output_that_cannot_be_written():
    with open("/dev/full", "w") as full:
        done = subprocess.run([MXC, "run", "--help"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (125, "mxc: system: cannot write standard output: No space left on device\n")


def test_the_page_in_docs_names_real_options():
    text = (ROOT / "docs" / "cli.md").read_text()
    known = set().union(*map(options_of, COMMANDS))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) - {"--name"}
    assert named <= known
    assert options_of("explain") - {"-h"} <= named
    for command in COMMANDS[1:]:
        assert f"mxc {command}" in text


def zsh_complete(*words):
    """What _mxc asks the completion system for, with the functions that only exist inside a completion replaced."""
    script = ('compdef() { :; }; eval "$SCRIPT"; compset() { :; }; _normal() { print -l normal $words; }; '
              '_mxc_reply() { print -l ${=@}; }; words=(mxc "$@"); CURRENT=$#words; _mxc')
    done = subprocess.run(["zsh", "-f", "-c", script, "zsh", *words], capture_output=True, text=True,
                          env={"SCRIPT": call("completion", "zsh").stdout, "PATH": "/usr/bin:/bin"})
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def test_zsh_follows_the_words():
    if not shutil.which("zsh"):
        pytest.skip("zsh")
    assert zsh_complete("run", "--preset", "") == ["word", "strict", "read-only", "workspace"]
    assert zsh_complete("run", "--preset=") == ["word", "strict", "read-only", "workspace"]
    assert zsh_complete("run", "--ro", "") == ["file"]
    assert zsh_complete("policy", "") == ["topic", "check", "print", "schema"]
    assert zsh_complete("run", "") == ["command"]
    for command in COMMANDS:
        assert set(zsh_complete(*command.split(), "-")) - {"word"} == options_of(command)
    assert zsh_complete("run", "--memory", "1G", "--", "ls", "-l") == ["normal", "ls", "-l"]
    assert zsh_complete("run", "--memory", "1G", "ls", "-l") == ["normal", "ls", "-l"]
