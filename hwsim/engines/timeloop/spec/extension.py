"""What hwsim knows of a design and Timeloop has no key for: kept under ``x-hwsim``.

Timeloop's programs do not look at attributes that they do not know, so exported files carry these
beside what Timeloop reads, and hwsim reads them back.

========================================  ======================================================
key                                       meaning
========================================  ======================================================
bits, network_bits                        bits of a word of each data space, in the memory and on
                                          its networks
entries                                   words of ``word_bits`` that the memory holds
unlimited                                 whether there is no limit to them
per_dataspace_bandwidth_consumption_scale  as the attribute of that name
area                                      um2 in double precision (Timeloop's are single)
========================================  ======================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.engines.timeloop.terms.machine import ComputeLevel, Interconnect, StorageLevel
from hwsim.errors import did_you_mean

EXTENSION: Final = "x-hwsim"
BANDWIDTH_SCALE: Final = "per_dataspace_bandwidth_consumption_scale"


def extended_level(
    level: StorageLevel, attributes: Section, data_spaces: Sequence[str]
) -> StorageLevel:
    """Put what ``x-hwsim`` says in place of what Timeloop's attributes say.

    Parameters
    ----------
    level : StorageLevel
        As read from Timeloop's attributes.
    attributes : Section
        Of the component.
    data_spaces : sequence of str
        That widths may be given for.
    """
    own = _own(attributes)
    if own is None:
        return level
    size = own.integer("entries", least=1)
    area = own.number("area")
    on_wires = _bits(own, "network_bits", data_spaces)
    return replace(
        level,
        bits=_bits(own, "bits", data_spaces),
        size=None if own.flag("unlimited") else level.size if size is None else size,
        area=level.area if area is None else area,
        bandwidth_scale=read_factors(own, BANDWIDTH_SCALE, data_spaces)
        if own.has(BANDWIDTH_SCALE)
        else level.bandwidth_scale,
        read_network=_with_bits(level.read_network, on_wires),
        update_network=_with_bits(level.update_network, on_wires),
    )


def extended_compute(level: ComputeLevel, attributes: Section) -> ComputeLevel:
    """Do the same for the compute units."""
    own = _own(attributes)
    area = None if own is None else own.number("area")
    return level if area is None else replace(level, area=area)


def read_factors(section: Section, key: str, data_spaces: Sequence[str]) -> dict[str, float]:
    """Read ``{data space: factor}``; none if the key is not there."""
    if not section.has(key):
        return {}
    found = section.section(key)
    if not found.is_mapping:
        raise found.error("expected {data space: factor}")
    factors = {}
    for name in found.names_inside():
        if name not in data_spaces:
            raise found.error(f"unknown data space{did_you_mean(name, data_spaces)}", name)
        factors[name] = found.number(name) or 0.0
    return factors


def without_extension(data: Any) -> Any:
    """Copy inputs as Timeloop's own programs see them: without ``x-hwsim``."""
    if isinstance(data, Mapping):
        return {
            key: without_extension(value)
            for key, value in data.items()
            if plain(str(key)) != plain(EXTENSION)
        }
    if isinstance(data, list | tuple):
        return [without_extension(item) for item in data]
    return data


def _own(attributes: Section) -> Section | None:
    key = plain(EXTENSION)
    return attributes.section(key) if attributes.has(key) else None


def _bits(own: Section, key: str, data_spaces: Sequence[str]) -> dict[str, int]:
    if not own.has(key):
        return {}
    widths = own.section(key)
    found = {}
    for name in widths.names_inside():
        if name not in data_spaces:
            raise widths.error(f"unknown data space{did_you_mean(name, data_spaces)}", name)
        found[name] = widths.integer(name, least=1) or 1
    return found


def _with_bits(network: Interconnect, bits: Mapping[str, int]) -> Interconnect:
    return replace(network, bits=bits) if bits else network
