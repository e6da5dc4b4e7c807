"""Policies: what they stand for, and what may stand for one. No sandbox is started here."""
import json
import os
import pickle

import pytest

import mxc
from mxc import Policy
from mxc.policy import policy_of


def test_nothing_said_is_strict():
    assert Policy() == Policy.preset("strict") == Policy(preset="strict")


def test_paths(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    said = Policy(read=[tmp_path / "a"], write=[str(tmp_path / "b")], deny=[tmp_path / "c"]).to_dict()
    assert said["filesystem"]["readonlyPaths"] == [str(tmp_path / "a")]
    assert said["filesystem"]["readwritePaths"] == [str(tmp_path / "b")]
    assert said["filesystem"]["deniedPaths"] == [str(tmp_path / "c")]


def test_relative_paths_are_the_current_folders(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Policy(read=["data"]).to_dict()["filesystem"]["readonlyPaths"] == [str(tmp_path / "data")]


def test_limits():
    limits = Policy(memory="512M", timeout=30, processes=64, cpus=1.5, cpu_time="500ms", output="64K").to_dict()["limits"]
    assert limits == {"memoryBytes": 512 << 20, "wallTimeMs": 30_000, "processes": 64, "cpus": 1.5,
                      "cpuTimeMs": 500, "outputBytes": 65536}


def test_env():
    process = Policy(env={"A": "b", "EMPTY": "", "WORDS": "two words = three"}).to_dict()["process"]
    assert sorted(process["env"]) == ["A=b", "EMPTY=", "WORDS=two words = three"]
    assert process["inheritDefaultEnv"] is True


def test_allow():
    rules = Policy(allow=["example.org:443", "10.0.0.0/8"]).to_dict()["network"]["egress"]["allow"]
    assert [rule["to"][0] for rule in rules] == [{"host": "example.org"}, {"cidr": "10.0.0.0/8"}]
    assert rules[0]["ports"] == [{"protocol": "tcp", "port": 443}]


def test_json_is_a_start(tmp_path):
    base = {"version": "1.0.0", "limits": {"processes": 7}}
    said = Policy(json=base, read=[tmp_path], memory=1 << 28).to_dict()
    assert said["limits"] == {"memoryBytes": 1 << 28, "processes": 7}
    assert said["filesystem"]["readonlyPaths"] == [str(tmp_path)]
    assert Policy(json=json.dumps(base)) == Policy(json=base) == Policy(json=json.dumps(base).encode())


def test_json_and_preset_exclude_each_other():
    with pytest.raises(ValueError, match="preset and json"):
        Policy(json={}, preset="strict")


def test_presets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Policy.preset("workspace").to_dict()["filesystem"]["readwritePaths"] == [str(tmp_path)]
    assert Policy.preset("read-only").to_dict()["filesystem"]["readonlyPaths"] == [str(tmp_path)]
    assert Policy.preset("workspace", "/usr/share").to_dict()["filesystem"]["readwritePaths"] == ["/usr/share"]
    with pytest.raises(mxc.InvalidArgumentError, match="preset"):
        Policy.preset("loose")


def test_load(tmp_path):
    (tmp_path / "data").mkdir()
    path = tmp_path / "policy.json"
    path.write_text('{"filesystem": {"readonlyPaths": ["data"]}}')
    assert Policy.load(path) == Policy.load(str(path)) == Policy(read=[tmp_path / "data"])


def test_load_of_a_missing_file(tmp_path):
    with pytest.raises(mxc.Error, match="policy file .* cannot be read"):
        Policy.load(tmp_path / "nowhere.json")


def test_from_json_takes_relative_paths_from_its_base(tmp_path):
    (tmp_path / "data").mkdir()
    assert Policy.from_json({"filesystem": {"readonlyPaths": ["data"]}}, tmp_path) == Policy(read=[tmp_path / "data"])


@pytest.mark.parametrize("text, origin, name", [
    ("{", "", "policy_syntax"),
    ('{"a": 1, "a": 2}', "/a", "policy_syntax"),
    ('{"unknown": 1}', "/unknown", "policy_invalid"),
    ('{"filesystem": {"readonlyPaths": "x"}}', "/filesystem/readonlyPaths", "policy_invalid"),
    ('{"filesystem": {"readonlyPaths": ["/usr", 5]}}', "/filesystem/readonlyPaths/1", "policy_invalid"),
    ('{"limits": {"memoryBytes": -1}}', "/limits/memoryBytes", "policy_invalid"),
    ('{"limits": null}', "/limits", "policy_invalid"),
    ('{"version": "0.6"}', "/version", "policy_version"),
])
def test_wrong_json_is_named(text, origin, name):
    with pytest.raises(mxc.PolicyError) as caught:
        Policy(json=text)
    assert caught.value.origin == origin
    assert caught.value.status_name == name
    assert caught.value.message


def test_a_writable_root_is_refused():
    with pytest.raises(mxc.PathError) as caught:
        Policy(json={"filesystem": {"readwritePaths": ["/"]}})
    assert caught.value.origin == "/filesystem/readwritePaths/0"


def test_round_trip(tmp_path):
    policy = Policy(read=[tmp_path], memory="1G", env={"A": "b"})
    assert Policy(json=policy.to_json()) == policy
    assert Policy(json=policy.to_dict()) == policy
    assert eval(repr(policy), {"Policy": Policy}) == policy
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert hash(Policy(json=policy.to_json())) == hash(policy)


def test_equality():
    assert Policy(memory="1G") == Policy(memory=1 << 30)
    assert Policy(memory="1G") != Policy(memory="2G")
    assert Policy() != "strict"


def test_intersection(tmp_path):
    (tmp_path / "in").mkdir()
    wide = Policy(write=[tmp_path], memory="1G")
    narrow = Policy(read=[tmp_path / "in"], memory="256M", processes=9)
    both = (wide & narrow).to_dict()
    assert both["filesystem"]["readonlyPaths"] == [str(tmp_path / "in")]
    assert "readwritePaths" not in both["filesystem"]
    assert both["limits"] == {"memoryBytes": 256 << 20, "processes": 9}
    assert wide & narrow == narrow & wide


def test_intersection_conflict():
    with pytest.raises(mxc.PolicyError) as caught:
        Policy(json={"process": {"commandLine": "a"}}) & Policy(json={"process": {"commandLine": "b"}})
    assert caught.value.status_name == "policy_conflict"


def test_intersection_with_something_else():
    with pytest.raises(TypeError):
        Policy() & {}


def test_what_may_stand_for_a_policy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.json").write_text("{}")
    policy = Policy(memory="1G")
    assert policy_of(policy) is policy
    assert policy_of(None) == Policy.preset("workspace", tmp_path)
    assert policy_of({"limits": {"processes": 3}}) == Policy(processes=3)
    for name in ("strict", "read-only", "workspace"):
        assert policy_of(name) == Policy.preset(name)
    for path in ("p.json", "./p.json", str(tmp_path / "p.json"), tmp_path / "p.json"):
        assert policy_of(path) == Policy(json={})


def test_what_may_not():
    with pytest.raises(ValueError, match="strict, read-only, workspace"):
        policy_of("strickt")
    for wrong in (5, b"strict", ["strict"], object()):
        with pytest.raises(TypeError, match="policy must be"):
            policy_of(wrong)


@pytest.mark.parametrize("arguments, kind", [
    ({"read": "/usr"}, TypeError),
    ({"write": os.path}, TypeError),
    ({"read": [5]}, TypeError),
    ({"read": [b"/usr"]}, TypeError),
    ({"read": ["/u\0sr"]}, ValueError),
    ({"allow": "example.org"}, TypeError),
    ({"allow": [443]}, TypeError),
    ({"memory": 1.5}, TypeError),
    ({"memory": "much"}, ValueError),
    ({"timeout": 0}, ValueError),
    ({"timeout": "soon"}, ValueError),
    ({"processes": "many"}, TypeError),
    ({"processes": -1}, ValueError),
    ({"cpus": 0}, ValueError),
    ({"env": ["A=b"]}, TypeError),
    ({"env": {"A": 1}}, TypeError),
    ({"env": {"A=B": "c"}}, ValueError),
    ({"env": {"": "c"}}, ValueError),
    ({"env": {"A": "\0"}}, ValueError),
    ({"json": 5}, TypeError),
    ({"json": {"limits": {"cpus": float("nan")}}}, ValueError),
    ({"json": {"limits": object()}}, TypeError),
])
def test_wrong_arguments(arguments, kind):
    with pytest.raises(kind):
        Policy(**arguments)


def test_a_policy_has_no_positional_arguments():
    with pytest.raises(TypeError):
        Policy(["/usr"])


def test_schema():
    assert mxc.schema()["properties"]["filesystem"]


def test_doctor():
    report = mxc.doctor()
    assert {"name", "available", "detail", "remedy"} <= set(report["features"][0])
    assert {"landlock", "seccomp-notify"} <= {feature["name"] for feature in report["features"]}


def test_explain_is_the_receipt(workspace):
    lines = mxc.explain(Policy(write=[workspace]))
    line = next(line for line in lines if line["item"] == "/filesystem/readwritePaths/0")
    assert str(workspace) in line["rule"]
    assert "mount" in line["mechanism"]
    assert line["level"] == "kernel"


def test_explain_fails_as_a_start_would(every_udp_port):
    with pytest.raises(mxc.UnsupportedError) as caught:
        mxc.explain(every_udp_port)
    assert caught.value.origin == "/network/egress/allow/0/ports/0"
    assert caught.value.hint


def test_plan(workspace):
    assert str(workspace) in mxc.plan(Policy(write=[workspace]))
