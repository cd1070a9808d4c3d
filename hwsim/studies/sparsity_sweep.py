"""The sweep: a network pruned to several sparsities, against the dense one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.arch import Arch
from hwsim.csv_tables import write_table
from hwsim.energy import EnergyModel
from hwsim.errors import InputError
from hwsim.networks import Network
from hwsim.studies._manifest import manifest_text
from hwsim.studies.folder import whole_folder
from hwsim.studies.levels import parse_levels
from hwsim.studies.network_run import run_request
from hwsim.studies.request import Request, request_about
from hwsim.studies.requirement import Requirement, parse_requirement

if TYPE_CHECKING:
    import pandas as pd

#: What a requirement can be about: columns of the sweep's table.
METRICS = tuple(
    f"{scope}{measure}"
    for scope in ("", "network_")
    for measure in ("energy_ratio", "cycles_ratio", "energy", "cycles")
)


@dataclass(frozen=True, eq=False)
class SweepResult:
    """What a sweep found.

    Parameters
    ----------
    table : DataFrame
        One row a level, ascending: ``sparsity``; of the pruned layers ``density`` (share of the
        MACs with a non-zero weight), ``cycles``, ``energy`` in ``energy_unit`` and the ratios
        dense over pruned, ``cycles_ratio`` and ``energy_ratio``; the same of the whole network,
        layers that stay dense included, with names that begin with ``network_``.
    layers : DataFrame
        One row for each level and layer; see :func:`hwsim.studies.tables.layer_table`.
    beyond_limits : DataFrame
        Ratios of layers that cannot be; see :func:`hwsim.studies.limits.beyond_limits`.
    failures : tuple of str
        A line for each requirement and level that does not hold.
    manifest : dict
        As that of a run, with the sweep's own settings under ``sweep``.
    """

    table: pd.DataFrame
    layers: pd.DataFrame
    beyond_limits: pd.DataFrame
    failures: tuple[str, ...]
    manifest: dict[str, Any] = field(repr=False)

    @property
    def prunes_everything(self) -> bool:
        """Whether no evaluated layer stays dense, so that both scopes are one."""
        return len(self.manifest["schemes"][-1]["layers"]) == len(
            self.manifest["network"]["layers"]
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all but the layer table as plain values, ready for JSON."""
        return {
            "manifest": self.manifest,
            "levels": self.table.to_dict(orient="records"),
            "beyond_limits": self.beyond_limits.to_dict(orient="records"),
            "failures": list(self.failures),
        }

    def write(self, folder: Path) -> None:
        """Write ``sweep.csv``, ``summary.csv`` and ``manifest.json`` into an existing folder."""
        write_table(self.table, folder / "sweep.csv")
        write_table(self.layers, folder / "summary.csv")
        (folder / "manifest.json").write_text(manifest_text(self.manifest), encoding="utf-8")

    def save(self, folder: str | Path) -> Path:
        """Save the result into a folder, all files at once.

        Raises
        ------
        InputError
            If the folder cannot be written; nothing is left half-written.
        """
        with whole_folder(folder) as aside:
            self.write(aside)
        return Path(folder)


def sweep(
    model: str | Path | Network | Request,
    arch: str | Path | Arch = "sigma",
    sparsity: str | Iterable[float] = "0:0.9:0.1",
    *,
    method: str = "random",
    seed: int = 0,
    require: Sequence[str] = (),
    layers: str | Sequence[str] | None = None,
    quantize_layers: Sequence[str] | None = None,
    topology: str | Path | None = None,
    input_size: int | tuple[int, int] | None = None,
    energy: str | Path | EnergyModel | None = None,
    overrides: Mapping[str, int | str] | None = None,
    activation_density: float = 1.0,
    activations: str | Path | None = None,
    progress: bool = False,
    workers: int | None = None,
) -> SweepResult:
    """Prune a network to several sparsities and compare each with the dense network.

    Parameters
    ----------
    model, arch, layers, quantize_layers, topology, input_size, energy, overrides, \
activation_density, activations, progress, workers
        As for :func:`hwsim.run`; the schemes of a request are those of the sweep, whatever it says.
    sparsity : str or iterable of float
        Shares of zeros, see :func:`hwsim.studies.levels.parse_levels`.
    method : {"random", "magnitude"}
        Which weights of a layer become zero.
    seed : int
        Of the random ones.
    require : sequence of str
        Requirements such as ``"energy_ratio>=1.9@0.65"``; a level that is not swept is added.

    Returns
    -------
    SweepResult
        A row a level, and which requirements fail where.

    Raises
    ------
    InputError
        If a level, a requirement, a file, a name or a value cannot be used.
    """
    requirements = [parse_requirement(text, METRICS) for text in require]
    levels = _levels(sparsity, requirements)
    schemes = {level: f"pruned:sparsity={level},method={method},seed={seed}" for level in levels}
    given = Request(
        arch=arch,
        layers=layers,
        quantize_layers=quantize_layers,
        topology=topology,
        input_size=input_size,
        energy=energy,
        overrides=overrides,
        activation_density=activation_density,
        activations=activations,
    )
    request = replace(request_about(model, given), schemes=("dense", *schemes.values()))
    request.refuse_equal_area("a sweep", "pruned weights need the units that dense ones need")
    result = run_request(request, progress=progress, workers=workers, by_structure=False)
    if request.energy is None:  # a run has the machine's own table beside the headline's
        result = result.by_energy_table(result.energy_tables[0])
    elif result.several:
        raise InputError(
            f"a sweep is priced by one energy table. Got {', '.join(result.energy_tables)}"
        )
    table = _level_table(result.totals, schemes)
    level_of = {scheme: level for level, scheme in schemes.items()}
    pruned = result.layers[result.layers["scheme"] != "dense"]
    if levels[-1] > 0 and (pruned["scheme_applied"] == "dense").all():
        raise InputError(
            "a sweep of which no layer is pruned: no level would change anything; evaluate other "
            "layers, or say with quantize_layers which are pruned"
        )
    settings = {"sparsity": list(levels), "method": method, "seed": seed, "require": list(require)}
    return SweepResult(
        table=table,
        layers=pruned.assign(sparsity=pruned["scheme"].map(level_of)).reset_index(drop=True),
        beyond_limits=result.beyond_limits,
        failures=tuple(line for each in requirements for line in each.violations(table)),
        manifest={**result.manifest, "sweep": settings},
    )


def _levels(
    sparsity: str | Iterable[float], requirements: Sequence[Requirement]
) -> tuple[float, ...]:
    asked = parse_levels(sparsity)
    if not asked:
        raise InputError("no sparsity level to evaluate; give at least one, e.g. 0.65")
    required = {each.level for each in requirements if each.level is not None}
    return tuple(sorted({*asked, *required}))


def _level_table(totals: pd.DataFrame, schemes: Mapping[float, str]) -> pd.DataFrame:
    names = list(schemes.values())
    measures = ["cycles", "energy", "cycles_ratio", "energy_ratio"]
    network = totals[totals["scope"] == "network"].set_index("scheme").loc[names]
    # Where every layer is pruned there is one scope only, and the last row is the network's.
    pruned = totals.drop_duplicates("scheme", keep="last").set_index("scheme").loc[names]
    table = pruned[["density", "energy_unit", *measures]].join(
        network[measures].add_prefix("network_")
    )
    return table.reset_index(drop=True).assign(sparsity=list(schemes))[["sparsity", *table.columns]]
