"""What becomes of parameters and buffers that no layer has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hwsim.networks.uncounted import Reason, Uncounted

_STATISTICS: Final = ("running_mean", "running_var", "num_batches_tracked")


def uncounted(module: Any, claimed: set[str], met: Mapping[str, set[str]]) -> Iterator[Uncounted]:
    """Give every array of a module that is no layer's weight, with its reason.

    Parameters
    ----------
    module : torch.nn.Module
        The module.
    claimed : set of str
        Arrays that a layer has.
    met : mapping of str to set of str
        Operators that each array met.
    """
    owners = dict(module.named_modules())
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        if name not in claimed:
            path, _, own = name.rpartition(".")
            reason = _reason(type(owners.get(path)).__name__, own, tensor.dim(), met.get(name))
            yield Uncounted(name, tuple(tensor.shape), reason)


def _reason(owner: str, name: str, rank: int, met: set[str] | None) -> Reason:
    if name in _STATISTICS:
        return "running statistics"
    if "Norm" in owner and name in ("weight", "bias", "scale"):
        return "norm"
    if met is None:
        return "not reached"
    if "bias" in name:
        return "bias"
    if met & {"embedding", "_embedding_bag", "index_select"}:
        return "look-up"
    if rank < 2:
        return "vector"
    if met & {"cat", "expand"}:
        return "learned token"
    return "positional table" if met & {"add", "add_"} else "buffer"
