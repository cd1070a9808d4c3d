"""Cycles by layer, one panel a scheme, and the share of each layer that units are busy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from hwsim.reports.figures.layer_panels import layer_panels, write_ratios
from hwsim.reports.figures.palette import OTHER_COLOUR, Look, scheme_looks, shade
from hwsim.reports.figures.rows import layer_rows, run_name
from hwsim.reports.figures.sheet import (
    Drawn,
    cycle_unit,
    filled,
    finish,
    legend,
    one_style,
    patch,
)
from hwsim.studies.tables import WAITS

if TYPE_CHECKING:
    from hwsim.studies import RunResult
    from hwsim.studies.columns import Columns

_IDLE: Final = Look(shade(OTHER_COLOUR, 0.5))
_WAITS: Final = Look(OTHER_COLOUR, "////")


def draw_cycles(result: RunResult, width: int = 2) -> Drawn:
    """Draw the cycles of every layer under every scheme.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run`.
    width : {1, 2}
        Columns of a paper.

    Returns
    -------
    Drawn
        A bar is cycles; the dark part is utilisation x cycles, what the layer would take if no
        unit ever waited, the hatched one what they wait, where the engine says that. Figures
        beside the bars are ratios, baseline over scheme. The table has a row each scheme and layer.
    """
    import pandas as pd

    result = result.by_energy_table(result.energy_tables[0])
    rows, looks = layer_rows(result), scheme_looks(result.schemes)
    cycles, ratios = rows.sums(result, "cycles"), rows.ratios(result, "cycles")
    table = result.sums.layers
    utilization = _shares(table, "utilization")
    waits = _shares(table, "waits") if "waits" in table else {}
    told = bool(waits) and not any(share != share for _, share in waits.values())
    longest = max(max(each) for each in cycles.values())
    thousands, unit = cycle_unit(longest)
    with one_style():
        figure, panels = layer_panels(result.schemes, rows, width, unit)
        for panel, scheme in zip(panels, result.schemes, strict=True):
            ends = [each / thousands for each in cycles[scheme]]
            busy = [_summed(utilization, scheme, layers) / thousands for layers in rows.layers]
            waited = [
                min(_summed(waits, scheme, layers) / thousands, end - part) if told else 0.0
                for layers, end, part in zip(rows.layers, ends, busy, strict=True)
            ]
            at_work = [end - part for end, part in zip(ends, waited, strict=True)]
            idle = [end - part for end, part in zip(at_work, busy, strict=True)]
            places = range(len(rows))
            panel.barh(places, busy, height=0.74, **filled(looks[scheme]))
            panel.barh(places, idle, left=busy, height=0.74, **filled(_IDLE))
            if told:
                panel.barh(places, waited, left=at_work, height=0.74, **filled(_WAITS))
            write_ratios(panel, ends, ratios[scheme])
        panels[0].set_xlim(0, 1.2 * longest / thousands or 1)
        signs = {f"{scheme}: units busy": look for scheme, look in looks.items()}
        signs |= (
            {"units without work": _IDLE, "units wait": _WAITS}
            if told
            else {"units idle or waiting": _IDLE}
        )
        legend(figure, [patch(look) for look in signs.values()], list(signs))
        beside = f" ({result.baseline} / scheme beside the bars)" if result.baseline else ""
        finish(figure, f"{run_name(result)}: cycles by layer{beside}")
    names = ["scheme", "layer", "cycles", "utilization", "cycles_ratio"]
    names += [name for name in WAITS if name in table]
    return Drawn(figure, pd.DataFrame({name: table[name] for name in names}))


_Shares = dict[tuple[str, str], tuple[float, float]]


def _shares(table: Columns, name: str) -> _Shares:
    """Give by scheme and layer the cycles, and a share of them."""
    return dict(zip(table.rows("scheme", "layer"), table.rows("cycles", name), strict=True))


def _summed(shares: _Shares, scheme: str, layers: Iterable[str]) -> float:
    """Sum the cycles of a share over layers."""
    return sum(own * share for own, share in (shares[scheme, layer] for layer in layers))
