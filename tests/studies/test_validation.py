"""The validation with a stand-in of timeloop-model; the command's tests have STONNE's."""

import json
import textwrap

import pytest

import hwsim
from hwsim import Request
from hwsim.engines.reference import ComparedFigure
from hwsim.errors import InputError
from hwsim.studies import validate
from tests.arch.quick_search import quick_arch
from tests.engines.programs import stand_ins
from tests.engines.timeloop.program.test_engine import MODEL, WRONG
from tests.studies.networks import tiny_network

pytestmark = pytest.mark.outside

#: Counts its runs by the lines of a file.
NOTES_ITS_RUNS = """
    import pathlib
    with open(pathlib.Path(__file__).with_suffix(".runs"), "a") as file:
        file.write("run\\n")
"""


@pytest.fixture
def against(tmp_path):
    def call(body, schemes="dense"):
        program = stand_ins.program(tmp_path, body)
        arch = quick_arch(tmp_path, "simple")
        return validate(Request(tiny_network(), arch, schemes, program=str(program)))

    return call


def test_equal_figures(against, tmp_path):
    found = against(NOTES_ITS_RUNS + MODEL, ["dense", "signed-binary"])
    assert [(layer.scheme, layer.layer) for layer in found.layers] == [
        (scheme, layer.name)
        for scheme in ("dense", "signed-binary")
        for layer in tiny_network().layers
    ]
    assert found.different == found.failed == []
    assert all(layer.agrees for layer in found.layers)
    assert all(len(layer.both.figures) > 100 for layer in found.layers)
    assert all(layer.both.ours == layer.both.theirs for layer in found.layers)
    # The two convolutions of one shape are one task while they are dense, and so is what
    # signed-binary leaves dense.
    [runs] = tmp_path.glob("*.runs")
    assert runs.read_text().count("run") == 6


def test_a_difference_is_a_label_and_both_sides(against):
    found = against(WRONG)
    assert len(found.different) == len(found.layers) == 5
    for layer in found.to_dict()["layers"]:
        [difference] = layer["differences"]
        assert difference["label"].startswith("Registers ")
        assert difference["label"].endswith(" Scalar fills (per-instance)")
        assert str(difference["theirs"]) == f"1{difference['ours']}"


def test_a_layer_that_fails_leaves_the_others(against):
    found = against(
        'if "C: 3," in open(sys.argv[2]).read(): sys.exit(5)\n' + textwrap.dedent(MODEL)
    )
    [failed] = found.failed
    assert failed.layer == "stem"
    assert failed.both.ours["cycles"] > 0
    assert failed.both.theirs is None
    assert found.different == []


def test_what_json_says_of_a_layer(against):
    document = json.loads(json.dumps(against(MODEL).to_dict()))
    layer = document["layers"][1]
    assert (layer["scheme"], layer["layer"], layer["zeros"]) == ("dense", "block.conv1", 0)
    assert [layer[key] for key in ("M", "K", "N", "groups")] == [8, 72, 36, 1]
    assert layer["ours"].keys() == layer["theirs"].keys() == {"cycles", "energy_pj"}
    assert (layer["differences"], layer["failure"]) == ([], None)


def test_a_machine_that_no_program_checks(tmp_path):
    file = tmp_path / "other.yaml"
    file.write_text("extends: sigma\nname: other\nengine: quantum\n")
    with pytest.raises(InputError) as error:
        validate(Request(tiny_network(), hwsim.load_arch(file)))
    assert str(error.value) == (
        "arch 'other' is of the engine 'quantum', which no program is known to check; known "
        "engines: maeri, sigma, sparseloop, tpu"
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        (3, 3, True),
        (3, 4, False),
        (None, 0, False),
        ("MK", "MK", True),
        (100.0, 100.05, True),
        (100.0, 100.2, False),
        ([(1, 2)], [(1, 2)], True),
    ],
)
def test_when_figures_are_equal(ours, theirs, equal):
    tolerance = {"absolute": 0.05, "relative": 1e-4} if isinstance(ours, float) else {}
    assert ComparedFigure("x", ours, theirs, **tolerance).equal is equal
