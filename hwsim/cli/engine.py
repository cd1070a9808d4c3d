"""Options that choose an engine other than the architecture's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.engines import Engine


def chosen_engine(
    name: str | None, program: str | None, docker: str | None, timeout: float
) -> Engine | str | None:
    """Get the engine that the options ask for.

    Parameters
    ----------
    name : str or None
        After ``--engine``; None leaves it to the architecture.
    program, docker : str or None
        Where the program of another tool is.
    timeout : float
        For each of its runs [s].

    Raises
    ------
    InputError
        If a program or image is named for an engine that runs none, or cannot be found.
    """
    if name == "stonne":
        from hwsim.engines.programs import Limits, find_runner
        from hwsim.engines.stonne.program.engine import STONNE, StonneEngine

        return StonneEngine(find_runner(STONNE, program, docker, Limits(seconds=timeout)))
    if name == "timeloop":
        from hwsim.engines.programs import Limits
        from hwsim.engines.timeloop.program.engine import TimeloopEngine, find_timeloop

        runner, layout = find_timeloop(program, docker, Limits(seconds=timeout))
        return TimeloopEngine(runner, layout=layout)
    for option, value in (("--program", program), ("--docker", docker)):
        if value is not None:
            raise InputError(
                f"{option} needs an engine that runs a program: --engine stonne or timeloop"
            )
    return name
