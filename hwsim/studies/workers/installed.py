"""What is installed that decides a result, so that two processes can tell whether they agree."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from hwsim.content_key import folder_key
from hwsim.version import __version__

#: What workers load by name.
_GROUPS: Final = ("hwsim.engines", "hwsim.schemes")
_DIGITS: Final = 8
_PACKAGE: Final = Path(__file__).parents[2]


@lru_cache(maxsize=1)
def installed() -> dict[str, str]:
    """Give the versions of hwsim and of the packages that bring engines or schemes.

    Returns
    -------
    dict of str to str
        By name of the package. hwsim's has a hash of its code, as a checkout has one version for
        many.
    """
    packages = {"hwsim": f"{__version__} (code {folder_key(_PACKAGE, pattern='*.py')[:_DIGITS]})"}
    for group in _GROUPS:
        for entry in entry_points(group=group):
            if entry.dist is not None:
                packages.setdefault(entry.dist.name, entry.dist.version)
    return packages
