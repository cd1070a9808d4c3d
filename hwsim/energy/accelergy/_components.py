"""The parts of a machine in Accelergy's terms: class, attributes, and which action is which."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hwsim.activity import ComponentKey
from hwsim.arch import Arch
from hwsim.arch.multiplier import gated_bits
from hwsim.arch.technology import Technology
from hwsim.errors import InputError
from hwsim.number_format import NumberFormat

#: Length of a wire in m: half the side of the array of 256 multipliers, 0.7 mm.
_WIRE_M = 0.00035
#: Exponent and mantissa bits of floats.
_FLOATS = {"fp16": (5, 10), "bf16": (8, 7), "fp32": (8, 23)}


@dataclass(frozen=True)
class AccelergyComponent:
    """A component as one of Accelergy's primitive classes, e.g. ``intadder``.

    ``actions`` gives for each action of the engine Accelergy's, and how many of it one is;
    ``included`` are those that are part of another one or for which the class has none: they cost
    nothing.
    """

    kind: str
    attributes: Mapping[str, object]
    actions: Mapping[str, tuple[str, float]]
    included: tuple[str, ...] = ()

    def refuse_unknown(self, unit: str, component: str, action: str, count: float) -> None:
        """Refuse an action that happened and has no counterpart, by name."""
        if count and action not in self.actions and action not in self.included:
            raise InputError(
                f"action {action!r} of component {component!r} in {unit}: Accelergy's class "
                f"{self.kind!r} has no action for it; give hwsim run an ERT that has one: "
                "--energy ERT.yaml"
            )


def accelergy_components(
    arch: Arch, instances: Mapping[ComponentKey, int]
) -> dict[ComponentKey, AccelergyComponent]:
    """Describe every component that an engine counts, in the order of ``instances``."""
    technology = arch.technology
    if technology is None:
        raise InputError(f"arch {arch.name!r}: Accelergy needs a technology section in the spec")
    known = _components(technology, arch)
    for unit, component in instances:
        if component not in known:
            raise InputError(
                f"component {component!r} of {unit}: not known in Accelergy's terms; write the "
                "architecture for Accelergy by hand and give hwsim run its ERT: --energy ERT.yaml"
            )
    return {key: known[key[1]] for key in instances}


def _components(technology: Technology, arch: Arch) -> dict[str, AccelergyComponent]:
    sums, activations = technology.partial_sums, technology.activations
    wire = AccelergyComponent(
        "wire",
        {"datawidth": sums.bits, "length": _WIRE_M},
        {"WRITE": ("transfer_random", 1)},
        included=("READ",),
    )
    adder = AccelergyComponent(
        *_arithmetic("adder", sums),
        {"ADD_2_1": ("add", 1), "ADD_3_1": ("add", 2)},  # a sum of three is two additions
        included=("CONFIGURATION",),
    )
    row = min(arch.parameters.get("dn_bw", 1) * activations.bits, 1024)
    return {
        "DN_WIRE": wire,
        "MN_WIRE": wire,
        "RN_WIRE": wire,
        "CB_WIRE": wire,
        "SWITCH": AccelergyComponent(
            "bitwise",
            {"datawidth": sums.bits},
            # A broadcast drives both wires.
            {"ROUTE_UNICAST": ("process", 1), "ROUTE_BROADCAST": ("process", 2)},
        ),
        "MULTIPLIER": _multiplier(technology),
        "ADDER": adder,
        "ACCUMULATOR": AccelergyComponent(adder.kind, adder.attributes, {"ADD": ("add", 1)}),
        # One write a push; the pop is part of it.
        "FIFO": AccelergyComponent(
            "register",
            {"datawidth": sums.bits},
            {"PUSH": ("write", 1)},
            included=("POP", "FRONT"),
        ),
        "GLOBALBUFFER": AccelergyComponent(
            "SRAM",
            {"width": row, "depth": math.ceil(technology.buffer_bytes * 8 / row)},
            {
                "READ": ("read", activations.bits / row),
                "WRITE": ("write", sums.bits / row),
            },
        ),
    }


def _multiplier(technology: Technology) -> AccelergyComponent:
    """Take a multiplier as wide as the wider operand, or the gates that a sign or a mask needs."""
    included = ("FORWARD_PSUM", "CONFIGURATION")  # a partial sum passes it
    if gates := gated_bits(technology):
        return AccelergyComponent(
            "bitwise", {"datawidth": gates}, {"MULTIPLICATION": ("process", 1)}, included=included
        )
    formats = (technology.activations, technology.weights)
    wider = max(formats, key=lambda each: (each.is_float, each.bits))
    return AccelergyComponent(
        *_arithmetic("multiplier", wider), {"MULTIPLICATION": ("multiply", 1)}, included=included
    )


def _arithmetic(what: str, number: NumberFormat) -> tuple[str, dict[str, object]]:
    if number.is_float:
        exponent, mantissa = _FLOATS[number.name]
        return f"fp{what}", {"exponent": exponent, "mantissa": mantissa}
    return f"int{what}", {"datawidth": number.bits}
