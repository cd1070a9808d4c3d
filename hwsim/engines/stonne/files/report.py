"""The two result files of STONNE's program, written as it writes them.

``output_stats_*.txt`` is a JSON document in a layout of its own, with a value for every component;
``output_stats_*.counters`` has a line for each of them, for STONNE's energy script.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hwsim.activity import ActionKey, Activity, ComponentKey
from hwsim.whole_file import whole_file

_STEP: Final = 4
#: A key that begins with it is printed with the comma on its own line: STONNE's components print
#: their queues after their statistics.
LATE: Final = ","


class Unbroken(dict[str, Any]):
    """An object after whose end STONNE does not break the line."""


@dataclass(frozen=True)
class CounterLine:
    """A line of the ``.counters`` file: a component and how often it did what."""

    component: str
    actions: Mapping[str, int]

    def __str__(self) -> str:
        actions = " ".join(f"{action}={count}" for action, count in self.actions.items())
        return f"{self.component} {actions}"


@dataclass(frozen=True)
class StonneReport:
    """What STONNE's program leaves of a run.

    Parameters
    ----------
    cycles : int
        Total cycles.
    stats : mapping
        The ``.txt`` file as nested mappings and sequences, in the order of printing.
    counters : mapping of str to sequence of CounterLine
        The lines of each section of the ``.counters`` file.
    """

    cycles: int
    stats: Mapping[str, Any]
    counters: Mapping[str, Sequence[CounterLine]]

    def activity(self, engine: str, macs: int, multipliers: int) -> Activity:
        """Count what all components did; the files do not tell operands apart.

        Parameters
        ----------
        engine : str
            Whose activity it is.
        macs : int
            Products that the layer needs.
        multipliers : int
            How many there are.
        """
        counts: dict[ActionKey, float] = {}
        instances: dict[ComponentKey, int] = {}
        for unit, lines in self.counters.items():
            for line in lines:
                component = unit, line.component
                instances[component] = instances.get(component, 0) + 1
                for action, count in line.actions.items():
                    key = ActionKey(*component, action)
                    counts[key] = counts.get(key, 0) + count
        products = counts[ActionKey("MSNetwork", "MULTIPLIER", "MULTIPLICATION")]
        memory = self.stats["SDMemoryStats"]
        return Activity(
            engine=engine,
            cycles=self.cycles,
            counts=counts,
            instances=instances,
            macs=macs,
            effectual_macs=macs,
            utilization=products / (multipliers * self.cycles),
            statistics={name: said for name, said in memory.items() if not isinstance(said, list)},
        )

    def stats_text(self) -> str:
        """Give the content of the ``.txt`` file."""
        return "{\n" + "".join(_members(self.stats, _STEP)) + "}\n"

    def counters_text(self) -> str:
        """Give the content of the ``.counters`` file."""
        lines = [f"CYCLES={self.cycles}"]
        for section, counted in self.counters.items():
            lines.append(f"[{section}]")
            lines.extend(map(str, counted))
        return "\n".join(lines) + "\n\n"

    def write(self, folder: Path, stem: str) -> tuple[Path, Path]:
        """Write both files.

        Parameters
        ----------
        folder : Path
            Where.
        stem : str
            Their name without the ending.

        Returns
        -------
        (Path, Path)
            The ``.txt`` and the ``.counters`` file.
        """
        stats, counters = folder / f"{stem}.txt", folder / f"{stem}.counters"
        for path, text in ((stats, self.stats_text()), (counters, self.counters_text())):
            with whole_file(path) as file:
                file.write_text(text, encoding="utf-8")
        return stats, counters


def queue_stats(pushes: int, pops: int, most: int, fronts: int = 0) -> dict[str, int]:
    """Give what the ``.txt`` file says of a queue: ``most`` is its longest length."""
    return {"N_pops": pops, "N_pushes": pushes, "N_fronts": fronts, "Max_occupancy": most}


def queue_line(pushes: int, pops: int, fronts: int = 0) -> CounterLine:
    """Give a queue's line of the ``.counters`` file."""
    return CounterLine("FIFO", {"PUSH": pushes, "POP": pops, "FRONT": fronts})


def wire_line(wire: str, writes: int) -> CounterLine:
    """Give a wire's line; STONNE counts reads that find nothing, and there are none."""
    return CounterLine(wire, {"WRITE": writes, "READ": 0})


def _members(content: Mapping[str, Any], indent: int) -> Iterator[str]:
    keys = list(content)
    for place, key in enumerate(keys):
        late = key.startswith(LATE)
        following = keys[place + 1] if place + 1 < len(keys) else None
        yield f'{" " * indent}{LATE if late else ""}"{key.removeprefix(LATE)}" : '
        yield from _value(content[key], indent)
        yield _end(content[key], following is None or following.startswith(LATE))


def _items(content: Sequence[Any], indent: int) -> Iterator[str]:
    for place, item in enumerate(content):
        yield " " * indent
        yield from _value(item, indent)
        yield _end(item, place == len(content) - 1)


def _end(value: Any, last: bool) -> str:
    if isinstance(value, Unbroken):
        return ""
    return "\n" if last else ",\n"


def _value(value: Any, indent: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield "{\n"
        yield from _members(value, indent + _STEP)
        yield " " * indent + "}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield "[\n"
        yield from _items(value, indent + _STEP)
        yield " " * indent + "]"
    else:
        yield f'"{value}"' if isinstance(value, str) else str(value)
