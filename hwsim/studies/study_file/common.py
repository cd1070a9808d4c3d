"""What the points of a study have in common, by network, as a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hwsim.energy.registry import list_energy_tables, load_energy_tables
from hwsim.networks.arrays.options import LISTS
from hwsim.networks.topology_file import load_topology, topology_names
from hwsim.studies.request import Request
from hwsim.studies.study_file.document import ModelSection, NetworkOptions, StudyDocument
from hwsim.studies.study_file.names import existing, name_or_file
from hwsim.studies.study_file.problems import Problems
from hwsim.yaml_file import Key

#: Fields of a request that stand in a study as they are.
_PLAIN: Final = (*NetworkOptions.model_fields, "density", "docker", "timeout_s")
#: What is named and can be loaded at once.
_LOOKED_UP: Final[Mapping[str, Callable[[Any], object]]] = {
    "topology": load_topology,
    "energy": load_energy_tables,
}


def common_request(document: StudyDocument, folder: Path, problems: Problems) -> Request:
    """Make the request without axes; each field is tried alone, so that all problems are told.

    What it names, energy tables and a topology, is loaded once to see that it can be.
    """
    fields = {name: getattr(document, name) for name in _PLAIN}
    if document.energy is not None:
        tables = list_energy_tables()
        fields["energy"] = [name_or_file(text, tables, folder) for text in document.energy]
    if document.program is not None:
        # In an image, and on the PATH, a program is a name.
        is_file = document.docker is None and len(Path(document.program).parts) > 1
        fields["program"] = folder / document.program if is_file else document.program
    return _with(Request(), fields, folder, (), problems)


def networks_of(
    document: StudyDocument, common: Request, folder: Path, problems: Problems, notes: list[str]
) -> dict[str, Request]:
    """Make the request of each network, by what the study calls it."""
    sections: dict[str, ModelSection] = {}
    networks = {}
    for number, section in enumerate(document.model):
        key, label = ("model", number), section.label
        if sections.get(label, section) != section:
            problems.add(key, f"two networks are called {label!r}; give one another name")
        elif label in sections:
            notes.append(f"model {label} is listed twice, evaluated once")
        else:
            with problems.at(key):
                existing(section.file, folder)
            own = _with(common, section.own, folder, key, problems)
            networks[label] = replace(own, model=folder / section.file)
        sections.setdefault(label, section)
    return networks


def _with(
    request: Request, fields: Mapping[str, Any], folder: Path, key: Key, problems: Problems
) -> Request:
    """Set fields as far as they can be."""
    for name, given in fields.items():
        value: Any = () if name in LISTS and given is None else given
        if name == "topology" and given is not None:
            value = name_or_file(given, topology_names(), folder)
        with problems.at((*key, name)):
            changed = replace(request, **{name: value})
            if name in _LOOKED_UP and given is not None:
                _LOOKED_UP[name](value)
            request = changed
    return request
