"""Where measured results of the reference simulators are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parent.parent


def golden_folder(name: str) -> Path:
    """Find a folder of measured results, or skip the test.

    Parameters
    ----------
    name : str
        E.g. ``"stonne_sigma"``.

    Returns
    -------
    Path
        ``$HWSIM_GOLDEN/<name>`` if that variable is set, else ``../shared/golden/<name>`` beside
        the repository.
    """
    set_folder = os.environ.get("HWSIM_GOLDEN")
    base = Path(set_folder) if set_folder else _REPOSITORY.parent / "shared" / "golden"
    folder = base / name
    if not folder.is_dir():
        pytest.skip(f"no measured results at {folder} (set HWSIM_GOLDEN to the folder of {name})")
    return folder
