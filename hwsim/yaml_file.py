"""YAML files that people write: read them safely, and say file, line and key when one is wrong."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from copy import deepcopy
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, Self, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError

from hwsim.errors import InputError, did_you_mean, one_line
from hwsim.inputs_read import note_input
from hwsim.quantity import Units, parse_quantity
from hwsim.yaml_events import EventLoader
from hwsim.yaml_schema import explained

#: Specs and tables are a few kilobytes; a larger file is something else.
_SIZE_LIMIT_BYTES = 1_000_000
#: What PyYAML lets through when a value does not fit its tag, e.g. ``!!int x``.
_TAG_ERRORS = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
#: A hexadecimal number may have any length; one of thousands of digits cannot even be printed.
_WIDEST_INTEGER_BITS = 1000
_TWO_READINGS: Final = re.compile(r"[-+]?(0[0-9_]+$|[0-9a-zA-Z.+-]*_)")
#: A file of a megabyte without aliases has no more.
_MOST_VALUES: Final = 1_000_000
_UNKNOWN_KEY: Final = "unknown_key"

Key = tuple[str | int, ...]


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError(f"should say something. Got {text!r}")
    return text


#: A text that says something.
Text = Annotated[str, Field(min_length=1), AfterValidator(_says_something)]
_Document = TypeVar("_Document", bound=BaseModel)


def quantity_text(units: Units) -> AfterValidator:
    """Check that a text is a number with a unit, and one that the quantity can be."""

    def check(text: str) -> str:
        parse_quantity(text, units)
        return text

    return AfterValidator(check)


class StrictModel(BaseModel):
    """A section of a YAML file: nothing is converted, and a key that is not known is refused."""

    # Built when it is used: most runs read few of the files that there may be.
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, section: object) -> object:
        if isinstance(section, dict):
            known = _keys_of(cls)
            for key in section:
                if key not in known:
                    raise PydanticCustomError(
                        _UNKNOWN_KEY,
                        "unknown key {shown}{hint}",
                        {"key": key, "shown": repr(key), "hint": did_you_mean(str(key), known)},
                    )
        return section

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Let editors show what the docstring says of the section and its keys."""
        schema = handler(core)
        explained(handler.resolve_ref_schema(schema), cls)
        return schema


@cache
def _keys_of(section: type[StrictModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in section.model_fields.items())


class _Loader(EventLoader):
    """Safe YAML without four traps: repeated keys, endless integers, 1e-3 taken for text, 017."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key_node.value!r} stands twice", key_node.start_mark
                )
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        _refuse_two_readings(node)
        value = int(super().construct_yaml_int(node))
        if value.bit_length() > _WIDEST_INTEGER_BITS:
            raise yaml.constructor.ConstructorError(
                None, None, f"a whole number of {value.bit_length()} bits", node.start_mark
            )
        return value

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        _refuse_two_readings(node)
        return float(super().construct_yaml_float(node))


def _refuse_two_readings(node: yaml.ScalarNode) -> None:
    """Refuse what is one number to YAML 1.1, and another or a text to YAML 1.2: 017, 1_000."""
    if _TWO_READINGS.match(str(node.value)):
        raise yaml.constructor.ConstructorError(
            None,
            None,
            f"{node.value} is another number to some readers of YAML; write it without _ and "
            "without 0 in front",
            node.start_mark,
        )


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_yaml_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_yaml_float)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


class YamlFile(NamedTuple):
    """The content of a YAML file and where in the file each key stands.

    Parameters
    ----------
    path : Path
        The file.
    data : dict
        Its top-level mapping.
    node : yaml.MappingNode
        The same with line numbers.
    text : str
        The file as it was read.
    """

    path: Path
    data: dict[str, Any]
    node: yaml.MappingNode
    text: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a YAML file whose top level is a mapping.

        Parameters
        ----------
        path : Path
            The file, at most 1 MB of UTF-8.

        Returns
        -------
        YamlFile
            Its content.

        Raises
        ------
        InputError
            If it cannot be read, is no YAML (with the line) or is no mapping.
        """
        return cls.of_text(path, read_text(path))

    @classmethod
    def of_text(cls, path: Path, text: str) -> Self:
        """Read the text of a YAML file; ``path`` is for the messages.

        Raises
        ------
        InputError
            If it is no YAML (with the line) or no mapping.
        """
        data, node = _parsed(path, text)
        return cls(path, deepcopy(data), node, text)

    def where(self, key: Key) -> str:
        """Word the place of a key, as ``FILE, line N``; the closest section if it is missing."""
        return f"{self.path}, line {self.line(key)}" if key else str(self.path)

    def holds(self, key: Key) -> bool:
        """Whether a key is there."""
        return len(self._lines(key)) == len(key)

    def line(self, key: Key) -> int:
        """Find the line of a key, from 1; that of the closest section if it is missing."""
        return [self.node.start_mark.line + 1, *self._lines(key)][-1]

    def _lines(self, key: Key) -> list[int]:
        """Find the lines, from 1, of as many parts of a key as are there."""
        node: yaml.Node = self.node
        lines = []
        for part in key:
            child = _child(node, part)
            if child is None:
                break
            line, node = child
            lines.append(line)
        return lines

    def parse(self, model: type[_Document], data: object = None) -> _Document:
        """Check the content against a model.

        Parameters
        ----------
        model : subclass of pydantic.BaseModel
            What the file should hold.
        data : object, optional
            What to check in place of the file's own content, e.g. after inheriting.

        Returns
        -------
        model
            The content, typed.

        Raises
        ------
        InputError
            One line for the first thing that is wrong: file, line, key, what was expected.
        """
        try:
            return model.model_validate(self.data if data is None else data)
        except ValidationError as error:
            first = faults(error)[0]
        raise InputError(f"{self.where(first.key)}: {first.words}")


class Fault(NamedTuple):
    """What is wrong with one value of a file.

    Parameters
    ----------
    key : tuple of str and int
        Where it stands, for the line.
    name : tuple of str and int
        The key that the problem is about: of an unknown key the section that it stands in.
    problem : str
        What is wrong.
    """

    key: Key
    name: Key
    problem: str

    @property
    def words(self) -> str:
        """Name and problem."""
        name = ".".join(map(str, self.name))
        return f"{name}: {self.problem}" if name else self.problem


def details_of(error: ValidationError) -> list[ErrorDetails]:
    """Give all that pydantic found, which it cannot list where a key or a value is no text."""
    try:
        return error.errors(include_url=False)
    except UnicodeEncodeError:  # JSON has escapes for halves of characters
        words = "holds half a character (\\ud800 to \\udfff)"
        return [{"type": "value_error", "loc": (), "msg": words, "input": None}]


def faults(error: ValidationError) -> list[Fault]:
    """Word all that pydantic found."""
    found = []
    for each in details_of(error):
        name = tuple(part for part in each["loc"] if part != "[key]")
        unknown = each["type"] == _UNKNOWN_KEY
        key = (*name, each["ctx"]["key"]) if unknown else name
        found.append(Fault(key, name, _problem(each["type"], each["msg"], each["input"])))
    return found


@lru_cache(maxsize=32)
def _parsed(path: Path, text: str) -> tuple[dict[str, Any], yaml.MappingNode]:
    """Parse a text once: PyYAML takes tens of milliseconds for the specs and tables of a run.

    By the text and not by the time of the file, so that an edited file is always seen.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is not None:
            _expanded(node, {}, frozenset())
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{line}: malformed YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, *_TAG_ERRORS) as error:
        raise InputError(f"{path}: malformed YAML: {one_line(error)}") from error
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        raise InputError(f"{path}: expected keys and values (a YAML mapping) at the top level")
    return data, node


def read_text(path: Path) -> str:
    """Read the text of a YAML file.

    Raises
    ------
    InputError
        If it cannot be read, is larger than 1 MB or no UTF-8.
    """
    try:
        note_input(path)
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT_BYTES + 1)
        if len(content) > _SIZE_LIMIT_BYTES:
            raise InputError(f"{path}: larger than 1 MB; expected a YAML file of a few kilobytes")
        return content.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a YAML text file (not UTF-8)") from error
    except ValueError as error:  # a null character in the path
        raise InputError(f"{str(path)!r}: cannot be read: {error}") from error


def _expanded(node: yaml.Node, sizes: dict[yaml.Node, int], above: frozenset[yaml.Node]) -> int:
    """Count the values of a node with all aliases written out, and refuse one without an end.

    YAML allows an anchor that contains itself, and a page of aliases of aliases that are billions
    of values to whoever walks them.
    """
    if isinstance(node, yaml.ScalarNode):
        return 1
    if node in above:
        raise yaml.constructor.ConstructorError(
            None, None, "an anchor contains itself", node.start_mark
        )
    if node not in sizes:
        size = 1
        for child in node.value:
            for part in child if isinstance(child, tuple) else (child,):
                size += _expanded(part, sizes, above | {node})
        if size > _MOST_VALUES:
            raise yaml.constructor.ConstructorError(
                None, None, f"aliases make more than {_MOST_VALUES:,} values of it", node.start_mark
            )
        sizes[node] = size
    return sizes[node]


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    """Find the line (from 1) and the value of one key or list position."""
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == str(part):
                return key_node.start_mark.line + 1, value_node
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def first_problem(error: ValidationError) -> tuple[str, str, object]:
    """Give the key, what is wrong with it and its value, of the first thing that pydantic found."""
    first = details_of(error)[0]
    key = ".".join(map(str, first["loc"]))
    return key, _plain_words(first["msg"].removeprefix("Value error, ")), first["input"]


def _plain_words(message: str) -> str:
    return message.replace("Input should", "should")


def _problem(kind: str, message: str, value: object) -> str:
    if kind == "missing":
        return "missing; this key is required"
    if kind in {"value_error", _UNKNOWN_KEY}:
        return message.removeprefix("Value error, ")
    if kind in {"model_type", "dict_type"}:
        message = "should be keys and values"
    shown = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return f"{_plain_words(message)}. Got {shown}"


def named_file(name_or_path: str | Path, shipped: Sequence[str]) -> Path | None:
    """Tell a path from a name.

    Parameters
    ----------
    name_or_path : str or Path
        What the user gave, e.g. ``"sigma"`` or ``"my/sigma.yaml"``.
    shipped : sequence of str
        The names that hwsim ships; they are names even if a file is called the same.

    Returns
    -------
    Path or None
        The path, or None if it is a name.

    Raises
    ------
    InputError
        If it is neither text nor a path.
    """
    if isinstance(name_or_path, Path):
        return name_or_path
    if not isinstance(name_or_path, str):
        raise InputError(f"expected a name or the path of a YAML file. Got {name_or_path!r}")
    path = Path(name_or_path)
    if name_or_path in shipped:
        return None
    is_path = path.suffix in {".yaml", ".yml"} or len(path.parts) > 1 or path.is_file()
    return path if is_path else None
