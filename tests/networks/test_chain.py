"""Sizes of feature maps, by hand and as PyTorch pools."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.networks import load_topology
from hwsim.networks._chain import follow
from hwsim.networks.topology import Topology
from tests.networks.files import write_topology


def _topology(*layers: dict[str, object], size: object = 9) -> Topology:
    return Topology.model_validate(
        {
            "name": "t",
            "source": "test",
            "input": {"channels": 2, "size": size},
            "quantized_layers": None,
            "layers": list(layers),
        }
    )


PROBE = {"conv": "probe", "filters": 1, "kernel": 1}


def test_rows_and_columns_are_kept_apart() -> None:
    conv = {
        "conv": "a",
        "filters": 1,
        "kernel": [3, 5],
        "stride": [1, 2],
        "padding": [0, 1],
        "dilation": [2, 1],
    }
    first, probe = follow(_topology(conv, PROBE, size=[10, 12]))
    assert first.shape == (1, 2, 3, 5)
    assert probe.input_size == (6, 5)


def test_pooling_steps_by_its_kernel_unless_told() -> None:
    assert follow(_topology({"pool": "p", "kernel": [2, 3]}, PROBE))[0].input_size == (4, 3)


def test_sources_are_concatenated() -> None:
    a = {"conv": "a", "filters": 3, "kernel": 1}
    b = {"conv": "b", "from": "a", "filters": 4, "kernel": 3, "padding": 1}
    both = {**PROBE, "from": ["a", "b"]}
    assert follow(_topology(a, b, both))[-1].shape == (1, 7, 1, 1)


def test_sources_of_different_sizes_are_refused() -> None:
    a = {"conv": "a", "filters": 3, "kernel": 1}
    b = {"conv": "b", "filters": 4, "kernel": 3}
    with pytest.raises(InputError) as caught:
        follow(_topology(a, b, {**PROBE, "from": ["a", "b"]}))
    assert str(caught.value) == (
        "topology 't' at input 9x9: 'probe': cannot concatenate feature maps of 9x9, 7x7"
    )


def test_a_flattened_map_feeds_a_linear_layer() -> None:
    (fc,) = follow(_topology({"linear": "fc", "features": 3}, size=[4, 5]))
    assert (fc.shape, fc.vectors) == ((3, 40), 1)


def test_tokens_follow_the_input_size() -> None:
    topology = load_topology("vit_b_16")
    assert {g.vectors for g in follow(topology, (384, 192))[1:-1]} == {24 * 12 + 1}


def test_an_input_that_is_too_small_names_the_layer() -> None:
    with pytest.raises(InputError) as caught:
        follow(load_topology("alexnet"), (63, 62))
    assert str(caught.value) == (
        "topology 'alexnet' at input 63x62: 'features.12' has no output: "
        "its input is 3x2, its kernel 3x3"
    )


def test_a_files_own_size_is_the_default(tmp_path: Path) -> None:
    topology = load_topology(write_topology(tmp_path))
    assert follow(topology) == follow(topology, (9, 9)) != follow(topology, (10, 9))


@given(
    size=st.integers(1, 40),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 6),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
    ceil=st.booleans(),
)
def test_pooling_is_pytorchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool
) -> None:
    torch = pytest.importorskip("torch")
    padding = min(padding, kernel // 2)
    pool = torch.nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil)
    topology = _topology(
        {
            "pool": "p",
            "kernel": kernel,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "ceil": ceil,
        },
        PROBE,
        size=size,
    )
    try:
        expected = tuple(pool(torch.zeros(1, 1, size, size)).shape[2:])
    except RuntimeError:
        if not ceil:
            with pytest.raises(InputError, match="has no output"):
                follow(topology)
        return
    try:
        assert follow(topology)[0].input_size == expected
    except InputError:
        # PyTorch pools a window that does not even fit once, in ceil mode: hwsim refuses it.
        assert ceil
        assert size + 2 * padding < dilation * (kernel - 1) + 1
