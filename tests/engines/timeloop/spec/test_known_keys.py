"""Keys that nobody knows: near misses are refused, other tools' keys are named in one line."""

import copy
import subprocess
import sys

import pytest

import hwsim
from hwsim.engines.timeloop.mapper import find_mapping
from hwsim.engines.timeloop.spec import known_keys, read_inputs
from hwsim.engines.timeloop.spec._field import Part, text
from hwsim.engines.timeloop.spec.known_keys import near_miss
from hwsim.errors import InputError
from tests.engines.timeloop.spec.inputs import (
    inputs,
    inside,
    places_in,
    sparse_inputs,
    write_parts,
)


def refusal(given):
    with pytest.raises(InputError) as caught:
        hwsim.evaluate_timeloop(given)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("meshx", "meshX"),
        ("read_bandwith", "read_bandwidth"),
        ("widht", "width"),
        ("constrants", "constraints"),
        ("data-widht", "datawidth"),
        ("optimisation_metrics", "optimization_metrics"),
        ("colour", None),
        ("latency", None),
        ("dep", None),
        ("nam", "name"),
        ("ame", None),
        ("readbandwidth", "read_bandwidth"),
        ("DATAWIDTH", "datawidth"),
        ("width_of_row", None),
    ],
)
def test_near_misses(written, meant):
    known = {"meshX", "meshY", "read_bandwidth", "width", "depth", "constraints"}
    assert near_miss(written, known | {"optimization_metrics", "datawidth", "name"}) == meant


def misspelled():
    """Every key of the inputs, with a letter swapped."""
    given = sparse_inputs()
    given["architecture"]["subtree"][0]["local"][0]["attributes"]["read_bandwidth"] = 4
    for path, _ in places_in(given):
        key = path[-1]
        if not isinstance(key, str) or len(key) < 4 or path[-2:-1] in [("instance",)]:
            continue
        changed = copy.deepcopy(given)
        holder = inside(changed, path[:-1])
        wrong = key[:1] + key[2] + key[1] + key[3:] if key[1] != key[2] else key + "s"
        content = {wrong if name == key else name: value for name, value in holder.items()}
        holder.clear()
        holder.update(content)
        yield path, wrong, changed


@pytest.mark.parametrize(("path", "wrong", "given"), list(misspelled()), ids=lambda value: None)
def test_every_misspelled_key_of_timeloops_inputs_is_refused(path, wrong, given):
    message = refusal(given)
    assert f"unknown key {wrong!r}; did you mean {path[-1]!r}?" in message


def test_the_line_names_file_line_section_and_what_was_meant(tmp_path):
    given = inputs()
    local = given["architecture"]["subtree"][0]["subtree"][0]["subtree"][0]["local"]
    local[1]["attributes"] = {"meshx": 4, "datawidth": 16}
    paths = write_parts(tmp_path, given)
    text = paths[0].read_text(encoding="utf-8")
    line = text[: text.index("meshx")].count("\n") + 1
    assert refusal(paths) == (
        f"{paths[0]}, line {line}: architecture.subtree[0].subtree[0].subtree[0].local[1]"
        ".attributes: unknown key 'meshx'; did you mean 'meshX'?"
    )


def test_misspelled_names_of_an_instance():
    given = inputs()
    given["problem"]["shape"]["coefficients"] = [{"name": "Wstride", "default": 1}]
    given["problem"]["instance"]["Wstrid"] = 2
    assert refusal(given) == (
        "inputs: problem.instance: unknown key 'Wstrid'; did you mean 'Wstride'?"
    )


def test_misspelled_roots():
    given = sparse_inputs()
    given["sparse_optimisations"] = given.pop("sparse_optimizations")
    assert refusal(given) == (
        "inputs: unknown key 'sparse_optimisations'; did you mean 'sparse_optimizations'?"
    )


def test_a_key_in_capitals_is_a_slip_unless_its_field_has_a_value():
    given = inputs()
    attributes = given["architecture"]["subtree"][0]["local"][0]["attributes"]
    assert "word_bits" in attributes
    attributes["DATAWIDTH"] = 4
    assert hwsim.evaluate_timeloop(given).notes == (
        "not known and left alone: 'DATAWIDTH' (inputs)",
    )
    del attributes["word_bits"]
    assert refusal(given) == (
        "inputs: architecture.subtree[0].local[0].attributes: unknown key 'DATAWIDTH'; did you "
        "mean 'datawidth'?"
    )


def test_two_spellings_of_a_key():
    given = inputs()
    given["architecture"]["subtree"][0]["local"][0]["attributes"]["word-bits"] = 8
    assert refusal(given) == (
        "inputs: architecture.subtree[0].local[0].attributes: 'word_bits' and 'word-bits' are the "
        "same key"
    )


def with_foreign_keys():
    given = inputs()
    given["architecture"]["subtree"][0]["local"][0]["attributes"]["colour"] = "blue"
    given["problem"]["instance"]["weather"] = {"sun": 1}
    given["mapping"][0]["colour"] = "red"
    return given


def test_other_tools_keys_are_named_in_one_line(tmp_path):
    given = with_foreign_keys()
    noted = hwsim.evaluate_timeloop(given)
    assert noted.to_dict() == hwsim.evaluate_timeloop(inputs()).to_dict()
    assert noted.notes == ("not known and left alone: 'colour' (inputs), 'weather' (inputs)",)
    assert hwsim.evaluate_timeloop(inputs()).notes == ()
    paths = write_parts(tmp_path, given)
    lines = [
        text[: text.index(key)].count("\n") + 1
        for key, text in (
            ("colour", paths[0].read_text(encoding="utf-8")),
            ("weather", paths[1].read_text(encoding="utf-8")),
        )
    ]
    shown = (
        f"not known and left alone: 'colour' ({paths[0]}, line {lines[0]}), "
        f"'weather' ({paths[1]}, line {lines[1]})"
    )
    assert hwsim.evaluate_timeloop(paths).notes == (shown,)
    command = [sys.executable, "-m", "hwsim", "timeloop", "model", *map(str, paths)]
    run = subprocess.run(
        [*command, "-o", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0
    assert run.stderr == f"note: {shown}\n"


def test_the_mapper_notes_them_too():
    given = with_foreign_keys()
    del given["mapping"]
    found = find_mapping(given, budget=20)
    assert found.notes[0] == "not known and left alone: 'colour' (inputs), 'weather' (inputs)"


def test_keys_that_change_nothing_here_are_no_noise():
    given = inputs(compound_components={"version": 0.3}, mapper={"algorithm": "hybrid"})
    memory = given["architecture"]["subtree"][0]["local"][0]
    memory["attributes"] |= {"n_banks": 4, "technology": "45nm", "global_cycle_seconds": 1e-9}
    memory["required_actions"] = ["read"]
    chip = given["architecture"]["subtree"][0]["subtree"][0]
    chip["local"].append({"name": "adder", "class": "intadder", "attributes": {"anything": 1}})
    assert hwsim.evaluate_timeloop(given).notes == ()


def test_names_of_data_spaces_in_attributes_are_no_unknown_keys():
    given = inputs()
    attributes = given["architecture"]["subtree"][0]["local"][0]["attributes"]
    named = {"per_dataspace_bandwidth_consumption_scale": {"A": 2.0}}
    attributes |= named | {"x-hwsim": {"bits": {"A": 8}, "network_bits": {"Z": 16}, **named}}
    assert hwsim.evaluate_timeloop(given).notes == ()


def test_a_key_beside_the_one_that_it_resembles_is_another_one():
    given = inputs()
    given["architecture"]["subtree"][0]["local"][0]["attributes"]["Block_Size"] = 7
    assert hwsim.evaluate_timeloop(given).notes == (
        "not known and left alone: 'Block_Size' (inputs)",
    )


def test_the_front_ends_own_merge_is_refused():
    given = inputs()
    given["architecture"]["subtree"][0]["<<<"] = {"local": []}
    assert refusal(given) == (
        "inputs: architecture.subtree[0]: '<<<' of the Python front end is not read; write it out"
    )


def test_the_extension_is_hwsims_own():
    given = inputs()
    given["architecture"]["subtree"][0]["local"][0]["attributes"]["x-hwsim"] = {"aera": 1.0}
    assert refusal(given).endswith("x-hwsim: unknown key 'aera'; did you mean 'area'?")
    given["architecture"]["subtree"][0]["local"][0]["attributes"]["x-hwsim"] = {"colour": 1.0}
    assert refusal(given).endswith(
        "x-hwsim: unknown key 'colour'; known: area, bits, entries, network_bits, "
        "per_dataspace_bandwidth_consumption_scale, unlimited"
    )


@pytest.mark.parametrize(
    ("left", "right", "slips"),
    [
        ("depth", "depth", 0),
        ("depth", "dpeth", 1),
        ("depth", "detph", 1),
        ("depth", "deph", 1),
        ("depth", "deepth", 1),
        ("depth", "debth", 1),
        ("depth", "edpht", 2),
        ("ca", "abc", 3),  # a swap, and a letter into the midst of it
        ("kitten", "sitting", 3),
        ("", "abc", 3),
        ("abc", "", 3),
    ],
)
def test_slips_between_two_words(left, right, slips):
    assert known_keys._slips(left, right) == slips


@pytest.mark.parametrize(
    ("written", "name", "allowed"),
    [
        ("abc", "abcd", 1),
        ("bcd", "abcd", 0),
        ("abcd", "abc", 1),
        ("abc", "abcde", 0),
        ("abcd", "abcd", 1),
        ("abcdefgh", "abcdefghi", 1),
        ("abcdefghi", "abcdefghi", 2),
        ("abcdefghi", "abcdefgh", 1),
    ],
)
def test_long_words_are_told_from_others_in_spite_of_two_slips(written, name, allowed):
    assert known_keys._allowed(written, name) == allowed


def test_the_nearest_is_meant_and_of_equals_the_first():
    assert near_miss("entris", {"entries", "entrie"}) == "entrie"
    assert near_miss("widthb", {"widthc", "widtha"}) == "widtha"
    assert near_miss("block_sise", {"block_size", "blocksize"}) == "block_size"


@pytest.mark.parametrize(("many", "listed"), [(20, True), (21, False)])
def test_so_many_known_keys_are_listed(many, listed):
    part = Part(
        tuple(text(f"key_{chr(97 + n) * 9}", default=None) for n in range(many)), closed=True
    )
    with pytest.raises(InputError) as refused:
        known_keys.check_keys(read_inputs({"problem": {"colour": 1}}).section("problem"), part)
    assert str(refused.value).startswith("inputs: problem: unknown key 'colour'")
    assert ("; known: key_aaaaaaaaa, " in str(refused.value)) is listed


def test_merges_of_the_front_end_are_not_read():
    given = inputs()
    given["problem"]["<<<"] = {}
    assert refusal(given) == (
        "inputs: problem: '<<<' of the Python front end is not read; write it out"
    )


def test_capitals_among_attributes_of_a_subtree_are_values_that_expressions_name():
    """As in the exercises: DATAWIDTH stands for a number, and datawidth is one."""
    given = inputs()
    chip = given["architecture"]["subtree"][0]
    chip["attributes"] = {"DATAWIDTH": 16}
    merged = read_inputs(given)
    assert list(merged.origin.unknown) == ["DATAWIDTH"]
    chip["attributes"] = {"dataWidth": 16}
    with pytest.raises(InputError, match="unknown key 'dataWidth'; did you mean 'datawidth'"):
        read_inputs(given)
