"""The machine of an arch spec, with the widths that the operands of a layer have on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hwsim.arch.design import DesignSpec
from hwsim.arch.multiplier import multiplier_area
from hwsim.arch.parts import Components
from hwsim.arch.parts.memory import MemoryPrices, off_chip_memory, on_chip_memory
from hwsim.arch.technology import Technology
from hwsim.engines.timeloop.layers._layer_problem import (
    DATA_SPACES,
    DIMENSIONS,
    INPUTS,
    OUTPUTS,
    WEIGHTS,
    Shape,
    layer_problem,
)
from hwsim.engines.timeloop.spec import read_machine, read_sparse
from hwsim.engines.timeloop.spec.architecture.components import bare_name, nodes_inside
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.spec.documents import check_inputs
from hwsim.engines.timeloop.spec.section import Key, Origin, Section
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import (
    COMPUTE_ACTIONS,
    STORAGE_ACTIONS,
    ComputeLevel,
    Interconnect,
    Machine,
    RampUp,
    StorageLevel,
)
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError, did_you_mean
from hwsim.workload.operands import Operands

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Sections of a design that are hwsim's own.
_NOT_TIMELOOPS: Final = {
    "search",
    "structured_weights",
    "ramp_up",
    "images",
    "ports",
    "datapath",
    "queues",
    "run_lengths",
    "units",
}
_WORD: Final = re.compile(r"\w+")
_WEIGHT_BITS: Final = "weight_bits"


@dataclass(frozen=True)
class OperandBits:
    """Bits of a word of each data space."""

    weights: int
    activations: int
    partial_sums: int

    @classmethod
    def of(cls, operands: Operands | None, technology: Technology) -> OperandBits:
        """Take the scheme's weights, at most as wide as the machine's, and its other formats.

        Activations that take the place of weights keep their width.
        """
        if operands is None:
            weights = technology.weights
        elif operands.of_activations:
            weights = technology.activations
        else:
            weights = technology.weight_format(operands.weight_bits)
        return cls.of_weights(weights.bits, technology)

    @classmethod
    def of_weights(cls, bits: int, technology: Technology) -> OperandBits:
        """Take weights of so many bits, and the machine's other formats."""
        return cls(bits, technology.activations.bits, technology.partial_sums.bits)

    @property
    def by_data_space(self) -> Mapping[str, int]:
        """The same by name."""
        widths = (self.weights, self.activations, self.partial_sums)
        return dict(zip((WEIGHTS, INPUTS, OUTPUTS), widths, strict=True))


def design_of(arch: Arch) -> tuple[DesignSpec, Technology]:
    """Take the sections of a spec that this engine needs.

    Raises
    ------
    InputError
        If the spec lacks one.
    """
    if arch.spec.design is None:
        raise InputError(
            f"arch {arch.name!r}: engine 'sparseloop' needs its memories and networks; add a "
            "design section to the spec"
        )
    if arch.technology is None:
        raise InputError(
            f"arch {arch.name!r}: engine 'sparseloop' needs the bits of operands; add a "
            "technology section to the spec"
        )
    return arch.spec.design, arch.technology


def design_inputs(arch: Arch) -> Section:
    """Give the design as Timeloop's inputs, the spec's parameters being their variables.

    One more is ``weight_bits``, the width of the machine's own weights, for memories that are as
    wide as a weight and not as so many bits.

    Raises
    ------
    InputError
        If the design has a key that is not known.
    """
    return _design_inputs(arch, arch.path, arch.text)


@lru_cache(maxsize=64)
def _design_inputs(arch: Arch, *_place: str) -> Section:
    """Give them once for each machine and file, whose lines messages name."""
    design, technology = design_of(arch)
    parts = {
        key: value
        for key, value in design.model_dump(exclude=_NOT_TIMELOOPS).items()
        if value is not None
    }

    def place(key: Key) -> str:
        return arch.where(("design", *key))

    # Parameters stand in texts, alone or in sums and products.
    own = design.model_dump(include={"images", "datapath", "queues"})
    arch.refuse_idle(_WORD.findall(json.dumps([parts, own])))
    variables = {_WEIGHT_BITS: technology.weights.bits, **arch.parameters}
    inputs = Section(parts, (), Origin(place, variables, closed=True))
    check_inputs(inputs)
    return inputs


def layer_machine(arch: Arch, bits: OperandBits, components: Components | None = None) -> Machine:
    """Read and price the machine.

    Parameters
    ----------
    arch : Arch
        With a design and a technology.
    bits : OperandBits
        Of the operands; capacities, rows and bandwidths are shared by bits.
    components : Components, optional
        Figures to price with where the spec has no ERT; those of the arch's node when not given.

    Returns
    -------
    Machine
        Accesses in pJ for a whole row, areas in um2, wires in pJ a bit and mm.

    Raises
    ------
    InputError
        If the design cannot be used; the message says file, line and key.
    """
    if components is None:
        return _layer_machine(arch, bits, arch.path, arch.text)
    return _machine_of(arch, bits, components)


@lru_cache(maxsize=256)
def _layer_machine(arch: Arch, bits: OperandBits, *_place: str) -> Machine:
    technology = design_of(arch)[1]
    return _machine_of(arch, bits, Components(technology.node_nm, technology.voltage_v))


def _machine_of(arch: Arch, bits: OperandBits, part: Components) -> Machine:
    design, technology = design_of(arch)
    inputs = design_inputs(arch)
    machine = read_machine(inputs, DATA_SPACES)
    known = {level.name for level in machine.levels} | {machine.compute.name}
    _check_classes(inputs.section("architecture"), known)
    ports = _ports(arch, design, [level.name for level in machine.levels])
    priced = design.ERT is None
    wire = part.wire(1, 1.0).value if priced else 0.0  # of one bit over one mm
    levels = tuple(
        _with_wires(
            replace(
                _priced(level, part, technology) if priced else level,
                bits=bits.by_data_space,
                ports=ports.get(level.name, {}),
            ),
            wire,
            bits,
        )
        for level in machine.levels
    )
    compute = (
        _priced_compute(machine.compute, part, technology, bits) if priced else machine.compute
    )
    names = [level.name for level in levels]
    _check_registers(arch, names)
    _check_listed(arch, known)
    return Machine(compute, levels, _ramp_up(arch, design, names))


def layer_sparse(arch: Arch) -> SparseOptimizations:
    """Read which zeros a machine makes use of; no shape and no width of a layer changes that.

    Raises
    ------
    InputError
        If the design cannot be used.
    """
    return _layer_sparse(arch, arch.path, arch.text)


@lru_cache(maxsize=64)
def _layer_sparse(arch: Arch, *_place: str) -> SparseOptimizations:
    machine = layer_machine(arch, OperandBits.of(None, design_of(arch)[1]))
    return read_sparse(design_inputs(arch), layer_problem(smallest_shape(arch)), machine)


def smallest_shape(arch: Arch) -> Shape:
    """Give a layer of one operation the dimensions that a machine maps."""
    dimensions = len(DIMENSIONS) - (images_of(arch) is None)
    return (1,) * dimensions, (1, 1), (1, 1)


def layer_constraints(arch: Arch, shape: Shape) -> Constraints:
    """Read what a machine leaves no choice of in the mappings of a layer.

    Raises
    ------
    InputError
        If the design cannot be used.
    """
    return _layer_constraints(arch, shape, arch.path, arch.text)


@lru_cache(maxsize=1024)
def _layer_constraints(arch: Arch, shape: Shape, *_place: str) -> Constraints:
    machine = layer_machine(arch, OperandBits.of(None, design_of(arch)[1]))
    return read_constraints(design_inputs(arch), layer_problem(shape), machine)


def images_of(arch: Arch) -> int | None:
    """Tell how many images are mapped together; None without a dimension for them.

    Raises
    ------
    InputError
        If the design names a parameter that there is none of.
    """
    images = design_of(arch)[0].images
    return None if images is None else _number(arch, ("images",), images)


def datapath_of(arch: Arch) -> tuple[int, int] | None:
    """Tell how many products and sums stand between the stages of a compute unit.

    Returns
    -------
    (int, int) or None
        Words of a product's and of a sum's width; None where nothing is stated.

    Raises
    ------
    InputError
        If the design names a parameter that there is none of.
    """
    given = design_of(arch)[0].datapath
    if given is None:
        return None
    products = _number(arch, ("datapath", "products"), given.products)
    return products, _number(arch, ("datapath", "sums"), given.sums)


def queues_of(arch: Arch, levels: Iterable[str]) -> tuple[str, int] | None:
    """Tell whose queues there are, and how many bits of them in each unit.

    Parameters
    ----------
    arch : Arch
        With a design.
    levels : iterable of str
        Names of the memories.

    Raises
    ------
    InputError
        If the design names a parameter or a memory that there is none of.
    """
    given = design_of(arch)[0].queues
    if given is None:
        return None
    known = tuple(levels)
    if given.of not in known:
        raise InputError(
            f"{arch.where(('design', 'queues', 'of'))}: of: expected one of {', '.join(known)}. "
            f"Got {given.of!r}{did_you_mean(given.of, known)}"
        )
    return given.of, _number(arch, ("queues", "bits"), given.bits)


def _number(arch: Arch, key: Key, given: str | int) -> int:
    """Read a number of the design, or the name of a parameter."""
    if not isinstance(given, str):
        return given
    if given not in arch.parameters:
        raise InputError(
            f"{arch.where(('design', *key))}: {given!r} is no parameter of the spec"
            f"{did_you_mean(given, arch.parameters)}"
        )
    return arch.parameters[given]


def _ports(
    arch: Arch, design: DesignSpec, levels: list[str]
) -> dict[str, dict[str, tuple[float, float]]]:
    stated = design.ports or {}
    for level, spaces in stated.items():
        checks = [(level, levels)] + [(space, list(DATA_SPACES)) for space in spaces]
        for name, known in checks:
            if name not in known:
                raise InputError(
                    f"{arch.where(('design', 'ports', level))}: ports: expected one of "
                    f"{', '.join(known)}. Got {name!r}{did_you_mean(name, known)}"
                )
    return {
        level: {space: (ports.read, ports.write) for space, ports in spaces.items()}
        for level, spaces in stated.items()
    }


def _check_registers(arch: Arch, levels: list[str]) -> None:
    """Refuse registers that cannot be priced."""
    stated = [name for name in ("datapath", "queues") if getattr(design_of(arch)[0], name)]
    if stated and design_of(arch)[0].ERT is not None:
        raise InputError(
            f"{arch.where(('design', stated[0]))}: {stated[0]}: the design has an ERT, which "
            "prices all that happens; take one of them out"
        )
    datapath_of(arch)
    queues_of(arch, levels)


def _ramp_up(arch: Arch, design: DesignSpec, levels: list[str]) -> RampUp | None:
    given = design.ramp_up
    if given is None:
        return None
    checks = [("below", given.below, levels), ("replaced", given.replaced, DATA_SPACES)]
    checks += [("words_per_cycle", name, DATA_SPACES) for name in given.words_per_cycle]
    for key, name, known in checks:
        if name not in known:
            raise InputError(
                f"{arch.where(('design', 'ramp_up', key))}: {key}: expected one of "
                f"{', '.join(known)}. Got {name!r}{did_you_mean(name, known)}"
            )
    words, at_once = dict(given.words_per_cycle), given.order == "at once"
    return RampUp(levels.index(given.below), given.replaced, words, at_once)


def _check_classes(section: Section, known: set[str]) -> None:
    """Refuse a component of a class that means nothing here; Timeloop would leave it out."""
    for node in nodes_inside(section):
        _check_classes(node, known)
        name = bare_name(node.text("name") or "")
        if node.has("class") and name not in known and node.flag("enabled") is not False:
            raise node.error(
                f"{name}: class {node.text('class')!r} is no memory and no compute unit; it has to "
                "contain DRAM, SRAM, regfile, storage, mac or compute",
                "class",
            )


def _check_listed(arch: Arch, known: set[str]) -> None:
    """Refuse a listed component that the design has not."""
    for number, part in enumerate(arch.spec.components):
        for key, name, names in (
            ("unit", part.unit, known),
            ("component", part.component, {*known, *DATA_SPACES}),
        ):
            if name not in names:
                raise InputError(
                    f"{arch.where(('components', number, key))}: {key}: the design has no "
                    f"{name!r}{did_you_mean(name, names)}"
                )


def memory_prices(level: StorageLevel, part: Components, technology: Technology) -> MemoryPrices:
    """Price the data of a storage level by its capacity and width."""
    if level.dram:
        return off_chip_memory(part, technology.dram, level.width)
    assert level.size is not None  # the reader wants a capacity of all but DRAM
    return on_chip_memory(
        part, level.size * level.word_bits, level.width, "SRAM" in level.class_name
    )


def metadata_prices(
    level: StorageLevel, part: Components, technology: Technology
) -> MemoryPrices | None:
    """Price the metadata of a storage level, which lie in a memory of their own."""
    if not level.metadata_width:
        return None
    if level.dram:
        return off_chip_memory(part, technology.dram, level.metadata_width)
    bits = max(level.metadata_bits, 1)
    return on_chip_memory(part, bits, level.metadata_width, "SRAM" in level.class_name)


def _priced(level: StorageLevel, part: Components, technology: Technology) -> StorageLevel:
    data = memory_prices(level, part, technology)
    energy = dict.fromkeys(STORAGE_ACTIONS, 0.0)  # what is gated or skipped costs nothing
    energy["random_read"] = data.read.value
    energy["random_fill"] = energy["random_update"] = data.write.value
    area = data.area
    metadata = metadata_prices(level, part, technology)
    if metadata is not None:
        energy["random_metadata_read"] = metadata.read.value
        energy["random_metadata_fill"] = metadata.write.value
        energy["random_metadata_update"] = metadata.write.value
        area += metadata.area
    return replace(
        level, energy=energy, energy_source="hwsim", area=area, vector_access_energy=data.read.value
    )


def _with_wires(level: StorageLevel, wire: float, bits: OperandBits) -> StorageLevel:
    def network(given: Interconnect) -> Interconnect:
        return replace(given, bits=bits.by_data_space, wire_energy=given.wire_energy or wire)

    return replace(
        level,
        read_network=network(level.read_network),
        update_network=network(level.update_network),
    )


def _priced_compute(
    compute: ComputeLevel, part: Components, technology: Technology, bits: OperandBits
) -> ComputeLevel:
    """Price an operation for the mapper; no mapping changes how many there are."""
    energy = dict.fromkeys(COMPUTE_ACTIONS, 0.0)
    multiply = part.gate(technology.activations.bits)
    if bits.weights > 2:  # narrower ones are signs and zeros, which a gate a bit applies
        multiply = part.multiplier(technology.weights, technology.activations)
    energy["random_compute"] = multiply.value + part.adder(technology.partial_sums).value
    return replace(compute, energy=energy, area=compute_area(part, technology))


def compute_area(part: Components, technology: Technology) -> float:
    """Area of a multiplier and an adder, built for the machine's widest formats, um2."""
    multiplier = multiplier_area(technology, part).value
    return multiplier + part.adder_area(technology.partial_sums).value
