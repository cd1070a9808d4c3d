"""Every figure of small designs that use every feature is what it was."""

import pytest

from tests.engines.timeloop.figures.pin import figures, pinned
from tests.engines.timeloop.figures.varied_designs import varied

DESIGNS = varied()
PINNED = pinned()


def differences(found, kept, place=()):
    """(place, ours, kept) of the leaves that differ by more than rounding of sums."""
    if isinstance(kept, dict):
        for key in dict.fromkeys([*kept, *found]):
            yield from differences(found.get(key), kept.get(key), (*place, key))
    elif isinstance(kept, list) and isinstance(found, list) and len(found) == len(kept):
        for number, (one, other) in enumerate(zip(found, kept, strict=True)):
            yield from differences(one, other, (*place, number))
    elif isinstance(kept, float) and isinstance(found, float):
        if found != pytest.approx(kept, rel=1e-12):
            yield place, found, kept
    elif found != kept:
        yield place, found, kept


def test_all_designs_are_kept():
    assert DESIGNS.keys() == PINNED.keys()


@pytest.mark.parametrize("name", DESIGNS)
def test_figures(name):
    assert list(differences(figures(DESIGNS[name]), PINNED[name])) == []
