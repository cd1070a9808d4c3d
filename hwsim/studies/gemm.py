"""One GEMM on an architecture, from matrices to cycles, counts and energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hwsim.activity import Activity
from hwsim.arch import Arch, load_arch
from hwsim.energy import EnergyBreakdown, own_energy_table, price
from hwsim.engines import engine_of
from hwsim.engines.protocol import activity_of
from hwsim.errors import InputError, did_you_mean
from hwsim.networks.geometry import MAX_EXTENT
from hwsim.studies.idle_settings import refuse_idle_settings
from hwsim.workload import Activations, Operands, Workload
from hwsim.workload.lower import levels_of

#: Which operand stays in the multipliers, as STONNE calls it.
DATAFLOWS = ("MK_STA_KN_STR", "MK_STR_KN_STA")

#: As many as a layer has positions at most; counts then stay below 2^63, what numpy adds up.
_MOST_VECTORS: Final = MAX_EXTENT**2


@dataclass(frozen=True)
class GemmResult:
    """What one GEMM costs.

    Parameters
    ----------
    activity : Activity
        Cycles and action counts.
    energy : EnergyBreakdown
        Priced with the architecture's energy table; ``energy.label`` says which, and its unit.
    """

    activity: Activity
    energy: EnergyBreakdown

    @property
    def cycles(self) -> int:
        """Total cycles."""
        return self.activity.cycles

    def to_dict(self) -> dict[str, Any]:
        """Return plain data in the form of STONNE's result files.

        Returns
        -------
        dict
            ``cycles``; ``counters[unit][component][action]``, summed over instances;
            ``instances[unit][component]``; ``sdmemory``, the memory controller's totals;
            ``energy`` with ``components[unit]``, ``static``, ``dynamic``, ``area``, ``total``,
            in the energy table's unit.
        """
        counters: dict[str, dict[str, dict[str, float]]] = {}
        for (unit, component, action), count in self.activity.by_action().items():
            counters.setdefault(unit, {}).setdefault(component, {})[action] = count
        instances: dict[str, dict[str, int]] = {}
        for (unit, component), number in self.activity.instances.items():
            instances.setdefault(unit, {})[component] = number
        return {
            "cycles": self.activity.cycles,
            "counters": counters,
            "instances": instances,
            "sdmemory": dict(self.activity.statistics),
            "energy": self.energy.to_dict(),
        }


def simulate_gemm(
    mk: ArrayLike | int,
    kn: ArrayLike | int,
    arch: Arch | str = "sigma",
    dataflow: str = "MK_STA_KN_STR",
    *,
    streaming_density: float = 1.0,
) -> GemmResult:
    """Run the GEMM ``MK x KN`` on an architecture.

    Parameters
    ----------
    mk : array_like of bool or number, shape (M, K), or int
        Left matrix; only where it is zero matters. An int where it streams: M dense rows.
    kn : array_like of bool or number, shape (K, N), or int
        Right matrix. An int where it streams: N dense columns.
    arch : Arch or str
        From :func:`hwsim.load_arch`, or its name.
    dataflow : {"MK_STA_KN_STR", "MK_STR_KN_STA"}
        Which matrix is stationary (STA) and which streams (STR).
    streaming_density : float
        Where the streaming side is an int: expected share of its values that are not zero,
        above 0 to 1. Reads are then expected values; nothing else depends on it.

    Returns
    -------
    GemmResult
        On ``sigma`` equal to STONNE's simulation in every count. Fibers (rows of ``mk``, columns
        of ``kn``) with fewer than three non-zeros are filled to three, as STONNE's front end does.

    Raises
    ------
    InputError
        If a matrix is no matrix of finite numbers, is empty, the shapes do not fit, or the
        machine's engine cannot run such a matrix.

    Examples
    --------
    >>> import numpy as np, hwsim
    >>> mk = np.random.default_rng(0).random((64, 576)) < 0.35
    >>> hwsim.simulate_gemm(mk, 784, "sigma").cycles
    51078
    """
    if not isinstance(arch, Arch):
        arch = load_arch(arch)
    workload = _workload(mk, kn, dataflow, streaming_density)
    engine, prices = engine_of(arch), own_energy_table(arch)
    refuse_idle_settings(arch, engine, [prices])
    activity = activity_of(engine, workload, arch)
    return GemmResult(activity, price(activity, prices, arch, workload.operands))


def _workload(
    mk: ArrayLike | int, kn: ArrayLike | int, dataflow: str, streaming_density: float
) -> Workload:
    """Take the stationary matrix as the weights of a layer, and the other as its activations."""
    if dataflow not in DATAFLOWS:
        raise InputError(f"unknown dataflow {dataflow!r}{did_you_mean(dataflow, DATAFLOWS)}")
    names = ("mk", "kn") if dataflow == "MK_STA_KN_STR" else ("kn", "mk")
    sides: dict[str, ArrayLike | int] = {"mk": mk, "kn": kn}
    fibers = {name: _fibers(name, side) for name, side in sides.items()}
    stationary, streaming = (fibers[name] for name in names)
    if isinstance(stationary, int):
        raise InputError(f"{names[0]} is stationary in {dataflow} and must be a matrix. Got an int")
    rows, K = stationary.shape
    levels = np.ascontiguousarray(levels_of(stationary))
    if isinstance(streaming, int):
        if not 0 < streaming_density <= 1:
            raise InputError(
                f"streaming_density must be above 0 and at most 1. Got {streaming_density}"
            )
        streams, activations = streaming, Activations(streaming_density)
    elif streaming.shape[1] != K:
        shapes = " and ".join(f"{name} {np.shape(sides[name])}" for name in ("mk", "kn"))
        raise InputError(f"mk must be (M, K) and kn (K, N) with the same K. Got {shapes}")
    else:
        streams, present = len(streaming), np.ascontiguousarray(streaming != 0)
        # Nothing is known of a dense matrix but that, so that any engine can take it.
        activations = Activations() if present.all() else Activations(nonzeros=present[None])
    operands = Operands(
        coding="value",
        weight_bits=32,  # of floats: models that know bits round them to the machine's format
        sign_bits=0,
        weights=stationary.size,
        effectual_weights=int(np.count_nonzero(levels)),
        inputs=K * streams,
        outputs=rows * streams,
    )
    return Workload(
        layer="gemm",
        levels=levels[None],
        streams=streams,
        kind="conv" if dataflow == "MK_STA_KN_STR" else "linear",
        activations=activations,
        operands=operands,
    )


def _fibers(name: str, side: ArrayLike | int) -> NDArray[Any] | int:
    """Turn an operand into its fibers along K, shape (fibers, K), or their number."""
    if isinstance(side, int | np.integer) and not isinstance(side, bool):
        if side < 1:
            raise InputError(f"{name} needs at least 1 vector. Got {side}")
        if side > _MOST_VECTORS:
            raise InputError(f"{name} has at most {_MOST_VECTORS:,} vectors. Got {side:,}")
        return int(side)
    matrix = np.asarray(side)
    if matrix.dtype.kind not in "biuf":
        raise InputError(f"{name} must hold booleans or numbers. Got dtype {matrix.dtype}")
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise InputError(f"{name} must be a matrix with rows and columns. Got shape {matrix.shape}")
    if matrix.dtype.kind == "f" and not np.isfinite(matrix).all():
        raise InputError(f"{name} holds NaN or infinite values")
    return matrix if name == "mk" else matrix.T
