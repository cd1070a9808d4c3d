"""Timeloop's labels of its statistics, which are written and read under the same names.

A run without sparse optimisations has fewer of them, some under shorter names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: Titles of the file's sections.
LEVELS_TITLE: Final = "Buffer and Arithmetic Levels"
NETWORKS_TITLE: Final = "Networks"
INTENSITY_TITLE: Final = "Operational Intensity Stats"
SUMMARY_TITLE: Final = "Summary Stats"

#: What may become of an access or an operation, and Timeloop's word for it.
OUTCOMES: Final = {"random": "Actual", "gated": "Gated", "skipped": "Skipped"}
#: Accesses to a memory.
ACCESSES: Final = ("read", "fill", "update")

# Of compute units.
COMPUTES: Final = "Computes (total)"
ALGORITHMIC_COMPUTES: Final = f"Algorithmic {COMPUTES}"

# Of a data space at a memory.
INSTANCES: Final = "Utilized instances"
MOST_INSTANCES: Final = f"{INSTANCES} (max)"
AVERAGE_INSTANCES: Final = f"{INSTANCES} (average)"
REDUCTIONS: Final = "Temporal reductions (per-instance)"

# Of both, and of networks.
ENERGY: Final = "Energy (total)"
ENERGY_EACH: Final = "Energy (per-instance)"
INGRESSES: Final = "Ingresses"
LINK_TRANSFERS: Final = "Link transfers"
HOPS: Final = "Average number of hops"


def computes(outcome: str) -> str:
    """Name the operations that happen, are gated or skipped."""
    return f"{OUTCOMES[outcome]} {COMPUTES}"


def scalars(access: str, outcome: str | None = None) -> str:
    """Name the words of an instance; without an outcome as a dense run does."""
    word = "Scalar" if outcome is None else f"{OUTCOMES[outcome]} scalar"
    return f"{word} {access}s (per-instance)"


def algorithmic_scalars(access: str) -> str:
    """Name the words that a dense run would access."""
    return f"Algorithmic scalar {access}s (per-instance)"


def format_scalars(access: str, outcome: str) -> str:
    """Name the units of metadata and payload."""
    return f"{OUTCOMES[outcome]} scalar format {access}s (per-instance)"


def activity_name(what: str, outcome: str) -> str:
    """Name accesses (or ``compute``) as the common activity does, e.g. ``gated_reads``."""
    return f"{what}s" if outcome == "random" else f"{outcome}_{what}s"


def each_access() -> Iterator[tuple[str, str]]:
    """Go through all pairs of an outcome and an access."""
    return ((outcome, access) for outcome in OUTCOMES for access in ACCESSES)
