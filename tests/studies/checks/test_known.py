"""What is refused before anything is evaluated."""

import pytest

from hwsim.errors import InputError
from hwsim.studies.checks.known import KnownPoint, refuse_unknown
from hwsim.studies.expectations import Subject, parse_expectation

RESNET = KnownPoint(
    *("resnet", "sigma"), ("conv1", "layer3.a", "layer3.b"), 5e8, {"physical": "pJ", "stonne": None}
)
VGG = KnownPoint("vgg", "toy", ("conv1", "fc"), None, {"physical": "pJ"})


def refusal(*texts, points=(RESNET,)):
    subjects = [Subject(number) for number in range(len(points))]
    with pytest.raises(InputError) as caught:
        refuse_unknown(
            [(parse_expectation(text, "s.yaml, line 3"), subjects) for text in texts], points
        )
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "cycles <= 1 for layr3.*",
            "no layer of resnet matches 'layr3.*'; did you mean 'layer3.b'?",
        ),
        ("cycles <= 1 for conv1, fc9", "no layer matches 'fc9'; known: conv1, layer3.a, layer3.b"),
        ("energy <= 1", "energy by physical is in pJ; give the bound a unit"),
        (
            "energy <= 1 pJ",
            "energy by stonne has no unit, so that it cannot be compared with pJ; leave it out, or "
            "choose a table with 'at energy_table=...'",
        ),
        ("edp <= 1 pJ s", "energy by stonne has no unit, so that there is no edp"),
        (
            "energy <= baseline at energy_table=phys",
            "no prices with energy_table=phys; did you mean 'physical'?",
        ),
    ],
)
def test_one_network(text, problem):
    assert refusal(text) == f"s.yaml, line 3: {text!r}: {problem}"


def test_several_networks_and_machines():
    assert refusal("cycles <= 1 for layer3.*", points=(RESNET, VGG)).endswith(
        "no layer of vgg matches 'layer3.*'; known: conv1, fc"
    )
    assert refusal("time <= 1 s", points=(RESNET, VGG)).endswith(
        "toy states no clock, so that there is no time"
    )


def test_all_are_told():
    assert refusal("energy <= 1", "cycles <= 1 for x") == (
        "expectations: 2 problems\n"
        "s.yaml, line 3: 'energy <= 1': energy by physical is in pJ; give the bound a unit\n"
        "s.yaml, line 3: 'cycles <= 1 for x': no layer of resnet matches 'x'; known: conv1, "
        "layer3.a, layer3.b"
    )


def test_what_there_is_passes():
    texts = (
        "cycles <= 1 for conv1",
        "cycles <= 1 for conv*, fc, layer3.a",
        "energy <= 1 pJ at energy_table=physical",
        "energy <= baseline",
        "energy_ratio >= 1",
    )
    subjects = [Subject(0), Subject(1)]
    refuse_unknown([(parse_expectation(text), subjects) for text in texts], (RESNET, VGG))
    refuse_unknown([(parse_expectation("time <= 1 s"), subjects[:1])], (RESNET, VGG))
    refuse_unknown(
        [(parse_expectation("energy <= 1 at energy_table=stonne"), subjects[:1])], (RESNET,)
    )


def test_tables_and_groups_of_an_expectation():
    asked = parse_expectation("energy <= 1 at energy_table=s* for each conv1, *.b")
    assert RESNET.tables(asked) == ["stonne"]
    assert RESNET.groups(asked) == [("conv1",), ("layer3.b",)]
    asked = parse_expectation("cycles <= 1 for layer3.*")
    assert (RESNET.tables(asked), RESNET.groups(asked)) == ([None], [("layer3.a", "layer3.b")])
    assert RESNET.groups(parse_expectation("cycles <= 1")) == [RESNET.layers]
