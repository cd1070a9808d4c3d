import pytest

from hwsim.validation.tolerance import Tolerance, error_in_words


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        ("10 %", 0.9, 1.1),
        ("0%", 1, 1),
        ("99.5 %", 0.005, 1.995),
        ("4x", 0.25, 4),
        ("1.6 x", 0.625, 1.6),
    ],
)
def test_a_statement_bounds_the_ratio(text, lowest, highest):
    read = Tolerance.parse(text)
    assert (read.lowest, read.highest) == pytest.approx((lowest, highest), rel=1e-12)
    assert read.text == text


@pytest.mark.parametrize(
    "text", ["100 %", "1x", "0.5x", "10", "-1 %", "x", "10 percent", "1e3x", ""]
)
def test_what_is_no_statement_is_refused(text):
    with pytest.raises(ValueError, match="should be like") as refusal:
        Tolerance.parse(text)
    assert str(refusal.value) == (
        f"should be like '10 %' (below 100 %) or '1.5x' (above 1). Got {text!r}"
    )


def test_both_bounds_are_covered():
    read = Tolerance.parse("2x")
    assert [read.covers(ratio) for ratio in (0.499, 0.5, 1, 2, 2.001)] == [
        False, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1, "exact"),
        (1.0551, "+5.5 %"),
        (0.88, "-12.0 %"),
        (1.5, "+50.0 %"),
        (1 / 1.5, "-33.3 %"),
        (1.51, "1.51x high"),
        (0.25, "4x low"),
        (61.72, "61.7x high"),
        (1 / 3.333, "3.33x low"),
    ],
)
def test_errors_in_words(ratio, words):
    assert error_in_words(ratio) == words
