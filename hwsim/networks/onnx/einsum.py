"""``Einsum`` of two operands as products of matrices."""

from __future__ import annotations

import math

from hwsim.errors import InputError
from hwsim.networks.graphs.lowering import stacked_linear
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call


def einsum(call: Call) -> list[Layer]:
    """Take an ``Einsum``: letters of both operands and the output are a batch, of both sum.

    Raises
    ------
    InputError
        If it has weights and is no product of two matrices: three operands, a letter twice.
    """
    text = call.attributes["equation"]
    equation = (text.decode() if isinstance(text, bytes) else text).replace(" ", "")
    inputs, arrow, output = equation.partition("->")
    terms = inputs.split(",")
    if len(terms) == 1:
        return []  # a transposition, a sum or a diagonal
    if not arrow:
        output = "".join(letter for letter in inputs if inputs.count(letter) == 1)
    if "." in equation or len(terms) != 2 or any(len(set(term)) < len(term) for term in terms):
        raise InputError(
            f"operator {call.name!r}: Einsum {equation!r} is no product of two matrices; write it "
            "as one, or leave it out with --skip"
        )
    size: dict[str, int] = {}
    for index, term in enumerate(terms):
        for letter, extent in zip(term, call.shape(index), strict=True):
            size[letter] = max(size.get(letter, 1), extent)
    return [_product(call, terms[0], terms[1], output, size)]


def _product(call: Call, left: str, right: str, output: str, size: dict[str, int]) -> Layer:
    both = [letter for letter in left if letter in right]
    batch = [letter for letter in both if letter in output]
    summed = [letter for letter in both if letter not in output]
    # A letter that only one operand has and that is summed is another row of products.
    rows = [letter for letter in left if letter not in both]
    columns = [letter for letter in right if letter not in both]

    def extent(letters: list[str]) -> int:
        return math.prod(size[letter] for letter in letters)

    groups, reduction = extent(batch), extent(summed)
    for index, term, own, streamed in ((1, right, columns, rows), (0, left, rows, columns)):
        if call.constant(index):
            order = [term.index(letter) for letter in (*batch, *own, *summed)]
            weight = call.floats(index).transpose(order)
            return stacked_linear(
                call.name, weight.reshape(groups, extent(own), reduction), extent(streamed)
            )
    return Layer.product(call.name, extent(columns), reduction, extent(rows), groups)
