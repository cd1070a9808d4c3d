"""Which files are graphs, and what to do with those that hwsim does not read."""

from pathlib import Path

import pytest

from hwsim.errors import InputError
from hwsim.networks import load_network
from tests.networks.files import cifar_state, write_npz


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("m.tflite", "python -m tf2onnx.convert --opset 17 --tflite {0}/m.tflite --output m.onnx"),
        ("m.pb", "python -m tf2onnx.convert --opset 17 --saved-model {0} --output m.onnx"),
        ("m.keras", "keras.models.load_model(...).export('m.onnx', format='onnx')"),
        ("m.H5", "keras.models.load_model(...).export('m.onnx', format='onnx')"),
        ("m.pt2", "hwsim.from_torch(torch.export.load('{0}/m.pt2'))"),
        ("m.jit", "hwsim.from_torch(torch.jit.load('{0}/m.jit'), example_input)"),
        ("m.mlmodel", "export the network that it was made from to ONNX"),
    ],
)
def test_recipes(tmp_path: Path, name: str, recipe: str) -> None:
    with pytest.raises(InputError) as caught:
        load_network(tmp_path / name)
    suffix = Path(name).suffix.lower()
    assert str(caught.value).startswith(f"{tmp_path / name}: hwsim reads no {suffix} files; ")
    assert str(caught.value).endswith(recipe.format(tmp_path))


def test_options_that_do_not_fit_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    with pytest.raises(InputError, match=r"m\.onnx: an ONNX model has its own geometry; leave out"):
        load_network(path, "resnet18")
    with pytest.raises(InputError, match=r"m\.onnx: 'tokens' is for plain arrays, not for ONNX"):
        load_network(path, tokens="16")
    plain = write_npz(tmp_path / "w.npz", cifar_state())
    for options in ({"inputs": "x=1"}, {"values": "x=1"}):
        with pytest.raises(InputError, match=r"w\.npz: inputs and their values are for ONNX model"):
            load_network(plain, **options)
