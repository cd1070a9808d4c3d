"""The inputs of a graph: shapes and values that the user states, and those that it has."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.geometry import MAX_EXTENT
from hwsim.networks.onnx.values import Shape, Value

_SHAPE: Final = re.compile(r"(?P<name>.+?)=(?P<shape>[0-9]+(?:x[0-9]+)*)")
_NUMBERS: Final = re.compile(r"(?P<name>.+?)=(?P<numbers>-?[0-9.e+-]+(?:,-?[0-9.e+-]+)*)")
_IMAGE_RANK: Final = 4


def parse_shapes(texts: Sequence[str]) -> dict[str, Shape]:
    """Read ``NAME=1x3x320x320``, one for each input.

    Raises
    ------
    InputError
        For anything else, and a size that is not from 1 to ``MAX_EXTENT``.
    """
    shapes = {}
    for text in texts:
        match = _SHAPE.fullmatch(text.strip())
        sizes = tuple(map(int, match["shape"].split("x"))) if match else ()
        if match is None or not all(1 <= size <= MAX_EXTENT for size in sizes):
            raise InputError(
                f"input {text!r}: expected NAME=SIZExSIZE..., e.g. x=1x3x320x320, of sizes from 1 "
                f"to {MAX_EXTENT:,}"
            )
        shapes[match["name"]] = sizes
    return shapes


def parse_values(texts: Sequence[str]) -> dict[str, list[float]]:
    """Read ``NAME=NUMBER,...``, one for each input.

    Raises
    ------
    InputError
        For anything else.
    """
    values = {}
    for text in texts:
        match = _NUMBERS.fullmatch(text.strip())
        try:
            numbers = [float(each) for each in match["numbers"].split(",")] if match else None
        except ValueError:
            numbers = None
        if match is None or numbers is None:
            raise InputError(f"value {text!r}: expected NAME=NUMBER or NAME=NUMBER,NUMBER...")
        values[match["name"]] = numbers
    return values


def graph_inputs(
    path: Path,
    graph: Any,
    shapes: dict[str, Shape],
    values: dict[str, list[float]],
    size: tuple[int, int] | None,
) -> tuple[dict[str, Value], list[str]]:
    """Give every input its shape, and the value where one is stated.

    Parameters
    ----------
    path : Path
        The file, for messages.
    graph : onnx.GraphProto
        The graph.
    shapes, values : dict
        As stated, by input.
    size : (int, int) or None
        Rows and columns of images, for inputs whose own are free.

    Returns
    -------
    dict of str to Value
        By input.
    list of str
        What was assumed, a line each.

    Raises
    ------
    InputError
        If an input has a size that nobody states, or one is stated that does not fit.
    """
    held = {tensor.name for tensor in graph.initializer}
    inputs = [each for each in graph.input if each.name not in held]
    names = [each.name for each in inputs]
    for name in (*shapes, *values):
        if name not in names:
            raise InputError(f"{path}: has no input {name!r}{did_you_mean(name, names)}")
    known: dict[str, Value] = {}
    notes: list[str] = []
    for each in inputs:
        kind = each.type.tensor_type
        if not each.type.HasField("tensor_type"):
            known[each.name] = Value(None)
            continue
        value = _value(path, each.name, kind.elem_type, values.get(each.name))
        stated = value.shape if value is not None else shapes.get(each.name)
        own = _own(kind)
        shape = _shape(path, each.name, own, stated, size, notes)
        known[each.name] = value or Value(shape, kind.elem_type)
        if shape and shape[0] > 1 and value is None and own and len(shape) == _IMAGE_RANK:
            notes.append(f"input {each.name!r} holds {shape[0]} images; counts are for all of them")
    return known, notes


def _own(kind: Any) -> list[int | None] | None:
    if not kind.HasField("shape"):
        return None
    return [
        each.dim_value if each.HasField("dim_value") and each.dim_value > 0 else None
        for each in kind.shape.dim
    ]


def _value(path: Path, name: str, element: int, numbers: list[float] | None) -> Value | None:
    if numbers is None:
        return None
    from onnx import helper

    dtype = helper.tensor_dtype_to_np_dtype(element)
    array = np.array(numbers if len(numbers) > 1 else numbers[0], dtype)
    if len(numbers) > 1 or np.asarray(numbers[0], dtype) == numbers[0]:
        return Value(array.shape, element, array)
    raise InputError(f"{path}: input {name!r} is of type {dtype}; it cannot be {numbers[0]:g}")


def _shape(
    path: Path,
    name: str,
    own: list[int | None] | None,
    stated: Shape | None,
    size: tuple[int, int] | None,
    notes: list[str],
) -> Shape:
    if own is None:
        if stated is None:
            raise InputError(f"{path}: input {name!r} has no shape; give --input {name}=SIZExSIZE")
        return stated
    if stated is not None:
        fits = len(stated) == len(own) and all(
            mine in (None, given) for mine, given in zip(own, stated, strict=True)
        )
        if not fits and not (math.prod(stated) == 1 and all(mine in (None, 1) for mine in own)):
            raise InputError(f"{path}: input {name!r} is {_words(own)}, not {_words(stated)}")
        return stated
    free = list(own)
    if size is not None and len(free) == _IMAGE_RANK:
        first = 1 if free[1] is None and free[3] is not None else 2  # channels stand last, or first
        here = slice(first, first + 2)
        free[here] = [mine or given for mine, given in zip(free[here], size, strict=True)]
    if free and free[0] is None:
        free[0] = 1
        notes.append(f"input {name!r}: a batch of 1 is assumed; --input states another")
    if None in free:
        example = "x".join(str(each or 64) for each in free)
        raise InputError(
            f"{path}: input {name!r} is {_words(own)}: state its sizes, e.g. "
            f"--input {name}={example}"
        )
    return tuple(each for each in free if each is not None)


def _words(sizes: Sequence[int | None]) -> str:
    return "x".join("?" if each is None else str(each) for each in sizes) or "a single number"
