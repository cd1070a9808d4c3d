"""Networks and arrays that the tests of schemes share."""

import numpy as np
from hypothesis import strategies as st

from hwsim.networks.network import Layer, Network


def layer(name, weight):
    weight = np.asarray(weight, dtype=np.float32)
    return Layer(name, "conv" if weight.ndim == 4 else "linear", weight, input_size=(8, 8))


def network(*weights, quantized_layers=None):
    """Layers named a, b, c ... with these weights."""
    layers = tuple(layer(chr(ord("a") + i), weight) for i, weight in enumerate(weights))
    return Network("net", layers, quantized_layers=quantized_layers)


def laplace(*shape, seed=0):
    return np.random.default_rng(seed).laplace(scale=0.02, size=shape).astype(np.float32)


#: Single precision values with everything that upsets a comparison: zeros of both signs,
#: subnormals, equal magnitudes, huge and tiny numbers.
awkward = st.one_of(
    st.floats(
        width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**99), max_value=2.0**99
    ),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.05, -0.05, 1.0000001, 2.0**-149, -(2.0**-149), 1e-40]),
)


#: A share that is all or clearly less.
SHARES = st.floats(0, 0.999) | st.just(1.0)


@st.composite
def weights(draw, values=awkward, most_filters=6, most_reduction=6):
    """A layer's weights, (K, C) or (K, C, R, S), single precision."""
    filters, reduction = draw(st.integers(1, most_filters)), draw(st.integers(1, most_reduction))
    flat = draw(st.lists(values, min_size=filters * reduction, max_size=filters * reduction))
    shape = draw(st.sampled_from([(filters, reduction), (filters, reduction, 1, 1)]))
    return np.array(flat, dtype=np.float32).reshape(shape)
