"""What other packages register with hwsim: engines, schemes, energy models."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from hwsim.errors import InputError


def registered(group: str) -> dict[str, EntryPoint]:
    """List the entry points of a group by name.

    Parameters
    ----------
    group : str
        ``hwsim.engines``, ``hwsim.schemes`` or ``hwsim.energy``.
    """
    return {point.name: point for point in entry_points(group=group)}


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
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(
            f"{what} {point.name!r} (entry point {point.value!r}) cannot be loaded: {reason}"
        ) from error
