"""A layer at a time, and never another result than all at once."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.later import later
from hwsim.networks.network import Layer, Network
from hwsim.schemes import (
    Levels,
    Quantizer,
    Scheme,
    describe,
    parse_scheme,
    quantize,
    quantizer,
)
from hwsim.schemes.binary import Binary
from hwsim.schemes.description import describe_layer
from hwsim.schemes.pruned import Pruned
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.schemes.scheme import FilterSigns
from hwsim.schemes.signed_binary import SignedBinary
from tests.schemes.networks import laplace, layer, network

FIVE = network(*(laplace(6, 4, seed=i) for i in range(5)))


@dataclass(frozen=True)
class Counting(Scheme):
    """Zeroes all; keeps the names of the layers that each call was given."""

    name: ClassVar[str] = "counting"
    coding: ClassVar[str] = "value"
    calls: ClassVar[list[list[str]]] = []

    @property
    def bits(self):
        return 3

    def quantize(self, weight):
        return Levels(weight * 0)

    def quantize_layers(self, layers):
        self.calls.append([*layers])
        return super().quantize_layers(layers)


@dataclass(frozen=True)
class SaysSo(Counting):
    """Declares that it looks at one layer."""

    across_layers = False


@dataclass(frozen=True)
class PrunedAnew(Pruned):
    """Overrides below the class that says how layers are looked at."""

    def quantize_layers(self, layers):
        return super().quantize_layers(layers)


@dataclass(frozen=True)
class PrunedOtherwise(PrunedAnew):
    """Changes nothing."""


@pytest.fixture(autouse=True)
def _no_calls():
    Counting.calls.clear()


@pytest.mark.parametrize(
    ("scheme", "across"),
    [
        (Binary(), False),
        (Pruned(), False),
        (Pruned(scope="network"), True),
        (Counting(), True),
        (SaysSo(), False),
        (PrunedAnew(), True),
        (PrunedOtherwise(), True),
    ],
)
def test_who_looks_across_layers(scheme, across):
    assert Quantizer.of(FIVE, scheme).across_layers is across


def test_own_schemes_look_at_one_layer_unless_asked():
    for text in ("dense", "dense:precision=int8", "ternary", "signed-binary", "pruned"):
        assert not parse_scheme(text).across_layers


def test_one_layer_at_a_time_where_that_is_enough():
    made = Quantizer.of(FIVE, SaysSo(), "all")
    assert Counting.calls == []
    assert made.layer("c").effectual == made.layer("b").effectual == 0
    assert Counting.calls == [["c"], ["b"]]


def test_all_together_and_once_where_layers_depend_on_one_another():
    made = Quantizer.of(FIVE, Counting())
    assert made.layer("a").effectual == 24
    assert Counting.calls == []
    assert made.layer("c").effectual == made.layer("d").effectual == 0
    assert Counting.calls == [["b", "c", "d"]]


@pytest.mark.parametrize(
    "scheme",
    [
        "dense",
        "dense:precision=int8",
        "binary",
        "signed-binary:sign=sum",
        "ternary",
        "pruned:sparsity=0.4",
        "pruned:method=random,seed=3",
        "pruned:sparsity=0.4,scope=network",
    ],
)
@pytest.mark.parametrize("layers", [None, "all", "b,d"])
def test_equal_to_all_at_once(scheme, layers):
    made = Quantizer.of(FIVE, scheme, layers)
    chosen = [FIVE.layers[i] for i in {None: (1, 2, 3), "b,d": (1, 3)}.get(layers, range(5))]
    if layers is None and made.scheme.everywhere:
        chosen = FIVE.layers
    at_once = made.scheme.quantize_layers({each.name: each for each in chosen})
    for each in reversed(FIVE.layers):
        found = made.layer(each.name)
        levels = at_once[each.name].levels if each.name in at_once else each.weight
        assert np.array_equal(found.levels, levels)
        assert (found.scheme == "dense") == (
            each.name not in at_once or made.scheme.name == "dense"
        )
        assert found.bits == made.weight_bits[each.name]
    assert made.changed == tuple(at_once)
    assert made.left == tuple(each.name for each in FIVE.layers if each.name not in at_once)


def test_notes_are_found_without_levels():
    trained = np.sign(laplace(3, 8))
    net = network(trained, laplace(3, 8), trained)
    made = Quantizer.of(net, SaysSo(), "all")
    assert made.notes == (
        "counting was applied after training to 2 layers trained binary: the latent float weights "
        "are not in the file, so this is not what training with it would give",
    )
    assert Counting.calls == []
    assert Quantizer.of(net, "binary", "all").notes == ()
    assert made.notes == quantize(net, SaysSo(), "all").notes


def test_trained_layers_are_no_part_of_what_is_quantised_together():
    made = Quantizer.of(network(np.sign(laplace(3, 8)), laplace(3, 8)), _AcrossBinary(), "all")
    assert made.layer("a").origin == "trained"
    assert made.layer("b").effectual == 0
    assert Counting.calls == [["b"]]


@dataclass(frozen=True)
class _AcrossBinary(Counting):
    form: ClassVar[str] = "binary"


def test_products_of_activations_are_left():
    heads = Layer.product("heads", 5, 4, vectors=3)
    net = Network("net", (layer("a", laplace(2, 2)), heads))
    made = Quantizer.of(net, "binary")
    assert (made.changed, made.left) == (("a",), ("heads",))
    assert made.remarks == ("binary applies to every layer: there are fewer than three",)
    assert made.layer("heads").scheme == "dense"


def test_a_layer_that_is_not_there():
    with pytest.raises(InputError) as caught:
        Quantizer.of(FIVE, "binary").layer("cc")
    assert str(caught.value).startswith("no layer of net is called 'cc'")


def test_an_unknown_layer_is_told_the_nearest():
    net = Network("net", (layer("conv1", laplace(2, 2)), layer("fc", laplace(2, 2))))
    with pytest.raises(InputError) as caught:
        Quantizer.of(net, "binary").layer("conv2")
    assert str(caught.value) == "no layer of net is called 'conv2'; did you mean 'conv1'?"


def test_schemes_have_a_version():
    assert {kind.version for kind in (Scheme, Binary, Pruned)} == {"1"}


def test_layers_are_made_whenever_they_are_asked_for():
    made = Quantizer.of(FIVE, SaysSo(), "all").quantized()
    assert (made.network, made.scheme, made.parameters, made.notes) == (FIVE, "counting", {}, ())
    assert Counting.calls == []
    assert len(made.layers) == 5
    assert made.layers[1].layer.name == "b"
    assert made.layers[-1].layer.name == "e"
    assert [each.layer.name for each in made.layers[1:3]] == ["b", "c"]
    assert [each.layer.name for each in made.layers] == ["a", "b", "c", "d", "e"]
    assert Counting.calls == [[name] for name in "bebcabcde"]


def test_some_of_the_layers():
    chosen = Network("some", FIVE.layers[1:3])
    made = Quantizer.of(FIVE, "binary").quantized(chosen)
    assert made.network is chosen
    assert [(each.layer.name, each.scheme) for each in made.layers] == [
        ("b", "binary"),
        ("c", "binary"),
    ]


def test_mapped_weights_leave_memory_behind_each_layer(monkeypatch):
    gone = []
    monkeypatch.setattr(quantizer, "let_go", gone.append)
    made = Quantizer.of(FIVE, "binary")
    layers = iter(made.quantized().layers)
    next(layers)
    assert gone == []
    next(layers)
    assert len(gone) == 1
    assert gone[0] is FIVE.layers[0].weight


@dataclass(frozen=True)
class Promising(Counting):
    """Promises all that it makes, and counts what is asked for."""

    asked: ClassVar[list[str]] = []

    def quantize(self, weight):
        levels = np.sign(weight).astype(np.int8)
        levels[0] = 0

        def give(name, array):
            self.asked.append(name)
            return array

        return Levels(
            later(levels.shape, np.int8, lambda: give("levels", levels)),
            later((len(levels),), np.float32, lambda: give("scale", np.ones(len(levels)))),
            signs=FilterSigns.of(levels),
            nonzeros=later(levels.shape, np.bool_, lambda: give("nonzeros", levels != 0)),
        )


def test_a_scheme_may_promise_where_its_zeros_are():
    Promising.asked.clear()
    [made] = Quantizer.of(network(laplace(3, 4)), Promising(), "all").layers(["a"])
    assert made.nonzeros.bits().tolist() == [[False] * 4, [True] * 4, [True] * 4]
    assert (made.effectual, Promising.asked) == (8, ["nonzeros"])
    assert (made.values[0] == 0).all()
    assert Promising.asked == ["nonzeros", "scale", "levels"]


@dataclass(frozen=True)
class Nothing(SignedBinary):
    """Has a rule of its own, below the class that takes layers together."""

    name: ClassVar[str] = "nothing"
    form: ClassVar[str | None] = None

    def quantize_named(self, name, weight):
        return Levels(np.zeros_like(weight))


def test_a_subclass_with_its_own_rule_is_asked_by_the_method_that_has_it():
    made = Quantizer.of(FIVE, Nothing(), "all").layers(["a", "b", "e"])
    assert [each.effectual for each in made] == [0, 0, 0]
    assert [each.layer.name for each in made] == ["a", "b", "e"]


@dataclass(frozen=True)
class SomeScaled(Counting):
    """Gives a scale to some layers, and leaves others alone."""

    across_layers = False

    def quantize_layers(self, layers):
        return {
            name: Levels(np.sign(each.weight).astype(np.int8), np.full(len(each.weight), 0.5))
            if name in "bd"
            else Levels(each.weight if name == "c" else each.weight * 2)
            for name, each in layers.items()
        }


def test_layers_alike_need_not_come_out_alike():
    quantizer = Quantizer.of(FIVE, SomeScaled(), "all")
    names = ["d", "a", "c", "b"]
    made = quantizer.layers(names)
    assert [each.layer.name for each in made] == names
    for each in made:
        alone = quantizer.layer(each.layer.name)
        assert np.array_equal(each.values, alone.values)
        assert (each.scale is None) == (each.layer.name in "ac")
        assert each.origin == ("as given" if each.layer.name == "c" else "quantised after training")
    rows = {row["layer"]: row for row in describe(quantizer.quantized())}
    assert rows["b"]["unique_values"] == 2
    assert rows["c"]["unique_values"] == 24
    assert rows["c"]["origin"] == "as given"


def test_places_among_levels_alike_are_those_of_a_sequence():
    [alike] = Quantizer.of(FIVE, "signed-binary", "all").together(["a", "b", "c"])
    assert [each.effectual for each in alike[1:]] == alike.effectual[1:]
    assert alike[-1] is alike[2]
    assert np.array_equal(alike.levels[-1].levels, alike[2].levels)
    assert [each.sign_bits for each in alike.levels[:2]] == [0, 0]
    with pytest.raises(IndexError):
        alike.levels[3]


@dataclass(frozen=True)
class Choosy(Counting):
    """Says nothing of one layer, and None of another."""

    def quantize_layers(self, layers):
        made = {name: self.quantize(each.weight) for name, each in layers.items() if name != "b"}
        return {**made, "d": None} if "d" in layers else made


@dataclass(frozen=True)
class ChoosyAlone(Choosy):
    across_layers = False


@pytest.mark.parametrize("scheme", [Choosy(), ChoosyAlone()])
def test_layers_that_a_scheme_says_nothing_of_are_used_as_they_are(scheme):
    made = Quantizer.of(FIVE, scheme, "all").layers(["a", "b", "c", "d"])
    assert [each.effectual for each in made] == [0, 24, 0, 24]
    assert [each.origin for each in made] == [
        *("quantised after training", "trained", "quantised after training", "trained")
    ]
    assert {each.scheme for each in made} == {"counting"}


@pytest.mark.parametrize(
    ("levels", "problem"),
    [
        (Levels(np.zeros((4, 6))), "levels should have the shape (6, 4). Got (4, 6)"),
        (
            Levels(np.zeros((6, 4), np.int8), np.array(0.5)),
            "scale should have the shape (6,). Got ()",
        ),
    ],
)
def test_levels_of_another_shape_are_refused(monkeypatch, levels, problem):
    monkeypatch.setattr(SaysSo, "quantize", lambda self, weight: levels)
    with pytest.raises(InputError) as error:
        Quantizer.of(FIVE, SaysSo(), "all").layers(["a", "b"])
    assert str(error.value) == f"scheme 'counting', layer 'a': {problem}"


def test_what_is_made_of_layers_is_not_kept_by_a_scheme_that_looks_across():
    quantizer = Quantizer.of(FIVE, Promising(), "all")
    Promising.asked.clear()
    for _ in range(2):
        assert quantizer.layer("a").levels.shape == (6, 4)
    assert Promising.asked.count("levels") == 2


def test_geometry_in_lists_is_geometry():
    convolutions = [
        replace(layer(name, laplace(3, 4).reshape(3, 4, 1, 1)), input_size=[2, 2]) for name in "abc"
    ]
    [alike] = Quantizer.of(Network("n", tuple(convolutions)), "binary", "all").together(["a", "b"])
    assert len(alike) == 2


def test_weights_that_are_no_numbers_are_told_apart():
    weight = np.array([[np.nan, 1, 2], [np.nan, 3, 4]])
    made = QuantizedLayer(layer("a", weight), "x", np.ones((2, 3)), 1, scale=np.full(2, np.nan))
    assert describe_layer(made)["unique_values"] == 2
