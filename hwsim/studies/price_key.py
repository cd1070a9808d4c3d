"""What energies are kept under: an energy table, a machine, and the code that prices."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from hwsim.arch import Arch
from hwsim.content_key import content_key
from hwsim.energy import EnergyModel

#: The folders whose files decide a price.
_PRICING: Final = ("energy", "arch")


def price_key(model: EnergyModel, arch: Arch) -> str:
    """Name what turns an activity of a machine into energy.

    Parameters
    ----------
    model : EnergyModel
        An energy table or model.
    arch : Arch
        The machine, clock and memories included.
    """
    said = model.name, model.label, model.provenance
    try:
        return content_key("price 1", said, model, arch.fingerprint(), _code())
    except TypeError:  # a model that is more than data: the code is all that there is of it
        return content_key("price 1", said, arch.fingerprint(), _code())


@cache
def _code() -> str:
    """Digest the code and the figures that prices come from.

    Prices are computed again in no time, so that any change of these files may cost that much,
    and an edited figure is never taken for the former one.
    """
    digest = hashlib.blake2b(digest_size=16)
    for folder in _PRICING:
        for name, content in _contents(files("hwsim") / folder, folder):
            digest.update(f"{name}\n{len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def _contents(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        place = f"{name}/{each.name}"
        if each.is_dir():
            found += [] if each.name == "__pycache__" else _contents(each, place)
        else:
            found.append((place, each.read_bytes()))
    return found
