"""What a shell may complete: names that hwsim knows, and files of networks."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import typer

from hwsim.errors import HwsimError

#: Set by the scripts of ``hwsim --install-completion``, with the command line that is being typed.
_ASKED: Final = "_HWSIM_COMPLETE"
_LINES: Final = ("_TYPER_COMPLETE_ARGS", "COMP_WORDS")
#: Weight files that say what they are by their names.
_NETWORKS: Final = (".npz", ".safetensors", ".pt", ".pth", ".onnx")


def typed_command(environment: Mapping[str, str]) -> str | None:
    """Find the first word after ``hwsim`` of the line that a shell wants to have completed.

    Returns
    -------
    str or None
        None if no shell asks, or there is no such word.
    """
    if _ASKED not in environment:
        return None
    line = next((environment[name] for name in _LINES if environment.get(name)), "")
    try:
        words = shlex.split(line)
    except ValueError:  # a quote that is still open
        words = line.split()
    return words[1] if len(words) > 1 else None


def _names(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Complete a name of those that are known; a shell is told nothing of errors."""

    def complete(incomplete: str) -> list[str]:
        with suppress(HwsimError):
            return [name for name in known() if name.startswith(incomplete)]
        return []

    return complete


def _archs() -> Iterable[str]:
    from hwsim.arch import list_archs

    return list_archs()


def _schemes() -> Iterable[str]:
    from hwsim.schemes.presets import PRESETS
    from hwsim.schemes.registry import scheme_names

    return [*scheme_names(), *PRESETS]


def _tables() -> Iterable[str]:
    from hwsim.energy.registry import list_energy_tables

    return list_energy_tables()


def _topologies() -> Iterable[str]:
    from hwsim.networks.topology_file import topology_names

    return topology_names()


def _engines() -> Iterable[str]:
    from hwsim.engines.registry import engine_names

    return engine_names()


complete_arch = _names(_archs)
complete_scheme = _names(_schemes)
complete_table = _names(_tables)
complete_topology = _names(_topologies)
complete_engine = _names(_engines)


def complete_tables(incomplete: str) -> list[str]:
    """Complete the last of several tables, ``stonne,phys``."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in complete_table(last)]


def complete_setting(context: typer.Context, incomplete: str) -> list[str]:
    """Complete what can be set of the machine that the line names, ``num_ms=``."""
    from hwsim.arch import load_arch
    from hwsim.arch.technology import settable_keys

    named = context.params.get("arch") or context.params.get("name") or "sigma"
    try:
        spec = load_arch(named).spec
    except HwsimError:
        return []
    choices = [f"{name}={each}" for name, option in spec.options.items() for each in option.choices]
    keys = [f"{name}=" for name in (*spec.parameters, *settable_keys(spec.technology))]
    return [each for each in (*keys, *choices) if each.startswith(incomplete)]


def complete_network(incomplete: str) -> list[str]:
    """Complete a weight file, or a folder in which there may be some."""
    folder, start = os.path.split(incomplete)
    found = []
    with suppress(OSError):
        for entry in sorted(Path(folder or ".").iterdir()):
            if entry.name.startswith(start) and (start or not entry.name.startswith(".")):
                path = os.path.join(folder, entry.name)  # noqa: PTH118 (as it was typed: ./a, ~/a)
                if entry.is_dir():
                    found.append(f"{path}/")
                elif entry.suffix.lower() in _NETWORKS:
                    found.append(path)
    return found
