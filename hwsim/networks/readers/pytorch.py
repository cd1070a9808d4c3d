"""Read PyTorch checkpoints, without running any code from them."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.readers import embedded_geometry
from hwsim.networks.readers.protocol import Contents
from hwsim.networks.readers.weight_file import MAX_BYTES, check_total, readable

#: Where training scripts put the state dict; PLUM uses ``model_state_dict``.
_NESTS = ("model_state_dict", "state_dict", "model", "net")
_DEPTH = 3


class TorchReader:
    """PyTorch's checkpoints: a state dict, alone or nested as training scripts nest it."""

    suffixes = (".pt", ".pth")

    def recognises(self, head: bytes) -> bool:
        """Tell from the first bytes: a zip with a pickle in it, or a pickle."""
        return head.startswith(b"\x80") or (head.startswith(b"PK") and b"data.pkl" in head)

    def read(self, path: Path) -> Contents:
        """Read the tensors of the state dict; bfloat16 becomes float32, which holds it exactly.

        Raises
        ------
        InputError
            If torch is not installed, the file is damaged or holds more than tensors and plain
            values, there is no state dict in it, or a tensor is sparse or quantised.
        """
        try:
            import torch
        except ImportError as error:
            raise InputError(
                f"{path}: reading PyTorch files needs torch: pip install 'hwsim[torch]'"
            ) from error
        with readable(path, "a PyTorch file"):
            _check_archive(path)
            state = _state_dict(path, _load(path), torch.Tensor)
            tensors = {str(k): v for k, v in state.items() if isinstance(v, torch.Tensor)}
            _check_tensors(path, tensors)
            arrays = {name: _array(tensor) for name, tensor in tensors.items()}
        return embedded_geometry.contents(path, arrays)


def _check_archive(path: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            total = sum(member.file_size for member in archive.infolist())
        check_total(path, total, "write it with torch.save, which does not compress")


def _load(path: Path) -> Any:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong becomes an error below
            return torch.load(path, map_location="cpu", weights_only=True)
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


def _state_dict(path: Path, content: Any, tensor: type) -> Mapping[Any, Any]:
    state = content
    for _ in range(_DEPTH):
        if not isinstance(state, Mapping):
            break
        nested = [state[key] for key in _NESTS if isinstance(state.get(key), Mapping)]
        if not nested:
            break
        state = nested[0]
    if not isinstance(state, Mapping):
        raise InputError(f"{path}: holds a {type(content).__name__}; expected a state dict")
    if not any(isinstance(value, tensor) for value in state.values()):
        keys = ", ".join(map(str, list(state)[:5])) or "nothing"
        raise InputError(
            f"{path}: no state dict in it; expected tensors by name, alone or under one of "
            f"{', '.join(_NESTS)}. It holds {keys}"
        )
    return state


def _check_tensors(path: Path, tensors: Mapping[str, Any]) -> None:
    import torch

    for key, tensor in tensors.items():
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
            raise InputError(
                f"{path}: {key} is a sparse, quantised or empty tensor; save it as a dense one "
                "(tensor.to_dense() or tensor.dequantize())"
            )
        if tensor.numel() * tensor.element_size() > MAX_BYTES:
            raise InputError(
                f"{path}: {key} has {tensor.numel():,} elements; "
                f"hwsim reads at most {MAX_BYTES:,} bytes"
            )
    # A few stored numbers can be expanded to any shape.
    total = sum(tensor.numel() * max(4, tensor.element_size()) for tensor in tensors.values())
    check_total(path, total, "save tensors that are expanded as tensor.contiguous()")


def _array(tensor: Any) -> NDArray[Any]:
    import torch

    if tensor.dtype == torch.bfloat16:
        tensor = tensor.to(torch.float32)
    array: NDArray[Any] = np.asarray(tensor.detach().numpy())
    return array
