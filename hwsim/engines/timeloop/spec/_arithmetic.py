"""Numbers written as sums and products, e.g. ``64 * 1024`` or ``word_bits * 4``."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Mapping
from typing import Any, Final

_BINARY: Final = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
#: Longer text is no number that anybody wrote.
_LENGTH_LIMIT: Final = 200
#: Names that refer to names that refer to names...
_DEPTH_LIMIT: Final = 8
#: Parts of an expression and of those that it names; each name may stand in it many times.
_PARTS_LIMIT: Final = 2000
#: Whole numbers beyond those of double precision (2^1024) are none of a machine, and slow.
_BITS_LIMIT: Final = 1024
#: Double precision has 308 decimals before and after the point, and no more.
_DECIMALS_LIMIT: Final = 308


def _rounded(value: float, decimals: int = 0) -> float:
    """Round, but not to so many places that powers of ten fill the memory."""
    if abs(decimals) > _DECIMALS_LIMIT:
        raise ValueError(decimals)
    return round(value, decimals) if decimals else round(value)


#: Functions of one or several numbers that v0.4 descriptions use.
_FUNCTIONS: Final = {
    "ceil": math.ceil,
    "floor": math.floor,
    "log2": math.log2,
    "max": max,
    "min": min,
    "pow": math.pow,
    "round": _rounded,
    "sqrt": math.sqrt,
}


def number_of(text: str, names: Mapping[str, Any]) -> float | None:
    """Find the value of a number, a name or an expression of them; None if it is none of these.

    ``names`` has the values of names; they may be expressions themselves.
    """
    return _Expression(names).value_of(text, 0)


class _Expression:
    """Evaluates one expression, and the expressions that its names stand for."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._parts = 0

    def value_of(self, text: str, depth: int) -> float | None:
        """Find the value of a text; None if it has none, or costs too much to find."""
        try:
            return float(text)
        except ValueError:
            pass
        if len(text) > _LENGTH_LIMIT or depth > _DEPTH_LIMIT:
            return None
        try:
            return self._value(ast.parse(text.strip(), mode="eval").body, depth)
        except (SyntaxError, TypeError, ValueError, ArithmeticError, LookupError):
            return None
        except (RecursionError, MemoryError):  # of brackets in brackets
            return None

    def _value(self, node: ast.expr, depth: int) -> float:
        self._parts += 1
        if self._parts > _PARTS_LIMIT:
            raise ValueError("too many parts")
        found = self._part(node, depth)
        if isinstance(found, int) and found.bit_length() > _BITS_LIMIT:
            raise OverflowError
        return found

    def _part(self, node: ast.expr, depth: int) -> float:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return node.value
        if isinstance(node, ast.Name):
            value = self._names[node.id]
            found = self.value_of(value, depth + 1) if isinstance(value, str) else value
            if isinstance(found, bool) or not isinstance(found, int | float):
                raise ValueError(node.id)
            return found
        if isinstance(node, ast.BinOp):
            left, right = (self._value(side, depth) for side in (node.left, node.right))
            if isinstance(node.op, ast.Pow):  # whole numbers could fill the memory
                return math.pow(left, right)
            result: float = _BINARY[type(node.op)](left, right)
            return result
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._value(node.operand, depth)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            arguments = [self._value(argument, depth) for argument in node.args]
            called: float = _FUNCTIONS[node.func.id](*arguments)  # type: ignore[operator]
            return called
        raise ValueError(ast.dump(node))
