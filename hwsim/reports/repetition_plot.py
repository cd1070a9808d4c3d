"""Operations against sparsity, and against the tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hwsim.engines.repetition import METHODS, TILED
from hwsim.reports._plain_text import draw_names_as_they_are

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from hwsim.studies.repetition import RepetitionResult

_COLOURS: Final = dict(zip(METHODS, ("#777777", "#1f77b4", "#d62728", "#2ca02c"), strict=True))


def repetition_figure(result: RepetitionResult) -> Figure:
    """Draw what is left of the arithmetic by sparsity, and by tile.

    Parameters
    ----------
    result : RepetitionResult
        From :func:`hwsim.studies.repetition.count_repetition`.

    Returns
    -------
    matplotlib.figure.Figure
        Left each scheme by its sparsity, filled where zeros are skipped and hollow where they are
        a level like others; then a map of operations over the tiles, by the method that takes the
        fewest, for each scheme (of several that differ in parameters for the first).
    """
    from matplotlib.figure import Figure

    tiles = result.tiles
    by_name = {scheme.partition(":")[0]: scheme for scheme in reversed(tiles["scheme"].unique())}
    schemes = list(reversed(by_name.values()))
    columns = 1 + len(schemes)
    figure = Figure(figsize=(5 + 3.2 * len(schemes), 4.4), dpi=150, layout="constrained")
    widths = [1.6, *[1] * len(schemes)]
    panels = figure.subplots(1, columns, squeeze=False, width_ratios=widths)[0]
    _by_sparsity(panels[0], result)
    for panel, scheme in zip(panels[1:], schemes, strict=True):
        _by_tile(panel, result, scheme)
    figure.suptitle(f"{result.manifest['network']['name']}: operations a MAC", fontsize=11)
    draw_names_as_they_are(figure)
    return figure


def _by_sparsity(panel: Axes, result: RepetitionResult) -> None:
    from matplotlib.ticker import PercentFormatter, StrMethodFormatter

    totals = result.totals
    for method in METHODS:
        for zeros, face in (("skipped", _COLOURS[method]), ("a level", "none")):
            rows = totals[(totals["method"] == method) & (totals["zeros"] == zeros)]
            panel.scatter(
                rows["sparsity"],
                rows["arithmetic_per_mac"],
                s=26,
                facecolors=face,
                edgecolors=_COLOURS[method],
                label=method if zeros == "skipped" else None,
            )
    lowest = totals[(totals["zeros"] == "skipped") & (totals["method"] == TILED[-1])]
    named: set[str] = set()
    for _, row in lowest.iterrows():
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
                fontsize=7,
            )
        named.add(scheme)
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panel.yaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    panel.tick_params(which="both", labelsize=8)
    panel.set_xlabel("sparsity [share of zeros]", fontsize=9)
    panel.set_ylabel("multiplications and additions a MAC", fontsize=9)
    panel.xaxis.set_major_formatter(PercentFormatter(1))
    panel.margins(0.12, 0.25)
    panel.grid(color="#dddddd", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(fontsize=7, frameon=False, title="hollow: zeros like others", title_fontsize=7)


def _by_tile(panel: Axes, result: RepetitionResult, scheme: str) -> None:
    rows = result.tiles[result.tiles["scheme"] == scheme]
    best = rows.sort_values("arithmetic_per_mac")["method"].iloc[0]
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
        panel.text(of, at, f"{value:.2f}", ha="center", va="center", fontsize=5, color=ink)
    panel.set_xticks(range(grid.shape[1]), [str(each) for each in grid.columns], fontsize=7)
    names = ["K" if each == 0 else str(each) for each in order]
    panel.set_yticks(range(len(order)), names, fontsize=7)
    panel.set_xlabel("G, filters", fontsize=8)
    panel.set_ylabel("T, positions", fontsize=8)
    panel.set_title(f"{scheme}\n{best}", fontsize=8)
