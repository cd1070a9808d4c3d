"""What an expectation may say, and how what it may not is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.studies.expectations import Bound, Condition, Layers, parse_conditions, parse_expectation

#: What expectations are made of, to put together at random.
PIECES = (
    *("cycles", "energy_ratio", "(", ")", ",", "dense", "<=", ">", "==", "=", "|", "!="),
    *("1.5", "baseline", "*", "/", "uJ", "%", "at", "for", "each", "num_ms", "'", '"a b"'),
)


def read(text):
    """Give the parts of an expectation in the order of its text."""
    found = parse_expectation(text)
    return (
        found.measure.name,
        found.schemes,
        found.comparison,
        found.bound,
        found.conditions,
        found.layers,
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "energy_ratio(dense, signed-binary) >= 1.9 for layer3.*",
            ("energy_ratio", ("dense", "signed-binary"), ">=", Bound(1.9), (), ("layer3.*",)),
        ),
        ("cycles <= baseline * 1.01", ("cycles", (), "<=", Bound(1.01, "", True), (), None)),
        ("cycles<=1.5*baseline", ("cycles", (), "<=", Bound(1.5, "", True), (), None)),
        ("cycles == baseline", ("cycles", (), "==", Bound(1.0, "", True), (), None)),
        ("cycles > baseline / 4", ("cycles", (), ">", Bound(0.25, "", True), (), None)),
        (
            "energy < 12uJ at num_ms=128, sparsity>=0.65",
            (
                *("energy", (), "<", Bound(12.0, "uJ")),
                (Condition("num_ms", "=", ("128",)), Condition("sparsity", ">=", ("0.65",))),
                None,
            ),
        ),
        (
            "edp(dense) <= 3e-2 mJ  s for a, 'b c' at node==28 nm|45 nm, scheme != \"a:b=c,d\"",
            (
                *("edp", ("dense",), "<=", Bound(0.03, "mJ s")),
                (
                    Condition("node", "=", ("28 nm", "45 nm")),
                    Condition("scheme", "!=", ("a:b=c,d",)),
                ),
                ("a", "b c"),
            ),
        ),
        ("density <= 35 %", ("density", (), "<=", Bound(35.0, "%"), (), None)),
        ("utilization >= .5", ("utilization", (), ">=", Bound(0.5), (), None)),
        ("area <= 2 mm2", ("area", (), "<=", Bound(2.0, "mm2"), (), None)),
        ("time <= 7 ms", ("time", (), "<=", Bound(7.0, "ms"), (), None)),
        (
            'energy_ratio("pruned:method=random,seed=1") >= 1',
            ("energy_ratio", ("pruned:method=random,seed=1",), ">=", Bound(1.0), (), None),
        ),
        (
            "cycles <= 9 at set.activations=form factor for x",
            (
                *("cycles", (), "<=", Bound(9.0)),
                (Condition("set.activations", "=", ("form factor",)),),
                ("x",),
            ),
        ),
    ],
)
def test_what_is_read(text, parts):
    *others, layers = parts
    assert read(text) == (*others, None if layers is None else Layers(layers))


def test_each_layer_by_itself():
    assert parse_expectation("cycles <= 9 for each a.*,b").layers == Layers(("a.*", "b"), each=True)
    assert parse_expectation("cycles <= 9 for each").layers == Layers(("each",))


def test_text_and_place_are_kept_and_the_place_is_no_part_of_it():
    found = parse_expectation("  cycles <= 9 ", "s.yaml, line 3")
    assert (found.text, found.place) == ("cycles <= 9", "s.yaml, line 3")
    assert found == parse_expectation("cycles <= 9")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cycle <= 2", "unknown measure 'cycle'; did you mean 'cycles'?"),
        (
            "<= 2",
            "'<= 2': expected a measure (cycles, time, energy, edp, area, density, utilization, "
            "cycles_ratio, energy_ratio, edp_ratio). Got '<= 2'",
        ),
        ("cycles", "'cycles': expected a comparison (>=, <=, ==, > or <). The text ends there"),
        ("cycles = 3", "'cycles = 3': expected a comparison (>=, <=, ==, > or <). Got '= 3'"),
        ("cycles <= x", "'cycles <= x': expected a number, or 'baseline'. Got 'x'"),
        ("cycles <= 12abc", "cycles has no unit. Got 'abc'"),
        ("cycles <= 1.2.3", "'cycles <= 1.2.3': expected a number, or 'baseline'. Got '1.2.3'"),
        (
            "cycles <= 1_000",
            "'cycles <= 1_000': expected 'at', 'for' (each once) or the end. Got '_000'",
        ),
        (
            "cycles <= baselines",
            "'cycles <= baselines': expected a number, or 'baseline'. Got 'baselines'",
        ),
        ("cycles <= 2 * cycles", "'cycles <= 2 * cycles': expected 'baseline'. Got 'cycles'"),
        ("cycles <= baseline / 0", "baseline / 0 is no bound"),
        ("cycles <= 3 uJ", "cycles has no unit. Got 'uJ'"),
        ("energy <= 3 kJ", "unknown unit 'kJ' of energy; known: pJ, nJ, uJ, mJ, J"),
        ("density <= 3 J", "unknown unit 'J' of density; known: %"),
        ("time <= 3", "time needs a unit: ps, ns, us, ms, s"),
        ("edp <= 3 J", "unknown unit 'J' of edp; known: pJ s, nJ s, uJ s, mJ s, J s"),
        (
            "cycles <= 1, or so",
            "'cycles <= 1, or so': expected 'at', 'for' (each once) or the end. Got ', or so'",
        ),
        (
            "cycles <= 1 for a for b",
            "'cycles <= 1 for a for b': expected 'at', 'for' (each once) or the end. Got 'for b'",
        ),
        (
            "cycles <= 1 at a=1 at b=1",
            "'cycles <= 1 at a=1 at b=1': expected 'at', 'for' (each once) or the end. Got "
            "'at b=1'",
        ),
        (
            "cycles <= 1 at",
            "'cycles <= 1 at': expected a coordinate, as in num_ms=128. The text ends there",
        ),
        (
            "cycles <= 1 at num_ms",
            "'cycles <= 1 at num_ms': expected a comparison after num_ms, as in num_ms=128. The "
            "text ends there",
        ),
        ("cycles <= 1 at num_ms>=x", "'cycles <= 1 at num_ms>=x': expected a number. Got 'x'"),
        (
            "cycles <= 1 at num_ms=",
            "'cycles <= 1 at num_ms=': expected a value, in quotes if it has commas. The text "
            "ends there",
        ),
        (
            "cycles <= 1 for",
            "'cycles <= 1 for': expected a pattern of layers, as in layer3.*. The text ends there",
        ),
        (
            "cycles <= 1 for a,",
            "'cycles <= 1 for a,': expected a pattern of layers. The text ends there",
        ),
        ("area <= 1 um2 for a", "area is of the machine, not of layers; leave out 'for'"),
        (
            "cycles(a, b) <= 1",
            "cycles is of one scheme. Got a, b; a scheme with commas stands in quotes",
        ),
        (
            "energy_ratio(a, b:c=d,e=f) <= 1",
            "energy_ratio is of one or two schemes. Got a, b:c=d, e=f; a scheme with commas "
            "stands in quotes",
        ),
        ("cycles(a <= 1", "'cycles(a <= 1': expected ',' or ')'. The text ends there"),
        (
            "cycles() <= 1",
            "'cycles() <= 1': expected a scheme, in quotes if it has commas. Got ') <= 1'",
        ),
    ],
)
def test_what_is_not_understood(text, problem):
    with pytest.raises(InputError) as caught:
        parse_expectation(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize("start", ["cycles <= 1 ", "energy <= 1 ", "cycles ", "cycles <= 1, "])
def test_a_long_text_is_told_in_part(start):
    with pytest.raises(InputError) as caught:
        parse_expectation(start + "x" * 999)
    assert len(str(caught.value)) < 350


def test_conditions_by_themselves():
    assert parse_conditions("layer=conv9, scheme=a|b") == (
        Condition("layer", "=", ("conv9",)),
        Condition("scheme", "=", ("a", "b")),
    )
    with pytest.raises(InputError, match=r"expected ',' or the end\. Got 'for b'"):
        parse_conditions("layer=conv9 for b")


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=9))
def test_any_text_is_read_or_refused_in_one_line(pieces):
    text = " ".join(pieces)
    try:
        expectation = parse_expectation(text)
    except InputError:
        return
    assert parse_expectation(expectation.text) == expectation
