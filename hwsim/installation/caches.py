"""What hwsim keeps on disk between runs."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.engines.timeloop.layers.kept_mappings import KEPT_MAPPINGS
from hwsim.networks.readers.file_pass import KEPT_PASSES


@dataclass(frozen=True)
class CachePlace:
    """Results of one kind that are kept.

    Parameters
    ----------
    holds : str
        What they are.
    folder : str or None
        Where they are; None if nothing is kept.
    entries, size : int
        How many, and their bytes.
    """

    holds: str
    folder: str | None
    entries: int
    size: int


def examine_caches() -> list[CachePlace]:
    """Sum up each cache."""
    found = []
    for holds, kept in (("mappings", KEPT_MAPPINGS), ("hashes of weight files", KEPT_PASSES)):
        files = list(kept.files())
        folder = None if kept.folder is None else str(kept.folder)
        found.append(CachePlace(holds, folder, len(files), sum(each.size for each in files)))
    return found
