"""Operations against sparsity, and against the tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hwsim.engines.repetition import METHODS, TILED
from hwsim.reports.figures.palette import OTHER_COLOUR, SERIES
from hwsim.reports.figures.sheet import (
    SMALL,
    TINY,
    Drawn,
    dress,
    finish,
    in_percent,
    one_style,
    sheet,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hwsim.studies.repetition import RepetitionResult

_COLOURS: Final = dict(zip(METHODS, (OTHER_COLOUR, *SERIES[1:6]), strict=True))


def draw_repetition(result: RepetitionResult) -> Drawn:
    """Draw what is left of the arithmetic by sparsity, and by tile.

    Parameters
    ----------
    result : RepetitionResult
        From :func:`hwsim.studies.repetition.count_repetition`.

    Returns
    -------
    Drawn
        Left each scheme by its sparsity, filled where zeros are skipped and hollow where they are
        a level like others; then a map of operations over the tiles, by the method that takes the
        fewest, for each scheme (of several that differ in parameters for the first).
        The table has a row each scheme and method.
    """
    tiles = result.tiles
    by_name = {scheme.partition(":")[0]: scheme for scheme in reversed(tiles["scheme"].unique())}
    schemes = list(reversed(by_name.values()))
    columns = 1 + len(schemes)
    with one_style():
        figure = sheet(2, 3.0)
        widths = [1.6, *[1] * len(schemes)]
        panels = figure.subplots(1, columns, squeeze=False, width_ratios=widths)[0]
        _by_sparsity(panels[0], result)
        for panel, scheme in zip(panels[1:], schemes, strict=True):
            _by_tile(panel, result, scheme)
        finish(figure, f"{result.manifest['network']['name']}: operations a MAC")
    return Drawn(figure, result.totals)


def _by_sparsity(panel: Axes, result: RepetitionResult) -> None:
    from matplotlib.ticker import StrMethodFormatter

    totals = result.totals
    for method in METHODS:
        for zeros, face in (("skipped", _COLOURS[method]), ("a level", "none")):
            rows = totals[(totals["method"] == method) & (totals["zeros"] == zeros)]
            panel.scatter(
                rows["sparsity"],
                rows["arithmetic_per_mac"],
                s=14,
                facecolors=face,
                edgecolors=_COLOURS[method],
                label=method if zeros == "skipped" else None,
            )
    skipped = totals[(totals["zeros"] == "skipped") & totals["method"].isin(TILED)]
    named: set[str] = set()
    for _, row in skipped.sort_values("arithmetic_per_mac").iterrows():
        scheme = row["scheme"].partition(":")[0]
        if scheme not in named:  # its parameters leave it near
            at = row["sparsity"], row["arithmetic_per_mac"]
            panel.annotate(
                scheme,
                at,
                xytext=(0, -9),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=TINY,
            )
        named.add(scheme)
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panel.yaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    dress(panel, "sparsity [% zeros]", "multiplications and additions a MAC")
    panel.tick_params(which="both", labelsize=SMALL)
    in_percent(panel)
    panel.margins(0.12, 0.25)
    panel.legend(
        loc="lower left",
        bbox_to_anchor=(-0.05, 1),
        ncols=2,
        fontsize=TINY,
        frameon=False,
        title="hollow: zeros like others",
        title_fontsize=TINY,
    )


def _by_tile(panel: Axes, result: RepetitionResult, scheme: str) -> None:
    rows = result.tiles[result.tiles["scheme"] == scheme]
    tiles = rows.groupby("method")["method"].transform("size")
    whole = rows[tiles == tiles.max()]  # a method that is counted at few tiles makes no map
    best = whole.sort_values("arithmetic_per_mac")["method"].iloc[0]
    of_method = rows[rows["method"] == best]
    grid = of_method.pivot_table(index="T", columns="G", values="arithmetic_per_mac")
    order = sorted(grid.index, key=lambda positions: (positions == 0, positions))
    grid = grid.loc[order]
    middle = (grid.to_numpy().min() + grid.to_numpy().max()) / 2
    panel.imshow(grid.to_numpy(), cmap="viridis_r", aspect="auto", origin="lower")
    for (at, of), value in (
        ((i, j), grid.to_numpy()[i, j]) for i in range(len(order)) for j in range(grid.shape[1])
    ):
        ink = "#000000" if value < middle else "#ffffff"
        panel.text(of, at, f"{100 * value:.0f}", ha="center", va="center", fontsize=4, color=ink)
    panel.set_xticks(range(grid.shape[1]), [str(each) for each in grid.columns], fontsize=TINY)
    names = ["K" if each == 0 else str(each) for each in order]
    panel.set_yticks(range(len(order)), names, fontsize=TINY)
    panel.set_xlabel("G, filters", fontsize=SMALL)
    panel.set_ylabel("T, positions", fontsize=SMALL)
    panel.set_title(f"{scheme}\n{best} [%]", fontsize=SMALL, pad=3)
    panel.tick_params(length=2, width=0.5)
