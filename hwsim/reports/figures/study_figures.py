"""The figures of a study, each with the table of what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hwsim.csv_tables import write_table
from hwsim.errors import InputError
from hwsim.reports.figures.curves import varied
from hwsim.reports.figures.sheet import Drawn, write_figure
from hwsim.studies.break_even import break_even

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies.study_result import StudyResult

#: What a study can show, and of it what needs levels of sparsity.
KINDS: Final = ("pareto", "sweep", "by_layer", "break_even")
_OF_LEVELS: Final = KINDS[1:]


def study_figures(result: StudyResult, reference: str | None = None) -> dict[str, Drawn]:
    """Draw what a study has to show, by the first energy table.

    Parameters
    ----------
    result : StudyResult
        From :func:`hwsim.run_study`.
    reference : str, optional
        Of the break-even sparsity, see :func:`hwsim.studies.break_even.break_even`.

    Returns
    -------
    dict of str to Drawn
        ``pareto``; with a sparsity axis also ``sweep``, ``by_layer`` and ``break_even``.

    Raises
    ------
    InputError
        If no point is done, or the reference is no machine of the study or of no figure's.
    """
    swept = result.points["sparsity"].notna().any()
    if reference is not None and not swept:
        raise InputError(
            f"reference {reference!r} changes nothing: the study has no sparsity axis, and so no "
            "break-even; leave it out"
        )
    kinds = KINDS if swept else KINDS[:1]
    return {kind: draw_study(result, kind, reference=reference) for kind in kinds}


def draw_study(
    result: StudyResult,
    kind: str,
    *,
    table: str | None = None,
    reference: str | None = None,
    width: int | None = None,
) -> Drawn:
    """Draw one figure of a study.

    Parameters
    ----------
    result : StudyResult
        From :func:`hwsim.run_study`.
    kind : {"pareto", "sweep", "by_layer", "break_even"}
        Which.
    table : str, optional
        Whose prices; the first energy table's if not given.
    reference : str, optional
        Of the break-even sparsity.
    width : {1, 2}, optional
        Columns of a paper; what suits the figure if not given.

    Raises
    ------
    InputError
        If no point is done, the study has no levels of sparsity and the figure needs them, or the
        reference is no machine of the study.
    """
    name = result.entry.name
    if table is None and len(result.points):
        table = result.points["energy_table"].iloc[0]
    points = _of_table(result.points, table)
    points = points[points["energy"].notna()]
    if points.empty:
        raise InputError(f"study {name!r}: no point is done yet; run it first")
    if kind in _OF_LEVELS and not points["sparsity"].notna().any():
        raise InputError(f"study {name!r} has no sparsity axis; it has the figure pareto")
    names = varied(result, points)
    draw: Callable[..., Drawn]
    arguments: Sequence[object]
    if kind == "sweep":
        from hwsim.reports.figures.study_sweep import draw_study_sweep as draw

        arguments = points, names, name
    elif kind == "by_layer":
        from hwsim.reports.figures.study_by_layer import draw_by_layer as draw

        arguments = _of_table(result.layers, table), names, name
    elif kind == "break_even":
        from hwsim.reports.figures.study_break_even import draw_break_even as draw

        arguments = _of_table(break_even(result, reference), table), names, name, reference
    else:
        from hwsim.reports.figures.study_pareto import draw_pareto as draw

        arguments = points, names, name
    return draw(*arguments) if width is None else draw(*arguments, width)


def write_study_figures(
    result: StudyResult, folder: Path, kinds: Sequence[str] = ("png",), reference: str | None = None
) -> list[Path]:
    """Write the figures of a study into an existing folder, each beside its table.

    Parameters
    ----------
    result, reference
        As for :func:`study_figures`, which raises the same errors.
    folder : Path
        Where.
    kinds : sequence of {"png", "svg", "pdf"}
        In which formats.
    """
    written = []
    for name, drawn in study_figures(result, reference).items():
        for kind in kinds:
            written.append(folder / f"{name}.{kind}")
            write_figure(drawn, written[-1])
        written.append(folder / f"{name}.csv")
        write_table(drawn.table, written[-1])
    return written


def _of_table(rows: pd.DataFrame, table: str | None) -> pd.DataFrame:
    return rows[rows["energy_table"] == table]
