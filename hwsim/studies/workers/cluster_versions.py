"""Whether the workers of a cluster have the hwsim that asks them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from hwsim.errors import InputError, one_line
from hwsim.studies.workers.installed import installed

if TYPE_CHECKING:
    from distributed import Client

_NONE: Final = "none"


def refuse_other_versions(client: Client, workers: Sequence[str]) -> None:
    """Refuse workers whose hwsim, or packages of engines and schemes, are not as here.

    Parameters
    ----------
    client : Client
        Connected to their scheduler.
    workers : sequence of str
        Their addresses.

    Raises
    ------
    InputError
        Names the first of them, its version and this one.
    """
    if not workers:
        return
    # By a function of Python's own, which is there where hwsim is not.
    versions = _asked(client, importlib.metadata.version, "hwsim", workers=workers)
    here = importlib.metadata.version("hwsim")
    _refuse(workers, "hwsim", here, {each: versions.get(each) for each in workers})
    packages = _asked(client, installed, workers=workers)
    for name, version in installed().items():
        theirs = {}
        for each in workers:
            known = packages.get(each)
            theirs[each] = known.get(name, _NONE) if isinstance(known, dict) else known
        _refuse(workers, name, version, theirs)


def _asked(
    client: Client, function: Callable[..., object], *arguments: object, workers: Sequence[str]
) -> dict[str, object]:
    answers: dict[str, object] = client.run(
        function, *arguments, workers=list(workers), on_error="return"
    )
    return answers


def _refuse(workers: Sequence[str], name: str, here: str, theirs: dict[str, object]) -> None:
    wrong = [each for each in workers if theirs[each] != here]
    if not wrong:
        return
    first = theirs[wrong[0]]
    if isinstance(first, importlib.metadata.PackageNotFoundError):
        first = _NONE
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    raise InputError(
        f"worker {wrong[0]}{more} has {name} {one_line(first)}, and here it is {here}: install "
        "the same on all"
    )
