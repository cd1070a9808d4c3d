"""Every figure that the real STONNE gave of its mesh, exactly."""

from tests.equality.stonne import tpu


def test_all_measured_cases_are_equal():
    found = tpu()
    assert found.differing == []
    assert found.cases >= 140
    assert found.exact > 6_000
