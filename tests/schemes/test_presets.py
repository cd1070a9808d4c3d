import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.schemes import parse_scheme
from hwsim.schemes.presets import PRESETS
from tests.schemes.networks import laplace

WEIGHT = np.array([[0.3, -0.1, 0.0, -0.6], [0.05, 0.2, -0.2, 0.55]])


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_scheme(name):
    assert parse_scheme(name) == parse_scheme(PRESETS[name].scheme)
    assert len(PRESETS[name].source) > 20


def test_bitnet_rounds_what_is_left_over_the_mean():
    mean = np.abs(WEIGHT).mean()  # 0.25
    made = parse_scheme("bitnet").quantize(WEIGHT)
    assert made.levels.tolist() == np.clip(np.rint(WEIGHT / mean), -1, 1).tolist()
    assert made.scale == pytest.approx([mean, mean])
    large = laplace(16, 100)
    rounded = np.clip(np.rint(large / np.abs(large).mean(dtype=np.float64)), -1, 1)
    assert np.array_equal(parse_scheme("bitnet").quantize(large).levels, rounded)


def test_signs():
    for name in ("larq", "brevitas-binary"):
        made = parse_scheme(name).quantize(WEIGHT)
        assert made.levels.tolist() == [[1, -1, 1, -1], [1, 1, -1, 1]]
        assert made.scale.tolist() == [1, 1]
    for name in ("xnor-net", "reactnet", "larq-magnitude"):
        assert parse_scheme(name).quantize(WEIGHT).scale == pytest.approx([0.25, 0.25])


def test_parameters_take_the_place_of_the_presets_own():
    assert parse_scheme("BitNet:scale=one") == parse_scheme("ternary:factor=0.5,scale=one")
    assert parse_scheme("xnor_net:scale=one") == parse_scheme("binary:scale=one")


def test_a_misspelt_preset():
    with pytest.raises(InputError, match="unknown scheme 'bitnt'; did you mean 'bitnet'"):
        parse_scheme("bitnt")
