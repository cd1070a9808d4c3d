"""STONNE's ``.cfg`` read: TOML, of which its ``Config::loadFile`` takes these keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hwsim.engines.stonne.files.counters import read_text
from hwsim.engines.stonne.files.options import (
    CONTROLLERS,
    MULTIPLIER_NETWORKS,
    REDUCE_NETWORKS,
    Value,
)
from hwsim.errors import InputError, did_you_mean

_MOST_BYTES: Final = 1_000_000
#: Keys that are options of the command line, too; those with choices name them.
_OPTIONS: Final[Mapping[tuple[str, str], tuple[str, tuple[str, ...]]]] = {
    ("MSNetwork", "type"): ("mn_type", MULTIPLIER_NETWORKS),
    ("MSNetwork", "ms_size"): ("num_ms", ()),
    ("MSNetwork", "ms_rows"): ("ms_rows", ()),
    ("MSNetwork", "ms_cols"): ("ms_cols", ()),
    ("ReduceNetwork", "type"): ("rn_type", REDUCE_NETWORKS),
    ("ReduceNetwork", "accumulation_buffer_enabled"): ("accumulation_buffer", ()),
    ("SDMemory", "dn_bw"): ("dn_bw", ()),
    ("SDMemory", "rn_bw"): ("rn_bw", ()),
    ("SDMemory", "controller_type"): ("mem_ctrl", CONTROLLERS),
}
#: Keys that the result file repeats and the simulation does not use.
_REPEATED: Final[Mapping[str, tuple[str, ...]]] = {
    "DSNetwork": ("n_switches_traversed_by_cycle",),
    "DSwitch": ("latency", "input_ports", "output_ports", "port_width"),
    "MSwitch": (
        "latency",
        "input_ports",
        "output_ports",
        "forwarding_ports",
        "port_width",
        "buffers_capacity",
    ),
    "ASwitch": (
        "latency",
        "input_ports",
        "output_ports",
        "forwarding_ports",
        "port_width",
        "buffers_capacity",
    ),
    "LookUpTable": ("latency", "port_width"),
    "SDMemory": ("port_width",),
}
_PRINT: Final = "print_stats_enabled"


def read_hardware_config(
    path: str | Path,
) -> tuple[dict[str, Value], dict[str, dict[str, int]]]:
    """Read a hardware configuration of STONNE.

    Parameters
    ----------
    path : str or Path
        The ``.cfg``.

    Returns
    -------
    (dict, dict)
        Options of the command line that it sets, and by section what the result file repeats of
        it without a use.

    Raises
    ------
    InputError
        If it is no such file, or says something that STONNE does not know.
    """
    path = Path(path)
    text = read_text(path, _MOST_BYTES)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: no TOML: {error}") from None
    values: dict[str, Value] = {}
    repeated: dict[str, dict[str, int]] = {}
    for section, content in document.items():
        if section == _PRINT and isinstance(content, bool):
            values["print_stats"] = int(content)
            continue
        if section == _PRINT:
            raise InputError(f"{path}: {_PRINT}: expected true or false. Got {content!r}")
        known = _keys(section)
        if not known or not isinstance(content, dict):
            sections = [*_REPEATED, "MSNetwork", "ReduceNetwork", _PRINT]
            raise InputError(f"{path}: unknown key {section!r}{did_you_mean(section, sections)}")
        for key, value in content.items():
            if key not in known:
                raise InputError(
                    f"{path}: {section}: unknown key {key!r}{did_you_mean(key, known)}"
                )
            option, choices = _OPTIONS.get((section, key), ("", ()))
            found = _checked(f"{path}: {section}.{key}", value, choices)
            if option:
                values[option] = found
            else:
                repeated.setdefault(section, {})[key] = int(found)
    return values, repeated


def _keys(section: str) -> list[str]:
    return [key for its, key in _OPTIONS if its == section] + list(_REPEATED.get(section, ()))


def _checked(where: str, value: Any, choices: tuple[str, ...]) -> Value:
    if choices:
        if value not in choices:
            raise InputError(f"{where}: expected {', '.join(choices)}. Got {value!r}")
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise InputError(f"{where}: expected a whole number, 0 or more. Got {value!r}")
    return value
