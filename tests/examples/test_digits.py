"""The trained networks of examples/digits: what they claim is true of the files."""

import json
from pathlib import Path

import numpy as np
import pytest

from examples.digits.infer import layer_inputs
from hwsim.networks import load_network
from hwsim.schemes import describe, quantize, trained_forms
from hwsim.schemes.binary import Binary
from hwsim.schemes.signed_binary import SignedBinary

pytestmark = pytest.mark.outside

FOLDER = Path(__file__).parents[2] / "examples" / "digits"
RECORD = json.loads((FOLDER / "accuracies.json").read_text(encoding="utf-8"))
NAMES = ("float", "binary", "signed-binary")
QUANTIZED = ("conv2", "conv3", "conv4")


@pytest.fixture(scope="module")
def held_out():
    """The test images and labels, split as train.py splits them."""
    from sklearn.datasets import load_digits  # takes longer than the other tests of this file
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    _, images, _, labels = train_test_split(
        images, digits.target, test_size=450, random_state=0, stratify=digits.target
    )
    return images, labels


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_accuracy_is_that_of_the_file(name, held_out):
    images, labels = held_out
    correct = int((layer_inputs(FOLDER / f"{name}.npz", images)[1].argmax(axis=1) == labels).sum())
    recorded = RECORD["networks"][name]
    assert len(labels) == RECORD["test_images"]
    assert correct == recorded["test_correct"]
    assert correct / len(labels) == recorded["test_accuracy"]
    assert recorded["test_accuracy"] > 0.97


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_says_what_was_recorded(name):
    row = RECORD["networks"][name]
    expected = (
        f"| `{name}.npz` | {row['test_correct']} | {100 * row['test_accuracy']:.2f} % "
        f"| {100 * row['zeros_in_quantized_layers']:.2f} % |"
    )
    assert expected in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_geometry_and_everything_else_in_the_file(name):
    network = load_network(FOLDER / f"{name}.npz")
    assert network.name == f"digits {name}"
    assert network.quantized_layers == QUANTIZED
    assert [layer.name for layer in network.layers] == ["conv1", *QUANTIZED, "fc"]
    assert [layer.columns for layer in network.layers] == [64, 64, 16, 16, 1]
    assert sum(layer.weight.size for layer in network.layers) == 93088
    assert sum(network.skipped.values()) == 4 * 5 + 1  # four batch-norms, the bias of fc


def test_the_three_files_are_small():
    assert sum((FOLDER / f"{name}.npz").stat().st_size for name in NAMES) < 500_000


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("float", ()),
        ("binary", ("binary", "ternary")),
        ("signed-binary", ("signed-binary", "ternary")),
    ],
)
def test_forms_of_the_weights(name, forms):
    for layer in load_network(FOLDER / f"{name}.npz").layers:
        assert trained_forms(layer.weight) == (forms if layer.name in QUANTIZED else ())


@pytest.mark.parametrize("name", ["binary", "signed-binary"])
def test_reported_as_trained_and_used_as_they_are(name):
    quantized = quantize(load_network(FOLDER / f"{name}.npz"), name)
    assert [made.origin for made in quantized.layers] == ["as given", *["trained"] * 3, "as given"]
    assert all(made.values is made.layer.weight for made in quantized.layers)
    assert sum(made.sign_bits for made in quantized.layers) == 0
    rows = describe(quantized)[1:4]
    zeros = 1 - sum(row["effectual_parameters"] for row in rows) / sum(
        row["weights"] for row in rows
    )
    assert zeros == pytest.approx(RECORD["networks"][name]["zeros_in_quantized_layers"], abs=1e-12)
    if name == "signed-binary":
        assert all(row["negative_filters"] >= 30 for row in rows)
        assert all(row["positive_filters"] >= 30 for row in rows)
        assert 0.6 < zeros < 0.8


def test_the_float_network_is_quantised_after_training():
    quantized = quantize(load_network(FOLDER / "float.npz"), "signed-binary")
    assert [made.origin for made in quantized.layers[1:4]] == ["quantised after training"] * 3


@pytest.fixture
def straight_through(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(FOLDER)
    import straight_through

    return straight_through


@pytest.mark.parametrize("shape", [(64, 32, 3, 3), (7, 5, 3, 3), (1, 1, 3, 3)])
@pytest.mark.parametrize(
    ("name", "scheme"), [("binary", Binary(scale="one")), ("signed_binary", SignedBinary())]
)
def test_training_quantises_as_hwsim_does(straight_through, name, scheme, shape):
    import torch

    latent = np.random.default_rng(3).normal(scale=0.3, size=shape).astype(np.float32)
    latent[np.abs(latent) < 0.02] = 0
    ours = getattr(straight_through, name)(torch.from_numpy(latent)).numpy()
    assert np.array_equal(ours, scheme.quantize(latent).levels)


def test_the_gradient_goes_straight_through(straight_through):
    import torch

    latent = torch.tensor([[[[0.5, -0.2, 1.5]]], [[[-0.5, 0.2, -1.0]]]], requires_grad=True)
    gradient = torch.tensor([[[[0.3, -4.0, 0.3]]], [[[2.0, -0.1, 0.7]]]])
    quantized = straight_through.StraightThrough.apply(latent, straight_through.signed_binary)
    assert quantized.flatten().tolist() == [1, 0, 1, -1, 0, -1]
    quantized.backward(gradient)
    expected = torch.tensor([0.3, -1, 0, 1, -0.1, 0.7])  # clamped; 0 where latent is beyond 1
    assert torch.equal(latent.grad.flatten(), expected)
