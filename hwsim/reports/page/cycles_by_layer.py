"""Where the cycles of each layer go, as far as the engine tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hwsim.reports._numbers import percent, ratio
from hwsim.reports.figures.palette import scheme_looks
from hwsim.reports.page.bars import Bar, Bars, Segment, in_groups, lengths
from hwsim.studies.columns import distinct, over, sums

if TYPE_CHECKING:
    from hwsim.reports.page.swatches import Swatches
    from hwsim.studies import RunResult
    from hwsim.studies.columns import Row

_WORDS: Final = "words of memories or ports"


def cycles_by_layer(result: RunResult, swatches: Swatches) -> Bars:
    """Show the cycles of each layer: units busy, without work, and waiting where that is told.

    Parameters
    ----------
    result : RunResult
        By one energy table.
    swatches : Swatches
        Of the page.
    """
    looks = {name: swatches.name(look) for name, look in scheme_looks(result.schemes).items()}
    rows = result.sums.layers.records()
    whole = sums(result.sums.layers["scheme"], result.sums.layers["cycles"])
    bars = [
        Bar(
            row["layer"],
            row["scheme"],
            _segments(row, looks[row["scheme"]]),
            length,
            f"{row['cycles']:,}",
            f"{row['cycles']:,} cycles, {percent(over(row['cycles'], whole[row['scheme']]), 2)} "
            f"of the network's under {row['scheme']}",
            beside(result, row, "cycles_ratio"),
        )
        for row, length in zip(rows, lengths(row["cycles"] for row in rows), strict=True)
    ]
    legend = [(look, f"{name}: units busy") for name, look in looks.items()]
    if any(_told(row) for row in rows):
        legend += [("idle", "units without work"), ("waits", "units wait")]
    if not all(_told(row) for row in rows):
        legend.append(("idle", "units idle or waiting"))
    return Bars(
        "Cycles by layer", "cycles", legend, in_groups(bars), beside_words(result), _note(rows)
    )


def beside(result: RunResult, row: Row, measure: str) -> str:
    """Give the ratio that stands beside a bar; none beside the baseline's."""
    return "" if row["scheme"] == result.baseline else ratio(row[measure])


def beside_words(result: RunResult) -> str:
    """Say what stands beside bars."""
    return f"{result.baseline} / scheme" if result.baseline else ""


def _segments(row: Row, look: str) -> list[Segment]:
    cycles, busy = row["cycles"], min(1.0, row["utilization"])
    parts = [
        Segment(look, cycles * busy, f"units busy: {percent(busy, 2)} of {cycles:,} cycles"),
    ]
    if not _told(row):
        words = f"units idle or waiting: {percent(1 - busy, 2)}; the engine does not say which"
        return [*parts, Segment("idle", cycles * (1 - busy), words)]
    waits = min(row["waits"], 1 - busy)
    idle = max(0.0, 1 - busy - waits)
    parts.append(
        Segment("idle", cycles * idle, f"units without work while others work: {percent(idle, 2)}")
    )
    if waits:
        words = f"waiting: {percent(waits, 2)}, for {row['waits_for'] or _WORDS}"
        parts.append(Segment("waits", cycles * waits, words))
    return parts


def _told(row: Row) -> bool:
    """Whether the engine tells waiting from idling; runs of an older hwsim do not."""
    waits = row.get("waits", float("nan"))
    return bool(waits == waits)


def _note(rows: list[Row]) -> str:
    """Name what sets the pace of how many layers, and engines that do not say."""
    told = [row for row in rows if _told(row)]
    if not told:
        return "The engine does not say whether idle units wait, and for what."
    waited: dict[str, list[str]] = {}
    for row in told:
        if row["waits"]:
            waited.setdefault(row["waits_for"] or _WORDS, []).append(row["layer"])
    layers = len(distinct(row["layer"] for row in told))
    parts = [
        f"for {what} in {len(distinct(names))} of {layers} layers" for what, names in waited.items()
    ]
    said = f"Units wait {'; '.join(parts)}." if parts else "The operations set the pace everywhere."
    unknown = len(rows) - len(told)
    return said + (f" Of {unknown} rows the engine does not say." if unknown else "")
