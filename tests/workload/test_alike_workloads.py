"""Workloads alike: each is what it is alone, whoever is chosen from them."""

import numpy as np
import pytest

from hwsim.activities import Activities
from hwsim.arch import load_arch
from hwsim.engines.protocol import activities_of_alike, activity_of
from hwsim.engines.stonne.sigma.engine import SigmaEngine
from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.schemes import Quantizer
from hwsim.workload import Activations, AlikeWorkloads, lower

SHAPE = (4, 3, 3, 3)
ARCH = load_arch("sigma", {"num_ms": 16, "dn_bw": 4})


def drawn(seed: int, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    weight = np.random.default_rng(seed).laplace(size=shape).astype(np.float32)
    weight.setflags(write=False)
    return weight


def convolutions(count: int) -> Network:
    layers = [
        Layer(f"layer{n}", "conv", drawn(n), padding=(1, 1), input_size=(5, 5))
        for n in range(count)
    ]
    return Network("drawn", tuple(layers))


def alike(scheme: str, count: int = 5) -> AlikeWorkloads:
    network = convolutions(count)
    names = [layer.name for layer in network.layers]
    [quantized] = Quantizer.of(network, scheme, "all").together(names)
    return AlikeWorkloads(quantized, Activations())


SCHEMES = ("dense", "binary", "signed-binary", "ternary", "pruned:sparsity=0.5")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("places", [[0], [3, 1], [4, 2, 0], [0, 1, 2, 3, 4]])
def test_those_that_are_chosen_are_what_they_are_alone(scheme: str, places: list[int]) -> None:
    several = alike(scheme)
    if scheme != "binary":  # some are made before the choice
        several[1].fingerprint()
    chosen = several.at(places)
    quantizer = Quantizer.of(convolutions(5), scheme, "all")
    expected = [lower(quantizer.layer(f"layer{n}")) for n in places]
    assert len(chosen) == len(places)
    assert chosen.bits.bits().tolist() == [each.nonzeros.tolist() for each in expected]
    assert chosen.zeros_fingerprints() == [each.zeros_fingerprint() for each in expected]
    assert chosen.operands == [each.operands for each in expected]
    assert [*chosen] == chosen[:] == expected
    assert chosen[-1] is chosen[len(places) - 1]
    with pytest.raises(IndexError):
        chosen[len(places)]
    assert chosen.held_bytes >= sum(each.held_bytes for each in chosen)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_sigma_takes_them_as_they_stand(scheme: str) -> None:
    groups = [alike(scheme), alike("signed-binary", 2).at([1])]
    found = activities_of_alike(SigmaEngine(), groups, ARCH)
    assert found == [activity_of(SigmaEngine(), each, ARCH) for own in groups for each in own]


def test_zeros_of_activations_are_taken_layer_by_layer() -> None:
    [quantized] = Quantizer.of(convolutions(3), "signed-binary", "all").together(
        ["layer0", "layer1", "layer2"]
    )
    present = np.random.default_rng(5).random((2, 1, 25, 27)) < 0.5  # of two samples
    several = AlikeWorkloads(quantized, Activations(nonzeros=present))
    assert several.zeros_fingerprints() == [each.zeros_fingerprint() for each in several]
    found = activities_of_alike(SigmaEngine(), [several], ARCH)
    assert found == [activity_of(SigmaEngine(), each, ARCH) for each in several]


def test_a_subclass_that_looks_at_more_is_asked_for_each() -> None:
    class ByName(SigmaEngine):
        def key(self, workload: object) -> str:
            return workload.layer  # type: ignore[attr-defined]

    several = alike("binary", 3)
    assert len({*SigmaEngine().keys(several)}) == 1
    assert ByName().keys(several) == ["layer0", "layer1", "layer2"]


def test_what_no_unit_multiplies_by_is_refused_layer_by_layer() -> None:
    arch = load_arch("sigma", {"multiplier": "sign"})
    for places in ([0, 1], [1], [1, 0]):
        found = activities_of_alike(SigmaEngine(), [alike("dense", 2).at(places)], arch)
        for place, error in zip(places, found, strict=True):
            assert isinstance(error, InputError)
            assert f"layer 'layer{place}': units that multiply by a sign take" in str(error)


def test_a_subclass_that_simulates_otherwise_is_given_workloads() -> None:
    class Thrice(SigmaEngine):
        def simulate_all(self, workloads: list, arch: object) -> list:
            runs = super().simulate_all(workloads.copy(), arch)
            for run in runs:
                for key in run.counts:
                    run.counts[key] *= 3
            return runs

    groups = [alike("signed-binary", 2)]
    plain = Activities.of(activities_of_alike(SigmaEngine(), groups, ARCH))
    thrice = Activities.of(activities_of_alike(Thrice(), groups, ARCH))
    for key, counts in plain.counts.items():
        assert thrice.counts[key].tolist() == (3 * counts).tolist()


def test_an_engine_that_gives_too_few_is_named() -> None:
    class Few(SigmaEngine):
        def simulate_alike(self, groups: object, arch: object) -> list:
            return []

        def simulate_all(self, workloads: object, arch: object) -> list:
            return []

    [error, other] = activities_of_alike(Few(), [alike("binary", 2)], ARCH)
    for each in (error, other):
        assert "simulate_all should give a list of 1, an Activity for each workload" in str(each)
