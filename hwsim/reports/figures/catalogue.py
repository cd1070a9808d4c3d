"""Which figures there are, and what each can be drawn of."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from hwsim.csv_tables import write_table
from hwsim.errors import InputError, did_you_mean
from hwsim.reports.figures.sheet import COLUMN_INCHES, FORMATS, Drawn, write_figure
from hwsim.reports.figures.study_figures import KINDS, draw_study
from hwsim.studies.result import RunResult
from hwsim.studies.sparsity_sweep import SweepResult
from hwsim.studies.study_result import StudyResult
from hwsim.whole_file import whole_file

#: Figures of a run: module and function.
_OF_RUN: Final = {
    "energy": ("energy_bars", "draw_energy"),
    "cycles": ("cycles_bars", "draw_cycles"),
    "density": ("density_dots", "draw_density"),
    "roofline": ("roofline_plot", "draw_roofline"),
    "tables": ("tables_plot", "draw_tables"),
}
_OF_STUDY: Final = {kind.replace("_", "-"): kind for kind in KINDS}
#: Of a run those that no single energy table changes.
_WITHOUT_PRICES: Final = frozenset(("cycles", "density", "tables"))
#: Every figure by the name that the command line gives it.
FIGURES: Final = tuple(dict.fromkeys((*_OF_RUN, *_OF_STUDY)))


def draw(
    figure: str,
    result: RunResult | SweepResult | StudyResult,
    *,
    energy: str | None = None,
    reference: str | None = None,
    width: int | None = None,
) -> Drawn:
    """Draw one figure of a result.

    Parameters
    ----------
    figure : str
        One of :data:`FIGURES`.
    result : RunResult, SweepResult or StudyResult
        What it is of.
    energy : str, optional
        The energy table, the first if not given; figures that no single table changes take none.
    reference : str, optional
        The machine that others have to beat, of ``break-even``.
    width : {1, 2}, optional
        Columns of a paper; what suits the figure if not given.

    Raises
    ------
    InputError
        If there is no such figure, table or width, or the result is not what it is drawn of.
    """
    if figure not in FIGURES:
        raise InputError(f"unknown figure {figure!r}{did_you_mean(figure, FIGURES)}")
    if width is not None and width not in COLUMN_INCHES:
        raise InputError(f"width {width}: expected 1 or 2, columns of a paper")
    if reference is not None and figure != "break-even":
        raise InputError(f"the figure {figure} has no reference; break-even has")
    if isinstance(result, StudyResult):
        return _of_study(figure, result, energy, reference, width)
    if isinstance(result, SweepResult):
        return _of_sweep(figure, result, energy, width)
    if figure not in _OF_RUN:
        raise InputError(f"{figure} is no figure of a run; one has {', '.join(_OF_RUN)}")
    if energy is not None:
        if figure in _WITHOUT_PRICES:
            raise InputError(
                f"the figure {figure} is the same by every energy table, or of all of them; leave "
                "the table out"
            )
        result = result.by_energy_table(energy)
    module, function = _OF_RUN[figure]
    drawn = getattr(import_module(f"hwsim.reports.figures.{module}"), function)
    found: Drawn = drawn(result) if width is None else drawn(result, width)
    return found


def write_drawn(drawn: Drawn, file: Path) -> Path:
    """Write a figure, and its data as CSV beside it; both or neither of each.

    Parameters
    ----------
    drawn : Drawn
        From :func:`draw`.
    file : Path
        Its suffix is the format.

    Returns
    -------
    Path
        The table's file.

    Raises
    ------
    InputError
        If the format is none, or a file cannot be written.
    """
    kind = file.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        known = ", ".join(f".{each}" for each in FORMATS)
        raise InputError(f"{file}: a figure ends in {known}{did_you_mean(kind, FORMATS)}")
    table = file.with_suffix(".csv")
    with whole_file(file) as aside, whole_file(table) as beside:
        write_figure(drawn, aside, kind)
        write_table(drawn.table, beside)
    return table


def _of_study(
    figure: str,
    result: StudyResult,
    energy: str | None,
    reference: str | None,
    width: int | None,
) -> Drawn:
    if figure not in _OF_STUDY:
        raise InputError(
            f"{figure} is no figure of a study; one has {', '.join(_OF_STUDY)}, and the folder "
            f"that hwsim run -o writes has {figure}"
        )
    tables = [str(name) for name in result.points["energy_table"].dropna().unique()]
    if energy is not None and energy not in tables:
        raise InputError(f"the study has no energy table {energy!r}{did_you_mean(energy, tables)}")
    kind = _OF_STUDY[figure]
    return draw_study(result, kind, table=energy, reference=reference, width=width)


def _of_sweep(figure: str, result: SweepResult, energy: str | None, width: int | None) -> Drawn:
    from hwsim.reports.figures.sweep_curves import draw_sweep

    if figure != "sweep":
        raise InputError(f"{figure} is no figure of a sweep; one has sweep")
    table = result.manifest["energy"]["table"]
    if energy is not None and energy != table:
        raise InputError(f"the sweep has no energy table {energy!r}{did_you_mean(energy, [table])}")
    return draw_sweep(result) if width is None else draw_sweep(result, width)
