"""Weights that already are binary, signed-binary or ternary: a network trained that way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.filter_facts import FilterFacts, facts_of
from hwsim.networks.mapped import let_go
from hwsim.networks.statistics import distinct
from hwsim.schemes.scheme import Weight

#: Filters looked at first: float weights are told apart after one, the rest is never read.
_GLANCES = (slice(0, 1), slice(1, 16), slice(16, None))


def trained_forms(weight: Weight) -> tuple[str, ...]:
    """Say which quantised forms a layer's weights already have.

    Magnitudes are compared exactly. Each filter may have its own scale a.

    ===============  ====================================================================
    binary           every filter in {-a, +a}
    signed-binary    every filter in {0, +a}, or every one of its weights in {0, -a}
    ternary          every filter in {-a, 0, +a}
    ===============  ====================================================================

    Parameters
    ----------
    weight : ndarray, shape (K, C/G, R, S) or (K, C)
        Weights as read.

    Returns
    -------
    tuple of str
        The forms, the most specific first: ``("signed-binary", "ternary")``. Empty for float
        weights, and where nothing shows that the form is more than an accident: a layer in which
        no two weights share a magnitude (one weight a filter, or all zero).
    """
    return forms_of_layers([weight])[0]


def forms_of_layers(weights: Sequence[Weight]) -> list[tuple[str, ...]]:
    """Say of the weights of several layers what :func:`trained_forms` says of each."""
    if not weights:
        return []
    facts = [facts_of(weight) for weight in weights]
    joined = FilterFacts.joined(facts)
    largest, smallest = joined.largest, joined.smallest
    # Two magnitudes in a filter: of float weights no more is looked at.
    two = (largest > 0) & (smallest < 0) & (largest != -smallest)
    first = np.cumsum([0, *(len(weight) for weight in weights[:-1])])
    floats = np.logical_or.reduceat(two, first).tolist()
    forms: list[tuple[str, ...]] = []
    for weight, known, is_float in zip(weights, facts, floats, strict=True):
        forms.append(() if is_float else _forms(weight, known))
        if not is_float:
            let_go(weight)
    return forms


def _forms(weight: Weight, facts: FilterFacts) -> tuple[str, ...]:
    rows = weight.reshape(weight.shape[0], -1)
    if not all(_one_magnitude(rows[glance]).all() for glance in _GLANCES):
        return ()
    scales = facts.magnitude
    effectual = facts.effectual
    if effectual <= distinct(scales[scales != 0]).size:
        return ()
    forms = ["ternary"]
    if not ((facts.largest > 0) & (facts.smallest < 0)).any():
        forms.insert(0, "signed-binary")
    if effectual == rows.size:
        forms.insert(0, "binary")
    return tuple(forms)


def _one_magnitude(rows: Weight) -> NDArray[np.bool_]:
    """Say of each filter whether its weights that are not zero share one magnitude."""
    magnitude = np.abs(rows)
    at_scale = magnitude == magnitude.max(axis=1, initial=0, keepdims=True)
    return np.asarray((at_scale | (magnitude == 0)).all(axis=1))
