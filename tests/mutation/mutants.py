"""Mutants: copies of a module with one small fault each, made by mutmut's operators.

What no test could or should tell from the original is left out:

- annotations, blocks for type checkers, aliases of types and unions inside ``isinstance``: they say
  what a value is and compute none;
- the arguments of ``@dataclass`` and ``strict`` of ``zip``: guards against mistakes of the
  programmer, no behaviour; ``@cache`` and the like: how often, not what;
- ``__all__``;
- texts: names are checked where they must agree with others, messages by tests of messages;
- one more where that is the same double: 1e30;
- None in place of a value, or one argument fewer: errors at once, so that they would only show that
  a line runs, and make the score look better than it is.

Added to mutmut's are faults of this field: the other extreme, the other rounding.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

_OPPOSITES = {"min": "max", "floor": "ceil", "any": "all", "minimum": "maximum"}
_OPPOSITES |= {other: name for name, other in _OPPOSITES.items()}


def opposite_function(node: cst.Call) -> Iterable[cst.Call]:
    """``min(a, b)`` to ``max(a, b)``, ``np.floor`` to ``np.ceil``, and back."""
    name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
    if isinstance(name, cst.Name) and name.value in _OPPOSITES:
        yield node.with_deep_changes(name, value=_OPPOSITES[name.value])


def another_number(node: cst.BaseNumber) -> Iterable[cst.CSTNode]:
    """One more, as mutmut does it, where that is another number."""
    for more in mutators.operator_number(node):
        if more.evaluated_value != node.evaluated_value:
            yield more


_OPERATORS: list[tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]] = [
    (cst.BaseNumber, another_number),
    (cst.Name, mutators.operator_name),
    (cst.AugAssign, mutators.operator_augmented_assignment),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.Call, mutators.operator_symmetric_string_methods_swap),
    (cst.Call, opposite_function),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.Match, mutators.operator_match),
    (cst.IfExp, mutators.operator_if_exp),
]


@dataclass(frozen=True)
class Mutant:
    """One fault.

    Parameters
    ----------
    path : str
        Of the module, from the root of the repository.
    line, column : int
        Where the mutated expression or statement begins, from 1 and from 0.
    end : int
        Its last line.
    name : str
        What is done: the operator, and which of its variants.
    before, after : str
        The code of the mutated node.
    in_function : bool
        Whether it stands in a function; otherwise it runs when the module is imported.
    """

    path: str
    line: int
    column: int
    end: int
    name: str
    before: str
    after: str
    in_function: bool

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.path}:{self.line}:{self.column}  {before}  ->  {after}"


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.spots: list[tuple[cst.CSTNode, str, list[cst.CSTNode], bool]] = []
        self._functions = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if _says_nothing(node):
            return False
        for kind, operator in _OPERATORS:
            if isinstance(node, kind) and (variants := list(operator(node))):
                self.spots.append((node, operator.__name__, variants, self._functions > 0))
        return True

    # Defaults of parameters are a function's, but they run where it is defined.
    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        self._functions += _is_function(node) and attribute == "body"

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        self._functions -= _is_function(original_node) and attribute == "body"


def _is_function(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef | cst.Lambda)


def _says_nothing(node: cst.CSTNode) -> bool:
    """Tell what is left out, as this module's docstring lists it."""
    match node:
        case cst.Annotation() | cst.Decorator() | cst.ImportFrom() | cst.TypeAlias():
            return True
        case cst.If(test=cst.Name("TYPE_CHECKING")):
            return True
        case cst.Arg(keyword=cst.Name("strict" | "frozen")):
            return True
        case cst.Call(func=cst.Name("isinstance" | "issubclass" | "TypeVar" | "NewType" | "cast")):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name("__all__"))]):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(name))], value=value):
            return name[:1].isupper() and not name.isupper() and _is_type(value)
    return False


def _is_type(value: cst.BaseExpression) -> bool:
    """Tell an alias: ``dict[str, float]``, ``Maps | Vectors``, ``Callable[[int], str] | None``."""
    match value:
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return _is_type(left) and _is_type(right)
        case cst.Subscript() | cst.Name() | cst.Attribute():
            return True
    return False


def mutants_of(path: Path, root: Path) -> Iterator[list[Mutant]]:
    """Yield the variants of every spot of a module that can be mutated."""
    module = cst.parse_module(path.read_text(encoding="utf-8"))
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    finder = _Finder()
    wrapper.visit(finder)
    positions = wrapper.resolve(PositionProvider)
    for node, operator, variants, in_function in finder.spots:
        place = positions[node]
        yield [
            Mutant(
                path.relative_to(root).as_posix(),
                place.start.line,
                place.start.column,
                place.end.line,
                f"{operator.removeprefix('operator_')} {number}",
                module.code_for_node(node),
                module.code_for_node(variant),
                in_function,
            )
            for number, variant in enumerate(variants)
        ]


def mutated_text(mutant: Mutant, root: Path) -> str:
    """Give the text of the module with the fault in it.

    Raises
    ------
    LookupError
        If the module is not the one that the mutant was made of.
    """
    path = root / mutant.path
    module = cst.parse_module(path.read_text(encoding="utf-8"))
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    finder = _Finder()
    wrapper.visit(finder)
    positions = wrapper.resolve(PositionProvider)
    for node, operator, variants, _ in finder.spots:
        start = positions[node].start
        if (start.line, start.column) != (mutant.line, mutant.column):
            continue
        for number, variant in enumerate(variants):
            if f"{operator.removeprefix('operator_')} {number}" != mutant.name:
                continue
            if module.code_for_node(variant) == mutant.after:
                text: str = module.deep_replace(node, variant).code
                return text
    raise LookupError(f"{mutant}: not in the module")


def draw(folders: Iterable[str], number: int, seed: int, root: Path) -> list[Mutant]:
    """Draw spots evenly, and one variant of each.

    Parameters
    ----------
    folders : iterable of str
        Folders or modules, from the root of the repository.
    number : int
        At most as many.
    seed : int
        The same seed draws the same mutants of the same code.
    root : Path
        Of the repository.
    """
    paths = sorted({path for folder in folders for path in _modules(root / folder)})
    spots = [spot for path in paths for spot in mutants_of(path, root)]
    chance = random.Random(seed)
    chosen = chance.sample(spots, min(number, len(spots)))
    return [chance.choice(variants) for variants in chosen]


def _modules(place: Path) -> Iterator[Path]:
    return iter([place]) if place.is_file() else place.rglob("*.py")
