"""The very values of weights in parts, in blocks, in fields of bits, and where they are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.arrays import bits
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.arrays.small_floats import BFLOAT16, E4M3
from hwsim.networks.tensors import sort_tensors

PATH = Path("w.npz")
Arrays = dict[str, np.ndarray]


def _weight(arrays: Arrays, name: str = "fc", **options: object) -> np.ndarray:
    found = sort_tensors(PATH, arrays, FileOptions(**options))  # type: ignore[arg-type]
    return found.weights[name]


V = np.array([[3.0, 4.0], [0.0, 2.0]])


@pytest.mark.parametrize("names", [("weight_g", "weight_v"), ("original0", "original1")])
def test_weight_norm(names: tuple[str, str]) -> None:
    prefix = "fc.parametrizations.weight." if "original0" in names else "fc."
    g, v = (prefix + name for name in names)
    rows = {g: np.array([[10.0], [-1.0]]), v: V}
    np.testing.assert_allclose(_weight(rows), [[6, 8], [0, -1]])
    columns = {g: np.array([[3.0, np.sqrt(20)]]), v: V}  # dim=1
    np.testing.assert_allclose(_weight(columns), [[3, 4], [0, 2]])
    whole = {g: np.array(np.sqrt(29)), v: V}  # dim=None
    np.testing.assert_allclose(_weight(whole), V)


def test_spectral_norm() -> None:
    parts = {"fc.weight_orig": V, "fc.weight_u": np.array([1.0, 0]), "fc.weight_v": np.ones(2)}
    np.testing.assert_allclose(_weight(parts), V / 7)
    turned = {
        "c.weight_orig": np.arange(1.0, 7).reshape(2, 3),
        "c.weight_u": np.array([0, 1.0, 0]),  # three: of the second dimension
        "c.weight_v": np.array([1.0, 0]),
    }
    np.testing.assert_allclose(_weight(turned, "c"), np.arange(1.0, 7).reshape(2, 3) / 2)


def test_parts_are_made_whole_as_torch_does() -> None:
    torch = pytest.importorskip("torch")
    from torch.nn.utils import parametrizations, spectral_norm

    torch.manual_seed(0)
    for wrap in (parametrizations.weight_norm, parametrizations.spectral_norm, spectral_norm):
        module = torch.nn.ModuleDict({"fc": wrap(torch.nn.Linear(5, 4))}).eval()
        module["fc"](torch.zeros(1, 5))  # spectral_norm of old computes the weight on the way
        state = {key: value.numpy() for key, value in module.state_dict().items()}
        expected = module["fc"].weight.detach().numpy()
        np.testing.assert_allclose(_weight(state), expected, rtol=1e-6)


def test_gptq_by_hand() -> None:
    # one word a filter: levels 1 to 8 of eight inputs, zero point 7 + 1, two groups of inputs
    word = sum(level << (4 * place) for place, level in enumerate(range(1, 9)))
    state = {
        "q.qweight": np.full((1, 8), word, np.uint32).view(np.int32),
        "q.qzeros": np.full((2, 1), 0x77777777, np.uint32).view(np.int32),
        "q.scales": np.stack([np.full(8, 0.5), np.full(8, 2.0)]),
    }
    found = _weight(state, "q")
    assert found.shape == (8, 8)
    np.testing.assert_array_equal(found[3], [-3.5, -3, -2.5, -2, -6, -4, -2, 0])
    state["q.g_idx"] = np.array([1, 0, 0, 0, 0, 0, 0, 1])
    np.testing.assert_array_equal(_weight(state, "q")[3], [-14, -3, -2.5, -2, -1.5, -1, -0.5, 0])
    state["q.g_idx"] = np.full(8, 2)
    with pytest.raises(InputError, match=r"q\.qweight \(1x8\), read as GPTQ: g_idx does not name"):
        _weight(state, "q")


def test_bitnet_by_hand() -> None:
    # filters 0..3 of two inputs: bits 0-1, 2-3, 4-5, 6-7 of one byte each
    packed = np.array([[0b00_01_10_00, 0b10_10_01_01]], np.uint8)
    state = {"q.weight": packed, "q.weight_scale": np.array([0.5])}
    np.testing.assert_array_equal(_weight(state, "q") * 2, [[-1, 0], [1, 0], [0, 1], [-1, 1]])


def test_fp8_with_a_scale_a_block() -> None:
    ones = np.full((130, 129), 0x38, np.uint8).view(E4M3)
    state = {"fc.weight": ones, "fc.weight_scale_inv": np.array([[2.0, 3.0], [5.0, 7.0]])}
    found = _weight(state)
    assert [found[0, 0], found[127, 128], found[128, 127], found[129, 128]] == [2, 3, 5, 7]


def test_a_scale_of_small_floats_is_decoded() -> None:
    scale = np.array([0x4000], "<u2").view(BFLOAT16)  # 2
    state = {"fc.weight": np.array([[1, -3]], np.int8), "fc.weight_scale": scale}
    np.testing.assert_array_equal(_weight(state), [[2, -6]])


def test_bitsandbytes_level_127_is_the_largest() -> None:
    state = {"fc.weight": np.array([[127, -1]], np.int8), "fc.SCB": np.array([2.54])}
    np.testing.assert_allclose(_weight(state), [[2.54, -0.02]], rtol=1e-6)


@pytest.mark.parametrize("width", range(1, 9))
@pytest.mark.parametrize("dtype", ["u1", "<u4", ">u4", "<i8"])
def test_fields_of_bits(width: int, dtype: str) -> None:
    rng = np.random.default_rng(width)
    words = rng.integers(0, 256, (3, 24), np.uint8).view(dtype)
    numbers = [
        sum(int(word) % 2 ** (8 * words.itemsize) << (8 * words.itemsize * place)
            for place, word in enumerate(row))
        for row in words
    ]  # fmt: skip
    count = 24 * 8 // width
    expected = [[n >> (width * at) & ((1 << width) - 1) for at in range(count)] for n in numbers]
    np.testing.assert_array_equal(bits.fields(words, width), expected)
