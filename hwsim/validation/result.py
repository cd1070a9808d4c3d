"""What a comparison with published figures finds: rows, tables of a paper, all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from hwsim.validation.tolerance import Tolerance, error_in_words

#: How the name of a machine ends that is in the manner of a chip, and further off than is wanted.
LIKE: Final = "-like"


@dataclass(frozen=True)
class PublishedRow:
    """One published figure beside ours.

    Parameters
    ----------
    work, quantity : str
        What was run, and what is compared, both for people.
    unit : str
        Of ``published`` and ``ours``, as the paper writes it.
    published, ours : float
        The figure, and what hwsim says.
    within, wanted, why : str
        What the machine states of its error, what would be good enough for the name of the chip,
        and where the error comes from.
    note : str
        How the figure follows from what is printed; empty where it is printed.
    other : (float, str) or None
        Another transcription in the same unit, and whose.
    """

    work: str
    quantity: str
    unit: str
    published: float
    ours: float
    within: str
    wanted: str
    why: str
    note: str = ""
    other: tuple[float, str] | None = None

    @property
    def ratio(self) -> float:
        """Ours over published."""
        return self.ours / self.published

    @property
    def error(self) -> str:
        """The ratio in words, ``+5.5 %`` or ``3.3x low``."""
        return error_in_words(self.ratio)

    @property
    def holds(self) -> bool:
        """Whether the error is within what the machine states."""
        return Tolerance.parse(self.within).covers(self.ratio)

    @property
    def as_wanted(self) -> bool:
        """Whether the error is good enough for the name of the chip."""
        return Tolerance.parse(self.wanted).covers(self.ratio)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "work": self.work,
            "quantity": self.quantity,
            "unit": self.unit,
            "published": self.published,
            "ours": self.ours,
            "ratio": self.ratio,
            "within": self.within,
            "holds": self.holds,
            "wanted": self.wanted,
            "why": self.why,
            "note": self.note or None,
            "other": None if self.other is None else _other(*self.other),
        }


@dataclass(frozen=True)
class PublishedTable:
    """The figures of one machine from one table of a paper.

    Parameters
    ----------
    title : str
        The works.
    name, machine, machine_title : str
        The arch spec, the same with what was set, and its line for people.
    prices : str
        Whose prices, and their unit.
    source, transcribed, verified, assumed : str
        Paper and table; the public copy; what was checked; what is not published and was chosen.
    search : str
        How mappings were found and zeros taken; empty for a machine that searches none.
    rows : tuple of PublishedRow
        In the order of the file.
    """

    title: str
    name: str
    machine: str
    machine_title: str
    prices: str
    source: str
    transcribed: str
    verified: str
    assumed: str
    search: str
    rows: tuple[PublishedRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "title": self.title,
            "name": self.name,
            "machine": self.machine,
            "machine_title": self.machine_title,
            "prices": self.prices,
            "source": self.source,
            "transcribed": self.transcribed,
            "verified": self.verified,
            "assumed": self.assumed,
            "search": self.search or None,
            "rows": [row.to_dict() for row in self.rows],
        }


@dataclass(frozen=True)
class PublishedValidation:
    """All tables that were asked for."""

    tables: tuple[PublishedTable, ...]

    @property
    def beyond(self) -> list[tuple[PublishedTable, PublishedRow]]:
        """Rows whose error is beyond what the machine states."""
        return [(table, row) for table in self.tables for row in table.rows if not row.holds]

    @property
    def misnamed(self) -> list[str]:
        """Machines that bear the name of a chip, and a figure is not as near as is wanted."""
        return [name for name, near in self._near.items() if not (near or _is_like(name))]

    @property
    def better_than_named(self) -> list[str]:
        """Machines that are called ``-like``, though every figure is as near as is wanted."""
        return [name for name, near in self._near.items() if near and _is_like(name)]

    @property
    def _near(self) -> dict[str, bool]:
        """Whether every figure of a machine is as wanted, over all its tables."""
        near: dict[str, bool] = {}
        for table in self.tables:
            wanted = all(row.as_wanted for row in table.rows)
            near[table.name] = near.get(table.name, True) and wanted
        return near

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "tables": [table.to_dict() for table in self.tables],
            "misnamed": self.misnamed,
            "better_than_named": self.better_than_named,
        }


def _is_like(name: str) -> bool:
    return name.endswith(LIKE)


def _other(value: float, source: str) -> dict[str, Any]:
    return {"value": value, "source": source}
