"""Where the program of another tool is: a file, or a container image."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.runner import Runner
from hwsim.errors import InputError

#: Stands for the image that the tool's authors publish.
PUBLISHED = "default"


@dataclass(frozen=True)
class Tool:
    """A program that hwsim can drive.

    Parameters
    ----------
    title : str
        For people: ``STONNE``.
    program : str
        Its name on the PATH, and in the image.
    variable : str
        The environment variable that names the file.
    image : str
        The image that its authors publish.
    """

    title: str
    program: str
    variable: str
    image: str


def find_runner(
    tool: Tool,
    program: str | Path | None = None,
    docker: str | None = None,
    limits: Limits | None = None,
) -> Runner:
    """Find a tool's program.

    Parameters
    ----------
    tool : Tool
        Which one.
    program : str or Path, optional
        The file; with an image the program's name or path in it. Without either, the tool's
        environment variable decides, then the PATH.
    docker : str, optional
        An image; ``"default"`` stands for the one that the tool's authors publish.
    limits : Limits, optional
        Bounds of each run.

    Returns
    -------
    Runner
        Checked: it is there and can be started.

    Raises
    ------
    InputError
        If there is none, or what was named cannot be used.
    """
    runner = _runner(tool, program, docker, limits or Limits())
    runner.check()
    return runner


def _runner(tool: Tool, program: str | Path | None, docker: str | None, limits: Limits) -> Runner:
    if docker:
        from hwsim.engines.programs._container import ContainerRunner

        image = tool.image if docker == PUBLISHED else docker
        return ContainerRunner(image, str(program or tool.program), limits)
    from hwsim.engines.programs._process import ProcessRunner

    file = program or os.environ.get(tool.variable) or shutil.which(tool.program)
    if file is None:
        raise InputError(
            f"no program of {tool.title}: give --program FILE, set {tool.variable}, put "
            f"{tool.program!r} on the PATH, or use --docker {PUBLISHED} (image {tool.image})"
        )
    return ProcessRunner(Path(file), limits)
