"""Names and files in a study: what is relative is so to the study's folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hwsim.errors import InputError


def name_or_file(text: str, names: Iterable[str], folder: Path) -> str | Path:
    """Tell a name from a file.

    Parameters
    ----------
    text : str
        As the study has it.
    names : iterable of str
        What is known by name; those are names even where a file is called the same.
    folder : Path
        Of the study.

    Returns
    -------
    str or Path
        The name as it is, known or not, or the file.
    """
    if text in names:
        return text
    path = Path(text)
    is_file = path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or (folder / path).is_file()
    return folder / path if is_file else text


def existing(text: str, folder: Path) -> Path:
    """Find a file (or a folder of shards).

    Raises
    ------
    InputError
        If it is not there.
    """
    path = folder / text
    if not path.exists():
        raise InputError(f"{path}: no such file")
    return path
