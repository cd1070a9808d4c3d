"""Reading ``sparse_optimizations``: of the whole design, or of each component (v0.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from hwsim.engines.timeloop.spec.components import bare_name, read_components
from hwsim.engines.timeloop.spec.mapping import target_level
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.engines.timeloop.terms.formats import (
    COMPRESSING,
    FORMATS,
    FormatName,
    RankFormat,
    Representation,
)
from hwsim.engines.timeloop.terms.machine import Machine, StorageLevel
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import Condition, Saving, SparseOptimizations
from hwsim.errors import did_you_mean

_SAVINGS = ("gating", "skipping", "skipping_spatial")
_GATES = ("gating", "gate_on_zero_operand")
_SKIPS = ("skipping", "skip_on_not_aligned_operands")
#: A unit that keeps no payload or metadata costs nothing, whatever the width of the storage.
_UNSET = None


def read_sparse(inputs: Section, problem: Problem, machine: Machine) -> SparseOptimizations:
    """Read the sparse optimisations.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    problem, machine
        Whose data spaces and levels they name.

    Raises
    ------
    InputError
        If they name what is not there or cannot be built.
    """
    representations: dict[tuple[int, int], Representation] = {}
    savings: dict[int, tuple[Saving, ...]] = {}
    gates = skips = False
    found_any = False
    names = [space.name for space in problem.data_spaces]
    targets = list(_targets(inputs))
    for target, name_key in targets:
        known = ("representation_format", "action_optimization", "compute_optimization")
        if not any(target.has(key) for key in known):
            continue
        found_any = True
        if target.has("compute_optimization"):
            name = bare_name(target.required_text(name_key))
            if name != machine.compute.name:
                raise target.error(
                    f"compute_optimization is for {machine.compute.name}. Got {name!r}", name_key
                )
            kinds = [
                plain(item.required_text("type"))
                for item in target.section("compute_optimization").items()
            ]
            for kind in kinds:
                if kind not in _GATES + _SKIPS:
                    raise target.error(
                        f"unknown type {kind!r}{did_you_mean(kind, _GATES + _SKIPS)}",
                        "compute_optimization",
                    )
            gates = any(kind in _GATES for kind in kinds)
            skips = any(kind in _SKIPS for kind in kinds)
        if not (target.has("representation_format") or target.has("action_optimization")):
            continue
        level = target_level(target, name_key, machine)
        if target.has("representation_format"):
            section = target.section("representation_format")
            for item in section.section("data_spaces").items():
                space = _data_space(item, "name", names)
                representations[level, space] = _representation(
                    item, machine.levels[level], problem
                )
        if target.has("action_optimization"):
            savings[level] = tuple(
                _saving(item, names) for item in target.section("action_optimization").items()
            )
    return SparseOptimizations(
        listed=inputs.has("sparse_optimizations") or bool(targets),
        representations=representations,
        savings=savings,
        compute_gates=gates,
        compute_skips=skips,
        any=found_any,
    )


def _targets(inputs: Section) -> Iterator[tuple[Section, str]]:
    """All targets, and the key of each one's name."""
    if inputs.has("sparse_optimizations"):
        listed = inputs.section("sparse_optimizations")
        entries = listed.section("targets") if listed.is_mapping and listed.has("targets") else None
        if entries is None and isinstance(listed.data, list):
            entries = listed
        for target in entries.items() if entries is not None else ():
            yield target, "name" if target.has("name") else "target"
    for component in read_components(inputs):
        if component.node.has("sparse_optimizations"):
            own = component.node.section("sparse_optimizations")
            if own.is_mapping and own.data:
                data = {"name": component.name, **own.data}
                yield Section(data, own.key, own.origin), "name"


def _data_space(section: Section, key: str, names: Sequence[str]) -> int:
    return _named(section, key, section.required_text(key), names)


def _named(section: Section, key: str, name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise section.error(f"unknown data space {name!r}{did_you_mean(name, names)}", key)
    return names.index(name)


def _representation(item: Section, level: StorageLevel, problem: Problem) -> Representation:
    ranks = [_rank(rank, level, problem) for rank in item.section("ranks").items()]
    if not ranks:
        raise item.error("expected at least one rank", "ranks")
    order = plain(item.text("rank_application_order") or "outer_to_inner")
    if order not in {"inner_to_outer", "outer_to_inner"}:
        raise item.error(
            f"expected inner_to_outer or outer_to_inner. Got {order!r}", "rank_application_order"
        )
    if item.has("compression_rate") and not any(rank.name in COMPRESSING for rank in ranks):
        raise item.error("a representation without compressed ranks has none", "compression_rate")
    plain_below = False
    for rank in reversed(ranks):
        compressing = rank.name in COMPRESSING
        if compressing and plain_below:
            raise item.error(
                f"a compressed rank ({rank.name.upper()}) cannot stand outside an uncompressed "
                "one; compress the inner ranks too",
                "ranks",
            )
        plain_below |= not compressing
    return Representation(tuple(reversed(ranks)), order == "inner_to_outer")


def _rank(rank: Section, level: StorageLevel, problem: Problem) -> RankFormat:
    name = rank.required_text("format").lower()
    if name not in FORMATS:
        raise rank.error(f"unknown format {name!r}{did_you_mean(name, FORMATS)}", "format")
    format_name: FormatName = next(known for known in FORMATS if known == name)
    default_metadata = 1 if name == "b" else _UNSET
    metadata = rank.integer("metadata_word_bits")
    payload = rank.integer("payload_word_bits")
    rules: list[frozenset[int]] = []
    if rank.has("flattened_rankIDs"):
        for group in rank.section("flattened_rankIDs").items():
            letters = list(group.data) if isinstance(group.data, str) else map(str, group.data)
            rules.append(frozenset(_dimension(group, letter, problem) for letter in letters))
    return RankFormat(
        format_name,
        _word_bits(rank, default_metadata if metadata is None else metadata, level),
        _word_bits(rank, payload, level),
        tuple(rules),
    )


def _dimension(section: Section, name: str, problem: Problem) -> int:
    if name not in problem.dimensions:
        raise section.error(f"unknown dimension {name!r}{did_you_mean(name, problem.dimensions)}")
    return problem.dimensions.index(name)


def widened(bits: int, width: int) -> int:
    """Widen a unit until units fill a row of the metadata storage without gaps."""
    return next((wide for wide in range(bits, 2 * bits) if width % wide == 0), 2 * bits)


def _word_bits(rank: Section, bits: int | None, level: StorageLevel) -> int:
    default, width = level.default_metadata_word_bits, level.metadata_width
    bits = default if bits is None else widened(bits, width)
    if bits > level.metadata_width:
        raise rank.error(
            f"units of {bits} bits do not fit {level.name}'s metadata_storage_width of "
            f"{level.metadata_width} bits"
        )
    return bits


def _saving(item: Section, names: Sequence[str]) -> Saving:
    kind = plain(item.required_text("type"))
    if kind == "spatial_skip":
        kind = "skipping_spatial"
    if kind not in _SAVINGS:
        raise item.error(f"unknown type {kind!r}{did_you_mean(kind, _SAVINGS)}", "type")
    options = list(item.section("options").items()) if item.has("options") else [item]
    if kind == "skipping_spatial" and len(options) != 1:
        raise item.error(f"skipping in space takes one option. Got {len(options)}", "options")
    conditions = []
    for option in options:
        listed = option.get("condition_on")
        if listed is None:
            raise option.error("missing; 'condition_on' with a list of data spaces is required")
        target = _data_space(option, "target", names)
        others = tuple(
            _named(option, "condition_on", name, names) for name in option.names("condition_on")
        )
        if not others:
            raise option.error("expected at least one data space", "condition_on")
        if target in others:
            raise option.error(
                f"{names[target]} cannot be saved on its own zeros; give it a compressed format",
                "condition_on",
            )
        conditions.append(Condition(target, others))
    chosen: Literal["gating", "skipping", "skipping_spatial"] = (
        "gating" if kind == "gating" else "skipping" if kind == "skipping" else "skipping_spatial"
    )
    return Saving(chosen, tuple(conditions))
