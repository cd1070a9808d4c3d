"""The figures of a point that measures are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from hwsim.errors import InputError, did_you_mean
from hwsim.plausible import CLOCK_HZ, FIGURE, SHARE
from hwsim.studies.expectations.units import ENERGY, converted
from hwsim.yaml_file import StrictModel

if TYPE_CHECKING:
    from hwsim.studies.study_result import StudyResult


#: No figure of a layer or a machine is less than nothing.
_Figure = Annotated[float, Field(ge=FIGURE.least, le=FIGURE.most)]


class Counted(StrictModel):
    """What a layer made a machine do; of a layer whose engine states no utilization, None."""

    cycles: _Figure
    macs: _Figure
    effectual_macs: _Figure
    utilization: Annotated[float, Field(ge=SHARE.least, le=SHARE.most)] | None


class Priced(StrictModel):
    """What it costs by one energy table: units, area of the machine, energy of each layer."""

    energy_unit: str
    area: _Figure | None
    area_unit: str
    energy: dict[str, _Figure]


class PointFigures(StrictModel):
    """The figures of a point.

    Parameters
    ----------
    coordinates : mapping
        By axis, plain JSON.
    clock_hz : float or None
        Of the machine, if it states one.
    layers : mapping of str to Counted
        In order, those that are done.
    prices : mapping of str to Priced
        By energy table.
    lacking : mapping of str to str
        Why the others are not done.
    """

    coordinates: dict[str, str | int | float | None]
    clock_hz: Annotated[float, Field(ge=CLOCK_HZ.least, le=CLOCK_HZ.most)] | None
    layers: dict[str, Counted]
    prices: dict[str, Priced]
    lacking: Annotated[dict[str, str], Field(default_factory=dict)]


def figures_of(
    result: StudyResult,
    coordinates: Sequence[Mapping[str, Any]],
    clocks: Sequence[float | None],
) -> list[PointFigures]:
    """Take the figures of each point from the tables of a study."""
    found = [
        PointFigures(coordinates=dict(place), clock_hz=clock, layers={}, prices={}, lacking={})
        for place, clock in zip(coordinates, clocks, strict=True)
    ]
    columns = (result.layers[name].tolist() for name in _COLUMNS)
    for row in zip(*columns, strict=True):
        point, layer, state, error, cycles, macs, effectual, utilization, *priced = row
        figures = found[point]
        if state != "done":
            figures.lacking[layer] = f"failed: {error}" if state == "failed" else "is not done"
            continue
        figures.layers[layer] = Counted(
            cycles=cycles,
            macs=macs,
            effectual_macs=effectual,
            utilization=None if utilization != utilization else utilization,
        )
        table, energy, unit, area, area_unit = priced
        if energy == energy:
            _priced(figures, table, unit, area, area_unit).energy[layer] = energy
    return found


_COLUMNS: Final = (
    *("point", "layer", "state", "error"),
    *("cycles", "macs", "effectual_macs", "utilization"),
    *("energy_table", "energy", "energy_unit", "area", "area_unit"),
)


def _text(unit: object) -> str:
    """Take a unit from a table, where one that is not stated may be no text."""
    return unit if isinstance(unit, str) else ""


def _priced(
    figures: PointFigures, table: str, unit: object, area: float, area_unit: object
) -> Priced:
    if table not in figures.prices:
        figures.prices[table] = Priced(
            energy_unit=_text(unit),
            area=None if area != area else area,
            area_unit=_text(area_unit),
            energy={},
        )
    return figures.prices[table]


def value_of(
    measure: str, figures: PointFigures, layers: Sequence[str], energy_table: str | None
) -> tuple[float, str]:
    """Compute a measure.

    Parameters
    ----------
    measure : str
        One that is no ratio.
    figures : PointFigures
        Of the point.
    layers : sequence of str
        Together.
    energy_table : str or None
        By which it is priced.

    Returns
    -------
    float, str
        The value and its unit.

    Raises
    ------
    InputError
        If a layer is not done, or something is not known.
    """
    for layer in layers:
        if layer not in figures.layers:
            raise InputError(f"layer {layer!r} {figures.lacking.get(layer, 'is not there')}")
    counted = [figures.layers[layer] for layer in layers]
    cycles = sum(each.cycles for each in counted)
    if measure == "cycles":
        return cycles, ""
    if measure == "time":
        return cycles / _clock(figures), "s"
    if measure == "density":
        return _share(sum(each.effectual_macs for each in counted), _sum(counted, "macs")), ""
    if measure == "utilization":
        if any(each.utilization is None for each in counted):
            raise InputError("the engine states no utilization")
        busy = sum((each.utilization or 0.0) * each.cycles for each in counted)
        return _share(busy, cycles), ""
    priced = figures.prices.get(str(energy_table))
    if priced is None:
        raise InputError(f"no prices by {energy_table!r}{did_you_mean('', figures.prices)}")
    if measure == "area":
        if priced.area is None:
            raise InputError(f"{energy_table} states no area")
        return priced.area, priced.area_unit
    unpriced = [layer for layer in layers if layer not in priced.energy]
    if unpriced:
        raise InputError(f"layer {unpriced[0]!r} has no energy by {energy_table}")
    energy = sum(priced.energy[layer] for layer in layers)
    if measure == "energy":
        return energy, priced.energy_unit
    if priced.energy_unit not in ENERGY:
        raise InputError(f"energy by {energy_table} has no unit, so that there is no edp")
    return converted(energy, priced.energy_unit, "J") * cycles / _clock(figures), "J s"


def _sum(counted: Iterable[Counted], name: str) -> float:
    return float(sum(getattr(each, name) for each in counted))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _clock(figures: PointFigures) -> float:
    if figures.clock_hz is None:
        raise InputError("the machine states no clock")
    return figures.clock_hz
