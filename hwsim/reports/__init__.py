"""Results for people: text for a terminal, plots, pages."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwsim.reports.figures.energy_bars import energy_figure
    from hwsim.reports.figures.sweep_curves import sweep_figure
    from hwsim.reports.page.report import report_html
    from hwsim.reports.run_report import run_report
    from hwsim.reports.sweep_report import sweep_report

__all__ = ["energy_figure", "report_html", "run_report", "sweep_figure", "sweep_report"]

# Each is imported when it is asked for: a table needs no plot.
_HOME = {
    "energy_figure": "figures.energy_bars",
    "report_html": "page.report",
    "run_report": "run_report",
    "sweep_figure": "figures.sweep_curves",
    "sweep_report": "sweep_report",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"hwsim.reports.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hwsim.reports' has no attribute {name!r}")
