"""The two layouts of Timeloop's files that are written."""

from __future__ import annotations

from typing import Literal

from hwsim.errors import InputError

#: For the programs themselves, or for the Python front end.
Layout = Literal["v0.3", "v0.4"]


def layout_of(text: str) -> Layout:
    """Read the name of a layout.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if text in {"v0.3", "0.3"}:
        return "v0.3"
    if text in {"v0.4", "0.4"}:
        return "v0.4"
    raise InputError(f"--format: expected v0.3 or v0.4. Got {text!r}")


def version_of(layout: Layout) -> float:
    """Tell the number that files of a layout state."""
    return 0.4 if layout == "v0.4" else 0.3
