"""YAML files put one after the other, as the program does, so that anchors reach across them.

Templates are filled in first, as the front end does.
"""

from __future__ import annotations

import bisect
from collections.abc import Container, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import yaml

from hwsim.engines.timeloop.spec._yaml_text import YAML_ERRORS, load_yaml
from hwsim.engines.timeloop.spec.section import Key, plain
from hwsim.errors import InputError
from hwsim.inputs_read import note_input
from hwsim.templates import FilledTexts, Value, fill_templates, is_template

#: Energy tables of large chips are a few megabytes.
_SIZE_LIMIT_BYTES: Final = 50_000_000
_SUFFIXES: Final = (".yaml", ".yml")
_TEMPLATE_SUFFIXES: Final = (".jinja", ".jinja2", ".j2")


def read_files(
    paths: Sequence[Path], once: Container[str], values: Mapping[str, Value] | None = None
) -> tuple[dict[str, Any], Places]:
    """Read files: their root keys with underscores, and what words the place of any key.

    Root keys in ``once`` stand in one of the files; of the rest every file may have its own.
    ``values`` are what names in templates stand for.
    """
    if not paths:
        raise InputError("no input files; name the YAML files with architecture, problem, mapping")
    files = _Files(paths, values or {})
    node, data = files.load()
    _refuse_twice(node, files, once)
    return {plain(str(key)): part for key, part in data.items()}, Places(files, node)


class Places:
    """Tells where any key of the files stands."""

    def __init__(self, files: _Files, node: yaml.MappingNode) -> None:
        self._files = files
        self._node = node

    def __call__(self, key: Key) -> str:
        """Word the place: file and line."""
        mark = self._mark(key)
        return str(self._files.first) if mark is None else self._files.place(mark)

    def folder(self, key: Key) -> Path:
        """Find the folder of the file."""
        mark = self._mark(key)
        return (self._files.first if mark is None else self._files.file(mark)).parent

    def _mark(self, key: Key) -> yaml.Mark | None:
        current: yaml.Node = self._node
        mark: yaml.Mark | None = None
        for part in key:
            found = _child(current, part)
            if found is None:
                break
            mark, current = found
        return mark


class _Files:
    """The files' texts, and which line of which file a line of them all is; lines are from 0."""

    def __init__(self, paths: Sequence[Path], values: Mapping[str, Value]) -> None:
        self._paths = paths
        filled = _filled(paths, values)
        self._included = {
            name: tuple((path, _one_document(text)) for path, text in documents)
            for name, documents in filled.included.items()
        }
        self._included_paths = {path for texts in self._included.values() for path, _ in texts}
        for path in self._included_paths:
            note_input(Path(path))
        self._texts = [_one_document(text) for text in filled.texts]
        self._starts = list(accumulate((text.count("\n") for text in self._texts), initial=0))

    def number(self, line: int) -> int:
        """Find the number of a line's file; what is after the end is in the last one."""
        return min(bisect.bisect_right(self._starts, line) - 1, len(self._paths) - 1)

    @property
    def first(self) -> Path:
        """The first of the files."""
        return self._paths[0]

    def file(self, mark: yaml.Mark) -> Path:
        """Find the file of a mark, one of them or one that they include."""
        if mark.name in self._included_paths:
            return Path(mark.name)
        return self._paths[self.number(mark.line)]

    def place(self, mark: yaml.Mark) -> str:
        """Word the place of a mark."""
        included = mark.name in self._included_paths
        start = 0 if included else self._starts[self.number(mark.line)]
        return f"{self.file(mark)}, line {mark.line - start + 1}"

    def load(self) -> tuple[yaml.MappingNode, dict[Any, Any]]:
        """Parse the whole: its nodes, with the lines of everything, and its content."""
        first = self._paths[0]
        try:
            node, data = load_yaml("".join(self._texts), self._included)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"{self.place(mark)}: " if mark else ""
            raise InputError(f"{where}malformed YAML: {error.problem}") from error
        except YAML_ERRORS as error:
            raise InputError(f"{first}: malformed YAML: {' '.join(str(error).split())}") from error
        if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
            raise InputError(f"{first}: expected keys and values (a YAML mapping) at the top level")
        return node, data


def _refuse_twice(node: yaml.MappingNode, files: _Files, once: Container[str]) -> None:
    first: dict[str, yaml.Mark] = {}
    for key_node, _ in node.value:
        root, mark = plain(str(key_node.value)), key_node.start_mark
        before = first.setdefault(root, mark)
        same = files.number(before.line) == files.number(mark.line)
        if before is not mark and (root in once or same):
            raise InputError(
                f"{files.place(mark)}: {key_node.value!r} stands in {files.place(before)} too; "
                "keep one of them"
            )


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == part or plain(str(key_node.value)) == part:
                return key_node.start_mark, value_node
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark, node.value[part]
    return None


def _filled(paths: Sequence[Path], values: Mapping[str, Value]) -> FilledTexts:
    texts = tuple(_text(path) for path in paths)
    if any(map(is_template, texts)):
        return fill_templates(paths, texts, values)
    if values:
        raise InputError(
            f"{paths[0]}: no input is a template (nothing stands in {{{{ }}}} or {{% %}}), so that "
            f"the value of {next(iter(values))!r} is used nowhere"
        )
    return FilledTexts(texts, {})


def _text(path: Path) -> str:
    if path.suffix not in _SUFFIXES + _TEMPLATE_SUFFIXES:
        raise InputError(f"{path}: expected a YAML file (.yaml or .yml)")
    try:
        note_input(path)
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT_BYTES + 1)
        if len(content) > _SIZE_LIMIT_BYTES:
            raise InputError(f"{path}: larger than 50 MB; expected a description of a design")
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a YAML text file (not UTF-8)") from error


def _one_document(text: str) -> str:
    """Leave out what would end or start a YAML document."""
    lines = text.replace("\r\n", "\n").split("\n")
    kept = ["" if line.startswith(("---", "...", "%")) else line for line in lines]
    return "\n".join(kept).rstrip("\n") + "\n"
