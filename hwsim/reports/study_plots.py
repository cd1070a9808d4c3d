"""Figures of a study: against sparsity, by layer, the Pareto front, where zeros pay off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hwsim.errors import InputError
from hwsim.reports._numbers import EnergyScale
from hwsim.reports._plain_text import draw_names_as_they_are
from hwsim.studies.break_even import ALWAYS, MEASURES, NEVER, break_even
from hwsim.studies.pareto import pareto_front

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hwsim.studies.study_result import StudyResult

FORMATS: Final = ("png", "svg", "pdf")
# Okabe and Ito's colours, told apart with any colour vision.
_COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
_STYLES: Final = ("o-", "s--", "^-.", "D:", "v-", "P--", "X-.")
#: Of what has no sparsity, such as the dense network.
_FLAT: Final[tuple[Any, ...]] = (
    "-",
    "--",
    "-.",
    ":",
    (0, (1, 3)),
    (0, (5, 4)),
    (0, (5, 2, 1, 2, 1, 2)),
)
#: Curves that one figure has room for; the table beside it has all of them.
_MOST_CURVES: Final = 28
#: Layers by schemes that one figure has room for.
_MOST_PANELS: Final = 12
_OF_CURVE: Final = ("sparsity", "seed")


class Drawn(NamedTuple):
    """A figure and the table of what is drawn."""

    figure: Figure
    table: pd.DataFrame


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
        If no point is done, or the reference is no machine of the study.
    """
    table = result.points["energy_table"].iloc[0] if len(result.points) else None
    points = result.points[result.points["energy_table"] == table]
    points = points[points["energy"].notna()]
    if points.empty:
        raise InputError(f"study {result.entry.name!r}: no point is done yet; run it first")
    names = _varied(result, points)
    found = {"pareto": _pareto(points, names, result.entry.name)}
    if points["sparsity"].notna().any():
        layers = result.layers[result.layers["energy_table"] == table]
        found["sweep"] = _sweep(points, names, result.entry.name)
        found["by_layer"] = _by_layer(layers, names, result.entry.name)
        crossings = break_even(result, reference)
        crossings = crossings[crossings["energy_table"] == table]
        found["break_even"] = _break_even(crossings, names, result.entry.name, reference)
    return found


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
            drawn.figure.savefig(folder / f"{name}.{kind}")
            written.append(folder / f"{name}.{kind}")
        drawn.table.to_csv(folder / f"{name}.csv", index=False)
        written.append(folder / f"{name}.csv")
    return written


def _sweep(points: pd.DataFrame, names: Sequence[str], title: str) -> Drawn:
    """Draw energy and cycles against sparsity, a curve each scheme and machine."""
    import pandas as pd
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=(10, 4.5), dpi=150, layout="constrained")
    panels = figure.subplots(1, 2, sharex=True)
    pruned = points[points["sparsity"].notna()]
    scale = EnergyScale.of(points["energy"], points["energy_unit"].iloc[0], below=1000)
    curves = _curves(pruned, names)
    rows = []
    for (label, curve), (colour, style) in zip(curves, _looks(curves), strict=False):
        by_level = curve.groupby("sparsity")
        for panel, measure in zip(panels, MEASURES, strict=True):
            divisor = scale.divisor if measure == "energy" else 1
            levels = by_level[measure]
            mean = levels.mean() / divisor
            panel.plot(mean.index, mean, style, color=colour, label=label, markersize=4)
            if (levels.size() > 1).any():  # seeds
                spread = levels.min() / divisor, levels.max() / divisor
                panel.fill_between(mean.index, *spread, color=colour, alpha=0.2, linewidth=0)
        part = by_level[list(MEASURES)].agg(["mean", "min", "max"])
        part.columns = ["_".join(pair) for pair in part.columns]
        rows.append(part.reset_index().assign(curve=label))
    level = points[points["sparsity"].isna()]
    for (label, flat), dashes in zip(_curves(level, names), _FLAT, strict=False):
        for panel, measure in zip(panels, MEASURES, strict=True):
            divisor = scale.divisor if measure == "energy" else 1
            height = flat[measure].mean() / divisor
            panel.axhline(height, color="#666666", linestyle=dashes, linewidth=1, label=label)
        rows.append(flat[list(MEASURES)].add_suffix("_mean").assign(curve=label))
    for panel, measure in zip(panels, MEASURES, strict=True):
        unit = scale.label if measure == "energy" else "cycles"
        panel.set_ylabel(f"{measure} [{unit}]" if measure == "energy" else measure, fontsize=9)
        panel.set_ylim(bottom=0)
        _dress(panel, "sparsity of the layers that are pruned [share of zeros]")
        panel.xaxis.set_major_formatter(PercentFormatter(1))
    _legend(figure, panels[0], len(curves))
    _title(figure, title, len(curves), _MOST_CURVES, "curves")
    return Drawn(figure, pd.concat(rows, ignore_index=True))


def _by_layer(layers: pd.DataFrame, names: Sequence[str], title: str) -> Drawn:
    """Draw the energy of each layer relative to the baseline, a panel each scheme and machine."""
    from matplotlib.figure import Figure

    pruned = layers[layers["sparsity"].notna() & layers["energy"].notna()]
    curves = _curves(pruned, names)
    shown = curves[:_MOST_PANELS]
    across = min(3, len(shown))
    down = math.ceil(len(shown) / across)
    order = list(dict.fromkeys(pruned["layer"]))
    size = (1.5 + 3.2 * across, 1.2 + down * (0.8 + 0.16 * len(order)))
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    grid = figure.subplots(down, across, squeeze=False)
    image = None
    for panel in grid.ravel()[len(shown) :]:
        panel.set_visible(False)
    for panel, (label, curve) in zip(grid.ravel(), shown, strict=False):
        share = 1 / curve.pivot_table(index="layer", columns="sparsity", values="energy_ratio")
        share = share.reindex(order)
        image = panel.imshow(share, aspect="auto", cmap="cividis", vmin=0, vmax=1.25)
        panel.set_title(label, fontsize=8)
        step = max(1, len(share.columns) // 5)
        ticks = range(0, len(share.columns), step)
        panel.set_xticks(ticks, [f"{share.columns[tick]:.0%}" for tick in ticks], fontsize=7)
        panel.set_yticks(range(len(order)), order, fontsize=6)
    if image is not None:
        bar = figure.colorbar(image, ax=grid, fraction=0.03)
        bar.set_label("energy of the layer relative to the baseline", fontsize=8)
    _title(figure, f"{title}: by layer and sparsity", len(curves), _MOST_PANELS, "panels")
    columns = [*names, "sparsity", "layer", "cycles", "energy", "energy_unit"]
    return Drawn(figure, pruned[[*columns, "cycles_ratio", "energy_ratio"]])


def _pareto(points: pd.DataFrame, names: Sequence[str], title: str) -> Drawn:
    """Draw energy against cycles, and the points that no other one beats."""
    from matplotlib.figure import Figure

    scale = EnergyScale.of(points["energy"], points["energy_unit"].iloc[0], below=1000)
    front = pareto_front(points[["cycles", "energy"]].to_numpy(float))
    figure = Figure(figsize=(6.5, 4.5), dpi=150, layout="constrained")
    panel = figure.subplots()
    curves = _curves(points, names)
    for (label, curve), (colour, style) in zip(curves, _looks(curves), strict=False):
        marker = style[0]
        energies = curve["energy"] / scale.divisor
        panel.plot(curve["cycles"], energies, marker, color=colour, label=label, markersize=4)
    best = points[front].sort_values("cycles")
    panel.step(
        best["cycles"],
        best["energy"] / scale.divisor,
        where="post",
        color="#444444",
        linewidth=1,
        label="no other point beats these",
    )
    panel.set_ylabel(f"energy [{scale.label}]", fontsize=9)
    _dress(panel, "cycles")
    _legend(figure, panel, len(curves))
    _title(figure, title, len(curves), _MOST_CURVES, "kinds of point")
    columns = [*names, "sparsity", "seed", "cycles", "energy", "energy_unit", "area", "area_unit"]
    return Drawn(figure, points[columns].assign(front=front))


def _break_even(
    crossings: pd.DataFrame, names: Sequence[str], title: str, reference: str | None
) -> Drawn:
    """Draw from which sparsity on each machine needs less than the reference."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    labels = [
        _label(row, names) for _, row in crossings[crossings["measure"] == "energy"].iterrows()
    ]
    figure = Figure(figsize=(7, 1.4 + 0.4 * len(labels)), dpi=150, layout="constrained")
    panel = figure.subplots()
    for number, measure in enumerate(MEASURES):
        rows = crossings[crossings["measure"] == measure]
        for place, (_, row) in enumerate(rows.iterrows()):
            height = place + 0.2 - 0.4 * number
            colour = _COLOURS[number]
            if row["pays_off"] == NEVER:
                panel.plot(1, height, "x", color=colour, markersize=6)
                panel.text(0.98, height, NEVER, ha="right", va="center", fontsize=7)
                continue
            start = row["sparsity"]
            panel.barh(height, 1 - start, 0.35, left=start, color=colour)
            words = ALWAYS if row["pays_off"] == ALWAYS else f"from {start:.1%}"
            panel.text(start + 0.01, height, words, va="center", fontsize=7, color="white")
    for number, measure in enumerate(MEASURES):
        panel.barh(0, 0, color=_COLOURS[number], label=measure)
    panel.set_yticks(range(len(labels)), labels, fontsize=8)
    panel.set_xlim(0, 1)
    panel.xaxis.set_major_formatter(PercentFormatter(1))
    of = f"the baseline on {reference} at best" if reference else "the baseline on the same machine"
    _dress(panel, f"sparsity from which on less is needed than by {of}")
    _legend(figure, panel, len(MEASURES))
    _title(figure, f"{title}: break-even sparsity", len(labels), len(labels), "")
    return Drawn(figure, crossings)


def _varied(result: StudyResult, points: pd.DataFrame) -> list[str]:
    """Name the axes that tell curves apart."""
    axes = [axis for axis in result.axes if axis not in _OF_CURVE]
    return [axis for axis in axes if points[axis].nunique(dropna=False) > 1] or ["scheme"]


def _curves(points: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    groups = points.groupby(list(names), sort=False, dropna=False)
    return [(_label(curve.iloc[0], names), curve) for _, curve in groups]


def _label(row: Any, names: Sequence[str]) -> str:
    """Name a curve: words as they are, numbers with their axis."""
    parts = []
    for name in names:
        value = row[name]
        if value is None or value != value:
            continue
        number = isinstance(value, Real)
        parts.append(f"{name}={value:g}" if number else str(value))
    return ", ".join(parts)


def _looks(curves: Sequence[object]) -> list[tuple[str, str]]:
    """Give colour and style of each curve; a colour comes again with another style."""
    looks = [(colour, style) for style in _STYLES for colour in _COLOURS]
    return looks[: min(len(curves), _MOST_CURVES)]


def _dress(panel: Axes, across: str) -> None:
    panel.set_xlabel(across, fontsize=9)
    panel.tick_params(labelsize=8)
    panel.grid(color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)


def _legend(figure: Figure, panel: Axes, count: int) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=min(count, 4),
        fontsize=7,
        frameon=False,
    )


def _title(figure: Figure, title: str, count: int, most: int, what: str) -> None:
    """Write the title, and what there was no room for: nothing is left out in silence."""
    left = f" ({count - most} more {what} in the table)" if count > most else ""
    figure.suptitle(f"{title}{left}", fontsize=10)
    draw_names_as_they_are(figure)
