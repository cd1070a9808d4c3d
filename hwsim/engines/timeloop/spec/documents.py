"""Timeloop's inputs, merged: from YAML files or from Python data, and written to files.

Files are put one after the other, as the program does, so anchors reach across them.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from hwsim.engines.timeloop.spec._constraint_keys import (
    ARCHITECTURE_CONSTRAINTS,
    CONSTRAINTS,
    MAPSPACE,
    MAPSPACE_CONSTRAINTS,
)
from hwsim.engines.timeloop.spec._field import Part, anything, elsewhere
from hwsim.engines.timeloop.spec._sparse_keys import SPARSE
from hwsim.engines.timeloop.spec._yaml_text import YAML_ERRORS, load_yaml, yaml_text
from hwsim.engines.timeloop.spec.architecture.roots import ARCHITECTURE
from hwsim.engines.timeloop.spec.known_keys import check_keys
from hwsim.engines.timeloop.spec.mapper_section import MAPPER
from hwsim.engines.timeloop.spec.mapping import MAPPING
from hwsim.engines.timeloop.spec.problem import PROBLEM
from hwsim.engines.timeloop.spec.section import Key, Origin, Section, plain
from hwsim.engines.timeloop.spec.tables import ART, ERT
from hwsim.errors import InputError

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
#: Energy tables of large chips are a few megabytes.
_SIZE_LIMIT_BYTES: Final = 50_000_000


def read_inputs(inputs: Mapping[str, Any] | Sequence[str | Path]) -> Section:
    """Merge Timeloop's inputs, and check their keys.

    Parameters
    ----------
    inputs : mapping, or sequence of paths
        Data: the parts under their root keys (``architecture``, ``problem``, ``mapping``, ...), or
        documents under any names, each with root keys of its own. Or the YAML files.

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
    if isinstance(inputs, Mapping):
        merged = _merge_data(inputs)
        place = _place_in_data
    elif isinstance(inputs, str | Path):
        return read_inputs([inputs])
    else:
        merged, place = _read_files([Path(path) for path in inputs])
    variables = merged.get(_VARIABLES.key) or {}
    origin = Origin(place, variables if isinstance(variables, dict) else {})
    section = Section(merged, (), origin)
    check_inputs(section)
    return section


def check_inputs(section: Section) -> None:
    """Check all keys of merged inputs, see :func:`~hwsim.engines.timeloop.spec.known_keys`.

    Raises
    ------
    InputError
        For the first that is wrong.
    """
    try:
        check_keys(section, _ROOTS)
    except RecursionError:
        raise section.error("holds itself, or is nested too deeply") from None
    for field in _READ:
        given = [key for key in field.spellings if section.has(key)]
        if len(given) > 1:
            raise section.error(f"both {given[0]!r} and {given[1]!r} are given; keep one of them")


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


def _place_in_data(key: Key) -> str:
    return "inputs"


def _read_files(paths: list[Path]) -> tuple[dict[str, Any], Any]:
    if not paths:
        raise InputError("no input files; name the YAML files with architecture, problem, mapping")
    texts = [_text(path) for path in paths]
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + text.count("\n"))

    def file_of(line: int) -> int:
        return min(bisect.bisect_right(starts, line) - 1, len(paths) - 1)

    def file_and_line(line: int) -> str:
        number = file_of(line)
        return f"{paths[number]}, line {line - starts[number] + 1}"

    try:
        node, data = load_yaml("".join(texts))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file_and_line(mark.line)}: " if mark else ""
        raise InputError(f"{where}malformed YAML: {error.problem}{_hint(texts)}") from error
    except YAML_ERRORS as error:
        raise InputError(f"{paths[0]}: malformed YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        raise InputError(f"{paths[0]}: expected keys and values (a YAML mapping) at the top level")

    first: dict[str, int] = {}
    for key_node, _ in node.value:
        root, line = plain(str(key_node.value)), key_node.start_mark.line
        before = first.setdefault(root, line)
        if before != line and (root in _ONCE or file_of(before) == file_of(line)):
            raise InputError(
                f"{file_and_line(line)}: {key_node.value!r} stands in {file_and_line(before)} too; "
                "keep one of them"
            )

    def place(key: Key) -> str:
        current: yaml.Node = node
        line: int | None = None
        for part in key:
            found = _child(current, part)
            if found is None:
                break
            line, current = found
        return str(paths[0]) if line is None else file_and_line(line)

    return {plain(str(key)): part for key, part in data.items()}, place


def _hint(texts: Sequence[str]) -> str:
    templates = any("{{" in text or "{%" in text for text in texts)
    return "; Jinja templates ({{ }} and {% %}) have to be filled in first" if templates else ""


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == part or plain(str(key_node.value)) == part:
                return key_node.start_mark.line, value_node
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line, node.value[part]
    return None


def _text(path: Path) -> str:
    """Read a file, without what would end or start a YAML document."""
    if path.suffix not in {".yaml", ".yml"}:
        raise InputError(f"{path}: expected a YAML file (.yaml or .yml)")
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT_BYTES + 1)
        if len(content) > _SIZE_LIMIT_BYTES:
            raise InputError(f"{path}: larger than 50 MB; expected a description of a design")
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a YAML text file (not UTF-8)") from error
    lines = text.replace("\r\n", "\n").split("\n")
    kept = ["" if line.startswith(("---", "...", "%")) else line for line in lines]
    return "\n".join(kept).rstrip("\n") + "\n"


def write_documents(documents: Mapping[str, Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write documents into an existing folder; the files are in the order of the documents."""
    files = []
    for name, document in documents.items():
        file = folder / name
        file.write_text(yaml_text(document), encoding="utf-8")
        files.append(file)
    return files
