"""Results for people: text for a terminal, plots."""

from hwsim.reports.energy_plot import energy_figure
from hwsim.reports.run_report import run_report
from hwsim.reports.sweep_plot import sweep_figure
from hwsim.reports.sweep_report import sweep_report

__all__ = ["energy_figure", "run_report", "sweep_figure", "sweep_report"]
