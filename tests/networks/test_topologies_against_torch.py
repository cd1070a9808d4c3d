"""Names, shapes and input sizes of the topologies, as PyTorch itself finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hwsim.networks import load_topology  # noqa: E402
from hwsim.networks._chain import follow  # noqa: E402
from tests.networks import torch_models as models  # noqa: E402

FORWARD: dict[str, Callable[[], Any]] = {
    "alexnet": models.alexnet,
    "mobilenet_v2": models.mobilenet_v2,
    "resnet18": lambda: models.ResNet((2, 2, 2, 2)),
    "resnet34": lambda: models.ResNet((3, 4, 6, 3)),
    "resnet50": lambda: models.ResNet((3, 4, 6, 3), bottleneck=True),
    "resnet18-plum": models.PlumResNet,
    "vgg16": models.vgg16,
}
#: Where odd maps meet, a PLUM shortcut (average pooling) and its block differ by one position.
EVEN_ONLY = {"resnet18-plum"}


def _traced(model: Any, size: tuple[int, int]) -> dict[str, tuple[Any, ...]]:
    """Run a model without data; note shape, geometry and input size of each layer."""
    found = {}

    def note(name: str) -> Callable[..., None]:
        def hook(module: Any, inputs: Any, output: Any) -> None:
            conv = isinstance(module, torch.nn.Conv2d)
            found[name] = (
                tuple(module.weight.shape),
                tuple(module.stride) if conv else (1, 1),
                tuple(module.padding) if conv else (0, 0),
                module.groups if conv else 1,
                tuple(inputs[0].shape[2:]) if conv else (1, 1),
                tuple(output.shape[2:]) if conv else (1, 1),
            )

        return hook

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            module.register_forward_hook(note(name))
    model(torch.empty(1, 3, *size, device="meta"))
    return found


@pytest.mark.parametrize("size", [(224, 224), (225, 331), (97, 64)])
@pytest.mark.parametrize("name", sorted(FORWARD))
def test_layers_are_those_of_a_forward_pass(name: str, size: tuple[int, int]) -> None:
    if name in EVEN_ONLY:
        size = (size[0] // 32 * 32, size[1] // 32 * 32)
    with torch.device("meta"):
        model = FORWARD[name]().eval()
    layers = [
        geometry.layer(torch.empty(geometry.shape, device="meta"))  # only its shape is read
        for geometry in follow(load_topology(name), size)
    ]
    assert {
        layer.name: (
            tuple(layer.weight.shape),
            layer.stride,
            layer.padding,
            layer.groups,
            layer.input_size,
            layer.output_size,
        )
        for layer in layers
    } == _traced(model, size)


def test_vision_transformer_has_the_shapes_of_torch() -> None:
    with torch.device("meta"):
        state = models.VisionTransformer().state_dict()
    weights = {
        key.removesuffix(".weight").removesuffix("_weight"): tuple(tensor.shape)
        for key, tensor in state.items()
        if tensor.ndim in (2, 4)
    }
    geometries = follow(load_topology("vit_b_16"))
    assert {geometry.name: geometry.shape for geometry in geometries} == weights
    assert [geometry.vectors for geometry in geometries] == [1] + 48 * [197] + [1]
