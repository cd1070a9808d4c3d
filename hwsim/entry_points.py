"""What there is by name: engines, schemes, readers, energy models, of hwsim and of other packages.

hwsim registers its own in its ``pyproject.toml``, under the groups that other packages use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from typing import Any

from hwsim.errors import InputError, named_reason


def registered(group: str) -> dict[str, EntryPoint]:
    """Find the entry points of a group by name, hwsim's own among them.

    Parameters
    ----------
    group : str
        E.g. ``hwsim.engines``, ``hwsim.schemes``, ``hwsim.readers`` or ``hwsim.energy``.

    Raises
    ------
    InputError
        If two packages register one name for different things, or hwsim itself registers nothing
        in the group: its installation is older than its code.
    """
    return dict(_registered(group, _installed()))


@lru_cache(maxsize=16)
def _registered(group: str, installed: tuple[tuple[str, int], ...]) -> dict[str, EntryPoint]:
    points: dict[str, EntryPoint] = {}
    for point in _selection(installed)(group=group):
        other = points.setdefault(point.name, point)
        if other.value != point.value:
            raise InputError(
                f"two packages register {point.name!r} as {group}: {other.value} and "
                f"{point.value}; remove one of them"
            )
    if not points:
        raise InputError(
            f"nothing is registered as {group}, not even by hwsim: its installation does not fit "
            "its code; install it again (pip install . or pip install -e .)"
        )
    return points


@lru_cache(maxsize=4)
def _selection(installed: tuple[tuple[str, int], ...]) -> Callable[..., EntryPoints]:
    """Read the entry points once for what is installed; it takes longer than a layer."""
    return entry_points().select


def _installed() -> tuple[tuple[str, int], ...]:
    """Tell when a package last came or went, by the folders that packages lie in."""
    places = []
    for place in sys.path:
        try:
            places.append((place, _folder(place).stat().st_mtime_ns))
        except OSError:
            places.append((place, 0))
    return tuple(places)


@lru_cache(maxsize=256)
def _folder(place: str) -> Path:
    """Read a path once: every price asks for it, and reading takes longer than the system does."""
    return Path(place)


def in_order(names: Iterable[str], first: Sequence[str]) -> list[str]:
    """Sort names for a listing: those of ``first`` in its order, then the others by name."""
    present = set(names)
    return [*(name for name in first if name in present), *sorted(present - set(first))]


def load_registered(point: EntryPoint, what: str) -> Any:
    """Import what an entry point names.

    Parameters
    ----------
    point : EntryPoint
        One of :func:`registered`.
    what : str
        What it should be, for the message: ``"engine"``.

    Raises
    ------
    InputError
        If the other package cannot be imported or fails; imports can fail in any way.
    """
    try:
        return point.load()
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{what} {point.name!r} (entry point {point.value!r}) cannot be loaded: "
            f"{named_reason(error)}"
        ) from error
