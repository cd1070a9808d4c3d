"""How many outputs of a layer are not zero, for machines that store them compressed."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.density.density import Density, FixedStructured, Hypergeometric
from hwsim.engines.timeloop.layers._layer_problem import DATA_SPACES, OUTPUTS
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.workload.workload import Workload


def stores_outputs_compressed(sparse: SparseOptimizations) -> bool:
    """Whether a memory of the machine leaves zero outputs out."""
    outputs = DATA_SPACES.index(OUTPUTS)
    return any(
        place[1] == outputs and form.compressed for place, form in sparse.representations.items()
    )


def output_density(workload: Workload, statistical: bool) -> Density:
    """Expect the share of outputs that are not zero, at random places.

    An output is not zero if one of its products is not: with n non-zero weights of its filter and
    a share d of non-zero activations it is not zero with a chance of ``1 - (1 - d) ** n``, and
    with a share w of K weights, at random, with ``1 - (1 - w d) ** K``. Sums that happen to
    cancel out are not expected, nor is an activation function.

    Parameters
    ----------
    workload : Workload
        The layer.
    statistical : bool
        Whether the zeros of the weights are known by their share alone.
    """
    activations = workload.activations.density
    if statistical:
        share = 1 - (1 - workload.density * activations) ** workload.K
    else:
        weights = np.count_nonzero(workload.nonzeros, axis=-1)
        share = float(np.mean(1 - (1 - activations) ** weights))
    return FixedStructured(1.0) if share == 1 else Hypergeometric(share)
