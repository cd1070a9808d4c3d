"""Reading Timeloop's statistics file, ``timeloop-model.stats.txt`` (or the mapper's)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hwsim.activity import ActionKey, Activity, ComponentKey
from hwsim.engines.timeloop.figures.stats_labels import (
    AVERAGE_INSTANCES,
    COMPUTES,
    ENERGY,
    INTENSITY_TITLE,
    LEVELS_TITLE,
    MOST_INSTANCES,
    NETWORKS_TITLE,
    OUTCOMES,
    REDUCTIONS,
    SUMMARY_TITLE,
    activity_name,
    computes,
    each_access,
    scalars,
)
from hwsim.engines.timeloop.terms.operands import count_key
from hwsim.errors import InputError

#: A file of a dozen levels is 100 KB.
_SIZE_LIMIT_BYTES: Final = 20_000_000
#: It has 3,000 lines.
_MOST_LINES: Final = 200_000
_NUMBER = r"[-+]?(?:\d[\d.]*(?:e[-+]?\d+)?|nan|inf)"
_AMOUNT: Final = re.compile(rf"\s*({_NUMBER})(?: (?:pJ|fJ|words/cycle|um\^2|pJ/b/mm))?")
_SPACE: Final = re.compile(r"^    (\S+):$")
_LEVEL: Final = re.compile(r"^=== (.*) ===$")
_NETWORK: Final = re.compile(r"^Network \d+$")
_INSTANCES: Final = re.compile(r"^\s+Instances\s*:\s*(\d+) \((\d+)\*(\d+)\)$")
_RANK: Final = re.compile(rf"^\s+Rank \d+ \(metadata, payload\): \(({_NUMBER}),\s*({_NUMBER})\)$")
_SUMMARY: Final = {
    "Utilization": re.compile(rf"^Utilization: ({_NUMBER})%$"),
    "Cycles": re.compile(r"^Cycles: (\d+)$"),
    "Energy": re.compile(rf"^Energy: ({_NUMBER}) uJ$"),
    "Area": re.compile(rf"^Area: ({_NUMBER}) mm\^2$"),
    "Computes": re.compile(r"^(?:Actual )?Computes = (\d+)$"),
    "Algorithmic Computes": re.compile(r"^Algorithmic Computes = (\d+)$"),
}
_REQUIRED: Final = ("Utilization", "Cycles", "Energy", "Area", "Computes")


@dataclass
class TimeloopStats:
    """What a statistics file says, under its own labels.

    Parameters
    ----------
    cycles, computes : int
        Of the whole run; operations that happen.
    energy_pj : float
        Of everything, pJ, as the summary has it; the file rounds it to 10 nJ.
    access_energy_pj : float
        Accesses of all levels and operations, pJ: the lines ``Energy (total)``. Address
        generation, leakage and networks are left out.
    utilization : float
        %.
    area_mm2 : float
        mm2, rounded to 0.01.
    levels : dict
        {level: {label: number, data space: {label: number}}}, compute units first.
    instances : dict of str to int
        Of each level.
    ranks : dict
        {(level, data space): {label: [(metadata, payload), ...]}}, outermost rank first.
    networks : dict
        {network: {label: number, data space: {label: number}}}.
    algorithmic_computes : int
        Operations of the dense problem.
    """

    cycles: int
    computes: int
    energy_pj: float
    access_energy_pj: float
    utilization: float
    area_mm2: float
    levels: dict[str, dict[str, Any]]
    instances: dict[str, int]
    networks: dict[str, dict[str, Any]]
    algorithmic_computes: int
    ranks: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = field(default_factory=dict)

    @property
    def activity(self) -> Activity:
        """The common activity, with the names of the engine ``sparseloop``.

        The file has no accesses to whole rows and no bits of metadata accesses, which the
        engine's own activity has, too.
        """
        counts: dict[ActionKey, float] = {}
        instances: dict[ComponentKey, int] = {}
        for number, (level, labels) in enumerate(self.levels.items()):
            if number == 0:
                counts |= _compute_counts(level, labels)
                instances[level, "MAC"] = self.instances.get(level, 1)
                continue
            for name, part in labels.items():
                if isinstance(part, dict):
                    instances[level, name] = self.instances.get(level, 1)
                    counts |= _space_counts(level, name, part)
        return Activity(
            engine="timeloop",
            cycles=self.cycles,
            counts=counts,
            instances=instances,
            macs=self.algorithmic_computes,
            effectual_macs=self.computes,
            utilization=self.utilization / 100,
            statistics={"energy_pj": self.energy_pj, "Utilization": self.utilization},
        )


def read_stats(path: str | Path) -> TimeloopStats:
    """Read a statistics file.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    InputError
        If it cannot be read, is no statistics file, or ends too early.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            content = stream.read(_SIZE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{file}: no such file") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    if len(content) > _SIZE_LIMIT_BYTES:
        raise InputError(f"{file}: larger than 20 MB; expected a statistics file of Timeloop")
    return parse_stats(content.decode("utf-8", errors="replace"), str(file))


def parse_stats(text: str, where: str) -> TimeloopStats:
    """Read the text of a statistics file; ``where`` is its name in messages.

    Raises
    ------
    InputError
        If it is no statistics file or ends too early.
    """
    if len(text.splitlines()) > _MOST_LINES:
        raise InputError(
            f"{where}: more than {_MOST_LINES:,} lines; expected a statistics file of Timeloop"
        )
    try:
        return _parsed(text, where)
    except (ValueError, OverflowError) as error:  # of thousands of digits, or with two points
        raise InputError(f"{where}: a figure cannot be read: {error}") from error


def _parsed(text: str, where: str) -> TimeloopStats:
    if not text.startswith(f"{LEVELS_TITLE}\n"):
        raise InputError(
            f"{where}: no statistics file of Timeloop; expected {LEVELS_TITLE!r} at the top"
        )
    body, found, summary = text.partition(f"\n{SUMMARY_TITLE}\n")
    if not found:
        raise InputError(f"{where}: ends too early; {SUMMARY_TITLE!r} is missing")
    totals = _totals(summary, where)
    buffers, _, rest = body.partition(f"\n{NETWORKS_TITLE}\n{'-' * len(NETWORKS_TITLE)}\n")
    reader = _Reader(where)
    for number, line in enumerate(buffers.splitlines(), start=1):
        reader.level_line(line, number)
    networks = _networks(rest.partition(f"\n{INTENSITY_TITLE}\n")[0])
    if not reader.levels:
        raise InputError(f"{where}: no level found (a line '=== NAME ===')")
    computes = int(totals["Computes"])
    return TimeloopStats(
        cycles=int(totals["Cycles"]),
        computes=computes,
        energy_pj=totals["Energy"] * 1e6,  # the summary has uJ
        access_energy_pj=sum(_energies(reader.levels)),
        utilization=totals["Utilization"],
        area_mm2=totals["Area"],
        levels=reader.levels,
        instances=reader.instances,
        networks=networks,
        algorithmic_computes=int(totals.get("Algorithmic Computes", computes)),
        ranks=reader.ranks,
    )


def _totals(summary: str, where: str) -> dict[str, float]:
    totals: dict[str, float] = {}
    for line in summary.splitlines():
        for name, pattern in _SUMMARY.items():
            if match := pattern.match(line):
                totals[name] = float(match[1])
    for name in _REQUIRED:
        if name not in totals:
            raise InputError(f"{where}: ends too early; {name!r} of the summary is missing")
    if not re.search(r"\n    Total\s*= \S+\n\s*\Z", summary):
        raise InputError(f"{where}: ends too early; the last line is not a total of energies")
    return totals


class _Reader:
    """Takes the lines of the levels one by one."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.levels: dict[str, dict[str, Any]] = {}
        self.instances: dict[str, int] = {}
        self.ranks: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
        self._level = self._space = self._part = self._open = ""

    def level_line(self, line: str, number: int) -> None:
        """Take a line."""
        stripped = line.rstrip()
        if match := _LEVEL.match(stripped):
            self._level, self._space, self._part = match[1], "", ""
            if self._level in self.levels:
                raise InputError(
                    f"{self._where}, line {number}: level {self._level!r} stands twice"
                )
            self.levels[self._level] = {}
        elif not self._level:
            return
        elif stripped.strip() in {"SPECS", "STATS"}:
            self._part = stripped.strip()
        elif self._part == "SPECS":
            if match := _INSTANCES.match(stripped):
                self.instances[self._level] = int(match[1])
        elif match := _SPACE.match(stripped):
            self._space = match[1]
            self.levels[self._level][self._space] = {}
        elif match := _RANK.match(stripped):
            by_label = self.ranks.setdefault((self._level, self._space), {})
            by_label.setdefault(self._open, []).append((float(match[1]), float(match[2])))
        elif value := _value(line):
            into = self.levels[self._level]
            (into[self._space] if self._space else into)[value[0]] = _number(value[1])
        elif stripped:
            self._open = stripped.strip()


def _value(line: str) -> tuple[str, str] | None:
    """Split an indented line into its label and its number; a long line takes no longer than it is.

    An amount has no colon, so that the last one is the one.
    """
    label, _, amount = line.rpartition(":")
    match = _AMOUNT.fullmatch(amount) if label[:1].isspace() else None
    return (label.strip(), match[1]) if match else None


def _number(text: str) -> float | None:
    value = float(text)
    return None if math.isnan(value) else value


def _networks(text: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    lines: Iterator[str] = iter(text.splitlines())
    into: dict[str, Any] | None = None
    for line in lines:
        if _NETWORK.match(line):
            next(lines, None)  # the rule below it
            into = found.setdefault(next(lines, "").strip(), {})
            space: dict[str, Any] | None = None
        elif into is not None and (match := _SPACE.match(line.rstrip())):
            space = into.setdefault(match[1], {})
        elif into is not None and (value := _value(line.rstrip())):
            (into if space is None else space)[value[0]] = _number(value[1])
    return found


def _energies(levels: dict[str, dict[str, Any]]) -> Iterator[float]:
    for labels in levels.values():
        parts = [part for part in labels.values() if isinstance(part, dict)]
        for part in parts or [labels]:
            yield part.get(ENERGY) or 0.0


def _compute_counts(level: str, labels: dict[str, Any]) -> dict[ActionKey, float]:
    found: dict[ActionKey, float] = {}
    for outcome in OUTCOMES:
        dense = labels.get(COMPUTES, 0) if outcome == "random" else 0
        count = labels.get(computes(outcome), dense)
        found[count_key(level, "MAC", activity_name("compute", outcome))] = count
    return found


def _space_counts(level: str, name: str, labels: dict[str, Any]) -> dict[ActionKey, float]:
    instances = used_instances(labels)
    found: dict[ActionKey, float] = {}
    for outcome, access in each_access():
        dense = labels.get(scalars(access)) if outcome == "random" else None
        count = labels.get(scalars(access, outcome), dense)
        if count is not None:
            found[count_key(level, name, activity_name(access, outcome))] = count * instances
    reductions = labels.get(REDUCTIONS)
    if reductions is not None:
        found[count_key(level, name, "temporal_reductions")] = reductions * instances
    return found


def used_instances(labels: Mapping[str, Any]) -> float:
    """Instances of a level that a data space uses on average; dense runs print one figure only."""
    average = labels.get(AVERAGE_INSTANCES)
    return float(labels.get(MOST_INSTANCES, 0) if average is None else average)
