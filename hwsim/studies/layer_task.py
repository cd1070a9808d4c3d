"""One layer under one scheme: what is known before and after its evaluation."""

from __future__ import annotations

from typing import Final, NamedTuple

from hwsim.activity import Activity
from hwsim.schemes.quantized_layers import QuantizedLayers
from hwsim.workload.alike_workloads import AlikeWorkloads
from hwsim.workload.operands import Operands


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
    def of_all(
        cls, scheme: str, quantized: QuantizedLayers, workloads: AlikeWorkloads
    ) -> list[LayerTask]:
        """Note what the tables need of layers alike, so that the weights can be let go."""
        first, kind = workloads.first, quantized.layers[0].kind
        groups, M, K, N, _, macs = first.sizes
        return [
            cls(
                scheme,
                name,
                quantized.scheme,
                origin,
                kind,
                groups,
                M,
                K,
                N,
                density,
                macs,
                effectual * first.streams,
                bits,
            )
            for name, origin, density, effectual, bits in zip(
                quantized.names,
                quantized.origins,
                quantized.densities,
                quantized.effectual,
                quantized.storage_bits,
                strict=True,
            )
        ]


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
