"""Read PyTorch checkpoints, without running any code from them."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.small_floats import BFLOAT16, E4M3, E5M2
from hwsim.networks.readers import embedded_geometry
from hwsim.networks.readers._torch_mapping import mapped_anew
from hwsim.networks.readers.protocol import Contents
from hwsim.networks.readers.weight_file import MAX_BYTES, check_total, readable

#: How deep tensors may be nested: {"optimizer": {"state": {0: {"exp_avg": ...}}}} and some more.
_DEPTH = 8


class TorchReader:
    """PyTorch's checkpoints: a state dict, alone or nested as training scripts nest it.

    An array's name has what it is nested in before a ``/``: ``state_dict/conv1.weight``.
    """

    suffixes = (".pt", ".pth")

    def recognises(self, head: bytes) -> bool:
        """Tell from the first bytes: a zip with a pickle in it, or a pickle."""
        return head.startswith(b"\x80") or (head.startswith(b"PK") and b"data.pkl" in head)

    def read(self, path: Path) -> Contents:
        """Map all tensors, wherever they are nested.

        Raises
        ------
        InputError
            If torch is not installed, the file is damaged or holds more than tensors and plain
            values, there is no tensor in it, or one is sparse or quantised.
        """
        try:
            import torch
        except ImportError as error:
            raise InputError(
                f"{path}: reading PyTorch files needs torch: pip install 'hwsim[torch]'"
            ) from error
        with readable(path, "a PyTorch file"):
            _check_archive(path)
            tensors = _named(path, _load(path), torch.Tensor)
            _check_tensors(path, tensors, zipfile.is_zipfile(path))
            arrays = mapped_anew(path, {name: _array(each) for name, each in tensors.items()})
        return embedded_geometry.contents(path, arrays)


def _check_archive(path: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            total = sum(member.file_size for member in archive.infolist())
        check_total(path, total, "write it with torch.save, which does not compress", mapped=True)


def _load(path: Path) -> Any:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong becomes an error below
            # Mapped where the file allows it, so that a large one takes no memory.
            mapped = zipfile.is_zipfile(path)
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:
        if "weights_only" not in str(error):
            raise
        raise InputError(_unsafe(path, str(error))) from error


def _unsafe(path: Path, error: str) -> str:
    if "TorchScript" in error:
        return f"{path}: is a TorchScript program; save model.state_dict() in its place"
    name = re.search(r"GLOBAL ([\w.]+)", error)
    what = f" ({name[1]})" if name else ""
    return (
        f"{path}: holds more than tensors{what}, and loading it could run code from the file; "
        "save model.state_dict() alone"
    )


def _named(path: Path, content: Any, tensor: type) -> dict[str, Any]:
    """Name all tensors by where they are."""
    if not isinstance(content, Mapping):
        raise InputError(f"{path}: holds a {type(content).__name__}; expected a state dict")
    named = dict(_tensors(content, tensor, ""))
    if not named:
        keys = ", ".join(map(str, list(content)[:5])) or "nothing"
        raise InputError(
            f"{path}: no state dict in it; expected tensors by name, alone or nested. "
            f"It holds {keys}"
        )
    return named


def _tensors(
    content: Any, tensor: type, prefix: str, depth: int = _DEPTH
) -> Iterator[tuple[str, Any]]:
    pairs = content.items() if isinstance(content, Mapping) else enumerate(content)
    for key, value in pairs:
        if isinstance(value, tensor):
            yield f"{prefix}{key}", value
        elif isinstance(value, Mapping | list | tuple) and depth:
            yield from _tensors(value, tensor, f"{prefix}{key}/", depth - 1)


def _check_tensors(path: Path, tensors: Mapping[str, Any], mapped: bool) -> None:
    import torch

    for key, tensor in tensors.items():
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
            raise InputError(
                f"{path}: {key} is a sparse, quantised or empty tensor; save it as a dense one "
                "(tensor.to_dense() or tensor.dequantize())"
            )
        needed = tensor.numel() * tensor.element_size()
        if needed > MAX_BYTES and needed > tensor.untyped_storage().nbytes():
            raise InputError(
                f"{path}: {key} has {tensor.numel():,} elements; "
                f"hwsim reads at most {MAX_BYTES:,} bytes"
            )
    # A few stored numbers can be expanded to any shape.
    total = sum(tensor.numel() * max(4, tensor.element_size()) for tensor in tensors.values())
    check_total(path, total, "save tensors that are expanded as tensor.contiguous()", mapped)


def _array(tensor: Any) -> NDArray[Any]:
    import torch

    plain = tensor.detach()
    for dtype, bits, own in (
        (torch.bfloat16, torch.int16, BFLOAT16),
        (torch.float8_e4m3fn, torch.uint8, E4M3),
        (torch.float8_e5m2, torch.uint8, E5M2),
    ):
        if tensor.dtype == dtype:
            stored: NDArray[Any] = plain.contiguous().view(bits).numpy()
            return stored.view(own)
    array: NDArray[Any] = np.asarray(plain.numpy())
    return array
