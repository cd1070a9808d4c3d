"""The programs of other tools that hwsim can drive, and those that are here."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hwsim.energy.accelergy.command import find_accelergy
from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.locate import PUBLISHED, Tool, find_runner
from hwsim.engines.programs.runner import workspace
from hwsim.engines.stonne.program.engine import STONNE
from hwsim.engines.timeloop.program.engine import TIMELOOP, find_timeloop
from hwsim.errors import HwsimError, InputError

#: A program that only says its version needs little.
_LITTLE: Final = Limits(seconds=10.0, memory_mib=2048, disk_mib=16)
_VERSION: Final = re.compile(r"\bv?(\d+\.\d+[\w.+-]*)")
_SHA256_DIGITS: Final = 12


@dataclass(frozen=True)
class Program:
    """A program of another tool.

    Parameters
    ----------
    title : str
        What it is called.
    purpose : str
        What hwsim does with it.
    place : str or None
        The file, image or address at which it was found.
    version : str
        What it says of itself; of one that says nothing the begin of its file's SHA-256.
    advice : str
        How to get it; empty if it was found.
    """

    title: str
    purpose: str
    place: str | None
    version: str
    advice: str


def examine_programs() -> list[Program]:
    """Look for each program where hwsim would, and ask it for its version."""
    validation = "hwsim validate, --engine"
    engine = _container_engine()
    images = [] if engine.place is None else [_image(STONNE), _image(TIMELOOP)]
    return [
        _stonne(f"{validation} stonne"),
        _timeloop(f"{validation} timeloop"),
        _accelergy(),
        engine,
        *images,
    ]


def _stonne(purpose: str) -> Program:
    try:
        place = find_runner(STONNE).name
    except InputError as error:
        return Program("STONNE", purpose, None, "", str(error))
    return Program("STONNE", purpose, place, _stated(place), "")


def _timeloop(purpose: str) -> Program:
    try:
        runner, layout = find_timeloop()
    except InputError as error:
        return Program("Timeloop", purpose, None, "", str(error))
    if layout == "v0.4":  # the Python front end, whose file is Python itself
        from importlib.metadata import version

        return Program("Timeloop", purpose, "pytimeloop", version("pytimeloop"), "")
    return Program("Timeloop", purpose, runner.name, _stated(runner.name), "")


def _accelergy() -> Program:
    purpose = "--energy accelergy"
    try:
        place = find_accelergy()
    except InputError as error:
        return Program("Accelergy", purpose, None, "", str(error))
    return Program("Accelergy", purpose, place, _stated(place), "")


def _container_engine() -> Program:
    from hwsim.engines.programs.container_engine import address, engine_version

    try:
        return Program("container engine", "--docker", address(), engine_version(), "")
    except InputError as error:
        return Program("container engine", "--docker", None, "", str(error))


def _image(tool: Tool) -> Program:
    title, purpose = f"image of {tool.title}", f"--docker {PUBLISHED}"
    try:
        find_runner(tool, docker=PUBLISHED)
    except InputError as error:
        return Program(title, purpose, None, "", str(error))
    return Program(title, purpose, tool.image, "", "")


def _stated(program: str) -> str:
    """Ask a program for its version, in a folder of its own and for a few seconds."""
    file = shutil.which(program) or program
    try:
        runner = find_runner(Tool("", file, "", ""), file, None, _LITTLE)
        with workspace() as place:
            said = _VERSION.search(runner.run(["--version"], place, {}))
    except HwsimError:
        said = None
    if said is not None:
        return said[1]
    try:
        with Path(file).open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return f"states no version; sha256 {digest[:_SHA256_DIGITS]}"
