"""What a page shows of a study or a sweep under one energy table."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.reports.page.bars import Bars
from hwsim.reports.page.plane import Plane
from hwsim.reports.page.tables import DataTable


@dataclass(frozen=True)
class PricedView:
    """What one energy table says of many points."""

    name: str
    headline: list[Bars]
    planes: list[Plane]
    bars: list[Bars]
    break_even: DataTable | None
    points: DataTable
