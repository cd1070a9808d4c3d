"""Weight files for the tests: small state dicts, and archives broken on purpose."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from hwsim.networks import load_topology, make_network
from hwsim.networks._chain import follow

TINY = """\
name: tiny
source: made up for the tests
input: {channels: 3, size: 9}
quantized_layers: ["block.*"]
layers:
  - {conv: stem, filters: 4, kernel: 3, padding: 1}
  - {pool: pool, kernel: 2}
  - {conv: block.conv, filters: 6, kernel: 3, stride: 2, padding: 1, groups: 2}
  - {conv: block.shortcut, from: pool, filters: 6, kernel: 1, stride: 2, aka: block.old}
  - {adaptive_pool: avgpool, size: 1}
  - {linear: fc, features: 5}
"""


def write_topology(folder: Path, text: str = TINY, name: str = "tiny.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def zeros_of(topology: str | Path, **dimensions: int) -> dict[str, np.ndarray]:
    """All weights of a topology as zeros that take no memory until they are written."""
    return {
        f"{geometry.name}.weight": np.broadcast_to(np.float32(0), geometry.shape)
        for geometry in follow(load_topology(topology))
    }


def cifar_state(seed: int = 0) -> dict[str, np.ndarray]:
    """resnet20-cifar as a state dict: the smallest of the shipped networks."""
    network = make_network("resnet20-cifar", seed=seed)
    return {f"{layer.name}.weight": layer.weight for layer in network.layers}


def write_npz(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    np.savez(path, **arrays)
    return path


def write_members(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def npy_header(shape: str, descr: str = "'<f4'", version: tuple[int, int] = (1, 0)) -> bytes:
    """The start of an .npy file that declares anything."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    length = len(header) + 1
    stream = io.BytesIO()
    stream.write(b"\x93NUMPY" + bytes(version))
    stream.write(length.to_bytes(2 if version == (1, 0) else 4, "little"))
    stream.write(header + b"\n")
    return stream.getvalue()
