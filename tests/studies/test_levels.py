import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.studies.levels import parse_levels


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("0:0.9:0.1", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
        ("0:0.5:0.2", (0.0, 0.2, 0.4)),
        ("0.65", (0.65,)),
        ("0.65, 0,0.5,0.5", (0.0, 0.5, 0.65)),
        ("0:0.2:0.1,0.65", (0.0, 0.1, 0.2, 0.65)),
        ("0.3:0.3:0.1", (0.3,)),
        ([0.5, 0], (0.0, 0.5)),
    ],
)
def test_levels(text, levels):
    assert parse_levels(text) == levels


@given(st.integers(0, 30), st.integers(1, 60), st.integers(1, 9))
def test_a_range_includes_its_end_when_the_steps_meet_it(start, steps, step):
    stop = start + steps * step
    levels = parse_levels(f"{start / 1000}:{stop / 1000}:{step / 1000}")
    assert len(levels) == steps + 1
    assert levels[-1] == stop / 1000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1", "sparsity 1: expected a share of zeros of at least 0 and less than 1"),
        ("-0.1", "sparsity -0.1: expected a share of zeros of at least 0 and less than 1"),
        ("65", "sparsity 65: expected a share of zeros of at least 0 and less than 1"),
        ("0:0.9", "sparsity '0:0.9': expected a level or START:STOP:STEP, e.g. 0:0.9:0.1"),
        ("0:0.9:0", "sparsity '0:0.9:0': expected START <= STOP and a STEP above 0"),
        ("0.9:0:0.1", "sparsity '0.9:0:0.1': expected START <= STOP and a STEP above 0"),
        ("0:0.9:1e-9", "sparsity '0:0.9:1e-9': 900000001 levels are more than 1000"),
        ("nan", "sparsity 'nan': 'nan' is not a finite number"),
        ("0:inf:0.1", "sparsity '0:inf:0.1': 'inf' is not a finite number"),
        (
            "0,,1",
            "sparsity '': '' is not a number; expected levels such as 0,0.5,0.65 or a range "
            "START:STOP:STEP such as 0:0.9:0.1",
        ),
    ],
)
def test_refusals(text, message):
    with pytest.raises(InputError) as error:
        parse_levels(text)
    assert str(error.value) == message


@pytest.mark.parametrize("text", ["0.99999999999999999999", "0.9999999", "0,0.99999999"])
def test_a_level_that_rounds_to_1_leaves_no_weight(text):
    with pytest.raises(InputError, match="rounds to 1, which would leave no weight"):
        parse_levels(text)
    assert parse_levels("0.999") == (0.999,)
