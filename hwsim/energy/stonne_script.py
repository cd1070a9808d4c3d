"""What STONNE's energy script does: the counters of a run, priced line by line.

``calculate_energy.py`` of STONNE (github.com/stonne-simulator/stonne, commit 22634b8b) reads a
table of energies and a ``.counters`` file and writes a ``.energy`` file. The same options give the
same file here, to the last digit: sums are added up in the order of the lines.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from hwsim.energy.registry import load_energy_table
from hwsim.energy.table import EnergyTable
from hwsim.engines.stonne.files.counters import read_text
from hwsim.errors import InputError, did_you_mean
from hwsim.plausible import FIGURE
from hwsim.whole_file import whole_file

Prices = Mapping[str, Mapping[str, float]]

_RULE: Final = "-" * 43
_MOST_BYTES: Final = 256_000_000
_FILES: Final = ("-table_file", "-counter_file", "-out_file")
_NUMBER: Final = re.compile(r"[0-9]{1,20}")


class _Options(NamedTuple):
    table: Path | None
    counters: Path
    output: Path
    verbose: bool


def run_energy_script(arguments: Sequence[str]) -> Path:
    """Do what STONNE's energy script does.

    Parameters
    ----------
    arguments : sequence of str
        Its options: ``-counter_file=FILE``, and ``-table_file=FILE``, ``-out_file=FILE`` and
        ``-v``. Without a table the prices are those that STONNE brings.

    Returns
    -------
    Path
        The file that was written: the one asked for, or the counters' with ``.energy``.

    Raises
    ------
    InputError
        If an option is none of its, a file cannot be read, or the table lacks a price.
    """
    options = _read_options(arguments)
    table, prices = _table(options.table)
    content = read_text(options.counters, _MOST_BYTES).splitlines()
    text = _Sums(options, prices).text(content)
    head = f"DYNAMIC ENERGY TABLE USED\n{_RULE}\n{table}{_RULE}\n"
    with whole_file(options.output) as file:
        file.write_text(head + text, encoding="utf-8")
    return options.output


def _read_options(arguments: Iterable[str]) -> _Options:
    given: dict[str, str] = {}
    verbose = False
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if argument == "-v":
            verbose = True
        elif name in _FILES and equals and value:
            given[name] = value
        else:
            known = [f"{each}=" for each in _FILES] + ["-v"]
            raise InputError(f"-energy: unknown option {argument!r}{did_you_mean(argument, known)}")
    if "-counter_file" not in given:
        raise InputError("-energy: expected -counter_file=FILE, the .counters of a run")
    counters = given["-counter_file"]
    table = given.get("-table_file")
    output = given.get("-out_file", f"{counters}.energy")
    return _Options(None if table is None else Path(table), Path(counters), Path(output), verbose)


def _table(path: Path | None) -> tuple[str, Prices]:
    """Read a table: its text without empty lines, and the prices of each component's actions."""
    text = _own_table() if path is None else read_text(path, _MOST_BYTES)
    lines = [line for line in text.splitlines(keepends=True) if line != "\n"]
    prices: dict[str, dict[str, float]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        component, *actions = line.rstrip().split(" ")
        prices[component] = {}
        for action in actions:
            name, equals, value = action.partition("=")
            try:
                price = float(value if equals else "none")
            except ValueError:
                price = math.nan
            prices[component][name] = price
            if FIGURE.refusal(price) is not None:
                raise InputError(
                    f"{path}: line {number}: expected ACTION=<number>, 0 or more. Got {action!r}"
                )
    return "".join(lines), prices


def _own_table() -> str:
    """Write the prices that STONNE brings as its script reads them."""
    model = load_energy_table("stonne")
    assert isinstance(model, EnergyTable)
    lines = []
    for component, prices in model.components.items():
        figures = {"AREA": prices.area, "STATIC": prices.static, **prices.actions}
        said = [f"{name}={figure.value:.15g}" for name, figure in figures.items() if figure]
        lines.append(" ".join([component, *said]))
    return "\n".join(lines) + "\n"


class _Sums:
    """Energies and areas by section, added up line by line."""

    def __init__(self, options: _Options, prices: Prices) -> None:
        self.where, self.verbose = options.counters, options.verbose
        self.prices = prices
        self.cycles = 0
        self.sections: dict[str, dict[str, float]] = {}
        self.total = dict.fromkeys(("STATIC", "AREA", "DYNAMIC"), 0.0)
        self.said: list[str] = []

    def text(self, lines: Sequence[str]) -> str:
        """Give what comes after the table."""
        start = re.fullmatch(r"CYCLES=([0-9]{1,20})", lines[0]) if lines else None
        self.cycles = int(start[1]) if start else 0
        section = ""
        for number, line in enumerate(lines[1:] if start else lines, start=2 if start else 1):
            line = line.rstrip()
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
                self.sections[section] = dict.fromkeys(self.total, 0.0)
                self.said.append(line)
            elif line:
                self.said.append(self._count(section, line, number))
        said = self.said if self.verbose else []
        parts = [
            f"{name}: " + " ".join(f"{kind}={value}" for kind, value in found.items())
            for name, found in self.sections.items()
        ]
        static, area, dynamic = self.total.values()
        totals = [
            f"Total STATIC Energy: {static}",
            f"Total DYNAMIC Energy: {dynamic}",
            f"Total Area: {area}",
            f"Total Energy: {dynamic + static}",
        ]
        return "\n".join([*said, "COMPONENT BREAKDOWN", _RULE, *parts, *totals])

    def _count(self, section: str, line: str, number: int) -> str:
        place = f"{self.where}: line {number}"
        component, *actions = line.split(" ")
        if section not in self.sections:
            raise InputError(f"{place}: expected [UNIT] before the first component. Got {line!r}")
        if component not in self.prices:
            raise InputError(
                f"{place}: the table has no component {component!r}"
                f"{did_you_mean(component, self.prices)}"
            )
        prices = self.prices[component]
        static = float(self.cycles) * prices.get("STATIC", 0.0)
        area = prices.get("AREA", 0.0)
        self._add(section, "STATIC", static)
        self._add(section, "AREA", area)
        said = [f"{component} STATIC={static}", f"AREA={area}"]
        for action in actions:
            name, _, count = action.partition("=")
            if not _NUMBER.fullmatch(count):
                raise InputError(f"{place}: expected ACTION=<number>. Got {action!r}")
            if name not in prices:
                raise InputError(f"{place}: the table has no {name!r} of {component}")
            energy = float(int(count)) * prices[name]
            self._add(section, "DYNAMIC", energy)
            said.append(f"{name}={energy}")
        return " ".join(said)

    def _add(self, section: str, kind: str, value: float) -> None:
        self.sections[section][kind] += value
        self.total[kind] += value
