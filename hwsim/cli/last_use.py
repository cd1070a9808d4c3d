"""What the last command that wanted mappings took from the cache, for ``hwsim cache show``."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from hwsim.errors import CacheWarning
from hwsim.result_cache import ResultCache
from hwsim.shown_text import bounded

LAST_USE: Final = ResultCache("last-use")
#: There is one; digits, as every result has.
_KEY: Final = "0" * 32
_LONGEST_COMMAND: Final = 120


@dataclass(frozen=True)
class LastUse:
    """A command, when it ended (UTC), the mappings that it took from the cache and had to find."""

    command: str
    ended: str
    taken: int
    found: int

    def __str__(self) -> str:
        command = bounded(self.command, _LONGEST_COMMAND)
        return (
            f"{self.taken:,} mappings from here, {self.found:,} searched: {command} ({self.ended})"
        )


def note_use(command: str, taken: int, found: int) -> None:
    """Write down what a command made of the cache, in the place of the one before."""
    ended = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    content = json.dumps(asdict(LastUse(command, ended, taken, found))).encode()
    with warnings.catch_warnings():  # where nothing can be kept, the mappings have said so
        warnings.simplefilter("ignore", CacheWarning)
        LAST_USE.put(_KEY, content)


def last_use() -> LastUse | None:
    """Read it; None if there is none."""
    content = LAST_USE.get(_KEY)
    try:
        return None if content is None else LastUse(**json.loads(content))
    except (ValueError, TypeError):  # another version's
        return None
