"""What all points of a study have in common, as a request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hwsim.energy.registry import list_energy_tables, load_energy_tables
from hwsim.networks.arrays.options import FILE_OPTIONS, LISTS
from hwsim.networks.topology_file import load_topology, topology_names
from hwsim.studies.request import Request
from hwsim.studies.study_file.document import StudyDocument
from hwsim.studies.study_file.names import name_or_file
from hwsim.studies.study_file.problems import Problems

#: Fields of a request that stand in a study as they are.
_PLAIN: Final = ("layers", "quantize_layers", "input_size", "density", "docker", "timeout_s")


def common_request(document: StudyDocument, folder: Path, problems: Problems) -> Request:
    """Make the request without axes; each field is tried alone, so that all problems are told.

    What it names, energy tables and a topology, is loaded once to see that it can be.
    """
    fields = _fields(document, folder)
    for name, value in fields.items():
        with problems.at((name,)):
            request = replace(Request(), **{name: value})
            if name == "topology" and request.topology is not None:
                load_topology(request.topology)
            if name == "energy" and request.energy is not None:
                load_energy_tables(request.energy)
    return Request() if problems else Request(**fields)


def _fields(document: StudyDocument, folder: Path) -> dict[str, Any]:
    fields = {name: getattr(document, name) for name in (*FILE_OPTIONS, *_PLAIN)}
    fields.update({name: fields[name] or () for name in LISTS})
    if document.topology is not None:
        fields["topology"] = name_or_file(document.topology, topology_names(), folder)
    if document.energy is not None:
        tables = list_energy_tables()
        fields["energy"] = [name_or_file(text, tables, folder) for text in document.energy]
    if document.program is not None:
        # In an image, and on the PATH, a program is a name.
        is_file = document.docker is None and len(Path(document.program).parts) > 1
        fields["program"] = folder / document.program if is_file else document.program
    return fields
