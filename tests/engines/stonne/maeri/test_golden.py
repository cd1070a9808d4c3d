"""Every figure that the real STONNE gave for MAERI, exactly."""

from tests.equality.stonne import maeri, maeri_further


def test_all_measured_cases_are_equal():
    found = maeri()
    assert found.differing == []
    assert found.cases >= 150
    assert found.exact > 7_000


def test_further_cases_are_equal_and_what_the_program_does_not_run_is_refused():
    found = maeri_further()
    assert found.differing == []
    assert found.cases + found.refused == 402
    assert found.refused == 26
