"""STONNE's ``output_stats_*.txt``: the statistics of a run as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.engines.stonne.files.counters import read_text
from hwsim.errors import InputError

_MOST_BYTES = 64_000_000
_LAYER_KEYS = ("R", "S", "C", "K", "G", "N", "X_", "Y_")


@dataclass(frozen=True)
class Stats:
    """What an ``output_stats_*.txt`` says.

    Parameters
    ----------
    cycles : int
        Total cycles.
    hardware : mapping
        ``hardwareConfiguration``: the parameters of each part.
    layer : mapping of str to int
        ``LayerConfiguration`` in STONNE's letters. A GEMM is written as a convolution: S is its
        K, K its M, and X_ its N.
    memory : mapping
        Totals of the memory controller under STONNE's labels, e.g. ``N_SRAM_weight_reads``.
    """

    cycles: int
    hardware: Mapping[str, Any]
    layer: Mapping[str, int]
    memory: Mapping[str, float | str]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the dense problem."""
        layer = self.layer
        taps = layer["R"] * layer["S"] * (layer["C"] // layer["G"])
        return taps * layer["K"] * layer["N"] * layer["X_"] * layer["Y_"]

    @property
    def multipliers(self) -> int:
        """Multipliers of the machine."""
        mesh = self.hardware["MSNetwork"]
        return int(mesh["ms_rows"] * mesh["ms_columns"] or mesh["ms_size"])


def read_stats(path: str | Path) -> Stats:
    """Read an ``output_stats_*.txt`` of STONNE.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    InputError
        If it is no such file, or not all of it is there; the message names the file and the key.
    """
    path = Path(path)
    text = read_text(path, _MOST_BYTES)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("{") and not text.rstrip().endswith("}\n}"):
            raise InputError(
                f"{path}: ends in the middle of the document (line {text.count(chr(10)) + 1}): "
                "the file is cut off"
            ) from None
        raise InputError(
            f"{path}: is no JSON document of STONNE: line {error.lineno}: {error.msg}"
        ) from None
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"{path}: is no JSON document of STONNE: {error}") from None
    except RecursionError:
        raise InputError(f"{path}: is nested too deeply to be a file of STONNE") from None
    return Stats(
        cycles=_whole(path, document, "GlobalStats", "N_cycles"),
        hardware=_hardware(path, document),
        layer={key: _whole(path, document, "LayerConfiguration", key) for key in _LAYER_KEYS},
        memory={
            key: value
            for key, value in _section(path, document, "SDMemoryStats").items()
            if isinstance(value, int | float | str)
        },
    )


def _section(path: Path, document: Any, name: str) -> dict[str, Any]:
    section = document.get(name) if isinstance(document, dict) else None
    if not isinstance(section, dict):
        raise InputError(f"{path}: has no {name}; expected a result file of STONNE")
    return section


def _whole(path: Path, document: Any, section: str, key: str) -> int:
    value = _section(path, document, section).get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError(f"{path}: {section}.{key}: expected a whole number. Got {value!r}")
    return value


def _hardware(path: Path, document: Any) -> dict[str, Any]:
    hardware = _section(path, document, "hardwareConfiguration")
    _section(path, hardware, "MSNetwork")
    for key in ("ms_size", "ms_rows", "ms_columns"):
        _whole(path, hardware, "MSNetwork", key)
    return hardware
