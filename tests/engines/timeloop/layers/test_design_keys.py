"""Every key of a design is known: a slip is refused with file, line, key and what was meant."""

import copy
import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

from hwsim.arch import Arch, load_arch
from hwsim.engines.timeloop.layers.layer_machine import OperandBits, design_inputs, layer_machine
from hwsim.errors import InputError
from hwsim.shipped import shipped_folder
from tests.engines.timeloop.spec.inputs import inside, places_in


def shipped(name):
    return (shipped_folder("arch_specs") / f"{name}.yaml").read_text(encoding="utf-8")


def refusal(path):
    with pytest.raises(InputError) as caught:
        design_inputs(load_arch(path))
    return str(caught.value)


def edited(tmp_path, before, after, name="simple"):
    text = shipped(name)
    assert before in text
    text = text.replace(before, after, 1)
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path, text


@pytest.mark.parametrize("name", ["eyeriss_v2", "stc"])
def test_every_misspelled_key_of_a_design_is_refused(tmp_path, name):
    data = yaml.safe_load(shipped(name))
    tried = set()
    for path, _ in list(places_in(data["design"])):
        key, around = path[-1], tuple(part for part in path[:-1] if isinstance(part, str))
        if not isinstance(key, str) or len(key) < 4 or (around, key) in tried:
            continue
        if around in (("ramp_up", "words_per_cycle"), ("ports",), ("ports", "Buffer")):
            continue  # names of memories and data spaces, which other tests misspell
        tried.add((around, key))
        changed = copy.deepcopy(data)
        holder = inside(changed["design"], path[:-1])
        content = {key[:-2] + key[-1] if name == key else name: holder[name] for name in holder}
        holder.clear()
        holder.update(content)
        file = tmp_path / "own.yaml"
        file.write_text(json.dumps(changed), encoding="utf-8")  # which is YAML too
        assert f"unknown key {key[:-2] + key[-1]!r}; did you mean {key!r}?" in refusal(file)
    assert len(tried) > 8


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "meshX: columns",
            "meshx: columns",
            "architecture.nodes[2].spatial: unknown key 'meshx'; did you mean 'meshX'?",
        ),
        (
            "read_bandwidth",
            "read_bandwith",
            "architecture.nodes[0].attributes: unknown key 'read_bandwith'; did you mean "
            "'read_bandwidth'?",
        ),
        (
            "width: 64, datawidth: 8}",
            "widht: 64, datawidth: 8}",
            "architecture.nodes[1].attributes: unknown key 'widht'; did you mean 'width'?",
        ),
        (
            "class: intmac",
            "class: intmac\n        constrants: {spatial: {split: 1}}",
            "architecture.nodes[4]: unknown key 'constrants'; did you mean 'constraints'?",
        ),
        (
            "class: intmac",
            "class: intmac\n        colour: blue",
            "architecture.nodes[4]: unknown key 'colour'",
        ),
        (
            "\ndesign:\n",
            "\ndesign:\n  mapspace_constraints: [{target: Buffer, type: temporal, factor: M=1}]\n",
            "mapspace_constraints[0]: unknown key 'factor'; did you mean 'factors'?",
        ),
    ],
)
def test_the_line_of_the_key_is_named(tmp_path, before, after, message):
    path, text = edited(tmp_path, before, after)
    wrong = message.split("unknown key '")[1].split("'")[0]
    line = text[: text.index(f"{wrong}:")].count("\n") + 1
    assert refusal(path) == f"{path}, line {line}: {message}"


def test_a_fault_of_the_spec_that_is_extended_is_in_its_file(tmp_path):
    path, text = edited(tmp_path, "meshX: columns", "meshx: columns")
    line = text[: text.index("meshx")].count("\n") + 1
    own = tmp_path / "extending.yaml"
    own.write_text(f"extends: ./{path.name}\nname: mine\n", encoding="utf-8")
    message = "architecture.nodes[2].spatial: unknown key 'meshx'; did you mean 'meshX'?"
    assert refusal(own) == f"{path}, line {line}: {message}"
    with pytest.raises(InputError) as caught:  # as on another machine, without the files
        design_inputs(Arch.from_bytes(load_arch(own).to_bytes()))
    assert str(caught.value) == f"{path}, line {line}: {message}"


def table(content):
    return "\ndesign:\n", f"\ndesign:\n  {content}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "ERT: {version: 0.4, tables: [{name: system.Bufer, actions: []}]}",
            "ERT.tables[0].name: unknown component 'Bufer'; did you mean 'Buffer'?",
        ),
        (
            "ERT: {tables: [{name: system.Buffer, actions: [{name: raed, energy: 1}]}]}",
            "ERT.tables[0].actions[0].name: unknown action 'raed'; did you mean 'read'?",
        ),
        (
            "ERT: {tables: {system.MAC: {compute: {energy: 1}, mack: {energy: 1}}}}",
            "ERT.tables.system.MAC.mack: unknown action 'mack'; did you mean 'mac'?",
        ),
        (
            "ERT: {tables: [{name: system.Buffer, actions: [{name: read, enrgy: 1}]}]}",
            "ERT.tables[0].actions[0]: unknown key 'enrgy'; did you mean 'energy'?",
        ),
        (
            "ART: {tables: [{name: Register, area: 1}]}",
            "ART.tables[0].name: unknown component 'Register'; did you mean 'Registers'?",
        ),
    ],
)
def test_own_tables_are_of_components_and_actions_that_are_there(tmp_path, content, message):
    path, text = edited(tmp_path, *table(content))
    line = text[: text.index(content)].count("\n") + 1
    with pytest.raises(InputError) as caught:
        layer_machine(load_arch(path), OperandBits(8, 8, 32))
    assert str(caught.value) == f"{path}, line {line}: {message}"


def test_a_class_that_means_nothing_in_an_older_layout(tmp_path):
    data = yaml.safe_load(shipped("simple"))
    nodes = data["design"]["architecture"]["nodes"]
    local = [node for node in nodes if "class" in node]
    local[1]["class"] = "SRMA"
    data["design"]["architecture"] = {"subtree": [{"name": "system", "local": local}]}
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        layer_machine(load_arch(path), OperandBits(8, 8, 32))
    assert "class 'SRMA' is no memory and no compute unit" in str(caught.value)


def test_the_command_ends_with_2(tmp_path):
    path, _ = edited(tmp_path, "meshX: columns", "meshx: columns")
    np.savez(tmp_path / "m.npz", **{"fc.weight": np.ones((4, 8), dtype=np.float32)})
    command = [sys.executable, "-m", "hwsim", "run", "--arch", str(path), "--model", "m.npz"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert run.returncode == 2
    assert "unknown key 'meshx'; did you mean 'meshX'?" in run.stderr
    assert run.stdout == ""
