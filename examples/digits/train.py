"""Train a small CNN on scikit-learn's digits three times: float, binary, signed-binary.

    pip install 'hwsim[examples]'
    python examples/digits/train.py

Writes ``float.npz``, ``binary.npz``, ``signed-binary.npz`` and ``accuracies.json`` beside itself,
about a minute in all on one core. The three differ only in the quantiser of conv2, conv3 and
conv4: same seed, same initial latent weights, same batches. The first and the last layer stay
float, as in the paper. The test images are looked at once, after the last epoch.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import sklearn
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from straight_through import QuantizedConv2d, binary, full_precision, signed_binary
from torch import Tensor, nn

from hwsim.networks import Layer, Network, save_network

HERE = Path(__file__).resolve().parent
QUANTIZERS = {"float": full_precision, "binary": binary, "signed-binary": signed_binary}
QUANTIZED_LAYERS = ("conv2", "conv3", "conv4")

SEED = 0
EPOCHS = 60
BATCH = 64
LEARNING_RATE = 2e-3  # Adam; falls linearly to zero


class DigitsNet(nn.Module):
    """Four 3 x 3 convolutions with batch-norm and ReLU, global average pooling, one linear layer.

    Parameters
    ----------
    quantizer : callable
        Quantiser of conv2, conv3 and conv4.
    """

    def __init__(self, quantizer) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1, bias=False)  # 8 x 8
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = QuantizedConv2d(32, 64, 1, quantizer)  # 8 x 8
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = QuantizedConv2d(64, 64, 2, quantizer)  # to 4 x 4
        self.bn3 = nn.BatchNorm2d(64)
        self.conv4 = QuantizedConv2d(64, 64, 1, quantizer)  # 4 x 4
        self.bn4 = nn.BatchNorm2d(64)
        self.fc = nn.Linear(64, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Score images (N, 1, 8, 8): (N, 10)."""
        maps = torch.relu(self.bn1(self.conv1(images)))
        maps = torch.relu(self.bn2(self.conv2(maps)))
        maps = torch.relu(self.bn3(self.conv3(maps)))
        maps = torch.relu(self.bn4(self.conv4(maps)))
        return self.fc(maps.mean(dim=(2, 3)))


def load_data() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Split the 1,797 digits: 1,347 to train, 450 to test, pixels scaled to [0, 1]."""
    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    parts = train_test_split(
        images, digits.target, test_size=450, random_state=SEED, stratify=digits.target
    )
    train_images, test_images, train_labels, test_labels = map(torch.as_tensor, parts)
    return train_images, train_labels, test_images, test_labels


def train(quantizer, images: Tensor, labels: Tensor) -> DigitsNet:
    """Train one network from the fixed seed."""
    torch.manual_seed(SEED)
    model = DigitsNet(quantizer)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    return model.eval()


@torch.no_grad()
def count_correct(model: DigitsNet, images: Tensor, labels: Tensor) -> int:
    """Count the images whose highest score is the right digit's."""
    return int((model(images).argmax(dim=1) == labels).sum())


@torch.no_grad()
def as_network(model: DigitsNet, name: str) -> Network:
    """Take the layers out of a trained model, with the weights that it computes with."""
    sizes = {"conv1": (8, 8), "conv2": (8, 8), "conv3": (8, 8), "conv4": (4, 4)}
    layers = []
    for layer, size in sizes.items():
        conv = getattr(model, layer)
        quantized = layer in QUANTIZED_LAYERS
        weight = conv.quantized_weight() if quantized else conv.weight
        layers.append(
            Layer(
                layer,
                "conv",
                weight.numpy(),
                stride=conv.stride,
                padding=conv.padding,
                input_size=size,
            )
        )
    layers.append(Layer("fc", "linear", model.fc.weight.numpy()))
    return Network(
        name=f"digits {name}",
        layers=tuple(layers),
        notes=(f"trained {name} on scikit-learn's digits by examples/digits/train.py",),
        quantized_layers=QUANTIZED_LAYERS,
    )


def write_weights(model: DigitsNet, network: Network, path: Path) -> None:
    """Write layers, geometry, and what else a forward pass needs: batch-norm and the bias."""
    draft = path.with_name(f".draft-{path.name}")
    save_network(network, draft)
    with np.load(draft) as saved:
        arrays = dict(saved)
    rest = {key: tensor.numpy() for key, tensor in model.state_dict().items() if key not in arrays}
    with draft.open("wb") as file:
        np.savez_compressed(file, **arrays, **rest)
    draft.replace(path)


def main() -> None:
    """Train the three networks and keep what they reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=HERE, help="folder of the files")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    train_images, train_labels, test_images, test_labels = load_data()
    networks = {}
    for name, quantizer in QUANTIZERS.items():
        model = train(quantizer, train_images, train_labels)
        network = as_network(model, name)
        write_weights(model, network, folder / f"{name}.npz")
        correct = count_correct(model, test_images, test_labels)
        weights = [layer.weight for layer in network.layers if layer.name in QUANTIZED_LAYERS]
        zeros = sum(np.count_nonzero(weight == 0) for weight in weights)
        networks[name] = {
            "test_correct": correct,
            "test_accuracy": correct / len(test_labels),
            "train_accuracy": count_correct(model, train_images, train_labels) / len(train_labels),
            "zeros_in_quantized_layers": zeros / sum(weight.size for weight in weights),
        }
        print(
            f"{name:>13}: {correct} of {len(test_labels)} test images, "
            f"{networks[name]['test_accuracy']:.2%}; "
            f"zeros in conv2 to conv4: {networks[name]['zeros_in_quantized_layers']:.2%}"
        )
    record = {
        "data": "scikit-learn load_digits, 8 x 8 pixels",
        "train_images": len(train_labels),
        "test_images": len(test_labels),
        "seed": SEED,
        "epochs": EPOCHS,
        "versions": {"torch": torch.__version__, "scikit-learn": sklearn.__version__},
        "networks": networks,
    }
    (folder / "accuracies.json").write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
