"""Every figure that the real STONNE gave, exactly."""

from tests.equality.stonne import sigma


def test_all_measured_cases_are_equal():
    found = sigma()
    assert found.differing == []
    assert found.cases >= 339
    assert found.exact > 16_000
