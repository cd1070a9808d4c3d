"""Anything thrown at the readers ends in a network or in one line that names the file."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save as save_safetensors

from hwsim.errors import InputError
from hwsim.networks import load_network, load_topology, make_network, save_network
from tests.networks.files import TINY, write_topology

pytestmark = pytest.mark.outside

T = TypeVar("T")
SUFFIXES = ["", ".npz", ".safetensors", ".pt"]
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _outcome(load: Callable[[Path], T], path: Path) -> tuple[T | None, str]:
    """Load, or give the message of the one exception that may come out."""
    try:
        return load(path), ""
    except InputError as error:
        return None, str(error)


def _survives(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"w{suffix}"
        path.write_bytes(content)
        network, message = _outcome(load_network, path)
    if network is None:
        assert str(path) in message
        assert "\n" not in message
    else:
        assert network.layers
        assert all(np.isfinite(layer.weight).all() for layer in network.layers)
        assert all(layer.macs > 0 for layer in network.layers)


@cache
def _tiny_file(kind: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        network = make_network(write_topology(Path(folder)))
        save_network(network, Path(folder) / "w.npz")
        if kind == ".npz":
            return (Path(folder) / "w.npz").read_bytes()
    state = {f"{layer.name}.weight": layer.weight for layer in network.layers}
    if kind == ".safetensors":
        return save_safetensors(state)
    torch = pytest.importorskip("torch")
    stream = io.BytesIO()
    torch.save({"state_dict": {key: torch.tensor(a) for key, a in state.items()}}, stream)
    return stream.getvalue()


@quick
@given(
    st.binary(max_size=300),
    st.sampled_from(SUFFIXES[:3]),
    st.sampled_from(
        [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x10\0\0\0\0\0\0\0{", b"\x80\x02"]
    ),
)
def test_random_bytes(content: bytes, suffix: str, magic: bytes) -> None:
    _survives(magic + content, suffix)


def test_random_bytes_as_a_pytorch_file() -> None:
    pytest.importorskip("torch")

    @quick
    @given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\x80\x02", b"\x80\x04"]))
    def check(content: bytes, magic: bytes) -> None:
        _survives(magic + content, ".pt")

    check()


@quick
@given(st.sampled_from(SUFFIXES[1:]), st.data())
def test_mutated_files(kind: str, data: st.DataObject) -> None:
    content = bytearray(_tiny_file(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    keep = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    _survives(bytes(content[:keep]), kind)


@quick
@given(
    st.dictionaries(
        st.sampled_from(
            ["fc.weight", "a.weight", "module.a.weight", "bn.running_mean", "bn.weight", "x"]
        ),
        hnp.arrays(
            st.one_of(
                hnp.floating_dtypes(),
                hnp.integer_dtypes(),
                hnp.boolean_dtypes(),
                hnp.complex_number_dtypes(),
                hnp.unicode_string_dtypes(max_len=3),
                hnp.datetime64_dtypes(),
            ),
            hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=3),
        ),
    ),
    st.booleans(),
)
def test_random_arrays(arrays: dict[str, np.ndarray], compressed: bool) -> None:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    _survives(stream.getvalue(), ".npz")


@quick
@given(st.binary(max_size=200), st.text(max_size=80))
def test_random_members(content: bytes, header: str) -> None:
    stream = io.BytesIO()
    text = header.encode()
    framed = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.weight.npy", framed)
        archive.writestr("__hwsim__.npy", content)
    _survives(stream.getvalue(), ".npz")


_JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**70) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@quick
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "format": st.just(1) | _JSON,
            "network": st.text(),
            "layers": st.dictionaries(
                st.just("fc"),
                st.fixed_dictionaries({"kind": st.just("linear"), "vectors": _JSON}) | _JSON,
            ),
            "notes": st.lists(st.text()) | _JSON,
            "quantized_layers": _JSON,
        },
    )
)
def test_random_documents(document: dict[str, object]) -> None:
    text = np.frombuffer(json.dumps(document).encode(), np.uint8)
    stream = io.BytesIO()
    np.savez(stream, **{"fc.weight": np.ones((2, 2)), "__hwsim__": text})
    _survives(stream.getvalue(), ".npz")


@quick
@given(st.data())
def test_mutated_topologies(data: st.DataObject) -> None:
    text = TINY
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 6))
        text = text[:at] + data.draw(st.text(max_size=4)) + text[at + length :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        topology, message = _outcome(load_topology, path)
    assert topology is not None or str(path) in message
