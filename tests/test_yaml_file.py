"""YAML files are parsed once a text, and every reader has its own content."""

import os

import numpy as np
import pytest
import yaml

import hwsim
from hwsim.errors import InputError
from hwsim.yaml_file import YamlFile


def test_a_file_that_was_edited_is_seen_even_with_the_time_of_before(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("value: 1\n")
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    assert YamlFile.read(file).data == {"value": 1}
    file.write_text("value: 2\n")
    os.utime(file, ns=times)
    assert YamlFile.read(file).data == {"value": 2}


def test_who_changes_the_content_changes_nobody_elses(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("values: {a: [1]}\n")
    YamlFile.read(file).data["values"]["a"].append(2)
    assert YamlFile.read(file).data == {"values": {"a": [1]}}


def test_a_second_gemm_parses_no_yaml(monkeypatch):
    mk = np.ones((4, 8))
    first = hwsim.simulate_gemm(mk, 3, "sigma")

    def parsed(*_):
        raise AssertionError("YAML was parsed again")

    monkeypatch.setattr(yaml.SafeLoader, "get_single_node", parsed)
    assert hwsim.simulate_gemm(mk, 3, "sigma").to_dict() == first.to_dict()


def test_a_number_without_end_is_refused(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(f"a: 1\nvalue: 0x{'F' * 10_000}\n")
    with pytest.raises(InputError) as caught:
        YamlFile.read(file)
    assert str(caught.value) == f"{file}, line 2: malformed YAML: a whole number of 40000 bits"
    file.write_text("value: 100000000000000000000\n")
    assert YamlFile.read(file).data == {"value": 10**20}


@pytest.mark.parametrize("start", ["[x, x, x, x]", "{a: 1, b: 2, c: 3, d: 4}"])
def test_aliases_of_aliases_are_counted(tmp_path, start):
    lines = [f"x0: &a0 {start}"]
    for number in range(1, 12):
        before = f"*a{number - 1}"
        lines.append(f"x{number}: &a{number} [{', '.join([before] * 4)}]")
    path = tmp_path / "x.yaml"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match="line 10: malformed YAML: aliases make more"):
        YamlFile.read(path)
    path.write_text("\n".join(lines[:6]))  # some thousands are nothing to worry about
    assert len(YamlFile.read(path).data["x5"]) == 4


@pytest.mark.parametrize("number", ["017", "-017", "1_000", "1_0.5", "1_0e3", "0x1_0", "0_1"])
def test_numbers_that_readers_of_yaml_take_for_several_are_refused(tmp_path, number):
    path = tmp_path / "x.yaml"
    path.write_text(f"a: 1\nb: {number}\n")
    with pytest.raises(InputError) as refused:
        YamlFile.read(path)
    assert str(refused.value) == (
        f"{path}, line 2: malformed YAML: {number} is another number to some readers of YAML; "
        "write it without _ and without 0 in front"
    )


def test_other_numbers_are_numbers(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: [0, 10, -7, 0.5, 0x1F, 1e-3, -.inf, 00.5, +1.e+2, 1.0e-05]\n")
    numbers = YamlFile.read(path).data["a"]
    assert numbers == [0, 10, -7, 0.5, 31, 1e-3, -float("inf"), 0.5, 100, 1e-5]
    path.write_text("{a_b: a_1, _: _1, '017': '1_0'}\n")
    assert YamlFile.read(path).data == {"a_b": "a_1", "_": "_1", "017": "1_0"}
