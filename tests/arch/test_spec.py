from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwsim.arch import load_arch
from hwsim.errors import InputError
from hwsim.shipped import shipped_folder

MINIMAL = """\
schema: 1
name: tiny
title: a tiny machine
source: the tests
engine: sigma
energy_table: stonne
parameters:
  lanes:
    value: 4
    unit: multipliers
    minimum: 1
    maximum: 64
    meaning: parallel multipliers
components: []
"""


def write(folder: Path, text: str, name: str = "tiny.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def assert_refused(path: Path, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        load_arch(path)
    assert str(refusal.value) == f"{path}{message}"


def test_a_spec_of_ones_own_loads_by_path(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL)
    assert load_arch(str(path), {"lanes": 3}).parameters == {"lanes": 3}
    assert load_arch(path).path == str(path)


def test_a_parameter_follows_a_sum_or_a_product(tmp_path: Path) -> None:
    lanes = MINIMAL.split("parameters:\n")[1].split("components:")[0]
    more = lanes.replace("lanes:", "wires:").replace("value: 4", "value: 5")
    both = lanes.replace("lanes:", "both:").replace("value: 4", "value: lanes + wires")
    each = lanes.replace("lanes:", "each:").replace("value: 4", "value: lanes*wires")
    path = write(tmp_path, MINIMAL.replace(lanes, lanes + more + both + each))
    found = load_arch(path).parameters
    assert found == {"lanes": 4, "wires": 5, "both": 9, "each": 20}
    assert load_arch(path, {"lanes": 6}).parameters["each"] == 30
    assert load_arch(path, {"each": 7}).parameters["each"] == 7


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("value: 4", "value: 400", ", line 9: lanes must be in the range [1, 64]. Got 400"),
        (
            "value: 4",
            "value: true",
            ", line 9: parameters.lanes.value: should be a whole number, or the name of the "
            "parameter it follows. Got True",
        ),
        (
            "value: 4",
            "value: 4.0",
            ", line 9: parameters.lanes.value: should be a whole number, or the name of the "
            "parameter it follows. Got 4.0",
        ),
        (
            "value: 4",
            "value: lanes + wires",
            ", line 9: parameters follow each other: lanes -> lanes",
        ),
        (
            "value: 4",
            "value: wires * lanes",
            ", line 9: lanes follows unknown parameter 'wires'; known: lanes",
        ),
        ("value: 4", "value: lanes", ", line 9: parameters follow each other: lanes -> lanes"),
        (
            "value: 4",
            "value: lane",
            ", line 9: lanes follows unknown parameter 'lane'; did you mean 'lanes'?",
        ),
        (
            "minimum: 1",
            "minimum: -1",
            ", line 11: parameters.lanes.minimum: should be greater than or equal to 0. Got -1",
        ),
        (
            "minimum: 1",
            "minimum: one",
            ", line 11: parameters.lanes.minimum: should be a valid integer. Got 'one'",
        ),
        (
            "unit: multipliers",
            "units: multipliers",
            ", line 10: parameters.lanes: unknown key 'units'; did you mean 'unit'?",
        ),
        (
            "    unit: multipliers\n",
            "",
            ", line 8: parameters.lanes.unit: missing; this key is required",
        ),
        (
            "engine: sigma",
            "engine: sigma\nextend: sigma",
            ", line 6: unknown key 'extend'; did you mean 'extends'?",
        ),
        ("engine: sigma\n", "", ", line 1: engine: missing; this key is required"),
        (
            "  lanes:",
            "  Num-Lanes:",
            ", line 8: parameters.Num-Lanes: a name should be lower-case letters, "
            "digits and _. Got 'Num-Lanes'",
        ),
        ("schema: 1", "schema: 2", ", line 1: schema: should be 1. Got 2"),
        (
            "meaning: parallel multipliers",
            "at_most: wires\n    meaning: parallel multipliers",
            ", line 9: lanes is bounded by unknown parameter 'wires'; known: lanes",
        ),
        ("components: []", "components: [", ", line 15: malformed YAML: "),
        (
            "name: tiny",
            "name: tiny\nname: big",
            ", line 3: malformed YAML: the key 'name' stands twice",
        ),
        ("name: tiny", "name: !!python/name:os.system x", ", line 2: malformed YAML: could not"),
        ("name: tiny", "name: 2020-13-45", ": malformed YAML: month must be in 1..12"),
        ("name: tiny", "name: !!timestamp x", ": malformed YAML: "),
        ("name: tiny", "name: !!bool x", ": malformed YAML: "),
        ("name: tiny", "? [a, b]\n: tiny", ", line 2: malformed YAML: found unhashable key"),
        ("name: tiny", "name: \x07", ": malformed YAML: unacceptable character #x0007"),
        (
            "components: []",
            "components: []\ngrowth: {parameter: lane, unit: A, component: B, reason: c}",
            ": growth: 'lane' is no parameter of the spec; did you mean 'lanes'?",
        ),
        (
            "components: []",
            "components: [{unit: A, component: BC, meaning: d}]\n"
            "growth: {parameter: lanes, unit: A, component: BD, reason: c}",
            ": growth: 'A BD' is none of the components; did you mean 'A BC'?",
        ),
        (
            "source: the tests",
            "source: []",
            ", line 4: source: should be a valid string. Got list",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = write(tmp_path, MINIMAL.replace(before, after))
    with pytest.raises(InputError) as refusal:
        load_arch(path)
    text = str(refusal.value)
    assert "\n" not in text
    assert text.startswith(f"{path}{message}")
    if "malformed" not in message:
        assert text == f"{path}{message}"


def test_what_is_no_mapping_is_refused(tmp_path: Path) -> None:
    for text in ("", "- 1\n- 2\n", "just words\n"):
        path = write(tmp_path, text)
        assert_refused(path, ": expected keys and values (a YAML mapping) at the top level")


def test_what_is_no_text_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    assert_refused(path, ": not a YAML text file (not UTF-8)")
    path.write_bytes(b"#" * 1_000_001)
    assert_refused(path, ": larger than 1 MB; expected a YAML file of a few kilobytes")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "[" * 5000)
    with pytest.raises(InputError, match=r"tiny\.yaml.*: malformed YAML: "):
        load_arch(path)


def test_a_spec_extends_a_shipped_one_and_one_beside_it(tmp_path: Path) -> None:
    child = "schema: 1\nextends: sigma\nname: half\nparameters: {num_ms: {value: 128}}\n"
    grandchild = "schema: 1\nextends: half.yaml\nname: few\nparameters: {dn_bw: {value: 2}}\n"
    assert load_arch(write(tmp_path, child, "half.yaml")).parameters == {
        "num_ms": 128,
        "dn_bw": 128,
        "rn_bw": 128,
    }
    few = load_arch(write(tmp_path, grandchild, "few.yaml"))
    assert few.parameters == {"num_ms": 128, "dn_bw": 2, "rn_bw": 128}
    assert few.spec.parameters["dn_bw"].unit == "elements/cycle"
    assert len(few.spec.components) == 11


def test_faults_of_extending_are_told(tmp_path: Path) -> None:
    a = write(tmp_path, "schema: 1\nextends: b.yaml\n", "a.yaml")
    write(tmp_path, "schema: 1\nextends: a.yaml\n", "b.yaml")
    with pytest.raises(InputError) as refusal:
        load_arch(a)
    assert str(refusal.value) == (
        f"{tmp_path}/b.yaml: extends: goes in a circle: a.yaml -> b.yaml -> a.yaml"
    )
    orphan = write(tmp_path, "extends: sgima\n", "orphan.yaml")
    assert_refused(orphan, ", line 1: extends: unknown arch 'sgima'; did you mean 'sigma'?")
    wrong = write(tmp_path, "extends: [sigma]\n", "wrong.yaml")
    assert_refused(wrong, ", line 1: extends: expected the name or path of a spec")
    child = write(tmp_path, "extends: sigma\nparameters: {num_ms: {value: 48}}\n", "child.yaml")
    assert_refused(child, ", line 2: num_ms must be a power of two. Got 48")


def test_a_fault_of_the_base_is_told_at_the_base(tmp_path: Path) -> None:
    base = write(tmp_path, MINIMAL.replace("minimum: 1", "minimum: one"), "base.yaml")
    child = write(tmp_path, "extends: base.yaml\nname: child\n", "child.yaml")
    with pytest.raises(InputError, match=f"^{re.escape(str(base))}, line 11: "):
        load_arch(child)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(content=st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "random.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        load_arch(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_a_damaged_spec_loads_or_is_refused_in_one_line(
    tmp_path: Path, data: st.DataObject
) -> None:
    text = (shipped_folder("arch_specs") / "sigma.yaml").read_text()
    start = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 20))
    damage = data.draw(st.text(alphabet="[]{}:,&*!|>'\"#%@-? \n\tab09.e~", max_size=6))
    path = write(tmp_path, text[:start] + damage + text[start + length :])
    refusal = ""
    try:
        load_arch(path)
    except InputError as error:
        refusal = str(error)
    assert refusal == "" or refusal.startswith(str(path))
    assert "\n" not in refusal
