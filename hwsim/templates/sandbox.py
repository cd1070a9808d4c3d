"""Fills templates in, in a process of its own: jinja2's sandbox, few resources, few folders."""

from __future__ import annotations

import glob
import resource
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hwsim.errors import one_line
from hwsim.templates.filled import INCLUDED_TAG, FilledTexts, Refusal, TemplateTexts, Value

_CPU_S: Final = 2
_MEMORY_BYTES: Final = 2**30
#: Of all texts together, as much as may stand in one input file.
_TEXT_LIMIT: Final = 50_000_000
#: Files inside files inside files.
_DEPTH_LIMIT: Final = 16
_FILES_LIMIT: Final = 10_000
_SUFFIXES: Final = frozenset({".yaml", ".yml", ".jinja", ".jinja2", ".j2"})


class _RefusedError(Exception):
    """A template asks for what it cannot have; the message is one line."""


def filling() -> Callable[[TemplateTexts], FilledTexts | Refusal]:
    """Take few resources from here on, and give what fills templates in."""
    for what, limit in (
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (most, hard))
    return filled_texts


def filled_texts(question: TemplateTexts) -> FilledTexts | Refusal:
    """Fill in texts, or say why that cannot be."""
    filler = _Filler(question)
    try:
        texts = [
            filler.fill(path, text)
            for path, text in zip(question.paths, question.texts, strict=True)
        ]
    except _RefusedError as error:
        return Refusal(str(error))
    except (MemoryError, RecursionError):
        return Refusal(f"{filler.current}: the template takes more memory than 1 GiB")
    return FilledTexts(tuple(texts), filler.included)


class _Filler:
    """Fills in the files of one question, which share names of included files and limits."""

    def __init__(self, question: TemplateTexts) -> None:
        self.included: dict[str, tuple[tuple[str, str], ...]] = {}
        self.current = ""
        self._folders = [Path(folder) for folder in question.folders]
        self._values = question.values
        self._characters = self._files = 0

    def fill(self, path: str, text: str) -> str:
        """Fill in a file that the user named."""
        return _File(self, Path(path), [], 0).fill(text, self._values)

    def count(self, text: str) -> str:
        """Count a text, and refuse what is too much of them."""
        self._characters += len(text)
        if self._characters > _TEXT_LIMIT:
            raise _RefusedError(f"{self.current}: filled in, the inputs are larger than 50 MB")
        return text

    def name_of(self, documents: list[tuple[str, str]]) -> str:
        """Keep the texts of included files under a name."""
        name = f"included_{len(self.included)}"
        self.included[name] = tuple(documents)
        return name

    def within(self, path: str) -> bool:
        """Tell whether a path is in reach, links followed."""
        real = Path(path).resolve()
        return any(real.is_relative_to(folder) for folder in self._folders)

    def read(self, path: str) -> str:
        """Read a file that is in reach."""
        self._files += 1
        if self._files > _FILES_LIMIT:
            raise _RefusedError(f"{self.current}: includes more than {_FILES_LIMIT:,} files")
        if Path(path).suffix not in _SUFFIXES:
            raise _RefusedError(f"{self.current}: {path} is no YAML file, and is not included")
        try:
            with Path(path).open("rb") as file:
                return self.count(file.read(_TEXT_LIMIT + 1).decode("utf-8-sig"))
        except OSError as error:
            raise _RefusedError(f"{path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise _RefusedError(f"{path}: not a YAML text file (not UTF-8)") from None


class _File:
    """One file, with the functions that its template has."""

    def __init__(self, filler: _Filler, path: Path, searched: list[str], depth: int) -> None:
        if depth > _DEPTH_LIMIT:
            raise _RefusedError(
                f"{path}: included {_DEPTH_LIMIT} files deep; does it include itself?"
            )
        self._filler = filler
        self._path = path
        self._folder = str(path.parent)
        #: Folders in which files are looked for, after the file's own.
        self._searched = [*searched]
        self._depth = depth

    def fill(self, text: str, values: Mapping[str, Value]) -> str:
        outer, self._filler.current = self._filler.current, str(self._path)
        environment = ImmutableSandboxedEnvironment(
            undefined=jinja2.StrictUndefined, loader=jinja2.FunctionLoader(self._source)
        )
        functions = {
            "cwd": lambda: self._folder,
            "add_to_path": self._add_to_path,
            "find_path": self._find_path,
            "find_paths": self._find_paths,
            "path_exists": self._path_exists,
            "include": self._include,
            "include_all": self._include_all,
            "include_text": self._include_text,
            "setenv": self._setenv,
        }
        environment.globals.update(functions)
        self._values = values
        try:
            filled = environment.from_string(text).render(values)
        except jinja2.TemplateSyntaxError as error:
            where = f"{self._path}, line {error.lineno}"
            raise _RefusedError(f"{where}: malformed template: {one_line(error)}") from None
        except jinja2.UndefinedError as error:
            raise _RefusedError(
                f"{self._path}: {one_line(error)}; give it a value with --define NAME=VALUE"
            ) from None
        except (_RefusedError, MemoryError, RecursionError):
            raise
        except Exception as error:  # whatever expressions of a template may raise
            raise _RefusedError(
                f"{self._path}: the template cannot be filled in: {one_line(error)}"
            ) from None
        self._filler.current = outer or str(self._path)
        return self._filler.count(filled)

    def _filled(self, path: str) -> str:
        inside = _File(self._filler, Path(path), self._searched, self._depth + 1)
        return inside.fill(self._filler.read(path), self._values)

    def _found(self, name: Any) -> list[str]:
        """List what is there under a name or a pattern, in the order of the folders, once each."""
        if isinstance(name, list | tuple):
            return list(dict.fromkeys(path for part in name for path in self._found(part)))
        folders = [self._folder, *self._searched]
        found = dict.fromkeys(
            str(Path(path).resolve())
            for folder in dict.fromkeys(folders)
            for path in sorted(glob.glob(str(Path(folder, str(name)))))  # noqa: PTH207  absolute, too
        )
        for path in found:
            if not self._filler.within(path):
                raise _RefusedError(
                    f"{self._path}: {name} leads out of the inputs' folders; put the file beside "
                    "an input, or name it as one"
                )
        return list(found)

    def _find_paths(self, name: Any) -> list[str]:
        found = self._found(name)
        if not found:
            raise _RefusedError(f"{self._path}: no file {name} in {self._looked_in()}")
        return found

    def _looked_in(self) -> str:
        return ", ".join(dict.fromkeys([self._folder, *self._searched]))

    def _find_path(self, name: Any) -> str:
        return self._find_paths(name)[0]

    def _path_exists(self, name: Any) -> bool:
        return bool(self._found(name))

    def _add_to_path(self, name: Any) -> str:
        self._searched += self._find_paths(name)
        return ""

    def _include(self, name: Any, keys: str = "") -> str:
        found = self._find_paths(name)
        if len(found) > 1:
            raise _RefusedError(
                f"{self._path}: {name} is {len(found)} files, {found[0]} and {found[1]}; "
                "include_all takes several"
            )
        return self._named(found, keys)

    def _include_all(self, name: Any, keys: str = "") -> str:
        return self._named(self._find_paths(name), keys)

    def _named(self, found: list[str], keys: str) -> str:
        name = self._filler.name_of([(path, self._filled(path)) for path in found])
        entered = "." + str(keys).lstrip(".") if keys else ""
        return f"{INCLUDED_TAG} {name}{entered}"

    def _include_text(self, name: Any) -> str:
        return "\n".join(self._filled(path) for path in self._find_paths(name))

    def _setenv(self, name: Any, value: Any) -> str:
        raise _RefusedError(
            f"{self._path}: setenv({name!r}, {value!r}) is not followed: no setting of the "
            "environment changes a result here; leave it out"
        )

    def _source(self, name: str) -> str:
        """Read what jinja2's own statements name: ``{% include %}``, ``{% import %}``."""
        return self._filler.read(self._find_path(name))
