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
#: Functions of one or several numbers that v0.4 descriptions use.
_FUNCTIONS: Final = {
    "ceil": math.ceil,
    "floor": math.floor,
    "log2": math.log2,
    "max": max,
    "min": min,
    "pow": math.pow,
    "round": round,
    "sqrt": math.sqrt,
}
#: Longer text is no number that anybody wrote.
_LENGTH_LIMIT: Final = 200
#: Names that refer to names that refer to names...
_DEPTH_LIMIT: Final = 8


def number_of(text: str, names: Mapping[str, Any], depth: int = 0) -> float | None:
    """Find the value of a number, a name of a number, or an expression of them.

    Parameters
    ----------
    text : str
        What is written.
    names : mapping
        Values of names; they may be expressions themselves.

    Returns
    -------
    float or None
        None if it is none of these.
    """
    try:
        return float(text)
    except ValueError:
        pass
    if len(text) > _LENGTH_LIMIT or depth > _DEPTH_LIMIT:
        return None
    try:
        return _value(ast.parse(text, mode="eval").body, names, depth)
    except (SyntaxError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError):
        return None


def _value(node: ast.expr, names: Mapping[str, Any], depth: int) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.Name):
        value = names[node.id]
        found = number_of(value, names, depth + 1) if isinstance(value, str) else value
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise ValueError(node.id)
        return found
    if isinstance(node, ast.BinOp):
        left, right = (_value(side, names, depth) for side in (node.left, node.right))
        if isinstance(node.op, ast.Pow):
            return math.pow(left, right)
        result: float = _BINARY[type(node.op)](left, right)
        return result
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, names, depth)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        arguments = [_value(argument, names, depth) for argument in node.args]
        called: float = _FUNCTIONS[node.func.id](*arguments)  # type: ignore[operator]
        return called
    raise ValueError(ast.dump(node))
