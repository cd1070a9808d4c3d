"""The axes of the machines: which settings each has, and whether they go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

from hwsim.arch import Arch, list_archs, load_arch
from hwsim.arch.former_names import FORMER_NAMES
from hwsim.errors import InputError, did_you_mean
from hwsim.studies.study_file.names import name_or_file
from hwsim.studies.study_file.problems import Problems
from hwsim.yaml_file import Key

Setting: TypeAlias = int | str
#: Name and value of each setting of a machine.
Overrides: TypeAlias = tuple[tuple[str, Setting], ...]
#: Makes a machine of an architecture and settings, or refuses to.
Loading: TypeAlias = Callable[[str | Path, Mapping[str, Setting]], Arch]


@dataclass(frozen=True)
class Machine:
    """A machine of a study with what varies of it.

    Parameters
    ----------
    text : str
        As the study lists it.
    arch : str or Path
        What :func:`hwsim.load_arch` takes.
    settings : mapping of str to sequence of int or str
        Values by parameter, of those that it has.
    keys : mapping of str to Key
        Where the values of each stand in the study.
    key : Key
        Where the machine stands.
    engine : str
        Its own.
    """

    text: str
    arch: str | Path
    settings: Mapping[str, Sequence[Setting]]
    keys: Mapping[str, Key]
    key: Key
    engine: str

    @property
    def count(self) -> int:
        """How many machines the settings make."""
        return prod(map(len, self.settings.values()))

    def overrides(self) -> list[Overrides]:
        """Multiply the settings."""
        names = list(self.settings)
        return [
            tuple(zip(names, values, strict=True)) for values in product(*self.settings.values())
        ]

    def load(self, overrides: Overrides, load: Loading, problems: Problems) -> Arch | None:
        """Load it with settings; what is wrong with them is told where it stands."""
        try:
            return load(self.arch, dict(overrides))
        except InputError as error:
            problems.add(self._to_blame(overrides, load, str(error)), str(error))
            return None

    def _to_blame(self, overrides: Overrides, load: Loading, refusal: str) -> Key:
        """Find the setting that is refused alone in the same words, or the section of them all."""
        for name, value in overrides:
            try:
                load(self.arch, {name: value})
            except InputError as error:
                if str(error) == refusal:
                    return (*self.keys[name], self.settings[name].index(value))
        return ("set",) if overrides else self.key


def machines_of(
    archs: Sequence[str],
    settings: Mapping[str, Any],
    folder: Path,
    problems: Problems,
    notes: list[str],
) -> list[Machine]:
    """Give each machine the settings that it has.

    Parameters
    ----------
    archs : sequence of str
        Names or files.
    settings : mapping
        Values by parameter; under the name of a machine a mapping of its own.
    folder : Path
        That files are relative to.
    problems : Problems
        Told of machines that are not there, and of parameters that none has.
    notes : list of str
        Told of parameters that only some have.
    """
    found = {}
    for number, text in enumerate(archs):
        with problems.at(("arch", number)):
            named = name_or_file(text, [*list_archs(), *FORMER_NAMES], folder)
            found[text] = (("arch", number), named, load_arch(named))
    common = {name: values for name, values in settings.items() if not isinstance(values, Mapping)}
    own = {name: values for name, values in settings.items() if isinstance(values, Mapping)}
    for name in own:
        if name not in archs:
            problems.add(("set", name), f"no machine of the study{did_you_mean(name, archs)}")
    known = {name for _, _, arch in found.values() for name in arch.settable}
    if len(found) == len(set(archs)):  # else the one that is not there might have it
        for name in common:
            if name not in known:
                problems.add(
                    ("set", name), f"no machine of the study has it{did_you_mean(name, known)}"
                )
    machines = []
    for text, (key, named, arch) in found.items():
        lacking = [name for name in common if name in known and name not in arch.settable]
        if arch.note:
            notes.append(arch.note)
        if lacking:
            names = ", ".join(lacking)
            notes.append(f"{text} has no parameter {names}: evaluated once, as it is")
        values: dict[str, Sequence[Setting]] = {}
        keys: dict[str, Key] = {}
        for name in common:
            if name in arch.settable:
                values[name], keys[name] = common[name], ("set", name)
        for name in own.get(text, {}):
            if name not in arch.settable:
                meant = did_you_mean(name, arch.settable)
                problems.add(("set", text, name), f"{text} has no such parameter{meant}")
            else:
                values[name], keys[name] = own[text][name], ("set", text, name)
        machines.append(Machine(text, named, values, keys, key, arch.engine))
    return machines
