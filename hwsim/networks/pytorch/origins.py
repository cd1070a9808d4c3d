"""Where tensors come from: from weights alone, from the input, or made on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from torch.utils._pytree import tree_leaves

Kind = Literal["made", "weight", "activation"]
_RANK: Final[dict[Kind, int]] = {"made": 0, "weight": 1, "activation": 2}


@dataclass(frozen=True)
class Origin:
    """Where the elements of a tensor come from.

    Parameters
    ----------
    kind : {"made", "weight", "activation"}
        Made by the program of nothing (zeros, a range), computed from weights, or from the input.
    sources : frozenset of str
        Parameters and buffers that it was computed from; of weights only.
    """

    kind: Kind
    sources: frozenset[str] = frozenset()

    def __or__(self, other: Origin) -> Origin:
        if self.kind == other.kind == "weight":
            return Origin("weight", self.sources | other.sources)
        return max(self, other, key=lambda each: _RANK[each.kind])


MADE: Final = Origin("made")
ACTIVATION: Final = Origin("activation")


class Origins:
    """The origin of every tensor, by its storage; views share theirs.

    Parameters
    ----------
    module : torch.nn.Module
        Its parameters and buffers are weights.
    """

    def __init__(self, module: Any) -> None:
        self.names: dict[int, list[str]] = {}
        self.met: dict[str, set[str]] = {}
        self._known: dict[int, Origin] = {}
        parameters = module.named_parameters(remove_duplicate=False)
        for name, tensor in (*parameters, *module.named_buffers(remove_duplicate=False)):
            self.names.setdefault(storage(tensor), []).append(name)
        for key, names in self.names.items():
            self._known[key] = Origin("weight", frozenset(names[:1]))

    def mark_input(self, tensors: Iterable[Any]) -> None:
        """Take tensors as the network's input."""
        for tensor in tensors:
            self._known[storage(tensor)] = ACTIVATION

    def of(self, tensor: Any) -> Origin:
        """Give the origin of a tensor; one that was there before the run is a constant."""
        return self._known.get(storage(tensor), Origin("weight"))

    def follow(self, operator: Any, given: Any, result: Any) -> None:
        """Note the origin of what an operator gave."""
        inputs = tensors_of(given)
        origin = MADE
        for tensor in inputs:
            origin = origin | self.of(tensor)
            self._meet(tensor, operator)
        before = {storage(tensor) for tensor in inputs}
        written = _written(operator, given)
        for tensor in (*tensors_of(result), *written):
            key = storage(tensor)
            if key not in before:
                self._known[key] = origin
            elif any(storage(each) == key for each in written):
                self._known[key] = self.of(tensor) | origin

    def compute(self, result: Any) -> None:
        """Note that a layer or a product gave this."""
        self.mark_input(tensors_of(result))

    def _meet(self, tensor: Any, operator: Any) -> None:
        for name in self.names.get(storage(tensor), ()):
            self.met.setdefault(name, set()).add(operator.__name__.split(".")[0])


def tensors_of(tree: Any) -> list[Any]:
    """Give all tensors of nested arguments."""
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def storage(tensor: Any) -> int:
    """Identify the memory of a tensor; one without any by itself."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):  # sparse tensors have several, or none
        return id(tensor)


def _written(operator: Any, given: Any) -> list[Any]:
    """Give the tensors that an operator writes to."""
    args, kwargs = given
    found = []
    for index, each in enumerate(operator._schema.arguments):
        if each.alias_info is not None and each.alias_info.is_write:
            value = args[index] if index < len(args) else kwargs.get(each.name)
            found += tensors_of(value)
    return found
