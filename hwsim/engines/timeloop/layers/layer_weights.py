"""How a machine takes the weights of a layer: in so many bits, with their zeros or a structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hwsim.engines.timeloop.density.density import Density, FixedStructured
from hwsim.engines.timeloop.layers._layer_problem import (
    is_structured,
    layer_shape,
    weight_density,
)
from hwsim.engines.timeloop.layers.layer_machine import OperandBits, design_of

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.arch.design import StructuredWeightsSpec
    from hwsim.workload.workload import Workload


class MappingVariant(NamedTuple):
    """What of a layer's weights decides its mapping.

    Parameters
    ----------
    weight_bits : int
        Of a weight on the machine.
    weight_density : float
        1, or what the structure of the weights leaves on a machine that makes use of it.
    """

    weight_bits: int
    weight_density: float = 1.0

    @classmethod
    def of(cls, workload: Workload, arch: Arch) -> MappingVariant:
        """Take it from a layer."""
        design, technology = design_of(arch)
        structure = design.structured_weights
        bits = OperandBits.of(workload.operands, technology).weights
        if (
            structure is None
            or workload.density == 1
            or not is_structured(workload, structure.nonzeros, structure.of)
        ):
            return cls(bits)
        return cls(bits, _share_of_slots(workload, structure))


def compared_variants(workload: Workload, arch: Arch) -> set[MappingVariant]:
    """Give those that a layer has or may have under the schemes that it is compared under.

    Where a machine makes use of a structure, whatever is compared may have it or not. A product of
    activations is the same under all of them.
    """
    if workload.operands is not None and workload.operands.of_activations:
        return {MappingVariant.of(workload, arch)}
    design, technology = design_of(arch)
    structure = design.structured_weights
    shares = {1.0} if structure is None else {1.0, _share_of_slots(workload, structure)}
    widths = {technology.weight_format(bits).bits for bits in workload.compared_bits}
    return {MappingVariant(bits, share) for bits in widths for share in shares}


def _share_of_slots(workload: Workload, structure: StructuredWeightsSpec) -> float:
    """Slots over channels; the last group has all of its slots, however few channels it has."""
    channels = layer_shape(workload)[0][2]
    slots = structure.nonzeros * -(-channels // structure.of)
    return min(1.0, slots / channels)


@dataclass(frozen=True)
class WeightsTaken:
    """The weights of a layer as a machine takes them.

    Parameters
    ----------
    density : Density
        Where they are not zero.
    share : float
        Those that it takes as non-zeros, 0 to 1.
    width : float
        Bits of one over those of the machine's own weights, above 0 to 1.
    runs : str
        How it takes their zeros, for people.
    imbalance : float
        Time of units that wait for each other over that of sharing them out evenly; known with
        the mapping.
    """

    density: Density
    share: float
    width: float
    runs: str
    imbalance: float = 1.0

    @classmethod
    def of(
        cls, workload: Workload, arch: Arch, variant: MappingVariant, statistical: bool
    ) -> WeightsTaken:
        """Describe the weights of a layer of a variant.

        Structured hardware has slots for just so many non-zeros, filled or not; weights without
        the structure run dense, whatever their zeros.
        """
        design, technology = design_of(arch)
        structure, width = design.structured_weights, variant.weight_bits / technology.weights.bits
        if structure is None:
            density = weight_density(workload, statistical)
            return cls(density, workload.density, width, "as they are")
        share, name = variant.weight_density, f"{structure.nonzeros}:{structure.of}"
        runs = f"{name} structured" if share < 1 else f"dense, they are not {name}"
        return cls(FixedStructured(share), share, width, runs)
