import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch.parts.sram import sram


@settings(max_examples=50)
@given(st.floats(4, 4096), st.floats(32, 512), st.floats(7, 65))
def test_sram_between_rows_lies_between_them(size: float, width: float, node: float) -> None:
    figures = sram(size * 1024, int(width), node)
    assert 0 < figures.read_pj < 6000
    assert figures.area_um2 > 0
    larger = sram(16 * size * 1024, int(width), node)
    assert larger.area_um2 > figures.area_um2
    assert larger.read_pj >= figures.read_pj


def test_a_large_or_wide_sram_is_several_banks() -> None:
    one, four = sram(4096 * 1024, 64, 28), sram(4 * 4096 * 1024, 64, 28)
    assert four.read_pj == one.read_pj
    assert four.leakage_mw == pytest.approx(4 * one.leakage_mw)
    assert four.how == "4096 KB x 64 bit, 4 banks"
    wide = sram(2 * 64 * 1024, 2048, 28)
    assert wide.read_pj == pytest.approx(2 * sram(64 * 1024, 1024, 28).read_pj)


def test_a_narrow_access_costs_at_least_30_percent_of_32_bits() -> None:
    full = sram(65536, 32, 45).read_pj
    assert sram(65536, 8, 45).read_pj == pytest.approx(full * (0.3 + 0.7 / 4))
