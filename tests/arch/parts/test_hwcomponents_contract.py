"""The contract between hwsim's shipped tables and hwcomponents, at 65, 45 and 28 nm."""

from __future__ import annotations

import pytest

from hwsim.arch.parts import Components
from hwsim.arch.parts.hwcomponents import HwComponents
from hwsim.number_format import NumberFormat

REASON = "hwcomponents is not installed: pip install hwsim[hwcomponents] (Python 3.12 or newer)"
pytest.importorskip("hwcomponents", reason=REASON)
pytest.importorskip("hwcomponents_cacti", reason=REASON)

NODES = (65, 45, 28)
#: In the shipped table; KB and bits.
IN_TABLE = [(4, 64), (64, 64), (64, 1024), (108, 256), (2048, 64), (2048, 1024)]
#: Between its rows: interpolated in capacity and width.
BETWEEN = [(48, 96), (200, 300), (512, 512), (1500, 700), (54, 1024)]


@pytest.fixture(params=NODES, ids=lambda node: f"{node}nm")
def both(request: pytest.FixtureRequest) -> tuple[Components, HwComponents]:
    return Components(request.param, arithmetic="aladdin"), HwComponents(request.param)


@pytest.mark.parametrize("bits", [1, 8, 16, 32])
def test_logic_is_the_same(both: tuple[Components, HwComponents], bits: int) -> None:
    number = NumberFormat(bits, False, f"int{bits}")
    ours, theirs = both
    for figure in ("adder", "adder_area"):
        mine = getattr(ours, figure)(number).value
        assert mine == pytest.approx(getattr(theirs, figure)(number).value, rel=1e-6)
    for figure in ("multiplier", "multiplier_area"):
        mine = getattr(ours, figure)(number, number).value
        assert mine == pytest.approx(getattr(theirs, figure)(number, number).value, rel=1e-6)
    assert ours.register(bits).value == pytest.approx(theirs.register(bits).value, rel=1e-6)


def _compare_memory(
    both: tuple[Components, HwComponents], kilobytes: int, bits: int, rel: float
) -> None:
    ours, theirs = both
    for figure in ("sram_read", "sram_write", "sram_leakage", "sram_area"):
        mine = getattr(ours, figure)(kilobytes * 1024, bits).value
        their = getattr(theirs, figure)(kilobytes * 1024, bits).value
        assert mine == pytest.approx(their, rel=rel), figure


@pytest.mark.parametrize(("kilobytes", "bits"), IN_TABLE)
def test_memories_in_the_table_are_the_same(
    both: tuple[Components, HwComponents], kilobytes: int, bits: int
) -> None:
    _compare_memory(both, kilobytes, bits, rel=0.001)


@pytest.mark.parametrize(("kilobytes", "bits"), BETWEEN)
def test_memories_between_its_rows_are_within_15_percent(
    both: tuple[Components, HwComponents], kilobytes: int, bits: int
) -> None:
    _compare_memory(both, kilobytes, bits, rel=0.15)
