"""Figures and files of shipped machines are what they were; see ``tests/kept_figures.py``."""

from __future__ import annotations

import math
import re

import pytest

from tests.kept_figures import everything, read_kept

KEPT = read_kept()
FRACTION = re.compile(r"(\d+\.\d+(?:e[+-]?\d+)?)")


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
    if isinstance(before, str) and isinstance(now, str):
        same = _same_text(before, now)
    elif all(isinstance(side, int | float) for side in (before, now)):
        same = math.isclose(before, now, rel_tol=1e-9)  # type: ignore[arg-type]
    else:
        same = before == now
    return [] if same else [f"{place}: {before!r} became {now!r}"]


def _same_text(before: str, now: str) -> bool:
    """Compare what a file or a line says: its fractions as numbers, all else to the letter."""
    parts = FRACTION.split(before), FRACTION.split(now)
    if parts[0][::2] != parts[1][::2]:
        return False
    fractions = zip(parts[0][1::2], parts[1][1::2], strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=1e-9) for a, b in fractions)


@pytest.mark.parametrize("machine", KEPT)
def test_a_machine_says_what_it_said(machine: str) -> None:
    assert differences(KEPT[machine], everything(machine).get(machine))[:5] == []


def test_the_last_digit_of_a_fraction_may_differ_and_nothing_else() -> None:
    before = {"ERT.yaml": "energy: 0.16845287080259674\nwidth: 16"}
    for now, count in (
        ("energy: 0.16845287080259677\nwidth: 16", 0),
        ("energy: 0.16845297080259674\nwidth: 16", 1),
        ("energy: 0.16845287080259674\nwidth: 17", 1),
        ("energy: 0.16845287080259674", 1),
    ):
        assert len(differences(before, {"ERT.yaml": now})) == count


def test_no_machine_is_left_out() -> None:
    from hwsim.arch import list_archs

    assert {name.split(" ")[0] for name in KEPT} == set(list_archs())
