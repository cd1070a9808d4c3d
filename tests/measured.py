"""Where the measured results of the reference simulators are."""

from pathlib import Path

_GOLDEN = Path(__file__).resolve().parent / "golden"


def golden_folder(name: str) -> Path:
    """``tests/golden/<name>``, e.g. ``"stonne_sigma"``; its README says what was measured."""
    folder = _GOLDEN / name
    if not (folder / "README.md").is_file():
        raise FileNotFoundError(f"{folder}: the measured results belong to the repository")
    return folder
