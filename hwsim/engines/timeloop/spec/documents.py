"""Timeloop's inputs, merged: from YAML files or from Python data, and written to files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hwsim.engines.timeloop.spec._constraint_keys import (
    ARCHITECTURE_CONSTRAINTS,
    CONSTRAINTS,
    MAPSPACE,
    MAPSPACE_CONSTRAINTS,
    more_constraints,
)
from hwsim.engines.timeloop.spec._field import Part, anything, elsewhere
from hwsim.engines.timeloop.spec._sparse_keys import SPARSE
from hwsim.engines.timeloop.spec._yaml_files import read_files
from hwsim.engines.timeloop.spec._yaml_text import yaml_text
from hwsim.engines.timeloop.spec.architecture.roots import ARCHITECTURE
from hwsim.engines.timeloop.spec.known_keys import check_keys
from hwsim.engines.timeloop.spec.mapper_section import MAPPER
from hwsim.engines.timeloop.spec.mapping import MAPPING
from hwsim.engines.timeloop.spec.problem import PROBLEM
from hwsim.engines.timeloop.spec.section import Origin, Section, plain
from hwsim.engines.timeloop.spec.tables import ART, ERT
from hwsim.errors import InputError
from hwsim.templates import Value

_VARIABLES: Final = anything("variables", inside=Part(named=True))
#: Where the parts of the inputs stand.
_READ: Final = (
    ARCHITECTURE, PROBLEM, MAPPING, SPARSE, ERT, ART, _VARIABLES, MAPPER,
    MAPSPACE, MAPSPACE_CONSTRAINTS, ARCHITECTURE_CONSTRAINTS, CONSTRAINTS,
)  # fmt: skip
_ROOTS: Final = Part(
    (
        *_READ,
        *elsewhere(
            "what Accelergy reads and writes, and settings of the programs",
            (
                "model", "components", "compound_components", "primitive_components", "classes",
                "globals", "version", "ERT_summary", "ART_summary", "action_counts",
                "energy_estimation", "python_plug_ins", "dumped_by_timeloop_front_end",
            ),
        ),
    )
)  # fmt: skip
#: Of these a second one would be passed over; of the rest every file may have its own.
_ONCE: Final = frozenset(key for field in _READ for key in field.spellings)


def read_inputs(
    inputs: Mapping[str, Any] | Sequence[str | Path], values: Mapping[str, Value] | None = None
) -> Section:
    """Merge Timeloop's inputs, and check their keys.

    Parameters
    ----------
    inputs : mapping, or sequence of paths
        Data: the parts under their root keys (``architecture``, ``problem``, ``mapping``, ...), or
        documents under any names, each with root keys of its own. Or the YAML files, which may be
        templates (jinja2) of the Python front end.
    values : mapping, optional
        What names in the templates stand for.

    Returns
    -------
    Section
        With the root keys.

    Raises
    ------
    InputError
        If a file cannot be read or is no YAML, the data hold no root key, a key stands twice, or
        it is a near miss of one that is known.
    """
    if isinstance(inputs, str | Path):
        return read_inputs([inputs], values)
    if isinstance(inputs, Mapping):
        merged = _merge_data(inputs)
        origin = Origin(lambda key: "inputs", _variables(merged.get(_VARIABLES.key)))
    else:
        merged, places = read_files([Path(path) for path in inputs], _ONCE, values)
        variables = _variables(merged.get(_VARIABLES.key))
        origin = Origin(places, variables, folder=places.folder)
    section = Section(merged, (), origin)
    check_inputs(section)
    return section


def _variables(given: Any) -> dict[str, Any]:
    """Put variables together, which may be a list of mappings as of the front end's templates."""
    listed = given if isinstance(given, list | tuple) else [given]
    together: dict[str, Any] = {}
    for part in listed:
        together |= part if isinstance(part, dict) else {}
    return together


def check_inputs(section: Section) -> None:
    """Check all keys of merged inputs, see :func:`~hwsim.engines.timeloop.spec.known_keys`.

    Raises
    ------
    InputError
        For the first that is wrong.
    """
    _refuse_fused_layers(section)
    try:
        check_keys(section, _roots_of)
    except RecursionError:
        raise section.error("holds itself, or is nested too deeply") from None
    for field in _READ:
        given = [key for key in field.spellings if section.has(key)]
        if len(given) > 1:
            raise section.error(f"both {given[0]!r} and {given[1]!r} are given; keep one of them")


def _refuse_fused_layers(section: Section) -> None:
    """Refuse what LoopTree reads: lists of problems, and trees of loops in place of directives."""
    if PROBLEM.given(section) and isinstance(PROBLEM.read(section), list | tuple):
        raise section.error(
            "several problems, as LoopTree fuses them, are not modelled; give one layer, with "
            "'shape' and 'instance'",
            PROBLEM.key,
        )
    if MAPPING.given(section) and isinstance(MAPPING.read(section), dict):
        raise section.error(
            "expected a list of directives; a tree of loops, as LoopTree maps fused layers, is not "
            "modelled",
            MAPPING.key,
        )


def _roots_of(section: Section) -> Part:
    """Tell what may stand at the top: beside known roots what the front end finds by a word."""
    ignored = [key for key in section.names_inside() if "ignore" in key]
    more = elsewhere("what is there to be referred to", ignored)
    return Part((*_ROOTS.fields, *more_constraints(section), *more))


def _merge_data(inputs: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name, value in inputs.items():
        for key, part in _parts(str(name), value).items():
            merged.setdefault(plain(str(key)), part)
    if not any(key in merged for field in _READ for key in field.spellings):
        raise InputError(
            "inputs: no part of a Timeloop description found; expected the keys 'architecture', "
            "'problem' and 'mapping'"
        )
    return merged


def _parts(name: str, value: Any) -> Mapping[str, Any]:
    """Tell a document with root keys of its own from a part under its root key."""
    if isinstance(value, Mapping):
        inside = {plain(str(key)) for key in value} & _ROOTS.by_key.keys() - {"version", "classes"}
        if plain(name) in _ROOTS.by_key:  # such as the constraints of an architecture
            inside.discard(CONSTRAINTS.key)
        if inside:
            return value
    return {name: value}


def write_documents(documents: Mapping[str, Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write documents into an existing folder; the files are in the order of the documents."""
    files = []
    for name, document in documents.items():
        file = folder / name
        file.write_text(yaml_text(document), encoding="utf-8")
        files.append(file)
    return files
