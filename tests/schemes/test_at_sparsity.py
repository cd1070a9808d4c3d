from dataclasses import dataclass
from typing import ClassVar

import pytest

from hwsim.errors import InputError
from hwsim.schemes import Levels, Scheme, at_sparsity, parse_scheme, with_sparsity
from hwsim.schemes.parameters import choice, integer, number


@pytest.mark.parametrize(
    ("scheme", "level", "method", "seed", "text"),
    [
        ("pruned", 0.5, None, None, "pruned:sparsity=0.5"),
        ("pruned", 0.65, None, None, "pruned"),
        (
            "pruned:scope=network",
            0,
            "random",
            3,
            "pruned:sparsity=0.0,method=random,seed=3,scope=network",
        ),
        ("pruned:structure=filter", 0.3, None, 7, "pruned:sparsity=0.3,structure=filter"),
        ("pruned:method=random", 0.3, None, 7, "pruned:sparsity=0.3,method=random,seed=7"),
        (
            "pruned:method=random,seed=7",
            0.3,
            None,
            None,
            "pruned:sparsity=0.3,method=random,seed=7",
        ),
        ("pruned:method=random,seed=7", 0.3, "magnitude", None, "pruned:sparsity=0.3"),
        ("pruned:method=random,seed=7", 0.3, "random", 0, "pruned:sparsity=0.3,method=random"),
        ("ternary", 0.5, None, None, "ternary:sparsity=0.5"),
        (
            "signed-binary:p=0.25,sparsity=0.1",
            0.2,
            "random",
            None,
            "signed-binary:sparsity=0.2,method=random,p=0.25",
        ),
    ],
)
def test_text(scheme, level, method, seed, text):
    assert with_sparsity(scheme, level, method, seed) == text
    assert str(parse_scheme(text)) == text


@pytest.mark.parametrize("scheme", ["dense", "binary:scale=one", "larq", "pruned:pattern=2:4"])
def test_schemes_whose_zeros_nobody_chooses(scheme):
    assert with_sparsity(scheme, 0.5, "random", 1) is None


@pytest.mark.parametrize(
    ("scheme", "level", "method", "message"),
    [
        ("prund", 0.5, None, "unknown scheme 'prund'; did you mean 'pruned'?"),
        ("pruned", 1.5, None, "scheme 'pruned': sparsity must be in [0, 1]. Got 1.5"),
        (
            "pruned",
            0.5,
            "best",
            "scheme 'pruned': method must be one of magnitude, random. Got best",
        ),
        (
            "signed-binary:delta=0.1",
            0.5,
            None,
            "scheme 'signed-binary': delta has an effect only without sparsity. Got sparsity=0.5",
        ),
        (
            "bitnet",
            0.5,
            None,
            "scheme 'ternary': factor has an effect only without sparsity. Got sparsity=0.5",
        ),
    ],
)
def test_errors(scheme, level, method, message):
    with pytest.raises(InputError) as caught:
        with_sparsity(scheme, level, method)
    assert str(caught.value) == message


@dataclass(frozen=True)
class Plain(Scheme):
    """From another package, with a sparsity and no more."""

    name: ClassVar[str] = "plain"
    coding: ClassVar[str] = "value"
    sparsity: float = number(0.5, 0, 0.9)

    @property
    def bits(self):
        return 8

    def quantize(self, weight):
        return Levels(weight)


@dataclass(frozen=True)
class Drawn(Plain):
    """It always draws."""

    name: ClassVar[str] = "drawn"
    seed: int = integer(1, 1, 9)


@dataclass(frozen=True)
class Ordered(Drawn):
    """It draws by a method of that name alone."""

    name: ClassVar[str] = "ordered"
    method: str = choice("random", "first")


OUTSIDE = {"plain": Plain, "drawn": Drawn, "ordered": Ordered}


@pytest.mark.parametrize(
    ("scheme", "method", "seed", "text"),
    [
        ("plain", None, 4, "plain:sparsity=0.25"),
        ("drawn", None, 4, "drawn:sparsity=0.25,seed=4"),
        ("drawn", None, None, "drawn:sparsity=0.25"),
        ("ordered", None, 4, "ordered:sparsity=0.25,seed=4"),
        ("ordered", "first", 4, "ordered:sparsity=0.25,method=first"),
    ],
)
def test_schemes_from_other_packages(monkeypatch, scheme, method, seed, text):
    monkeypatch.setattr(at_sparsity, "parse_scheme", lambda name: OUTSIDE[name]())
    assert with_sparsity(scheme, 0.25, method, seed) == text


def test_a_method_that_a_scheme_has_not(monkeypatch):
    monkeypatch.setattr(at_sparsity, "parse_scheme", lambda name: OUTSIDE[name]())
    with pytest.raises(InputError) as caught:
        with_sparsity("drawn", 0.25, "random")
    assert str(caught.value) == "scheme 'drawn' has no parameter 'method'; known: seed, sparsity"
