"""Make a network with random weights of the real shapes."""

from __future__ import annotations

import math
import zlib
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError, did_you_mean
from hwsim.networks._chain import follow
from hwsim.networks.geometry import Geometry, as_input_size
from hwsim.networks.network import Network
from hwsim.networks.topology_file import load_topology
from hwsim.plausible import LARGEST_SEED

Distribution = Literal["laplace", "gaussian", "uniform"]

_CHUNK = 1 << 20


def make_network(
    topology: str | Path,
    distribution: Distribution = "laplace",
    seed: int = 0,
    input_size: tuple[int, int] | int | None = None,
) -> Network:
    """Draw the weights of a topology at random.

    Parameters
    ----------
    topology : str or Path
        A shipped topology (``"resnet18"``) or a YAML file.
    distribution : {"laplace", "gaussian", "uniform"}
        Of mean 0 and standard deviation sqrt(2 / fan-in) [1]_. Trained weights have heavier
        tails than a Gaussian; Laplace is the closer one of the three.
    seed : int
        0 or more. A layer's weights depend on the seed and on its name and shape alone.
    input_size : (int, int) or int, optional
        Rows and columns of the network's input, in place of the topology's.

    Returns
    -------
    Network
        With float32 weights and a note that they are not trained.

    Raises
    ------
    InputError
        If the topology, the distribution, the seed or the input size cannot be used.

    References
    ----------
    .. [1] K. He et al., Delving Deep into Rectifiers, 2015 (arXiv 1502.01852), equation 10.
    """
    known = get_args(Distribution)
    if distribution not in known:
        raise InputError(f"no distribution {distribution!r}{did_you_mean(distribution, known)}")
    if not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        raise InputError(f"seed: expected a whole number from 0 to {LARGEST_SEED}. Got {seed!r}")
    parsed = load_topology(topology)
    layers = follow(parsed, as_input_size(input_size))
    return Network(
        name=parsed.name,
        layers=tuple(layer.layer(_draw(layer, distribution, seed)) for layer in layers),
        topology=parsed.name,
        notes=(f"weights drawn at random, not trained ({distribution}, seed {seed})",),
        quantized_layers=parsed.quantized_names(),
    )


def _draw(geometry: Geometry, distribution: Distribution, seed: int) -> NDArray[np.float32]:
    stream = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(geometry.name.encode()),))
    generator = np.random.default_rng(stream)
    deviation = math.sqrt(2 / math.prod(geometry.shape[1:]))
    weight = np.empty(geometry.shape, np.float32)
    flat = weight.reshape(-1)
    for start in range(0, flat.size, _CHUNK):  # numpy draws 64-bit floats: keep few of them
        part = flat[start : start + _CHUNK]
        match distribution:
            case "laplace":  # variance 2 b^2
                part[:] = generator.laplace(scale=deviation / math.sqrt(2), size=part.size)
            case "gaussian":
                part[:] = generator.normal(scale=deviation, size=part.size)
            case "uniform":  # variance a^2 / 3
                bound = deviation * math.sqrt(3)
                part[:] = generator.uniform(-bound, bound, size=part.size)
    return weight
