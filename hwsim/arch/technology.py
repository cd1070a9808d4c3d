"""The technology of an architecture: node, clock, number formats, memories, with units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, ValidationError, model_validator

from hwsim.arch.parts.logic import Transistors
from hwsim.arch.parts.published import entries
from hwsim.errors import InputError, did_you_mean
from hwsim.number_format import NumberFormat
from hwsim.quantity import FREQUENCY, LENGTH, SIZE, VOLTAGE, parse_quantity
from hwsim.yaml_file import StrictModel, Text, first_problem, quantity_text

WeightStorage = Literal["smallest", "bitmask", "dense"]
Controller = Literal["reads-all", "reads-needed"]
TreeWidth = Literal["grows", "partial-sums"]
TreeRegisters = Literal["level", "queues"]
Multiplier = Literal["number", "ternary", "sign", "mask"]


def _format(text: str) -> str:
    NumberFormat.parse(text)
    return text


def _dram(kind: str) -> str:
    if kind not in (known := entries("dram")):
        raise ValueError(f"should be a kind of DRAM. Got {kind!r}{did_you_mean(kind, known)}")
    return kind


Format = Annotated[str, AfterValidator(_format)]


class TechnologySpec(StrictModel):
    """The technology as a spec file or ``--set`` writes it: text with units.

    Parameters
    ----------
    node : str
        Technology node, e.g. ``28 nm``.
    clock : str
        Clock frequency, e.g. ``500 MHz``.
    voltage : str, optional
        Supply of the logic, the wires and the SRAM, 0.5 V to 1.2 V; without it each price holds
        at the supply of its source (0.9 V; SRAM from 0.8 V at 22 nm to 1.2 V at 65 nm). Energies of
        wires and SRAM go with its square, those of logic by the fit of Stillmaker and Baas (2017)
        for the node, leakage in proportion; DRAM has its own supply.
    weights : str
        Widest number format in which the machine multiplies weights, e.g. ``int8``. Weights that
        are stored wider are rounded to it; schemes with fewer bits keep theirs.
    activations : str
        Number format of activations, for every scheme the same.
    partial_sums : str
        Number format in which sums are kept.
    buffer : str, optional
        Capacity of the global buffer, e.g. ``108 KB``; none where a ``design`` lists the memories.
    weight_storage : {"smallest", "bitmask", "dense"}, optional
        How weights lie in DRAM: with a bit mask and the non-zeros, every weight, or whichever is
        smaller for a layer; none where a ``design`` lists the formats.
    dram : str
        Kind of DRAM, one of hwsim's component tables, e.g. ``LPDDR4``.
    transistors : {"general", "low-standby"}, optional
        What logic leaks like: as Aladdin's cells of a general process, which it does when nothing
        is said, or as the low standby power cells of CACTI, as SRAM always does.
    controller : {"reads-all", "reads-needed"}, optional
        What the controller of the global buffer reads: every activation that is not zero, in whole
        rows, or those that some weight waits for, as random words of banks; none where a
        ``design`` says what is read.
    tree_width : {"grows", "partial-sums"}, optional
        How wide the adder tree is: a product and one bit more a level, or a partial sum
        everywhere; none on a machine without such a tree.
    tree_registers : {"level", "queues"}, optional
        What the adder tree is pipelined with: a register behind each adder, or STONNE's queues in
        front of and behind it; none on a machine without such a tree.
    multiplier : {"number", "ternary", "sign", "mask"}, optional
        What the units multiply by: numbers as wide as ``weights``; +1, 0 and -1; signs alone; 0 and
        1 alone. Units for numbers, those of a spec that says nothing, take all of them.
    sources : dict of str to str
        For each of the above where it comes from.
    """

    node: Annotated[str, quantity_text(LENGTH)]
    clock: Annotated[str, quantity_text(FREQUENCY)]
    voltage: Annotated[str, quantity_text(VOLTAGE)] | None = None
    weights: Format
    activations: Format
    partial_sums: Format
    buffer: Annotated[str, quantity_text(SIZE)] | None = None
    weight_storage: WeightStorage | None = None
    dram: Annotated[Text, AfterValidator(_dram)]
    transistors: Transistors | None = None
    controller: Controller | None = None
    tree_width: TreeWidth | None = None
    tree_registers: TreeRegisters | None = None
    multiplier: Multiplier | None = None
    sources: dict[str, Text]

    @model_validator(mode="after")
    def _all_sourced(self) -> Self:
        for key in self.sources:
            if key not in TECHNOLOGY_KEYS:
                raise ValueError(f"sources: no key {key!r}{did_you_mean(key, TECHNOLOGY_KEYS)}")
        for key in TECHNOLOGY_KEYS:
            if getattr(self, key) is not None and key not in self.sources:
                raise ValueError(f"{key} has no source; add it to technology.sources")
        return self

    @model_validator(mode="after")
    def _sums_hold_what_is_added(self) -> Self:
        """Refuse sums that cannot be: of floats in integers, or narrower than what comes of them.

        A sum that is done is an activation of the next layer.
        """
        sums = NumberFormat.parse(self.partial_sums)
        for key in ("weights", "activations"):
            operand = NumberFormat.parse(getattr(self, key))
            if operand.is_float and not sums.is_float:
                raise ValueError(
                    f"partial_sums of {sums.name} hold no products of {key} of {operand.name}; "
                    "change both, e.g. to fp32 sums"
                )
        if sums.bits < (bits := NumberFormat.parse(self.activations).bits):
            raise ValueError(
                f"partial_sums should be as wide as activations at least, which sums become: "
                f"{bits} bits. Got {sums.name}"
            )
        return self


#: What ``--set`` can change besides whole-number parameters.
TECHNOLOGY_KEYS = tuple(name for name in TechnologySpec.model_fields if name != "sources")
#: Structure that a machine may have one way or the other, with all ways.
STRUCTURES: Mapping[str, tuple[str, ...]] = {
    "controller": get_args(Controller),
    "tree_width": get_args(TreeWidth),
    "tree_registers": get_args(TreeRegisters),
}


def settable_keys(spec: TechnologySpec | None) -> tuple[str, ...]:
    """List the keys of a technology that can be set: not those of what lies in a ``design``."""
    if spec is None:
        return ()
    fixed = ("buffer", "weight_storage", *STRUCTURES)
    return tuple(
        key for key in TECHNOLOGY_KEYS if key not in fixed or getattr(spec, key) is not None
    )


@dataclass(frozen=True)
class Technology:
    """The technology in numbers.

    Parameters
    ----------
    node_nm : float
        Technology node in nm.
    clock_hz : float
        Clock frequency in Hz.
    voltage_v : float or None
        Supply in V; None for that of the sources of the prices.
    weights, activations, partial_sums : NumberFormat
        See :class:`TechnologySpec`.
    buffer_bytes : int
        Capacity of the global buffer; 0 where a ``design`` lists the memories.
    weight_storage : {"smallest", "bitmask", "dense"}
        How weights lie in DRAM.
    dram : str
        Kind of DRAM.
    transistors : {"general", "low-standby"}
        What logic leaks like.
    controller, tree_width, tree_registers : str or None
        Structure of the machine, see :class:`TechnologySpec`; None where the spec says nothing.
    multiplier : {"number", "ternary", "sign", "mask"}
        What the units multiply by.
    """

    node_nm: float
    clock_hz: float
    voltage_v: float | None
    weights: NumberFormat
    activations: NumberFormat
    partial_sums: NumberFormat
    buffer_bytes: int
    weight_storage: WeightStorage
    dram: str
    transistors: Transistors = "general"
    controller: Controller | None = None
    tree_width: TreeWidth | None = None
    tree_registers: TreeRegisters | None = None
    multiplier: Multiplier = "number"

    @classmethod
    def of(cls, spec: TechnologySpec) -> Technology:
        """Turn the text of a checked spec into numbers."""
        return cls(
            node_nm=parse_quantity(spec.node, LENGTH),
            clock_hz=parse_quantity(spec.clock, FREQUENCY),
            voltage_v=None if spec.voltage is None else parse_quantity(spec.voltage, VOLTAGE),
            weights=NumberFormat.parse(spec.weights),
            activations=NumberFormat.parse(spec.activations),
            partial_sums=NumberFormat.parse(spec.partial_sums),
            buffer_bytes=0 if spec.buffer is None else int(parse_quantity(spec.buffer, SIZE)),
            weight_storage=spec.weight_storage or "smallest",
            dram=spec.dram,
            transistors=spec.transistors or "general",
            controller=spec.controller,
            tree_width=spec.tree_width,
            tree_registers=spec.tree_registers,
            multiplier=spec.multiplier or "number",
        )

    def weight_format(self, bits: int) -> NumberFormat:
        """Choose the format in which weights of a width are used: at most the machine's."""
        return NumberFormat.of_bits(bits).narrower_of(self.weights)


def override_technology(
    spec: TechnologySpec | None, overrides: Mapping[str, Any], place: Callable[[str], str]
) -> TechnologySpec | None:
    """Lay overrides over the technology of a spec.

    Parameters
    ----------
    spec : TechnologySpec or None
        What the file says; None if it says nothing.
    overrides : mapping of str to str
        New texts, e.g. ``{"node": "45nm"}``.
    place : callable
        Words where a value was written, for errors.

    Returns
    -------
    TechnologySpec or None
        The same with the overrides as sources of themselves.

    Raises
    ------
    InputError
        If the file has no technology to change, or a value is none of its key.
    """
    if not overrides:
        return spec
    if spec is None:
        first = next(iter(overrides))
        raise InputError(f"{place(first)}: {first}: the spec has no technology section to change")
    for key in ("buffer", "weight_storage"):
        if key in overrides and getattr(spec, key) is None:
            raise InputError(
                f"{place(key)}: {key}: the spec lists its memories in its design, so there is "
                "nothing to set here; set its parameters"
            )
    for key in STRUCTURES:
        if key in overrides and getattr(spec, key) is None:
            raise InputError(
                f"{place(key)}: {key}: the spec says nothing of it, so there is nothing to set here"
            )
    texts = {**spec.model_dump(), **overrides}
    texts["sources"] = {**spec.sources, **dict.fromkeys(overrides, "set by the user")}
    try:
        return TechnologySpec.model_validate(texts)
    except ValidationError as error:
        key, message, value = first_problem(error)
        got = "" if "Got" in message else f". Got {value!r}"
        # A fault of several keys together names them itself.
        shown = f"{key} {message}{got}" if key else message
        raise InputError(f"{place(key)}: {shown}") from None
