"""Weight files in which filters or layers are dead."""

import numpy as np

import hwsim
from hwsim.networks import save_network
from hwsim.studies._model_file import read_model


def written(tmp_path, change):
    network = hwsim.make_network("resnet20-cifar")
    change(network.layers[1].weight)
    save_network(network, tmp_path / "net.npz")
    return tmp_path / "net.npz"


def test_a_layer_of_zeros_is_counted_with_a_note(tmp_path):
    file = written(tmp_path, lambda weight: weight.fill(0))
    result = hwsim.run(file, layers="layer1.0.conv1", schemes=["dense", "binary"], energy="stonne")
    assert result.manifest["network"]["notes"][-1] == (
        "every weight is zero in layer1.0.conv1; was the right file exported?"
    )
    energies = result.layers.set_index("scheme")["energy"]
    assert 0 < energies["dense"] < energies["binary"]


def test_filters_of_zeros_are_counted_with_a_note(tmp_path):
    file = written(tmp_path, lambda weight: weight.__setitem__([3, 5], 0))
    network = read_model(file)
    assert network.notes[-1] == (
        "filters whose every weight is zero, counted as they are: layer1.0.conv1 (2 of 16)"
    )
    assert not network.layers[1].weight[3].any()


def test_a_note_names_three_layers_and_counts_the_others():
    network = hwsim.make_network("resnet20-cifar")
    for layer in network.layers[1:6]:
        layer.weight[0] = 0
    assert read_model(network).notes[-1] == (
        "filters whose every weight is zero, counted as they are: layer1.0.conv1 (1 of 16), "
        "layer1.0.conv2 (1 of 16), layer1.1.conv1 (1 of 16) and 2 more layers"
    )


def test_filters_that_a_scheme_made_zero_are_kept(tmp_path):
    def train(weight):
        weight[:] = np.sign(weight) * (np.arange(16) % 2).reshape(-1, 1, 1, 1)

    network = read_model(written(tmp_path, train))
    assert not network.layers[1].weight[0].any()


def test_a_network_without_dead_filters_is_taken_as_it_is():
    network = hwsim.make_network("resnet20-cifar")
    assert read_model(network) is network
