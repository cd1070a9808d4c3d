"""Mappings kept on disk: found once for everybody who asks the same of the same code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from hwsim.content_key import content_key, folder_key
from hwsim.engines.timeloop.layers._mapping_setting import MappingSetting
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.errors import InputError
from hwsim.result_cache import FOUND, HITS, ResultCache
from hwsim.version import __version__

#: Where they are.
KEPT_MAPPINGS: Final = ResultCache("mappings")
_PACKAGE: Final = Path(__file__).parents[3]
#: The code that searches, evaluates and chooses.
_SEARCHING: Final = ("density", "figures", "layers", "mapper", "nest", "sparse", "terms")
_DIGITS: Final = 8


def mappings_key(settings: Sequence[MappingSetting]) -> str:
    """Name the mappings of variants of a layer by all that decides them.

    Parameters
    ----------
    settings : sequence of MappingSetting
        The variants that are compared, and any other that is looked at.
    """
    return content_key("mappings 1", _code(), *(each.content for each in settings))


def recall(key: str, settings: Sequence[MappingSetting]) -> list[LoopMapping] | None:
    """Look up the mappings of variants, and try each.

    Returns
    -------
    list of LoopMapping or None
        For each variant; None if they are not there, or one is no mapping of the layer.
    """
    content = KEPT_MAPPINGS.get(key)
    if content is None:
        return None
    try:
        given = json.loads(content)
        written, places = given["mappings"], given["of_variants"]
        read: dict[int, LoopMapping] = {}
        for setting, place in zip(settings, places, strict=True):
            if place not in read:
                read[place] = setting.read(written[place])
        mappings = [read[place] for place in places]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError, InputError):
        return None
    HITS["mappings"] += 1
    return mappings


def is_free(key: str) -> bool:
    """Tell whether no other process is finding these mappings just now."""
    with KEPT_MAPPINGS.alone(key, patient=False) as free:
        return free


def keep(key: str, settings: Sequence[MappingSetting], mappings: Sequence[LoopMapping]) -> None:
    """Keep the mappings of variants for whoever asks next."""
    FOUND["mappings"] += 1
    different = list(dict.fromkeys(mappings))
    content = {
        "machine": settings[0].arch.label,
        "version": code_version(),
        "mappings": [settings[0].write(each) for each in different],
        "of_variants": [different.index(each) for each in mappings],
    }
    KEPT_MAPPINGS.put(key, json.dumps(content, separators=(",", ":")).encode())


def code_version() -> str:
    """Give the version of the code that mappings come from, for people."""
    return f"{__version__} (code {_code()[:_DIGITS]})"


@dataclass(frozen=True)
class KeptMappings:
    """What is kept of a machine by a version of hwsim: how many entries, and their bytes."""

    machine: str
    version: str
    entries: int
    size: int


def kept_mappings() -> list[KeptMappings]:
    """Sum up what is kept; an entry that cannot be read is of no machine."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for file in KEPT_MAPPINGS.files():
        said = _said(KEPT_MAPPINGS.get(file.key))
        entries, size = found.get(said, (0, 0))
        found[said] = entries + 1, size + file.size
    return [KeptMappings(*said, *found[said]) for said in sorted(found)]


def _said(content: bytes | None) -> tuple[str, str]:
    try:
        given: Any = json.loads(content or b"{}")
        return str(given["machine"]), str(given["version"])
    except (ValueError, KeyError, TypeError):
        return "damaged", ""


@cache
def _code() -> str:
    """Name the code, and numpy, whose random numbers and sums decide with it."""
    engine = Path(__file__).parents[1]
    folders = [engine / name for name in _SEARCHING]
    files = [engine / "evaluation.py", _PACKAGE / "pace.py"]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return content_key("code 1", folder_key(*folders, pattern="*.py"), *texts, np.__version__)
