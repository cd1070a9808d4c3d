"""Weight files that hold nothing to compare."""

import numpy as np
import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.networks import save_network
from hwsim.studies.model_file import read_model


def written(tmp_path, change):
    network = hwsim.make_network("resnet20-cifar")
    change(network.layers[1].weight)
    save_network(network, tmp_path / "net.npz")
    return tmp_path / "net.npz"


def test_a_layer_of_zeros_is_refused(tmp_path):
    file = written(tmp_path, lambda weight: weight.fill(0))
    with pytest.raises(InputError) as caught:
        hwsim.run(file)
    assert str(caught.value) == (
        f"{file}: layer1.0.conv1.weight: every weight is zero; export the trained weights"
    )


def test_a_filter_of_zeros_is_refused(tmp_path):
    file = written(tmp_path, lambda weight: weight.__setitem__([3, 5], 0))
    with pytest.raises(InputError) as caught:
        hwsim.sweep(file, sparsity="0,0.5")
    assert str(caught.value) == (
        f"{file}: layer1.0.conv1.weight: filter 3 is all zero, as are 2 of 16; remove such filters "
        "from the network, or give hwsim.run what hwsim.load_network returns, which is not checked"
    )


def test_filters_that_a_scheme_made_zero_are_kept(tmp_path):
    def train(weight):
        weight[:] = np.sign(weight) * (np.arange(16) % 2).reshape(-1, 1, 1, 1)

    network = read_model(written(tmp_path, train))
    assert not network.layers[1].weight[0].any()


def test_a_network_that_is_given_is_taken_as_it_is():
    network = hwsim.make_network("resnet20-cifar")
    network.layers[1].weight[:] = 0
    assert read_model(network) is network
