"""``hwsim timeloop mapper``: a search for a mapping, on the inputs of ``timeloop-mapper``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.options import DefineOption, defined_values

if TYPE_CHECKING:
    from hwsim.engines.timeloop.mapper import FoundMapping, Progress

_MAPPING_FILE = "timeloop-mapper.map.yaml"
_STATS_FILE = "timeloop-mapper.stats.txt"


def mapper(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES...",
            help="YAML files with architecture, problem, constraints, sparse_optimizations, ERT, "
            "ART.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="DIR", help="Folder of the mapping and statistics."),
    ] = Path(),
    objective: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="energy, delay or edp.  [default: the inputs' optimization_metrics, else edp]",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        str, typer.Option(metavar="COUNT|TIME", help="Mappings to score, or a time: 30s, 5m.")
    ] = "50000",
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
    define: DefineOption = None,
    json: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write mapping and figures as JSON; - for standard output."
        ),
    ] = None,
) -> None:
    """Search for a mapping; writes timeloop-mapper.map.yaml and timeloop-mapper.stats.txt.

    Ctrl-C ends the search with the best mapping so far. With a budget in mappings the result
    depends only on the seed.

    Example: hwsim timeloop mapper arch.yaml problem.yaml constraints.yaml --budget 30s -o out
    """
    from hwsim.cli.output import print_report, refuse_unwritable, wrote_json_alone
    from hwsim.engines.timeloop.mapper import find_mapping
    from hwsim.reports.mapper_report import mapper_report

    refuse_unwritable(json)
    with _shown_progress(objective) as report:
        values = defined_values(define)
        found = find_mapping(files, objective, budget, seed, report, values)
    written = _write(found, output)
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr)
    if not wrote_json_alone(json, found):
        print_report(mapper_report(found, written))


def _write(found: FoundMapping, folder: Path) -> list[Path]:
    import yaml

    from hwsim.engines.timeloop.figures.stats_file import stats_text
    from hwsim.whole_file import whole_file

    evaluation = found.result.evaluation
    texts = {
        _MAPPING_FILE: yaml.safe_dump(found.document, sort_keys=False, width=1000),
        _STATS_FILE: stats_text(evaluation),
    }
    written = []
    for name, text in texts.items():
        path = folder / name
        with whole_file(path) as aside:
            folder.mkdir(parents=True, exist_ok=True)
            aside.write_text(text, encoding="utf-8")
        written.append(path)
    return written


@contextmanager
def _shown_progress(objective: str | None) -> Iterator[Callable[[Progress], None] | None]:
    """Show the share of the budget spent and the best so far, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[best]}"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"mapper ({objective})" if objective else "mapper", total=1.0, best="")

        def report(progress: Progress) -> None:
            figures = f"{progress.cycles:,.0f} cycles, {progress.energy / 1e6:.4g} uJ"
            best = f"{progress.scored:,} scored; best {figures}"
            bar.update(task, completed=progress.share, best=best)

        yield report
