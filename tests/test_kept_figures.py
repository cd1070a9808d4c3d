"""Figures and files of shipped machines are what they were; see ``tests/kept_figures.py``."""

from __future__ import annotations

import math

import pytest

from tests.kept_figures import everything, read_kept

KEPT = read_kept()


def differences(before: object, now: object, place: str = "") -> list[str]:
    """Where two documents differ; numbers may differ by the rounding of another machine."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = dict.fromkeys([*before, *now])
        return [
            line
            for key in keys
            for line in differences(before.get(key), now.get(key), f"{place}/{key}")
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = enumerate(zip(before, now, strict=True))
        return [
            line for place_in, both in pairs for line in differences(*both, f"{place}[{place_in}]")
        ]
    numbers = all(isinstance(side, int | float) for side in (before, now))
    if numbers and math.isclose(before, now, rel_tol=1e-9):  # type: ignore[arg-type]
        return []
    return [] if before == now else [f"{place}: {before!r} became {now!r}"]


@pytest.mark.parametrize("machine", KEPT)
def test_a_machine_says_what_it_said(machine: str) -> None:
    assert differences(KEPT[machine], everything(machine).get(machine))[:5] == []


def test_no_machine_is_left_out() -> None:
    from hwsim.arch import list_archs

    assert {name.split(" ")[0] for name in KEPT} == set(list_archs())
