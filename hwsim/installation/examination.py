"""All that can be said of an installation, at once."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hwsim.installation.caches import CachePlace, examine_caches
from hwsim.installation.extras import Extra, examine_extras
from hwsim.installation.plugins import Plugin, examine_plugins
from hwsim.installation.programs import Program, examine_programs
from hwsim.result_cache import OFF_VARIABLE
from hwsim.studies.workers.protocol import worker_count
from hwsim.version import __version__


@dataclass(frozen=True)
class Installation:
    """What of hwsim is here, and what it finds of other tools.

    Parameters
    ----------
    version, folder : str
        Of hwsim.
    python, system : str
        What it runs on.
    cores : int
        That this process may use.
    extras : list of Extra
        The core's packages first, then those of each extra.
    programs : list of Program
        Of other tools.
    plugins : list of Plugin
        What other packages add.
    caches : list of CachePlace
        What is kept between runs.
    """

    version: str
    folder: str
    python: str
    system: str
    cores: int
    extras: list[Extra]
    programs: list[Program]
    plugins: list[Plugin]
    caches: list[CachePlace]

    @property
    def advice(self) -> list[str]:
        """What is wrong and what to do, a line each; what is only not installed is not wrong."""
        found = [
            f"{package.name} {package.found or 'is missing'}, wanted {package.wanted}: "
            f"{extra.advice}"
            for extra in self.extras
            if extra.broken
            for package in extra.problems
        ]
        found += [each.problem for each in self.plugins if each.problem]
        if any(each.folder is None for each in self.caches):
            found.append(
                f"nothing is kept between runs: unset {OFF_VARIABLE}, or give the user a home"
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        """Give the same as plain JSON."""
        return {
            **asdict(self),
            "extras": [
                {**asdict(each), "installed": not each.problems, "advice": each.advice}
                for each in self.extras
            ],
            "advice": self.advice,
        }


def examine() -> Installation:
    """Look at the installation; programs that are found are asked for their versions."""
    return Installation(
        version=__version__,
        folder=str(Path(__file__).parents[1]),
        python=f"{platform.python_version()}, {sys.executable}",
        system=f"{platform.system()} {platform.machine()}",
        cores=worker_count(None),
        extras=examine_extras(),
        programs=examine_programs(),
        plugins=examine_plugins(),
        caches=examine_caches(),
    )
