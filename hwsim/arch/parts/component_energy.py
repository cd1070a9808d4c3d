"""One figure by the kind of a component and its attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hwsim.arch.parts.components import Components
from hwsim.arch.parts.figure import Figure
from hwsim.errors import InputError, did_you_mean
from hwsim.number_format import NumberFormat


def _format(attributes: Mapping[str, Any], key: str) -> NumberFormat:
    return NumberFormat.parse(str(attributes[key]))


def _mac(library: Components, of: Mapping[str, Any]) -> Figure:
    multiply = library.multiplier(_format(of, "a"), _format(of, "b"))
    add = library.adder(_format(of, "sum"))
    return Figure(
        multiply.value + add.value,
        f"{multiply.source}; {add.source}" if add.source != multiply.source else add.source,
        unit="pJ",
        entry="mac",
        formula=f"multiply {multiply.formula} + add {add.formula}",
    )


#: For each kind the attributes that it needs, and how it is priced.
_KINDS: dict[str, tuple[tuple[str, ...], Callable[[Components, Mapping[str, Any]], Figure]]] = {
    "adder": (("format",), lambda library, of: library.adder(_format(of, "format"))),
    "multiplier": (
        ("a", "b"),
        lambda library, of: library.multiplier(_format(of, "a"), _format(of, "b")),
    ),
    "mac": (("a", "b", "sum"), _mac),
    "gate": (("bits",), lambda library, of: library.gate(of["bits"])),
    "register": (("bits",), lambda library, of: library.register(of["bits"])),
    "register_file": (
        ("words", "bits"),
        lambda library, of: library.register_file(of["words"], of["bits"]),
    ),
    "sram_read": (
        ("bytes", "width"),
        lambda library, of: library.sram_read(of["bytes"], of["width"]),
    ),
    "sram_write": (
        ("bytes", "width"),
        lambda library, of: library.sram_write(of["bytes"], of["width"]),
    ),
    "wire": (("bits", "mm"), lambda library, of: library.wire(of["bits"], of["mm"])),
    "dram": (("type", "bits"), lambda library, of: library.dram(of["type"], of["bits"])),
}
COMPONENT_KINDS = tuple(_KINDS)


def component_energy(
    kind: str,
    attributes: Mapping[str, Any],
    node_nm: float,
    library: Callable[[float], Components] = Components,
) -> Figure:
    """Price one action of one component.

    Parameters
    ----------
    kind : str
        One of :data:`COMPONENT_KINDS`.
    attributes : mapping
        What the kind needs: ``{"format": "int32"}`` for an adder, ``{"a": "int8", "b": "int8"}``
        for a multiplier and also ``"sum"`` for a mac, ``{"bits": 8}`` for a register or gate,
        ``{"words": 16, "bits": 8}`` for a register file, ``{"bytes": 65536, "width": 64}`` for an
        SRAM, ``{"bits": 8, "mm": 0.5}`` for a wire, ``{"type": "LPDDR4", "bits": 64}`` for DRAM.
    node_nm : float
        Technology node.
    library : callable
        Whose figures: gives the components of a node.

    Returns
    -------
    Figure
        In pJ, with source and formula.

    Raises
    ------
    InputError
        For an unknown kind, an attribute that is missing or not known, a value that fits none.

    Examples
    --------
    >>> component_energy("adder", {"format": "int32"}, 45).value
    0.1
    """
    if kind not in _KINDS:
        raise InputError(f"unknown kind of component {kind!r}{did_you_mean(kind, _KINDS)}")
    needed, price = _KINDS[kind]
    if set(attributes) != set(needed):
        raise InputError(f"{kind}: expected the attributes {', '.join(needed)}. Got {attributes}")
    for name, value in attributes.items():
        if isinstance(value, int | float) and not value > 0:
            raise InputError(f"{kind}: {name} must be above 0. Got {value}")
    try:
        return price(library(node_nm), attributes)
    except ValueError as error:
        raise InputError(f"{kind}: {error}") from None
