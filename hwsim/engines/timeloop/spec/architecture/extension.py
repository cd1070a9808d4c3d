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
from typing import Any

from hwsim.engines.timeloop.spec._field import Field
from hwsim.engines.timeloop.spec._named import data_space_keys
from hwsim.engines.timeloop.spec.architecture.attributes import (
    BANDWIDTH_SCALE,
    BITS,
    EXTENSION,
    NETWORK_BITS,
    OWN_AREA,
    OWN_ENTRIES,
    UNLIMITED,
)
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.engines.timeloop.terms.machine import ComputeLevel, Interconnect, StorageLevel
from hwsim.plausible import WORDS_PER_CYCLE


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
    if not EXTENSION.given(attributes):
        return level
    own = EXTENSION.section(attributes)
    size, area = OWN_ENTRIES.read(own), OWN_AREA.read(own)
    on_wires = _bits(own, NETWORK_BITS, data_spaces)
    return replace(
        level,
        bits=_bits(own, BITS, data_spaces),
        size=None if UNLIMITED.read(own) else level.size if size is None else size,
        area=level.area if area is None else area,
        bandwidth_scale=read_factors(own, data_spaces)
        if BANDWIDTH_SCALE.given(own)
        else level.bandwidth_scale,
        read_network=_with_bits(level.read_network, on_wires),
        update_network=_with_bits(level.update_network, on_wires),
    )


def extended_compute(level: ComputeLevel, attributes: Section) -> ComputeLevel:
    """Do the same for the compute units."""
    if not EXTENSION.given(attributes):
        return level
    area = OWN_AREA.read(EXTENSION.section(attributes))
    return level if area is None else replace(level, area=area)


def extension_of_level(level: StorageLevel) -> dict[str, Any]:
    """Write what Timeloop's attributes of a memory cannot say."""
    own: dict[str, Any] = OWN_AREA.entry(float(level.area))
    if level.bits:
        own |= BITS.entry(dict(level.bits)) | BANDWIDTH_SCALE.entry(dict(level.bandwidth_scale))
        if level.size is not None:
            own |= OWN_ENTRIES.entry(level.size)
    if level.read_network.bits:
        own |= NETWORK_BITS.entry(dict(level.read_network.bits))
    return own


def extension_of_compute(compute: ComputeLevel) -> dict[str, Any]:
    """Write what Timeloop's attributes of the compute units cannot say."""
    return EXTENSION.entry(OWN_AREA.entry(float(compute.area)))


def read_factors(section: Section, data_spaces: Sequence[str]) -> dict[str, float]:
    """Read the bandwidth that words take, ``{data space: factor}``; none if it is not there."""
    if not BANDWIDTH_SCALE.given(section):
        return {}
    found = BANDWIDTH_SCALE.section(section)
    if not found.is_mapping:
        raise found.error("expected {data space: factor}")
    return {
        name: found.number(plain(name), within=WORDS_PER_CYCLE) or 0.0
        for name in data_space_keys(found, data_spaces)
    }


def without_extension(data: Any) -> Any:
    """Copy inputs as Timeloop's own programs see them: without ``x-hwsim``."""
    if isinstance(data, Mapping):
        return {
            key: without_extension(value)
            for key, value in data.items()
            if plain(str(key)) not in EXTENSION.spellings
        }
    if isinstance(data, list | tuple):
        return [without_extension(item) for item in data]
    return data


def _bits(own: Section, field: Field[Any], data_spaces: Sequence[str]) -> dict[str, int]:
    if not field.given(own):
        return {}
    widths = field.section(own)
    if not widths.is_mapping:
        raise widths.error(
            f"expected bits by data space, e.g. {{{data_spaces[0]}: 8}}. Got {widths.data!r}"
        )
    return {
        name: widths.integer(plain(name), least=1) or 1
        for name in data_space_keys(widths, data_spaces)
    }


def _with_bits(network: Interconnect, bits: Mapping[str, int]) -> Interconnect:
    return replace(network, bits=bits) if bits else network
