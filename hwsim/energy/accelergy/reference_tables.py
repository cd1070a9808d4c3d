"""Accelergy's energy and area reference tables (ERT, ART), versions 0.3 and 0.4.

Energies are pJ, areas um2. Published by the Accelergy authors (Wu et al., ICCAD 2019).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from hwsim.arch.parts.figure import Figure
from hwsim.energy._schema import Amount
from hwsim.energy.table import ComponentPrices, EnergyTable
from hwsim.errors import InputError
from hwsim.yaml_file import Text, YamlFile

_VERSIONS = ("0.3", "0.4")
#: Accelergy's name of what passes with time, an instance and cycle.
LEAK = "leak"


class _Section(BaseModel):
    """Keys beside those that are read are Accelergy's affair."""

    model_config = ConfigDict(strict=True, frozen=True)


class _Action(_Section):
    name: Text
    arguments: dict[str, Any] | None = None
    energy: Amount


class _ErtEntry(_Section):
    name: Text
    actions: list[_Action]


class _ArtEntry(_Section):
    name: Text
    area: Amount


class _Ert(_Section):
    version: str | float
    tables: Annotated[list[_ErtEntry], Field(min_length=1)]


class _Art(_Section):
    version: str | float
    tables: list[_ArtEntry]


class _ErtFile(_Section):
    ERT: _Ert


class _ArtFile(_Section):
    ART: _Art


def read_reference_tables(ert_path: Path) -> EnergyTable:
    """Read an ERT, and the ART that belongs to it, as an energy table.

    Parameters
    ----------
    ert_path : Path
        The energy reference table. The area reference table is in the same file, or in the one
        beside it with ART in place of ERT in its name, if there is one.

    Returns
    -------
    EnergyTable
        In pJ and um2. A component is known by the last two parts of its path, without ranges:
        ``chip.ReduceNetwork.ADDER[0..254]`` is the ``ADDER`` of the unit ``ReduceNetwork``. An
        action with several arguments costs what the dearest of them does; ``leak`` is the static
        energy of a cycle.

    Raises
    ------
    InputError
        One line with file, line and key: a missing energy, a negative one, another version.
    """
    file = YamlFile.read(ert_path)
    if "ERT" not in file.data:
        raise InputError(f"{ert_path}: ERT: missing; expected an energy reference table")
    _check_version(file, "ERT")
    spec = file.parse(_ErtFile).ERT
    art_path = ert_path if "ART" in file.data else _art_beside(ert_path)
    areas = {} if art_path is None else _read_areas(art_path)
    source = f"Accelergy ERT {ert_path.name}" + (
        f" and {art_path.name}" if art_path and art_path != ert_path else ""
    )
    components = {}
    for entry in spec.tables:
        name = _component_name(entry.name)
        energies: dict[str, float] = {}
        for action in entry.actions:
            energies[action.name] = max(action.energy, energies.get(action.name, 0.0))
        leak = energies.pop(LEAK, None)
        area = areas.get(name)
        components[name] = ComponentPrices(
            area=None if area is None else Figure(area, source),
            static=None if leak is None else Figure(leak, source),
            actions={action: Figure(energy, source) for action, energy in energies.items()},
        )
    return EnergyTable(
        name=ert_path.stem,
        title=f"Accelergy ERT {ert_path.stem}",
        version=f"ERT version {spec.version}",
        unit="pJ",
        unit_text="pJ",
        area_unit="um2",
        area_unit_text="um2",
        provenance=f"{ert_path}, an energy reference table by Accelergy",
        components=components,
        path=str(ert_path),
    )


def _component_name(path: str) -> str:
    """Shorten ``chip.ReduceNetwork.ADDER[0..254]`` to ``ReduceNetwork.ADDER``."""
    parts = re.sub(r"\[[^\]]*\]", "", path).split(".")
    return ".".join(parts[-2:])


def _art_beside(ert_path: Path) -> Path | None:
    name = ert_path.name.replace("ERT", "ART")
    path = ert_path.with_name(name)
    return path if name != ert_path.name and path.is_file() else None


def _read_areas(path: Path) -> dict[str, float]:
    file = YamlFile.read(path)
    if "ART" not in file.data:
        raise InputError(f"{path}: ART: missing; expected an area reference table")
    _check_version(file, "ART")
    return {_component_name(entry.name): entry.area for entry in file.parse(_ArtFile).ART.tables}


def _check_version(file: YamlFile, section: str) -> None:
    content = file.data[section]
    version = content.get("version") if isinstance(content, dict) else None
    if version is not None and str(version) not in _VERSIONS:
        place = file.where((section, "version"))
        raise InputError(
            f"{place}: {section}.version: expected {' or '.join(_VERSIONS)}. Got {version}"
        )
