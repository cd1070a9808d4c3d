"""Weight schemes: float tensor to quantised tensor.

- :func:`quantize`: a network under a scheme; :class:`Quantizer`: a layer of it at a time;
- :func:`describe`: what that did, layer by layer;
- :func:`parse_scheme`, :func:`scheme_names`: schemes by their text form;
- :func:`with_sparsity`: that of a scheme at a share of zeros;
- :class:`Scheme`, :class:`Levels`: what a scheme from outside subclasses and returns.
"""

from hwsim.schemes.apply import quantize
from hwsim.schemes.at_sparsity import with_sparsity
from hwsim.schemes.description import describe
from hwsim.schemes.detection import trained_forms
from hwsim.schemes.quantized import QuantizedLayer, QuantizedNetwork
from hwsim.schemes.quantizer import Quantizer
from hwsim.schemes.registry import parse_scheme, scheme_names, scheme_type
from hwsim.schemes.scheme import Levels, Scheme

__all__ = [
    "Levels",
    "QuantizedLayer",
    "QuantizedNetwork",
    "Quantizer",
    "Scheme",
    "describe",
    "parse_scheme",
    "quantize",
    "scheme_names",
    "scheme_type",
    "trained_forms",
    "with_sparsity",
]
