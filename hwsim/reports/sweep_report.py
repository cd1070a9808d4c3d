"""A sweep as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table

from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import EnergyScale, count, percent, ratio
from hwsim.reports._run_facts import header_facts, price_facts
from hwsim.reports._run_tables import beyond_report
from hwsim.studies.columns import Columns

if TYPE_CHECKING:
    from hwsim.studies import SweepResult


def sweep_report(result: SweepResult) -> Group:
    """Lay out a sweep: what ran, a row a level, whose prices.

    Parameters
    ----------
    result : SweepResult
        From :func:`hwsim.sweep`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    settings = result.manifest["sweep"]
    pruned = count(len(result.manifest["schemes"][-1]["layers"]), "layer")
    what = f"{pruned}, {settings['method']} zeros, seed {settings['seed']}"
    header = facts([*header_facts(result.manifest), ("pruned", what)])
    flagged = beyond_report(Columns.of(result.beyond_limits), "dense")
    beyond = [part for one in flagged for part in (one, "")]
    return Group(header, "", _levels(result), "", *beyond, facts(price_facts(result.manifest)))


def _levels(result: SweepResult) -> Table:
    rows = result.table
    scopes = {"": "pruned\nlayers:", "network_": "whole\nnetwork:"}
    if result.prunes_everything:
        scopes = {"": "whole\nnetwork:"}
    energies = rows[[f"{scope}energy" for scope in scopes]].to_numpy().ravel()
    scale = EnergyScale.of(energies, rows["energy_unit"].iloc[0])
    others = (f"\nenergy\n{scale.label}", "\ncycles\nratio", "\nenergy\nratio")
    headings = [text for title in scopes.values() for text in (f"{title}\ncycles", *others)]
    table = figures(
        [],
        ["spar-\nsity", *headings],
        caption="ratio: dense / pruned, above 1 the pruned network needs less",
    )
    for _, row in rows.iterrows():
        cells = [percent(row["sparsity"])]
        for scope in scopes:
            cells += [
                f"{row[f'{scope}cycles']:,}",
                scale.show(row[f"{scope}energy"]),
                ratio(row[f"{scope}cycles_ratio"]),
                ratio(row[f"{scope}energy_ratio"]),
            ]
        add_row(table, *cells)
    return table
