import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.quantity import FREQUENCY, LENGTH, SIZE, TIME, VOLTAGE, Units, parse_quantity


@given(st.floats(0.001, 100), st.sampled_from(["", " "]), st.sampled_from(["MHz", "GHz"]))
def test_quantities_are_read_as_written(value: float, space: str, unit: str) -> None:
    text = f"{value:.6f}"
    if float(text) > 0:
        assert parse_quantity(text + space + unit, FREQUENCY) == float(text) * FREQUENCY.names[unit]


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


@pytest.mark.parametrize(
    ("text", "units", "words"),
    [
        ("0.1 nm", LENGTH, "should be 0.5 nm or more"),
        ("30000 nm", LENGTH, "should be 20000 nm at most"),
        ("0.9 kHz", FREQUENCY, "should be 1000 Hz or more"),
        ("101 GHz", FREQUENCY, "should be 1e+11 Hz at most"),
        ("99 mV", VOLTAGE, "should be 0.1 V or more"),
        ("21 V", VOLTAGE, "should be 20 V at most"),
        ("0.5 B", SIZE, "should be 1 B or more"),
        ("1048577 MB", SIZE, "should be 1.09951e+12 B at most"),
        ("40000 d", TIME, "should be 3.2e+09 s at most"),
    ],
)
def test_what_no_chip_has_is_refused(text: str, units: Units, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{words}. Got '{text}'")):
        parse_quantity(text, units)


def test_sizes_are_in_powers_of_1024() -> None:
    assert parse_quantity("2MB", SIZE) == 2 * 1024**2
