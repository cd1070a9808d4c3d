import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.quantity import FREQUENCY, LENGTH, SIZE, parse_quantity


@given(st.floats(0.001, 1e6), st.sampled_from(["", " "]), st.sampled_from(["MHz", "GHz"]))
def test_quantities_are_read_as_written(value: float, space: str, unit: str) -> None:
    text = f"{value:.6f}"
    if float(text) > 0:
        assert parse_quantity(text + space + unit, FREQUENCY) == float(text) * FREQUENCY[unit]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nm",
        "-3 nm",
        "0 nm",
        "3 nm nm",
        "3  nm",
        "3 km",
        "1e3 nm",
        f"{10**15} nm",
        "9" * 400 + " nm",
    ],
)
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="should be a positive number and its unit"):
        parse_quantity(text, LENGTH)


def test_sizes_are_in_powers_of_1024() -> None:
    assert parse_quantity("2MB", SIZE) == 2 * 1024**2
