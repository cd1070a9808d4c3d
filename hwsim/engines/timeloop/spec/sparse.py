"""``sparse_optimizations``: of the whole design, or of each component (v0.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from hwsim.engines.timeloop.spec._named import data_space_named, dimension_named, level_named
from hwsim.engines.timeloop.spec._sparse_keys import (
    ACTIONS,
    COMPRESSION_RATE,
    COMPUTE,
    CONDITION_ON,
    DATA_SPACES,
    FLATTENED,
    FORMAT,
    METADATA_WORD_BITS,
    NAME,
    NODE_SPARSE,
    OPTIMIZATIONS,
    OPTIONS,
    ORDER,
    PAYLOAD_WORD_BITS,
    RANKS,
    REPRESENTATION,
    SPARSE,
    TARGET,
    TARGETS,
    TYPE,
    VERSION,
)
from hwsim.engines.timeloop.spec.architecture.components import bare_name, read_components
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.engines.timeloop.terms.formats import (
    COMPRESSING,
    FORMATS,
    RankFormat,
    Representation,
)
from hwsim.engines.timeloop.terms.machine import Machine, StorageLevel
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import (
    Condition,
    Saving,
    SavingKind,
    SparseOptimizations,
)
from hwsim.errors import InputError, did_you_mean

_SAVINGS: Final[tuple[SavingKind, ...]] = ("gating", "skipping", "skipping_spatial")
_GATES: Final = ("gating", "gate_on_zero_operand")
_SKIPS: Final = ("skipping", "skip_on_not_aligned_operands")
_POSITIONS: Final = "position_skipping"
_ORDERS: Final = ("inner_to_outer", "outer_to_inner")


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
    positions: dict[int, tuple[int, ...]] = {}
    gates = skips = False
    found_any = False
    names = [space.name for space in problem.data_spaces]
    targets = list(_targets(inputs))
    for target, name_key in targets:
        if not any(field.given(target) for field in OPTIMIZATIONS):
            continue
        found_any = True
        if COMPUTE.given(target):
            kinds = _compute_kinds(target, name_key, machine)
            gates = any(kind in _GATES for kind in kinds)
            skips = any(kind in _SKIPS for kind in kinds)
        if not (REPRESENTATION.given(target) or ACTIONS.given(target)):
            continue
        level = level_named(target, name_key, machine)
        if REPRESENTATION.given(target):
            for item in DATA_SPACES.section(REPRESENTATION.section(target)).items():
                space = data_space_named(item, NAME.read(item), names, NAME.key)
                representations[level, space] = _representation(
                    item, machine.levels[level], problem
                )
        if ACTIONS.given(target):
            of_positions, of_accesses = _by_kind(ACTIONS.section(target))
            savings[level] = tuple(_saving(item, names) for item in of_accesses)
            if of_positions:
                positions[level] = _positions(of_positions, names)
    return SparseOptimizations(
        listed=SPARSE.given(inputs) or bool(targets),
        representations=representations,
        savings=savings,
        position_skips=positions,
        compute_gates=gates,
        compute_skips=skips,
        any=found_any,
    )


def _targets(inputs: Section) -> Iterator[tuple[Section, str]]:
    """All targets, and the key of each one's name."""
    if SPARSE.given(inputs):
        listed = SPARSE.section(inputs)
        entries = TARGETS.section(listed) if TARGETS.given(listed) else None
        if entries is None and isinstance(listed.data, list):
            entries = listed
        for target in entries.items() if entries is not None else ():
            yield target, NAME.key if NAME.given(target) else TARGET.key
    for component in read_components(inputs):
        if NODE_SPARSE.given(component.node):
            own = NODE_SPARSE.section(component.node)
            if own.is_mapping and own.data:
                data = {NAME.key: component.name, **own.data}
                yield Section(data, own.key, own.origin), NAME.key


def _compute_kinds(target: Section, name_key: str, machine: Machine) -> list[str]:
    name = bare_name(target.required_text(name_key))
    if name != machine.compute.name:
        raise target.error(
            f"compute_optimization is for {machine.compute.name}. Got {name!r}", name_key
        )
    kinds = [plain(TYPE.read(item)) for item in COMPUTE.section(target).items()]
    for kind in kinds:
        if kind not in _GATES + _SKIPS:
            raise target.error(
                f"unknown type {kind!r}{did_you_mean(kind, _GATES + _SKIPS)}", COMPUTE.key
            )
    return kinds


def _representation(item: Section, level: StorageLevel, problem: Problem) -> Representation:
    ranks = [_rank(rank, level, problem) for rank in RANKS.section(item).items()]
    if not ranks:
        raise item.error("expected at least one rank", RANKS.key)
    order = plain(ORDER.read(item))
    if order not in _ORDERS:
        raise item.error(f"expected inner_to_outer or outer_to_inner. Got {order!r}", ORDER.key)
    if COMPRESSION_RATE.given(item) and not any(rank.name in COMPRESSING for rank in ranks):
        raise item.error("a representation without compressed ranks has none", COMPRESSION_RATE.key)
    plain_below = False
    for rank in reversed(ranks):
        compressing = rank.name in COMPRESSING
        if compressing and plain_below:
            raise item.error(
                f"a compressed rank ({rank.name.upper()}) cannot stand outside an uncompressed "
                "one; compress the inner ranks too",
                RANKS.key,
            )
        plain_below = not compressing
    return Representation(tuple(reversed(ranks)), order == _ORDERS[0])


def _rank(rank: Section, level: StorageLevel, problem: Problem) -> RankFormat:
    written = FORMAT.read(rank).lower()
    name = next((known for known in FORMATS if known == written), None)
    if name is None:
        raise rank.error(f"unknown format {written!r}{did_you_mean(written, FORMATS)}", FORMAT.key)
    metadata = METADATA_WORD_BITS.read(rank)
    if metadata is None and name == "b":
        metadata = 1
    rules: list[frozenset[int]] = []
    if FLATTENED.given(rank):
        for group in FLATTENED.section(rank).items():
            if not isinstance(group.data, str | list | tuple):
                raise group.error("expected names of dimensions")
            letters = map(str, group.data)
            rules.append(
                frozenset(dimension_named(group, name, problem.dimensions) for name in letters)
            )
    return RankFormat(
        name,
        _word_bits(rank, metadata, level),
        _word_bits(rank, PAYLOAD_WORD_BITS.read(rank), level),
        tuple(rules),
    )


def widened(bits: int, width: int) -> int:
    """Widen a unit until units fill a row of the metadata storage without gaps."""
    if not (bits and width):
        return bits
    # Of narrow units a row has many, of wide ones few: count what is less.
    fewest, most = width // (2 * bits), width // bits
    if most - fewest < bits:
        units = next((units for units in range(most, fewest, -1) if width % units == 0), None)
        return 2 * bits if units is None else width // units
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
    written = plain(TYPE.read(item))
    if written == "spatial_skip":
        written = "skipping_spatial"
    kind = next((known for known in _SAVINGS if known == written), None)
    if kind is None:
        known = (*_SAVINGS, _POSITIONS)
        raise item.error(f"unknown type {written!r}{did_you_mean(written, known)}", TYPE.key)
    options = list(OPTIONS.section(item).items()) if OPTIONS.given(item) else [item]
    if not options:
        raise item.error("expected at least one option", OPTIONS.key)
    if kind == "skipping_spatial" and len(options) != 1:
        raise item.error(f"skipping in space takes one option. Got {len(options)}", OPTIONS.key)
    conditions = []
    for option in options:
        if not CONDITION_ON.given(option):
            raise option.error("missing; 'condition_on' with a list of data spaces is required")
        target = data_space_named(option, TARGET.read(option), names, TARGET.key)
        others = tuple(
            data_space_named(option, name, names, CONDITION_ON.key)
            for name in CONDITION_ON.read(option)
        )
        if not others:
            raise option.error("expected at least one data space", CONDITION_ON.key)
        if target in others:
            raise option.error(
                f"{names[target]} cannot be saved on its own zeros; give it a compressed format",
                CONDITION_ON.key,
            )
        conditions.append(Condition(target, others))
    return Saving(kind, tuple(conditions))


def _by_kind(actions: Section) -> tuple[list[Section], list[Section]]:
    """Tell optimisations of positions from those of accesses."""
    found: tuple[list[Section], list[Section]] = [], []
    for item in actions.items():
        found[plain(TYPE.read(item)) != _POSITIONS].append(item)
    return found


def _positions(items: Sequence[Section], names: Sequence[str]) -> tuple[int, ...]:
    """Read whose empty positions are skipped; each data space has its own, on no condition."""
    found: list[int] = []
    for item in items:
        for option in OPTIONS.section(item).items() if OPTIONS.given(item) else (item,):
            target = data_space_named(option, TARGET.read(option), names, TARGET.key)
            if CONDITION_ON.read(option):
                raise option.error(
                    f"positions of {names[target]} are skipped by its own zeros; leave the list "
                    "empty",
                    CONDITION_ON.key,
                )
            if target in found:
                raise option.error(f"positions of {names[target]} are skipped twice", TARGET.key)
            found.append(target)
    return tuple(found)


def sparse_document(
    problem: Problem, machine: Machine, sparse: SparseOptimizations, version: float = 0.3
) -> dict[str, Any] | None:
    """Write sparse optimisations, outermost level first.

    Parameters
    ----------
    problem, machine
        Whose data spaces and levels are named.
    sparse : SparseOptimizations
        What is written.
    version : float
        Of the layout: 0.3 or 0.4.

    Returns
    -------
    dict or None
        With the root key ``sparse_optimizations``; None if the design lists none at all.
    """
    if not sparse.listed:
        return None
    targets = []
    for number in reversed(range(len(machine.levels))):
        target = _document_of_level(number, problem, machine, sparse)
        if len(target) > 1:
            targets.append(target)
    if sparse.compute_gates or sparse.compute_skips:
        kinds = [(_GATES[0], sparse.compute_gates), (_SKIPS[0], sparse.compute_skips)]
        listed = [TYPE.entry(kind) for kind, wanted in kinds if wanted]
        targets.append(NAME.entry(machine.compute.name) | COMPUTE.entry(listed))
    if sparse.any and not targets:  # listed, but nothing in it
        targets.append(NAME.entry(machine.levels[0].name) | ACTIONS.entry([]))
    if version == 0.4:
        targets = [TARGET.entry(target.pop(NAME.key)) | target for target in targets]
    return SPARSE.entry({VERSION.key: version} | TARGETS.entry(targets))


def _document_of_level(
    number: int, problem: Problem, machine: Machine, sparse: SparseOptimizations
) -> dict[str, Any]:
    level = machine.levels[number]
    target: dict[str, Any] = {**NAME.entry(level.name)}
    compressed = [
        NAME.entry(space.name)
        | _document_of_format(sparse.representations[number, place], level, problem)
        for place, space in enumerate(problem.data_spaces)
        if (number, place) in sparse.representations
    ]
    if compressed:
        target |= REPRESENTATION.entry(DATA_SPACES.entry(compressed))
    actions = [_document_of_saving(saving, problem) for saving in sparse.savings.get(number, ())]
    for place in sparse.position_skips.get(number, ()):
        skipped = TARGET.entry(problem.data_spaces[place].name) | CONDITION_ON.entry([])
        actions.append(TYPE.entry(_POSITIONS) | skipped)
    return target | (ACTIONS.entry(actions) if actions else {})


def _document_of_format(
    representation: Representation, level: StorageLevel, problem: Problem
) -> dict[str, Any]:
    ranks = [_document_of_rank(rank, level, problem) for rank in reversed(representation.ranks)]
    # v0.4 has no key for the order, but the one that is the default.
    order = _ORDERS[0] if representation.inner_to_outer else ORDER.default
    return ORDER.entry_unless_default(order) | RANKS.entry(ranks)


def _document_of_rank(rank: RankFormat, level: StorageLevel, problem: Problem) -> dict[str, Any]:
    metadata = _asked_for(rank.metadata_bits, level)
    payload = _asked_for(rank.payload_bits, level)
    groups = [
        [problem.dimensions[dimension] for dimension in sorted(group)] for group in rank.flattened
    ]
    return {
        **FORMAT.entry(rank.name.upper()),
        **METADATA_WORD_BITS.entry_unless_default(metadata),
        **PAYLOAD_WORD_BITS.entry_unless_default(payload),
        **FLATTENED.entry_unless_default(groups or None),
    }


def _asked_for(bits: int, level: StorageLevel) -> int:
    """Find the width to ask for so that readers, who widen it, come to ``bits``."""
    for wanted in (bits, bits // 2):
        if widened(wanted, level.metadata_width) == bits:
            return wanted
    raise InputError(
        f"{level.name}: units of {bits} bits cannot be written for a metadata storage of "
        f"{level.metadata_width} bits"
    )


def _document_of_saving(saving: Saving, problem: Problem) -> dict[str, Any]:
    names = [space.name for space in problem.data_spaces]
    options = [
        TARGET.entry(names[option.target])
        | CONDITION_ON.entry([names[other] for other in option.condition_on])
        for option in saving.options
    ]
    return {**TYPE.entry(saving.kind), **OPTIONS.entry(options)}
