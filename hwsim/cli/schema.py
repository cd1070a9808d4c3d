"""``hwsim schema``: the JSON Schemas of the files that people write, for editors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from hwsim.cli.output import print_json
from hwsim.errors import InputError, did_you_mean


def _machine() -> dict[str, Any]:
    from hwsim.arch.spec_schema import arch_schema

    return arch_schema()


def _topology() -> dict[str, Any]:
    from hwsim.networks.topology_schema import topology_schema

    return topology_schema()


def _table() -> dict[str, Any]:
    from hwsim.energy.table_schema import table_schema

    return table_schema()


def _study() -> dict[str, Any]:
    from hwsim.studies.study_file import study_schema

    return study_schema()


#: Kinds of files, and what describes each.
SCHEMAS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "machine": _machine,
    "topology": _topology,
    "table": _table,
    "study": _study,
}


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="machine (--arch), topology (--topology), table (--energy) or study.",
            autocompletion=lambda: list(SCHEMAS),
        ),
    ],
) -> None:
    """Print the JSON Schema of a kind of YAML file, by which editors complete and check it.

    Example: hwsim schema machine > machine.schema.json

    An editor with the YAML language server takes it for a file whose first line is
    # yaml-language-server: $schema=machine.schema.json
    """
    if kind not in SCHEMAS:
        raise InputError(f"unknown kind of file {kind!r}{did_you_mean(kind, SCHEMAS)}")
    print_json(SCHEMAS[kind]())
