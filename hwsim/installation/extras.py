"""The packages that hwsim's core and each of its extras want, and those that are installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import Final

from packaging.requirements import Requirement

_PROJECT: Final = "hwsim"
_NEEDS: Final = "needs"
#: The packages that hwsim cannot do without.
CORE: Final = "core"
#: What each extra is for, in the order of a listing.
PURPOSES: Final = {
    CORE: "hwsim itself",
    "torch": "weights in .pt and .pth, networks from PyTorch modules",
    "onnx": "networks from ONNX models",
    "onnxruntime": "what ONNX models leave open, and measured activations, by running them",
    "parquet": "tables as .parquet in place of .csv",
    "report": "hwsim report: results as a page",
    "explore": "hwsim explore, of more points than its budget",
    "cluster": "studies on many machines",
    "docker": "programs of other tools from images",
    "cpu": "hwsim repetition bench: kernels for this processor",
    "hwcomponents": "the energy model hwcomponents",
    "notebook": "the notebooks",
    "examples": "the training of examples and notebooks",
    "docs": "the pages as a site",
    "dev": "tests, style and types of hwsim",
}


@dataclass(frozen=True)
class Package:
    """A package that is wanted.

    Parameters
    ----------
    name : str
        As on PyPI.
    wanted : str
        The versions that will do, ``>=2.0,<3``.
    found : str or None
        The version that is installed.
    problem : str
        Empty if it will do; else ``missing``, ``too old or too new`` or what Python it needs.
    """

    name: str
    wanted: str
    found: str | None
    problem: str


@dataclass(frozen=True)
class Extra:
    """Packages that make hwsim able to do something more.

    Parameters
    ----------
    name : str
        As in ``pip install 'hwsim[NAME]'``; ``core`` for what every installation has.
    purpose : str
        What it is for.
    packages : tuple of Package
        What it consists of.
    """

    name: str
    purpose: str
    packages: tuple[Package, ...]

    @property
    def problems(self) -> tuple[Package, ...]:
        """The packages that are missing or will not do."""
        return tuple(package for package in self.packages if package.problem)

    @property
    def broken(self) -> bool:
        """Whether a package is there in a version that will not do, or the core lacks one."""
        return any(each.found or self.name == CORE for each in self.problems)

    @property
    def advice(self) -> str:
        """How to get it; empty if it is there, or cannot be had with this Python."""
        if not self.problems or all(each.problem.startswith(_NEEDS) for each in self.problems):
            return ""
        extra = "" if self.name == CORE else f"[{self.name}]"
        return f"pip install '{_PROJECT}{extra}'"


def examine_extras() -> list[Extra]:
    """List the core and every extra, as the installed package declares them."""
    declared = [Requirement(text) for text in requires(_PROJECT) or ()]
    names = [CORE, *(metadata(_PROJECT).get_all("Provides-Extra") or ())]
    known = {name: place for place, name in enumerate(PURPOSES)}
    names.sort(key=lambda name: known.get(name, len(known)))
    return [
        Extra(
            name,
            PURPOSES.get(name, ""),
            tuple(_package(each, name) for each in declared if _belongs(each, name)),
        )
        for name in names
    ]


def _belongs(requirement: Requirement, extra: str) -> bool:
    condition = str(requirement.marker or "")
    return f'extra == "{extra}"' in condition if extra != CORE else "extra" not in condition


def _package(requirement: Requirement, extra: str) -> Package:
    found = _installed(requirement.name)
    wanted = str(requirement.specifier)
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
        needs = str(requirement.marker).partition(" and extra")[0].strip("()")
        return Package(requirement.name, wanted, found, f"{_NEEDS} {needs}")
    if found is None:
        return Package(requirement.name, wanted, None, "missing")
    fits = requirement.specifier.contains(found, prereleases=True)
    return Package(requirement.name, wanted, found, "" if fits else "too old or too new")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
