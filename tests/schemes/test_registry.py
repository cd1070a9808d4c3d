from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.schemes import Levels, Scheme, parse_scheme, quantize, registry, scheme_names
from hwsim.schemes.binary import Binary
from hwsim.schemes.dense import Dense
from hwsim.schemes.parameters import number, read_parameters
from hwsim.schemes.pruned import Pruned
from hwsim.schemes.signed_binary import SignedBinary
from hwsim.schemes.ternary import Ternary
from tests.schemes.networks import laplace, network


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("dense", Dense()),
        ("dense:precision=int8", Dense("int8")),
        ("dense:precision=int8,per=tensor", Dense("int8", "tensor")),
        ("binary:scale=one", Binary("one")),
        ("ternary:threshold=max,delta=0.1", Ternary("max", delta=0.1)),
        ("signed-binary:p=0.5,delta=0.05,sign=positional", SignedBinary()),
        ("Signed_Binary: sign = sum", SignedBinary(sign="sum")),
        ("pruned:sparsity=0.3,method=random,seed=7", Pruned(sparsity=0.3, method="random", seed=7)),
    ],
)
def test_read(text, scheme):
    assert parse_scheme(text) == scheme
    assert parse_scheme(str(scheme)) == scheme


@pytest.mark.parametrize(
    ("text", "bits", "coding"),
    [
        ("dense", 32, "value"),
        ("binary", 1, "sign"),
        ("ternary", 2, "ternary"),
        ("ternary:sparsity=0.5", 2, "ternary"),
        ("signed-binary:sparsity=0.5", 1, "zero"),
        ("pruned:pattern=2:4", 32, "value"),
    ],
)
def test_what_a_weight_is(text, bits, coding):
    scheme = parse_scheme(text)
    assert (scheme.bits, scheme.coding) == (bits, coding)


def test_written_without_defaults():
    assert str(SignedBinary()) == "signed-binary"
    assert str(SignedBinary(p=0.25, sign="positional")) == "signed-binary:p=0.25"
    assert SignedBinary().parameters == {
        "p": 0.5,
        "delta": 0.05,
        "sign": "positional",
        "scale": "one",
        "sparsity": None,
        "method": "magnitude",
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("signd-binary", "unknown scheme 'signd-binary'; did you mean 'signed-binary'?"),
        (
            "",
            "unknown scheme ''; known: binary, bitnet, brevitas-binary, dense, larq, "
            "larq-magnitude, larq-ternary, pruned, reactnet, signed-binary, ternary, xnor-net",
        ),
        ("binary:p=1", "scheme 'binary' has no parameter 'p'; known: scale"),
        (
            "signed-binary:detla=1",
            "scheme 'signed-binary' has no parameter 'detla'; did you mean 'delta'?",
        ),
        ("signed-binary:p=3", "scheme 'signed-binary': p must be in [0, 1]. Got 3"),
        ("signed-binary:p=nan", "scheme 'signed-binary': p must be in [0, 1]. Got nan"),
        ("signed-binary:p=half", "scheme 'signed-binary': p must be in [0, 1]. Got half"),
        (
            "signed-binary:sign=sums",
            "scheme 'signed-binary': sign must be one of positional, sum. Got sums",
        ),
        ("ternary:factor=10.1", "scheme 'ternary': factor must be in [0, 10]. Got 10.1"),
        ("ternary:delta=1.1", "scheme 'ternary': delta must be in [0, 1]. Got 1.1"),
        ("pruned:seed=1.5", "scheme 'pruned': seed must be an integer in [0, 4294967295]. Got 1.5"),
        ("pruned:seed=-1", "scheme 'pruned': seed must be an integer in [0, 4294967295]. Got -1"),
        ("binary:", "scheme 'binary:': expected key=value after the colon. Got ''"),
        ("binary:scale", "scheme 'binary:scale': expected key=value after the colon. Got 'scale'"),
        (
            "binary:scale=one,",
            "scheme 'binary:scale=one,': expected key=value after the colon. Got ''",
        ),
        (
            "binary:scale=one,scale=mean",
            "scheme 'binary:scale=one,scale=mean': parameter 'scale' is given twice",
        ),
    ],
)
def test_errors(text, message):
    with pytest.raises(InputError) as caught:
        parse_scheme(text)
    assert str(caught.value) == message


def test_a_float_is_no_integer():
    with pytest.raises(InputError, match=r"seed must be an integer in \[0, 4294967295\]. Got 1"):
        Pruned(method="random", seed=1.0)


def test_a_scheme_without_parameters():
    with pytest.raises(InputError) as caught:
        read_parameters(Scheme, "plain", {"p": "1"})
    assert str(caught.value) == "scheme 'plain' has no parameter 'p'; it has none"


@dataclass(frozen=True)
class Rounded(Scheme):
    """A scheme from outside: weights rounded to multiples of a step."""

    name: ClassVar[str] = "rounded"
    coding: ClassVar[str] = "value"
    step: float = number(0.01, 0.001, 1)

    @property
    def bits(self):
        return 4

    def quantize(self, weight):
        return Levels(np.round(weight / self.step) * self.step)


NOT_A_SCHEME = 3


@pytest.fixture
def outside(monkeypatch):
    here = "tests.schemes.test_registry"
    points = [
        EntryPoint(name, value, "hwsim.schemes")
        for name, value in [
            ("rounded", f"{here}:Rounded"),
            ("number", f"{here}:NOT_A_SCHEME"),
            ("broken", "no_such_package:Scheme"),
        ]
    ]
    own = registry.registered(registry.GROUP)
    monkeypatch.setattr(
        registry, "registered", lambda group: {**own, **{p.name: p for p in points}}
    )


def test_hwsims_own_come_in_the_order_of_comparisons():
    assert scheme_names() == ["dense", "binary", "ternary", "signed-binary", "pruned"]


@pytest.mark.usefixtures("outside")
def test_a_scheme_from_outside():
    assert scheme_names()[-4:] == ["pruned", "broken", "number", "rounded"]
    made = quantize(network(laplace(4, 8)), "rounded:step=0.02").layers[0]
    assert np.array_equal(made.values, np.round(made.layer.weight / 0.02) * 0.02)
    assert (made.bits, made.scheme, made.origin) == (4, "rounded", "quantised after training")


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roundd", "unknown scheme 'roundd'; did you mean 'rounded'?"),
        (
            "number",
            "scheme 'number' (entry point 'tests.schemes.test_registry:NOT_A_SCHEME') "
            "is no subclass of hwsim.schemes.Scheme",
        ),
        (
            "broken",
            "scheme 'broken' (entry point 'no_such_package:Scheme') cannot be loaded: "
            "ModuleNotFoundError: No module named 'no_such_package'",
        ),
    ],
)
def test_errors_of_schemes_from_outside(text, message):
    with pytest.raises(InputError) as caught:
        parse_scheme(text)
    assert str(caught.value) == message
