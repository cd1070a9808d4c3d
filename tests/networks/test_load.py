"""From a weight file to a network: where the geometry comes from, and what can be wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hwsim.errors import InputError
from hwsim.networks import (
    Layer,
    Network,
    load_network,
    load_topology,
    make_network,
    save_network,
    topology_names,
)
from hwsim.networks._chain import follow
from hwsim.networks._matching import find_topology
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.load import network_topology
from tests.networks.files import cifar_state, write_npz, write_topology, zeros_of

SUFFIXES = "hwsim reads .npz, .safetensors, .pt, .pth"


def _message(path: Path, *arguments: object) -> str:
    with pytest.raises(InputError) as caught:
        load_network(path, *arguments)  # type: ignore[arg-type]
    return str(caught.value).replace(str(path), "FILE")


def test_a_plain_file_is_recognised(tmp_path: Path) -> None:
    state = {**cifar_state(), "bn1.weight": np.ones(16), "bn1.running_mean": np.ones(16)}
    path = write_npz(tmp_path / "trained.npz", state)
    network = load_network(str(path))
    assert network.name == "trained"
    assert network.topology == "resnet20-cifar"
    assert network.path == str(path)
    assert network.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert network.skipped == {"norm": 1, "running statistics": 1}
    assert network.notes == ()
    assert network.quantized_layers == tuple(layer.name for layer in network.layers[1:-1])
    assert sum(layer.macs for layer in network.layers) == 40_551_040
    for layer in network.layers:
        np.testing.assert_array_equal(layer.weight, state[f"{layer.name}.weight"])


@pytest.mark.parametrize("name", topology_names())
def test_every_topology_is_recognised_by_its_names_and_shapes(name: str) -> None:
    shapes = {key.removesuffix(".weight"): array.shape for key, array in zeros_of(name).items()}
    found = find_topology(shapes)
    assert found is not None
    assert found.name == name


def test_layers_come_in_the_topologys_order(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", dict(reversed(cifar_state().items())))
    names = [layer.name for layer in load_network(path).layers]
    assert names == [geometry.name for geometry in follow(load_topology("resnet20-cifar"))]


def test_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({key: np.array(array) for key, array in cifar_state().items()}, path)
    assert load_network(path).topology == "resnet20-cifar"


@pytest.mark.parametrize("name", ["weights", "weights.bin", "W.NPZ"])
def test_the_content_decides_where_the_suffix_does_not(tmp_path: Path, name: str) -> None:
    source = write_npz(tmp_path / "w.npz", cifar_state())
    assert load_network(source.rename(tmp_path / name)).topology == "resnet20-cifar"


def test_safetensors_without_a_suffix(tmp_path: Path) -> None:
    path = tmp_path / "w"
    save_file({key: np.array(array) for key, array in cifar_state().items()}, path)
    assert load_network(path).topology == "resnet20-cifar"


@pytest.mark.parametrize("prefix", ["model.", "backbone.", "module.net.encoder."])
def test_a_prefix_of_all_names_is_dropped(tmp_path: Path, prefix: str) -> None:
    state = {f"{prefix}{key}": array for key, array in cifar_state().items()}
    network = load_network(write_npz(tmp_path / "w.npz", state))
    assert network.topology == "resnet20-cifar"
    assert network.layers[0].name == "conv1"


def test_other_names_of_a_layer(tmp_path: Path) -> None:
    state = cifar_state()
    state["fc.weight"] = state.pop("linear.weight")
    network = load_network(write_npz(tmp_path / "w.npz", state))
    assert network.layers[-1].name == "linear"
    assert network.skipped == {}


def test_any_number_of_classes(tmp_path: Path) -> None:
    state = {**cifar_state(), "linear.weight": np.ones((100, 64), np.float32)}
    network = load_network(write_npz(tmp_path / "w.npz", state))
    assert network.layers[-1].filters == 100
    wrong = {**state, "linear.weight": np.ones((10, 65), np.float32)}
    assert _message(write_npz(tmp_path / "x.npz", wrong)).startswith(
        "FILE: no topology has the shapes of its 20 layers; the closest is 'resnet20-cifar', but "
        "linear is 10x65, expected 10x64. `hwsim network topology x.npz > t.yaml` writes one to "
    )


def test_the_closest_topology_and_the_first_differences(tmp_path: Path) -> None:
    state = cifar_state()
    state["conv1.weight"] = np.ones((16, 3, 7, 7), np.float32)
    state["layer2.0.downsample.0.weight"] = np.ones((32, 16, 1, 1), np.float32)
    state["layer3.0.downsample.0.weight"] = np.ones((64, 32, 1, 1), np.float32)
    del state["layer1.0.conv2.weight"]
    assert _message(write_npz(tmp_path / "w.npz", state)) == (
        "FILE: no topology has the shapes of its 21 layers; the closest is 'resnet20-cifar', but "
        "conv1 is 16x3x7x7, expected 16x3x3x3; layer1.0.conv2 is missing; "
        "layer2.0.downsample.0 is not in it; and 1 more. `hwsim network topology w.npz > t.yaml` "
        "writes one to fill in for --topology (`hwsim network list` names those shipped); or "
        "import the network from torch or ONNX, which keeps the geometry (docs/networks.md)"
    )


def test_an_input_size_alone_does_not_replace_a_topology(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", {"conv.weight": np.ones((4, 3, 3, 3))})
    assert _message(path, None, 32).startswith(
        "FILE: no topology has the shapes of its 1 layers. `hwsim network topology w.npz > t.yaml` "
    )


def test_filters_that_are_last_are_noticed(tmp_path: Path) -> None:
    state = {"a.weight": np.ones((3, 3, 3, 64)), "b.weight": np.ones((3, 3, 64, 64))}
    assert _message(write_npz(tmp_path / "w.npz", state)) == (
        "FILE: no topology has the shapes of its 2 layers; its convolutions look stored as rows x "
        "columns x channels x filters: --layout keras"
    )
    turned = {key: np.moveaxis(array, (3, 2), (0, 1)) for key, array in state.items()}
    assert "--layout" not in _message(write_npz(tmp_path / "w.npz", turned))


def test_a_named_topology_must_fit(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", cifar_state())
    assert load_network(path, "resnet20-cifar").topology == "resnet20-cifar"
    assert _message(path, "vgg-small-cifar") == (
        "FILE: contradicts topology 'vgg-small-cifar' at input 32x32: conv0 is missing; "
        "conv1 is 16x3x3x3, expected 128x128x3x3; conv2 is missing; and 23 more"
    )
    assert _message(path, "vgg") == "no topology is named 'vgg'; did you mean 'vgg16'?"


def test_a_topology_file(tmp_path: Path) -> None:
    topology = write_topology(tmp_path)
    made = make_network(topology)
    state = {f"{layer.name}.weight": layer.weight for layer in made.layers}
    state["block.old.weight"] = state.pop("block.shortcut.weight")
    network = load_network(write_npz(tmp_path / "w.npz", state), topology, (12, 8))
    assert network.topology == "tiny"
    assert [layer.input_size for layer in network.layers] == [(12, 8), (6, 4), (6, 4), (1, 1)]
    assert network.quantized_layers == ("block.conv", "block.shortcut")


def test_another_input_size(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", cifar_state())
    layers = load_network(path, input_size=(33, 40)).layers
    assert [layers[i].input_size for i in (0, 7, 8, 14, -1)] == [
        (33, 40), (33, 40), (17, 20), (9, 10), (1, 1),
    ]  # fmt: skip


def test_a_flattened_map_ties_the_input_size(tmp_path: Path) -> None:
    state = zeros_of("vgg-small-cifar")
    path = write_npz(tmp_path / "w.npz", state)
    assert _message(path, None, 64) == (
        "FILE: contradicts topology 'vgg-small-cifar' at input 64x64: "
        "fc is 10x8192, expected 10x32768"
    )
    state["fc.weight"] = np.zeros((10, 512 * 64), np.float32)
    network = load_network(write_npz(tmp_path / "x.npz", state), input_size=64)
    assert network.layers[0].input_size == (64, 64)


def test_too_small_an_input_names_the_layer(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", zeros_of("vgg-small-cifar"))
    assert _message(path, None, (7, 32)) == (
        "topology 'vgg-small-cifar' at input 7x32: 'pooling3' has no output: "
        "its input is 1x8, its kernel 2x2"
    )


def test_linear_layers_need_no_geometry(tmp_path: Path) -> None:
    state = {"fc1.weight": np.ones((5, 4)), "fc2.weight": np.ones((3, 5))}
    network = load_network(write_npz(tmp_path / "mlp.npz", state))
    assert network.topology is None
    assert [(layer.name, layer.kind, layer.vectors) for layer in network.layers] == [
        ("fc1", "linear", 1),
        ("fc2", "linear", 1),
    ]
    assert network.notes == (
        "no topology: linear layers only, in the file's order, one input vector each",
    )


def test_linear_layers_alone_have_no_image(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "mlp.npz", {"fc1.weight": np.ones((5, 4))})
    assert _message(path, None, 32) == (
        "FILE: all its layers are linear and no topology says what they read, so that an input "
        "size changes nothing; leave it out, or give --topology NAME|FILE"
    )


def test_embedded_geometry_at_another_input_size(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    save_network(make_network("resnet20-cifar"), path)
    assert load_network(path, input_size=32).layers[0].input_size == (32, 32)
    resized = load_network(path, input_size=(33, 40))
    assert [layer.input_size for layer in resized.layers] == [
        geometry.input_size for geometry in follow(load_topology("resnet20-cifar"), (33, 40))
    ]
    assert resized.topology == "embedded"
    assert resized.notes == ("weights drawn at random, not trained (laplace, seed 0)",)


def test_embedded_geometry_that_no_topology_explains(tmp_path: Path) -> None:
    topology = write_topology(tmp_path)
    path = tmp_path / "w.npz"
    save_network(make_network(topology), path)
    assert _message(path, None, 12) == (
        "FILE: carries its geometry for an input of 9x9 only; for another input size give its "
        "topology as well (--topology NAME|FILE)"
    )
    network = load_network(path, topology, 12)
    assert network.layers[0].input_size == (12, 12)
    assert network.notes == ("weights drawn at random, not trained (laplace, seed 0)",)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("w.npz", b"", "FILE: is empty"),
        ("w.npy", b"\x93NUMPY", f"FILE: not a weight file; {SUFFIXES}"),
        ("w.ort", b"\x08\x07\x12", f"FILE: not a weight file; {SUFFIXES}"),
    ],
)
def test_what_is_no_weight_file(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert _message(path) == message


def test_what_is_no_file(tmp_path: Path) -> None:
    assert _message(tmp_path) == (
        "FILE: is a folder without weight files; hwsim reads .npz, .safetensors, .pt, .pth, .bin"
    )
    assert _message(tmp_path / "no.npz") == "FILE: no such file"
    assert _message(Path("/dev/null")) == "FILE: is no regular file; expected a weight file"
    assert _message(Path("x" * 5000)) == "FILE: cannot be read: File name too long"


@pytest.mark.parametrize("size", [0, -3, (1, 0), (1, 2, 3), 2.5, "224", (10**9, 1)])
def test_a_wrong_input_size(tmp_path: Path, size: object) -> None:
    assert _message(tmp_path / "w.npz", None, size) == (
        "input size: expected rows and columns from 1 to 1,000,000, such as 224 or (224, 224). "
        f"Got {size!r}"
    )


def _lstm(tmp_path: Path) -> Path:
    state = {}
    for layer, inputs in enumerate((40, 256, 256)):
        state[f"lstm.weight_ih_l{layer}"] = np.ones((1024, inputs), np.float32)
        state[f"lstm.weight_hh_l{layer}"] = np.ones((1024, 256), np.float32)
        state[f"lstm.bias_ih_l{layer}"] = np.ones(1024, np.float32)
    state["fc.weight"] = np.ones((256, 256), np.float32)
    return write_npz(tmp_path / "w.npz", state)


def test_recurrent_layers_count_every_step(tmp_path: Path) -> None:
    path = _lstm(tmp_path)
    one = load_network(path)
    assert len(one.layers) == 7
    assert sum(layer.macs for layer in one.layers) == 1_351_680 + 65_536
    assert one.notes[-1] == (
        "recurrent layers run one time step; --tokens 'GLOB=STEPS' gives a sequence's"
    )
    steps = load_network(path, tokens=["lstm.*=160"])
    # 160 (4 x 256 x (40 + 256) + 2 x 4 x 256 x 512) + 256 x 256
    assert sum(layer.macs for layer in steps.layers) == 216_334_336
    assert steps.notes == (
        "no topology: linear layers only, in the file's order, input vectors as stated",
    )
    assert sum(layer.macs for layer in load_network(path, tokens=["2"]).layers) == 2 * 1_417_216
    with pytest.raises(InputError, match=r"w\.npz: tokens: no linear layer matches 'gru\.\*'$"):
        load_network(path, tokens=["gru.*=2"])


def test_layers_in_the_order_of_their_names_are_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"fc.weight": np.ones((2, 3), np.float32)}, path)
    network = load_network(path)
    assert not network.ordered
    assert network.notes == (
        "no topology: linear layers only, in the order that their names suggest, one input vector "
        "each",
    )


def test_layers_that_a_topology_names_are_layers_whatever_they_are_called(tmp_path: Path) -> None:
    text = (
        "name: t\nsource: s\ninput: {channels: 9, size: 1}\nquantized_layers: null\nlayers:\n"
        "  - {linear: embed, features: 4}\n  - {linear: visual.proj, features: 2}\n"
    )
    topology = write_topology(tmp_path, text)
    state = {"embed.weight": np.ones((4, 9)), "visual.proj": np.ones((2, 4))}
    network = load_network(write_npz(tmp_path / "w.npz", state), topology)
    assert [(layer.name, layer.macs) for layer in network.layers] == [
        ("embed", 36),
        ("visual.proj", 8),
    ]


@pytest.mark.parametrize("name", ["embed", "pos_embed", "norm", "ema.fc", "optimizer.fc", "tril"])
def test_layers_of_a_file_of_ours_are_layers_whatever_they_are_called(
    tmp_path: Path, name: str
) -> None:
    layers = (Layer(name, "linear", np.ones((4, 9))), Layer("fc", "linear", np.ones((9, 4))))
    save_network(Network("net", layers), tmp_path / "w.npz")
    found = load_network(tmp_path / "w.npz")
    assert [layer.name for layer in found.layers] == [name, "fc"]


def test_a_topology_of_another_network_is_said_to_be_so(tmp_path: Path) -> None:
    state = {"a.weight": np.ones((4, 3, 3, 3)), "b.weight": np.ones((2, 4))}
    path = write_npz(tmp_path / "w.npz", state)
    assert _message(path, write_topology(tmp_path)) == (
        "FILE: none of its 2 layers (a, b) is in topology 'tiny' (stem, block.conv, "
        "block.shortcut, ...); `hwsim network topology w.npz` writes one with these names"
    )


@pytest.mark.parametrize("option", [{"transpose": "fc"}, {"layout": "keras"}])
def test_a_file_that_says_how_its_weights_lie_is_not_turned(
    tmp_path: Path, option: dict[str, str]
) -> None:
    path = tmp_path / "made.npz"
    save_network(make_network("resnet20-cifar"), path)
    for read in (
        lambda: load_network(path, **option),  # type: ignore[arg-type]
        lambda: network_topology(path, FileOptions(**option)),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError) as refused:
            read()
        assert str(refused.value) == (
            f"{path}: {next(iter(option))}: the file carries its geometry, by which its weights "
            "lie as hwsim has them; leave it out"
        )


def test_of_two_numbers_of_tokens_none_is_lost(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "m.npz", {"a.weight": np.ones((2, 3)), "b.weight": np.ones((2, 2))})
    with pytest.raises(InputError, match=r"^tokens: 'a' is given 2 times; give it once$"):
        load_network(path, tokens=["a=3", "a=4"])
    with pytest.raises(InputError, match=r"^tokens: '\*' is given 2 times; give it once$"):
        load_network(path, tokens=["3", "*=4"])
    assert [layer.vectors for layer in load_network(path, tokens=["3", "a=4"]).layers] == [4, 3]
