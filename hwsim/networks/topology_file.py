"""Topology files, shipped or of users; :mod:`hwsim.networks.topology` describes them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from hwsim.errors import InputError, did_you_mean
from hwsim.networks._chain import follow
from hwsim.networks.topology import Conv, Linear, Topology, entry_name
from hwsim.shipped import shipped_folder
from hwsim.yaml_file import YamlFile, named_file


def topology_names() -> tuple[str, ...]:
    """List the topologies that ship with hwsim."""
    return tuple(sorted(path.stem for path in shipped_folder("workloads").glob("*.yaml")))


def topology_path(topology: str | Path) -> Path:
    """Find the file of a topology.

    Parameters
    ----------
    topology : str or Path
        A shipped name (``"resnet18"``) or a path.

    Returns
    -------
    Path
        The file, which may not exist.

    Raises
    ------
    InputError
        If there is no topology of that name.
    """
    names = topology_names()
    path = named_file(topology, names)
    if path is not None:
        return path
    if topology not in names:
        raise InputError(f"no topology is named {topology!r}{did_you_mean(str(topology), names)}")
    return shipped_folder("workloads") / f"{topology}.yaml"


def load_topology(topology: str | Path) -> Topology:
    """Read a topology.

    Parameters
    ----------
    topology : str or Path
        A shipped name (``"resnet18"``) or the path of a YAML file.

    Returns
    -------
    Topology
        The layers and how they follow each other.

    Raises
    ------
    InputError
        If the name is not known, or the file is wrong; the message names file, line and key.
    """
    file = YamlFile.read(topology_path(topology))
    parsed = file.parse(Topology)
    _check_names(file, parsed)
    try:
        follow(parsed)
    except InputError as error:
        raise InputError(f"{file.path}: {error}") from error
    return parsed


def _check_names(file: YamlFile, topology: Topology) -> None:
    seen: set[str] = set()
    for position, entry in enumerate(topology.layers):
        where = file.where(("layers", position))
        for source in entry.from_ or []:
            if source not in seen:
                raise InputError(
                    f"{where}: from: no entry before this one is named {source!r}"
                    f"{did_you_mean(source, seen)}"
                )
        also = entry.aka if isinstance(entry, Conv | Linear) else []
        for name in (entry_name(entry), *also):
            if name in seen:
                raise InputError(f"{where}: the name {name!r} stands twice")
            seen.add(name)
    if not topology.weighted:
        raise InputError(f"{file.where(('layers',))}: layers: no entry is a conv or a linear layer")
    names = [entry_name(entry) for entry in topology.weighted]
    for pattern in topology.quantized_layers or []:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(
                f"{file.where(('quantized_layers',))}: quantized_layers: no layer matches "
                f"{pattern!r}{did_you_mean(pattern, names)}"
            )
