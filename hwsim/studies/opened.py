"""What a user names to look at it: a folder of results, or a store and perhaps a study of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.studies import RunResult, SweepResult
    from hwsim.studies.study_result import StudyResult

_SPECS = (".yaml", ".yml")


def open_result(where: str | Path) -> RunResult | SweepResult | StudyResult:
    """Open what ``hwsim run``, ``hwsim sweep`` or a study saved.

    Parameters
    ----------
    where : str or Path
        The folder of a run or of a sweep; a store, ``STORE:STUDY`` for one study of several; or
        the file of a study whose store lies beside it.

    Returns
    -------
    RunResult, SweepResult or StudyResult
        A run that a store has whole is a run. One that has not ended, or that an older hwsim has
        kept, is a study of its schemes.

    Raises
    ------
    InputError
        If nothing of that kind is there, or it cannot be read; says what was expected.
    """
    path = Path(where)
    if path.is_dir():
        return _open_folder(path)
    if path.suffix.lower() in _SPECS and path.is_file():
        from hwsim.studies.store.opening import store_beside

        file = store_beside(path)
        if not file.is_file():
            raise InputError(f"{path}: no store beside it; run it first: hwsim study run {path}")
        where = file
    return open_stored(*_store_and_study(str(where)), actions=True)


def open_stored(
    store: str | Path, name: str | None = None, *, actions: bool = False
) -> RunResult | StudyResult:
    """Open a study of a store, the only one if none is named, or a run that it has whole.

    Parameters
    ----------
    store, name, actions
        As for :func:`hwsim.studies.study_result.load_study_result`, which raises the same errors.
    """
    from hwsim.studies.store.store import Store
    from hwsim.studies.stored_run import stored_result
    from hwsim.studies.study_result import load_study_result
    from hwsim.studies.study_store import study_entry

    with Store(store, read_only=True) as opened:
        name = study_entry(opened, name).name
        run = stored_result(opened, name)
        return load_study_result(opened, name, actions=actions) if run is None else run


def open_study(where: str) -> StudyResult:
    """Open a study: ``STORE`` where it has one only, else ``STORE:STUDY``."""
    from hwsim.studies.study_result import load_study_result

    return load_study_result(*_store_and_study(where))


def _store_and_study(where: str) -> tuple[Path, str | None]:
    store, colon, name = where.rpartition(":")
    if colon and not Path(where).exists():
        return Path(store), name
    return Path(where), None


def _open_folder(folder: Path) -> RunResult | SweepResult:
    from hwsim.studies.result import LONG_TABLES, load_run
    from hwsim.studies.saved_sweep import SWEEP_TABLE, load_sweep

    names = {file.name for file in folder.iterdir()}
    if names & set(LONG_TABLES):
        return load_run(folder)
    if {"points.csv", "layers.csv"} <= names:  # beside figures, one of which is called sweep, too
        raise InputError(
            f"{folder}: tables of a study; name the store that it is kept in, or run it again with "
            "--store"
        )
    if SWEEP_TABLE in names:
        return load_sweep(folder)
    raise InputError(
        f"{folder}: no saved run here; expected what hwsim run -o or hwsim sweep -o wrote"
    )
