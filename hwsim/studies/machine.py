"""A machine and what evaluates on it, named by what decides its results."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hwsim.arch import Arch
from hwsim.content_key import content_key, file_key
from hwsim.engines import Engine, ProgramOptions, load_engine
from hwsim.errors import InputError


class EngineName(NamedTuple):
    """An engine as it is sent: by name.

    Parameters
    ----------
    name : str
        As registered.
    density : str
        How it takes the zeros of the weights.
    program : ProgramOptions
        Where the program of another tool is.
    requires : str
        By content, which program it has to be: results are kept as those of one. Any if empty.
    """

    name: str
    density: str = "actual"
    program: ProgramOptions = ProgramOptions()
    requires: str = ""

    def load(self) -> Engine:
        """Make the engine.

        Raises
        ------
        InputError
            If there is none of the name, it cannot be configured so, or here it runs another
            program than where it was named.
        """
        engine = load_engine(self.name, self.program).with_density(self.density)
        if self.requires and _program_key(engine.program) != self.requires:
            raise InputError(
                f"engine {self.name!r}: {engine.program} on {platform.node()} is another "
                "program than the one of the command; install the same on all"
            )
        return engine


@dataclass(frozen=True, eq=False)
class Machine:
    """An architecture and what evaluates on it.

    Parameters
    ----------
    arch : Arch
        The architecture.
    engine : Engine
        Made in this process, to ask what it reads.
    sent : EngineName or Engine
        The same for a worker: by name, or the very object, which goes to threads only.
    key : str
        Of engine, its version and settings, its program, and what it reads of the architecture.
    """

    arch: Arch
    engine: Engine
    sent: EngineName | Engine
    key: str

    @classmethod
    def of(cls, arch: Arch, engine: Engine, sent: EngineName | Engine) -> Machine:
        """Name a machine by what decides its results."""
        density = sent.density if isinstance(sent, EngineName) else ""
        program = _program_key(engine.program)
        if program and isinstance(sent, EngineName):
            sent = sent._replace(requires=program)
        parts = engine.name, engine.version, density, program
        try:
            key = content_key("machine 1", *parts, engine.reads(arch))
        except TypeError:  # an engine of a package names its reading in a way of its own
            key = content_key("machine 1", *parts, arch.fingerprint())
        return cls(arch, engine, sent, key)

    @property
    def travels(self) -> bool:
        """Whether other processes can make the engine, so that results may be kept."""
        return isinstance(self.sent, EngineName)


def _program_key(program: str) -> str:
    """Name a program by its file, which an update changes; an image by its name."""
    try:
        return file_key(Path(program)) if program else ""
    except OSError:
        return program
