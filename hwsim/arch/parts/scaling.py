"""From one technology node, or one voltage, to another."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hwsim.errors import InputError
from hwsim.quantity import VOLTAGE, parse_quantity
from hwsim.yaml_file import StrictModel, Text, YamlFile

_FILE = Path(__file__).resolve().parent / "data" / "scaling.yaml"
#: Supply at which the published figures hold (Horowitz 2014 and Keckler et al. 2011: 0.9 V).
REFERENCE_VOLTAGE = 0.9
#: Nodes in nm for which hwsim prices; SRAM figures of 90 nm and above are not to be trusted.
NODES_NM = (7.0, 65.0)
#: Supplies in V inside the fits of the scaling reference.
VOLTAGES_V = (0.5, 1.2)


class ScalingSpec(StrictModel):
    """The file of scaling coefficients."""

    schema_version: Literal[1] = Field(alias="schema")
    name: str
    title: str
    source: Text
    voltage: str
    nodes_nm: list[int]
    energy_abc: list[list[float]]
    area: list[list[float]]


@cache
def read_scaling(path: Path = _FILE) -> ScalingSpec:
    """Read and check the coefficients."""
    return YamlFile.read(path).parse(ScalingSpec)


def check_node(node_nm: float) -> None:
    """Refuse a node that hwsim has no figures for.

    Raises
    ------
    InputError
        Outside 7 nm to 65 nm.
    """
    if not NODES_NM[0] <= node_nm <= NODES_NM[1]:
        raise InputError(
            f"node {node_nm:g} nm: energies are known from {NODES_NM[0]:g} nm to "
            f"{NODES_NM[1]:g} nm; set another one, e.g. --set node=45nm"
        )


@lru_cache(maxsize=1024)
def energy_factor(from_nm: float, to_nm: float) -> float:
    """Scale an energy (or a leakage power) between nodes at equal voltage."""
    voltage = parse_quantity(read_scaling().voltage, VOLTAGE)
    return _energy(to_nm, voltage) / _energy(from_nm, voltage)


def voltage_factor(node_nm: float, voltage_v: float | None) -> float:
    """Scale an energy from the reference voltage of 0.9 V; None leaves it there.

    Raises
    ------
    InputError
        Outside 0.5 V to 1.2 V, and where the node's fit rises again towards lower voltages.
    """
    if voltage_v is None:
        return 1.0
    if not VOLTAGES_V[0] <= voltage_v <= VOLTAGES_V[1]:
        raise InputError(
            f"voltage {voltage_v:g} V: energies scale from {VOLTAGES_V[0]} V to {VOLTAGES_V[1]} V"
        )
    lowest = _cheapest_voltage(node_nm)
    if voltage_v < lowest:
        raise InputError(
            f"voltage {voltage_v:g} V: at {node_nm:g} nm energies scale down to {lowest:.3f} V"
        )
    return _energy(node_nm, voltage_v) / _energy(node_nm, REFERENCE_VOLTAGE)


@lru_cache(maxsize=1024)
def area_factor(from_nm: float, to_nm: float) -> float:
    """Scale an area between nodes."""
    if from_nm == to_nm:  # the interpolated table has no 1 there
        return 1.0
    table = np.array(read_scaling().area)
    return float(_weights(from_nm) @ table @ _weights(to_nm))


def _energy(node_nm: float, voltage_v: float) -> float:
    return float(_coefficients(node_nm) @ [voltage_v**2, voltage_v, 1.0])


def _cheapest_voltage(node_nm: float) -> float:
    """Find where the fit of a node ends to fall; no circuit gets dearer below."""
    square, linear, _ = _coefficients(node_nm)
    return float(-linear / (2 * square))


def _coefficients(node_nm: float) -> NDArray[np.float64]:
    return np.asarray(_weights(node_nm) @ np.array(read_scaling().energy_abc))


def _weights(node_nm: float) -> NDArray[np.float64]:
    """Share of each tabulated node in the linear interpolation of a node."""
    nodes = read_scaling().nodes_nm
    identity = np.eye(len(nodes))
    return np.array([np.interp(node_nm, nodes[::-1], row[::-1]) for row in identity])
