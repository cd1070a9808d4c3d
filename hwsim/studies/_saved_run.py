"""What the files of a saved run must hold before anything is derived from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hwsim.networks.uncounted import Reason
from hwsim.plausible import FIGURE, SHARE
from hwsim.quantity import FREQUENCY, parse_quantity
from hwsim.schemes.registry import SHIPPED
from hwsim.yaml_file import details_of

if TYPE_CHECKING:
    import pandas as pd

#: Columns of text, of figures of 0 or more, and of figures that may be missing.
TEXT = (
    *("network", "scheme", "layer", "scheme_applied", "engine", "arch", "unit", "component"),
    *("action", "energy_unit", "energy_table", "operand", "entry", "origin", "kind", "structure"),
    *("limit_from", "waits_for"),
)
_LONG = (
    *("scheme", "layer", "unit", "component", "action", "count", "energy", "energy_table"),
    *("energy_unit", "operand", "low", "high"),
)
_LAYERS = (
    *("scheme", "layer", "scheme_applied", "groups", "M", "K", "N", "density", "macs"),
    *("effectual_macs", "cycles", "utilization", "energy", "energy_dynamic"),
    *("energy_static", "energy_unit", "energy_table", "cycles_ratio", "energy_ratio"),
)
_STRUCTURES = ("energy_table", "structure", "scheme", "layer", "entry", "energy", "low", "high")
#: Figures of tables that not every hwsim has written, and which nothing else is derived from.
_SHOWN = (
    *("instances", "price", "weight_bits", "weights", "positive_filters", "negative_filters"),
    *("zero_filters", "effectual_parameters", "bits"),
)
_SHARES = ("density", "utilization")
#: Counts of a machine and of layers are those of 64 bits.
_MOST = 2**63
#: What two sums of the same figures may differ by.
_ROUNDING = 1e-9
#: Columns of the layer table that runs of an older hwsim do not have.
_LATER = (
    *("activation_reads", "unused_reads", "cycles_limit", "limit_from"),
    *("waits", "waits_for"),
)
MAY_BE_MISSING = (
    *("cycles_ratio", "energy_ratio", "price", "low", "high"),
    *(name for name in _LATER if name not in TEXT),
)


#: No figure of a machine is less than nothing.
_Figure = Annotated[float, Field(ge=FIGURE.least, le=FIGURE.most)]
_Share = Annotated[float, Field(ge=SHARE.least, le=SHARE.most)]
_Count = Annotated[int, Field(ge=0, le=_MOST)]


class _Section(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)


class _Parameter(_Section):
    value: _Count
    unit: str


class _Uncounted(_Section):
    name: str
    shape: list[int]
    reason: Reason
    macs: _Count


class _Network(_Section):
    name: str
    file: str | None
    topology: str | None
    layers: list[str]
    notes: list[str]
    uncounted: list[_Uncounted] = Field(default_factory=list)


class _Arch(_Section):
    name: str
    engine: str
    parameters: dict[str, _Parameter]
    notes: list[str] = Field(default_factory=list)
    options: dict[str, str] = Field(default_factory=dict)
    technology: dict[str, str | dict[str, str]] | None
    area: _Figure | None
    area_unit: str | None


class _Scheme(_Section):
    label: str
    scheme: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    layers: list[str]
    origins: dict[str, _Count]
    notes: list[str]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        """Refuse parameters below 0: hwsim's own schemes have none; of others nobody knows."""
        if self.scheme.partition(":")[0] in SHIPPED:
            for name, value in self.parameters.items():
                if isinstance(value, int | float) and value < 0:
                    raise ValueError(f"parameters.{name} should be 0 or more. Got {value!r}")
        return self


class _EnergyTable(_Section):
    table: str
    label: str
    unit: str | None
    provenance: str
    uses_technology: bool
    area: _Figure | None
    area_unit: str | None


class _Warning(_Section):
    layers: list[str]
    schemes: list[str]
    utilization: _Share
    reason: str


class _Machine(_Section):
    scheme: str
    arch: str
    multiplier: str
    weights: str
    grown: dict[str, _Count]
    units: Annotated[int, Field(gt=0, le=_MOST)]
    area: Annotated[float, Field(gt=0, le=FIGURE.most)]
    next_area: _Figure | None
    next_units: _Count | None
    structures_that_fit: _Count
    structures: _Count
    waits: _Figure | None


class _LeftOut(_Section):
    layer: str
    schemes: list[str]


class _EqualArea(_Section):
    limit: Annotated[float, Field(gt=0, le=FIGURE.most)]
    area_unit: str
    prices: str
    parameter: str
    unit: str
    component: str
    reason: str
    machines: list[_Machine]
    left_out: list[_LeftOut]
    left_out_macs: _Figure


class _Manifest(_Section):
    network: _Network
    arch: _Arch
    schemes: Annotated[list[_Scheme], Field(min_length=1)]
    energy: _EnergyTable
    energy_tables: Annotated[list[_EnergyTable], Field(min_length=1)]
    engine: str = ""
    density: str = "actual"
    activation_density: _Share = 1.0
    warnings: list[_Warning] = Field(default_factory=list)
    activations: str | None = None
    activation_shares: dict[str, _Share] = Field(default_factory=dict)
    activation_masks: dict[str, _Count] = Field(default_factory=dict)
    equal_area: _EqualArea | None = None


def check_manifest(manifest: Any) -> None:
    """Check what reports read of a manifest; ValueError, one line, names the first wrong key."""
    try:
        read = _Manifest.model_validate(manifest)
    except ValidationError as error:
        first = details_of(error)[0]
        key = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        message = message.replace("Input should", "should").replace("Field", "it is")
        if first["type"] == "model_type":
            message = "should be a JSON object"
        raise ValueError(f"{key}: {message}" if key else message) from None
    if read.equal_area is not None:
        schemes, sized = ([each.label for each in read.schemes], read.equal_area.machines)
        if [each.scheme for each in sized] != schemes:
            raise ValueError("equal_area.machines: should be one for each of the schemes, in order")
    technology = read.arch.technology
    priced = any(table.uses_technology for table in read.energy_tables)
    if technology is None and priced:
        raise ValueError("arch.technology: missing, though an energy table used it")
    if technology is not None:
        clock = technology.get("clock")
        if not isinstance(clock, str):
            raise ValueError("arch.technology.clock: should be text with a unit")
        try:
            parse_quantity(clock, FREQUENCY)
        except ValueError as error:
            raise ValueError(f"arch.technology.clock: {error}") from None


def check_tables(
    table: pd.DataFrame,
    layers: pd.DataFrame,
    quantization: pd.DataFrame,
    manifest: dict[str, Any],
) -> None:
    """Check columns, kinds and rows of a run's tables; ValueError, one line, for the first."""
    for name, each, columns in (("long table", table, _LONG), ("layer table", layers, _LAYERS)):
        if each.empty:
            raise ValueError(f"the {name} has no rows")
        later = [column for column in _LATER if each is layers and column in each]
        _check_columns(name, each, (*columns, *later))
        for what, known in (
            ("scheme", [entry["label"] for entry in manifest["schemes"]]),
            ("energy_table", [entry["table"] for entry in manifest["energy_tables"]]),
        ):
            found = set(each[what])
            if found != set(known):
                raise ValueError(
                    f"the {name} has the {what}s {_listed(found)}; the manifest has "
                    f"{_listed(known)}"
                )
    _check_columns("quantization table", quantization, ("scheme", "layer", "density"))
    counted = layers.groupby(["energy_table", "scheme", "layer"]).size()
    tables, schemes, names = (layers[key].nunique() for key in ("energy_table", "scheme", "layer"))
    if (counted != 1).any() or len(counted) != tables * schemes * names:
        raise ValueError("the layer table has not one row for each energy table, scheme and layer")


def check_structures(structures: pd.DataFrame, table: pd.DataFrame) -> None:
    """Check the table of structures against the long one; ValueError, one line, says what is off.

    Every structure has every layer under every scheme, and the first is the machine's own.
    """
    what = "table of structures"
    if structures.empty:
        raise ValueError(f"the {what} has no rows")
    _check_columns(what, structures, _STRUCTURES)
    keys = ["energy_table", "scheme", "layer"]
    sums = table.groupby(keys)["energy"].sum()
    for (name, structure), rows in structures.groupby(["energy_table", "structure"], sort=False):
        priced = sums[sums.index.get_level_values("energy_table") == name]
        found = rows.groupby(keys)["energy"].sum()
        if not found.index.equals(priced.index):
            raise ValueError(
                f"the {what} has not the layers and schemes of the long table for energy table "
                f"{name!r}, structure {structure!r}"
            )
        own = structures.loc[structures["energy_table"] == name, "structure"].iloc[0]
        if structure == own and ((found - priced).abs() > _ROUNDING * priced).any():
            raise ValueError(
                f"the {what} starts with other energies than the long table's for energy table "
                f"{name!r}"
            )


def _check_columns(name: str, table: pd.DataFrame, columns: Iterable[str]) -> None:
    import numpy as np

    shown = [column for column in _SHOWN if column in table]
    for column in (*columns, *shown):
        if column not in table:
            raise ValueError(f"the {name} has no column {column!r}")
        values = table[column]
        if column in TEXT:
            if not all(isinstance(value, str) for value in values):
                raise ValueError(f"column {column!r} of the {name} holds what is no text")
            continue
        if values.dtype.kind not in "iuf":
            raise ValueError(f"column {column!r} of the {name} holds what is no number")
        finite = np.isfinite(values) | (values.isna() & (column in MAY_BE_MISSING))
        if not (finite & ~(values < 0)).all():
            raise ValueError(f"column {column!r} of the {name} holds no figures of 0 or more")
        most = SHARE.most + _ROUNDING if column in _SHARES else FIGURE.most
        if (values > most).any():
            raise ValueError(f"column {column!r} of the {name} holds figures above {most:g}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
