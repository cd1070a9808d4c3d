"""YAML files put one after the other, as the program does, so that anchors reach across them."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Container, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import yaml

from hwsim.engines.timeloop.spec._yaml_text import YAML_ERRORS, load_yaml
from hwsim.engines.timeloop.spec.section import Key, plain
from hwsim.errors import InputError
from hwsim.inputs_read import note_input

#: Energy tables of large chips are a few megabytes.
_SIZE_LIMIT_BYTES: Final = 50_000_000


def read_files(
    paths: Sequence[Path], once: Container[str]
) -> tuple[dict[str, Any], Callable[[Key], str]]:
    """Read files: their root keys with underscores, and what words the place of any key.

    Root keys in ``once`` stand in one of the files; of the rest every file may have its own.
    """
    if not paths:
        raise InputError("no input files; name the YAML files with architecture, problem, mapping")
    files = _Files(paths)
    node, data = files.load()
    _refuse_twice(node, files, once)

    def place(key: Key) -> str:
        current: yaml.Node = node
        line: int | None = None
        for part in key:
            found = _child(current, part)
            if found is None:
                break
            line, current = found
        return str(paths[0]) if line is None else files.place(line)

    return {plain(str(key)): part for key, part in data.items()}, place


class _Files:
    """The files' texts, and which line of which file a line of them all is; lines are from 0."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._texts = [_text(path) for path in paths]
        self._starts = list(accumulate((text.count("\n") for text in self._texts), initial=0))

    def number(self, line: int) -> int:
        """Find the number of a line's file; what is after the end is in the last one."""
        return min(bisect.bisect_right(self._starts, line) - 1, len(self._paths) - 1)

    def place(self, line: int) -> str:
        """Word the place of a line."""
        number = self.number(line)
        return f"{self._paths[number]}, line {line - self._starts[number] + 1}"

    def load(self) -> tuple[yaml.MappingNode, dict[Any, Any]]:
        """Parse the whole: its nodes, with the lines of everything, and its content."""
        first = self._paths[0]
        try:
            node, data = load_yaml("".join(self._texts))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"{self.place(mark.line)}: " if mark else ""
            raise InputError(f"{where}malformed YAML: {error.problem}{self._hint()}") from error
        except YAML_ERRORS as error:
            raise InputError(f"{first}: malformed YAML: {' '.join(str(error).split())}") from error
        if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
            raise InputError(f"{first}: expected keys and values (a YAML mapping) at the top level")
        return node, data

    def _hint(self) -> str:
        if any("{{" in text or "{%" in text for text in self._texts):
            return "; Jinja templates ({{ }} and {% %}) have to be filled in first"
        return ""


def _refuse_twice(node: yaml.MappingNode, files: _Files, once: Container[str]) -> None:
    first: dict[str, int] = {}
    for key_node, _ in node.value:
        root, line = plain(str(key_node.value)), key_node.start_mark.line
        before = first.setdefault(root, line)
        if before != line and (root in once or files.number(before) == files.number(line)):
            raise InputError(
                f"{files.place(line)}: {key_node.value!r} stands in {files.place(before)} too; "
                "keep one of them"
            )


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
        note_input(path)
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
