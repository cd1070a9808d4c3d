"""Every figure that the real timeloop-model gave: cycles and counts equal, energies to 0.1 %."""

from tests.equality.timeloop import timeloop_model


def test_all_measured_cases_are_equal():
    found = timeloop_model()
    assert found.differing == []
    assert found.cases >= 260
    assert found.exact > 40_000
