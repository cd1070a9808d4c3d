import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hwsim.arch.parts.sram
from hwsim.arch.parts import Components
from hwsim.arch.parts.sram import read_sram_table, sram, supply
from hwsim.errors import InputError

TABLE = Path(hwsim.arch.parts.sram.__file__).parent / "data" / "sram.yaml"


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


def test_energy_goes_with_the_square_of_the_supply_and_leakage_with_it() -> None:
    # CACTI's low standby power cells run at 1.2 V at 65 nm, at 1.1 V at 45 nm
    assert (supply(65), supply(45), supply(22), supply(7)) == (1.2, 1.1, 0.8, 0.8)
    assert supply(55) == pytest.approx(1.15)
    as_tabulated, at_1_v = Components(65), Components(65, 1.0)
    for action in ("sram_read", "sram_write"):
        before = getattr(as_tabulated, action)(4096, 64)
        after = getattr(at_1_v, action)(4096, 64)
        assert after.value == pytest.approx(before.value / 1.44)
        assert after.formula.endswith("((1.2 V to 1 V) squared)")
    leaks = at_1_v.sram_leakage(4096, 64)
    assert leaks.value == pytest.approx(as_tabulated.sram_leakage(4096, 64).value / 1.2)
    assert leaks.formula.endswith("(1.2 V to 1 V)")
    assert at_1_v.sram_area(4096, 64) == as_tabulated.sram_area(4096, 64)
    assert Components(45, 0.9).sram_read(4096, 64).value == pytest.approx(
        Components(45).sram_read(4096, 64).value * (0.9 / 1.1) ** 2
    )


def test_a_table_without_the_supply_of_a_node_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sram.yaml"
    path.write_text(TABLE.read_text().replace("32: 1.0, ", ""))
    message = "supply.volts: expected one for each node of rows. Got [22, 45, 65]"
    with pytest.raises(InputError, match=rf"line \d+: {re.escape(message)}$"):
        read_sram_table(path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (("  65     1    32 ", "  65     1  wide "), "rows: expected lines of numbers: .*'wide'"),
        (
            ("  65     1    32 ", "  65     1 "),
            r"rows\.0: expected 7 numbers of 0 or more",
        ),
        (("rows: | #", "rows: [[65, 1, 32]] #"), r"rows: expected lines of numbers \(rows: \|\)"),
    ],
)
def test_rows_that_are_no_lines_of_numbers_are_refused(
    tmp_path: Path, changed: tuple[str, str], message: str
) -> None:
    text = TABLE.read_text()
    assert text.count(changed[0]) == 1
    text = text.replace(*changed)
    if "[[" in changed[1]:
        text = text.partition("each, in the order of the columns\n")[0]
    path = tmp_path / "sram.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"line \d+: {message}"):
        read_sram_table(path)
