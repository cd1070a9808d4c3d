"""The page: results to one file of HTML that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.errors import InputError
from hwsim.reports.page.side_by_side import side_by_side
from hwsim.reports.page.swatches import Swatches
from hwsim.version import __version__
from hwsim.whole_file import whole_file

if TYPE_CHECKING:
    from hwsim.studies import RunResult, SweepResult
    from hwsim.studies.study_result import StudyResult


def report_html(
    results: Sequence[RunResult | SweepResult | StudyResult], title: str | None = None
) -> str:
    """Write results as one page.

    Parameters
    ----------
    results : sequence of RunResult, SweepResult or StudyResult
        Several runs stand side by side first, then one below the other.
    title : str, optional
        Of the page; the names of the results if not given.

    Returns
    -------
    str
        HTML with style and script inside; nothing is loaded from anywhere.

    Raises
    ------
    InputError
        If jinja2 is not installed (extra ``report``), or there is nothing to show.
    """
    from hwsim.studies.result import RunResult

    if not results:
        raise InputError("a report is of one result at least")
    if find_spec("jinja2") is None:
        raise InputError("a report needs jinja2: pip install 'hwsim[report]'")
    swatches = Swatches()
    runs = [each for each in results if isinstance(each, RunResult)]
    views = [_view(each, swatches) for each in results]
    comparison = side_by_side(runs, swatches) if len(runs) > 1 else None
    names = list(dict.fromkeys(view.title for view in views))
    page: str = _template().render(
        title=title or "; ".join(names),
        views=views,
        comparison=comparison,
        version=__version__,
        swatches=swatches.css(),
        style=_text("style.css"),
        script=_text("script.js"),
    )
    return page


def write_report(
    results: Sequence[RunResult | SweepResult | StudyResult],
    file: str | Path,
    title: str | None = None,
) -> Path:
    """Write results as one page into a file, whole or not at all; see :func:`report_html`.

    Raises
    ------
    InputError
        As :func:`report_html`, and if the file cannot be written.
    """
    file = Path(file)
    text = report_html(results, title)
    with whole_file(file) as aside:
        # The bytes of a file name that are no text become escapes.
        aside.write_bytes(text.encode("utf-8", "backslashreplace"))
    return file


def _view(result: RunResult | SweepResult | StudyResult, swatches: Swatches) -> Any:
    from hwsim.reports.page.run_view import run_view
    from hwsim.reports.page.study_view import study_view
    from hwsim.reports.page.sweep_view import sweep_view
    from hwsim.studies.result import RunResult
    from hwsim.studies.sparsity_sweep import SweepResult

    if isinstance(result, RunResult):
        return run_view(result, swatches)
    if isinstance(result, SweepResult):
        return sweep_view(result, swatches)
    return study_view(result, swatches)


def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.html"))


def _text(name: str) -> str:
    return (files("hwsim.reports.page") / name).read_text(encoding="utf-8")
