"""The structural choices of a machine: each a technology to price the same counts by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from hwsim.arch.technology import STRUCTURES, Technology


def structures(technology: Technology) -> Mapping[str, Technology]:
    """List the technologies that differ in structure only.

    Counts and cycles know no structure, so that an activity is priced anew under each without
    running an engine: ``model.price(activity, replace(arch, technology=technology), operands)``.

    Parameters
    ----------
    technology : Technology
        Of a machine.

    Returns
    -------
    dict of str to Technology
        Every combination of the ways in which the stated structure can be, by name, e.g.
        ``"controller=reads-all, tree_width=grows, tree_registers=queues"``. The one that was given
        comes first. Of a machine that states no structure it is the only one, under ``"as built"``.
    """
    stated = {key: ways for key, ways in STRUCTURES.items() if getattr(technology, key)}
    if not stated:
        return {"as built": technology}
    own_first = []
    for key, ways in stated.items():
        own = getattr(technology, key)
        own_first.append([own, *(way for way in ways if way != own)])
    found = {}
    for ways in product(*own_first):
        chosen: dict[str, Any] = dict(zip(stated, ways, strict=True))
        name = ", ".join(f"{key}={way}" for key, way in chosen.items())
        found[name] = replace(technology, **chosen)
    return found
