"""Timeloop's inputs, merged: from YAML files or from Python data.

Files are put one after the other, as the program does, so anchors reach across them.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from hwsim.engines.timeloop.spec.section import Key, Origin, Section, plain
from hwsim.errors import InputError

#: Where the parts of the inputs stand; other roots are other tools' and are left alone.
ROOTS: Final = frozenset(
    {
        "architecture",
        "arch",
        "problem",
        "mapping",
        "sparse_optimizations",
        "ERT",
        "ART",
        "variables",
        "model",
        "mapper",
        "mapspace",
        "mapspace_constraints",
        "architecture_constraints",
        "arch_constraints",
        "components",
        "compound_components",
        "globals",
    }
)
#: Energy tables of large chips are a few megabytes.
_SIZE_LIMIT_BYTES: Final = 50_000_000
#: The tag of a v0.4 node, kept as a key of its mapping.
TAG: Final = "!tag"


class _Loader(yaml.SafeLoader):
    """Safe YAML that keeps the tags of v0.4 nodes and takes 1e-3 for a number."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {TAG: suffix, **loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return None


_Loader.add_multi_constructor("!", _tagged)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def read_inputs(inputs: Mapping[str, Any] | Sequence[str | Path]) -> Section:
    """Merge Timeloop's inputs.

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
        If a file cannot be read or is no YAML, or the data hold no root key.
    """
    if isinstance(inputs, Mapping):
        merged = _merge_data(inputs)
        place = _place_in_data
    elif isinstance(inputs, str | Path):
        return read_inputs([inputs])
    else:
        merged, place = _read_files([Path(path) for path in inputs])
    variables = merged.get("variables") or {}
    return Section(merged, (), Origin(place, variables if isinstance(variables, dict) else {}))


def _merge_data(inputs: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name, value in inputs.items():
        document = value if isinstance(value, Mapping) else {}
        inside = {key: part for key, part in document.items() if plain(str(key)) in ROOTS}
        parts = inside or {name: value}
        for key, part in parts.items():
            merged.setdefault(plain(str(key)), part)
    if not merged.keys() & ROOTS:
        raise InputError(
            "inputs: no part of a Timeloop description found; expected the keys 'architecture', "
            "'problem' and 'mapping'"
        )
    return merged


def _place_in_data(key: Key) -> str:
    return "inputs"


def _read_files(paths: list[Path]) -> tuple[dict[str, Any], Any]:
    if not paths:
        raise InputError("no input files; name the YAML files with architecture, problem, mapping")
    texts = [_text(path) for path in paths]
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + text.count("\n"))

    def file_and_line(line: int) -> str:
        number = min(bisect.bisect_right(starts, line) - 1, len(paths) - 1)
        return f"{paths[number]}, line {line - starts[number] + 1}"

    try:
        loader = _Loader("".join(texts))
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file_and_line(mark.line)}: " if mark else ""
        raise InputError(f"{where}malformed YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise InputError(f"{paths[0]}: malformed YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        raise InputError(f"{paths[0]}: expected keys and values (a YAML mapping) at the top level")
    first: dict[str, Any] = {}
    for key_node, value_node in node.value:  # of repeated roots the first counts
        if key_node.value in data and plain(str(key_node.value)) not in first:
            value = loader.construct_object(value_node, deep=True)
            first[plain(str(key_node.value))] = value

    def place(key: Key) -> str:
        current: yaml.Node = node
        line: int | None = None
        for part in key:
            found = _child(current, part)
            if found is None:
                break
            line, current = found
        return str(paths[0]) if line is None else file_and_line(line)

    return first, place


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
