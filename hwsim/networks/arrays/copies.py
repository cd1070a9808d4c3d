"""One network of a file that may hold several: copies, other networks, state of an optimiser."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.arrays.costless import OPTIMISER, reason_of
from hwsim.networks.arrays.names import Arrays, unwrapped
from hwsim.networks.uncounted import Uncounted

#: Names of what is a network of its own beside the network: averages, teachers, adversaries.
_COPY: Final = (
    r"^(.*_)?ema(_.*)?$|^(.*_)?(teacher|student)$|^shadow(_params)?$|^swa(_.*)?$|^g_ema$"
    r"|^averaged?(_model)?$|^(target|online|momentum)(_(net(work)?|encoder|model|params))?$"
    r"|^encoder_k$|^(net_?)?[DG]$|^([Dd]iscriminator|[Gg]enerator|[Cc]ritic)s?$"
)
#: How many modules deep the name of a copy is looked for.
_DEPTH = 2
#: Where training scripts put the network's own state.
_CONTAINER: Final = (
    r"^(.*_)?(state_dict|model_state|params|weights)$|^(model|net|network|module|variables)$"
)
#: Places of a key that a message names.
_NAMED = 3
#: What ``--key`` takes for everything.
ALL = "*"


def chosen(path: Path, tensors: Arrays, key: str | None) -> tuple[Arrays, list[Uncounted]]:
    """Choose the arrays of one network, and take the names of what they are nested in from them.

    A name's part before a ``/`` is what an array is nested in, as is a first part before a ``.``
    that names a copy (``ema.``).

    Parameters
    ----------
    path : Path
        The file, for the messages.
    tensors : mapping of str to ndarray
        All its arrays.
    key : str, optional
        The nesting that the user chooses, ``*`` for all.

    Raises
    ------
    InputError
        If there is nothing under the key, or there are several networks and no key.
    """
    if key == ALL:
        return tensors, []
    kept, others = _without_optimisers(tensors) if key is None else _under(path, tensors, key)
    kept = unwrapped(path, kept)
    while (nest := _only_nest(path, kept)) is not None:
        prefix = _prefix(nest, kept)
        outside = {name: array for name, array in kept.items() if not name.startswith(prefix)}
        others += [
            Uncounted(name, array.shape, reason_of(name, array, kept) or "outside the key")
            for name, array in outside.items()
        ]
        inside = {name[len(prefix) :]: array for name, array in kept.items() if name not in outside}
        kept = unwrapped(path, inside)
    return kept, others


def _without_optimisers(tensors: Arrays) -> tuple[dict[str, NDArray[Any]], list[Uncounted]]:
    kept = {name: array for name, array in tensors.items() if not _is_optimisers(name)}
    others = [
        Uncounted(name, array.shape, "optimiser state")
        for name, array in tensors.items()
        if name not in kept
    ]
    return kept, others


def _is_optimisers(name: str) -> bool:
    return any(re.match(OPTIMISER, part) for part in re.split(r"[./]", name))


def _under(
    path: Path, tensors: Arrays, key: str
) -> tuple[dict[str, NDArray[Any]], list[Uncounted]]:
    """Take what is under a key, which may stand deeper in the names if in one place only."""
    stem = key.rstrip("./")
    within = re.compile(rf"(?:^|[./]){re.escape(stem)}[./]")
    found = {name: place for name in tensors if (place := within.search(name))}
    outer = {name[: place.start()] for name, place in found.items()}
    if "" in outer:
        found = {name: place for name, place in found.items() if place.start() == 0}
    elif len(outer) > 1:
        places = ", ".join(sorted(f"{each}.{stem}" for each in outer)[:_NAMED])
        raise InputError(
            f"{path}: key {key!r}: stands in several places ({places}); give one whole"
        )
    if not stem or not found:
        nests = {name[: each.start()] for name in tensors for each in re.finditer("[./]", name)}
        raise InputError(f"{path}: key {key!r}: nothing is under it{_some(key, nests)}")
    others = [
        Uncounted(
            name, array.shape, "optimiser state" if _is_optimisers(name) else "outside the key"
        )
        for name, array in tensors.items()
        if name not in found
    ]
    return {name[place.end() :]: tensors[name] for name, place in found.items()}, others


def _some(key: str, nests: set[str]) -> str:
    """Word what there is: the outermost, unless one is close."""
    close = did_you_mean(key, nests)
    if "did you mean" in close:
        return close
    return did_you_mean(key, {nest for nest in nests if not re.search(r"[./]", nest)})


def _only_nest(path: Path, arrays: Arrays) -> str | None:
    """Name what the network is nested in; None if it is in nothing."""
    found = Counter(_nest(name) for name, array in arrays.items() if _is_large(array))
    nests = [nest for nest in found if nest is not None]
    if not nests:
        _refuse_several(path, arrays, _twins(arrays))
        return None
    if len(found) == 1:
        [nest] = nests
        inner = [name[len(_prefix(nest, arrays)) :] for name in arrays if _nest(name) == nest]
        deeper = all(re.search(r"[./]", name) for name in inner)
        return nest if deeper or _is_known(nest) else None
    if any(map(_is_known, nests)) or _holds_state_dicts(nests, arrays):
        _refuse_several(path, arrays, nests)
    return None  # modules of a network that writes its names with /


def _refuse_several(path: Path, arrays: Arrays, nests: list[str]) -> None:
    if not nests:
        return
    counts = {
        nest: sum(name.startswith(_prefix(nest, arrays)) for name in arrays) for nest in nests
    }
    each = ", ".join(f"{nest} ({count} arrays)" for nest, count in counts.items())
    beside = len(arrays) - sum(counts.values())
    more = f" and {beside} arrays beside" if beside else ""
    raise InputError(
        f"{path}: holds several networks or copies of one: {each}{more}; choose with --key "
        f"{nests[0]}, or leave out with --skip '*{_prefix(nests[-1], arrays)}*' (--key '{ALL}' "
        "counts all)"
    )


def _twins(arrays: Arrays) -> list[str]:
    """Name two networks that are all of a file and have the same arrays, as copies have.

    Names that differ in their numbers only are blocks of one network.
    """
    held: dict[str, set[tuple[str, tuple[int, ...]]]] = {}
    for name, array in arrays.items():
        head, _, rest = name.partition(".")
        held.setdefault(head, set()).add((rest, array.shape))
    if len(held) != 2 or len({re.sub(r"\d+", "", head) for head in held}) != 2:
        return []
    one, other = held.values()
    several = sum(len(shape) > 1 for _, shape in one) > 1
    return list(held) if one == other and several else []


def _nest(name: str) -> str | None:
    head, slash, _ = name.partition("/")
    if slash:
        return head
    modules = name.split(".")[:-1]
    for depth in range(min(len(modules), _DEPTH)):
        if re.match(_COPY, modules[depth]):
            return ".".join(modules[: depth + 1])
    return None


def _prefix(nest: str, arrays: Arrays) -> str:
    slashed = f"{nest}/"
    return slashed if any(name.startswith(slashed) for name in arrays) else f"{nest}."


def _is_known(nest: str) -> bool:
    last = nest.rpartition(".")[2]
    return bool(re.match(_COPY, last) or re.match(_CONTAINER, last))


def _holds_state_dicts(nests: list[str], arrays: Arrays) -> bool:
    """Tell dictionaries of dictionaries: the names that are nested have dots of their own."""
    inner = [name.partition("/")[2] for name in arrays if name.partition("/")[0] in nests]
    return any("." in name for name in inner)


def _is_large(array: NDArray[Any]) -> bool:
    return array.ndim > 1
