"""One layer under one scheme: what is known before and after its evaluation."""

from __future__ import annotations

from typing import Final, NamedTuple

from hwsim.activity import Activity
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload.operands import Operands
from hwsim.workload.workload import Workload


class LayerTask(NamedTuple):
    """What the tables say of a layer besides its results; holds no weights.

    Parameters
    ----------
    scheme : str
        The scheme of the run.
    layer : str
        Name of the layer.
    scheme_applied : str
        ``"dense"`` for a layer that the run's scheme leaves alone.
    origin : str
        How its weights came to be.
    kind : str
        ``conv``, ``linear``, or ``product`` (of activations).
    groups, M, K, N : int
        The GEMMs that the layer becomes, one a group.
    density : float
        Share of the weights that are not zero, 0 to 1.
    macs, effectual_macs : int
        Multiply-accumulates of one sample, and those with a non-zero weight.
    weight_bits : int
        Bits that store the layer's weights.
    """

    scheme: str
    layer: str
    scheme_applied: str
    origin: str
    kind: str
    groups: int
    M: int
    K: int
    N: int
    density: float
    macs: int
    effectual_macs: int
    weight_bits: int

    @classmethod
    def of(cls, scheme: str, quantized: QuantizedLayer, workload: Workload) -> LayerTask:
        """Note what the tables need, so that the weights can be let go."""
        sizes = workload.sizes
        return cls(
            scheme,
            workload.layer,
            quantized.scheme,
            quantized.origin,
            quantized.layer.kind,
            *sizes[:4],
            density=quantized.density,
            macs=sizes.macs,
            effectual_macs=quantized.effectual * workload.streams,
            weight_bits=quantized.storage_bits,
        )


#: The columns that a layer task becomes.
LAYER_FIELDS: Final = LayerTask._fields


class Outcome(NamedTuple):
    """A task with its results.

    Parameters
    ----------
    task : LayerTask
        The layer and its scheme.
    operands : Operands or None
        What its values are made of.
    activity : Activity
        What it made the machine do.
    """

    task: LayerTask
    operands: Operands | None
    activity: Activity
