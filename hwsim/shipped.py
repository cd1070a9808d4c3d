"""Where the data files that ship with hwsim are: arch specs, topologies, energy tables."""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str) -> Path:
    """Find a folder of shipped data files.

    In a wheel the folder lies inside the package; in a checkout (and an editable install) it is
    the top-level folder of the repository.

    Parameters
    ----------
    name : str
        Of the repository: ``"arch_specs"``, ``"workloads"`` or ``"tests/golden/eyeriss_v2"``.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileNotFoundError
        If the installation lacks it.
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"this installation of hwsim has no folder {name!r}; reinstall hwsim")


def yaml_names(folder: Path) -> list[str]:
    """List the YAML files of a folder by the names that they are asked for by, sorted."""
    # Of text, not of paths: every load of a machine or a table asks for it.
    return sorted(name[:-5] for name in os.listdir(folder) if name.endswith(".yaml"))  # noqa: PTH208
