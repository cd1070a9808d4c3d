"""Reading ``timeloop-model.map+stats.xml``: the same figures as the statistics file, unrounded.

Timeloop leaves the file without its last closing tag; that is the only thing that may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree
from xml.parsers import expat

from hwsim.activity import ActionKey, Activity, ComponentKey
from hwsim.engines.timeloop.figures.stats_labels import activity_name, each_access
from hwsim.engines.timeloop.terms.operands import count_key
from hwsim.errors import InputError

#: A file of a dozen levels is a megabyte.
_SIZE_LIMIT_BYTES: Final = 20_000_000
#: A tag or comment that does not end is read again with every piece.
_PIECE: Final = 1 << 20
#: Where the levels stand in the root, how deep anything does, and how much there is of all.
_LEVELS: Final = ("engine", "topology_", "levels_")
_MOST_DEEP: Final = 64
_MOST_ELEMENTS: Final = 1_000_000
#: The file's names of accesses, by those of the common activity.
_ACTIONS: Final = {
    activity_name(access, outcome): f"{outcome}_{access}s" for outcome, access in each_access()
}


@dataclass(frozen=True)
class SpaceTotals:
    """What a level did for a data space.

    Parameters
    ----------
    instances : float
        Used on average.
    counts : dict of str to float
        Scalars of an instance: ``reads``, ``gated_reads`` and so on.
    energy_pj : float
        Of all instances' accesses, pJ.
    """

    instances: float
    counts: dict[str, float]
    energy_pj: float


@dataclass(frozen=True)
class MapStats:
    """What the file says.

    Parameters
    ----------
    compute : str
        Name of the compute units.
    compute_instances : int
        How many there are.
    compute_counts : dict of str to float
        ``computes``, ``gated_computes``, ``skipped_computes``, and ``algorithmic``: of the dense
        problem.
    compute_energy_pj : float
        pJ.
    cycles : int
        The slowest level's.
    levels : dict
        {level: {data space: totals}}, innermost first.
    level_instances : dict of str to int
        Of each level.
    """

    compute: str
    compute_instances: int
    compute_counts: dict[str, float]
    compute_energy_pj: float
    cycles: int
    levels: dict[str, dict[str, SpaceTotals]]
    level_instances: dict[str, int]

    @property
    def access_energy_pj(self) -> float:
        """Accesses of all levels and operations, pJ; the file adds up nothing else."""
        parts = [space.energy_pj for level in self.levels.values() for space in level.values()]
        return self.compute_energy_pj + sum(parts)

    @property
    def activity(self) -> Activity:
        """The common activity, with the names of the engine ``sparseloop``."""
        counts: dict[ActionKey, float] = {
            count_key(self.compute, "MAC", action): count
            for action, count in self.compute_counts.items()
            if action != "algorithmic"
        }
        instances: dict[ComponentKey, int] = {(self.compute, "MAC"): self.compute_instances}
        for level, spaces in self.levels.items():
            for name, space in spaces.items():
                instances[level, name] = self.level_instances[level]
                for action, count in space.counts.items():
                    counts[count_key(level, name, action)] = count * space.instances
        done = self.compute_counts["computes"] + self.compute_counts["gated_computes"]
        slots = self.compute_instances * self.cycles
        return Activity(
            engine="timeloop",
            cycles=self.cycles,
            counts=counts,
            instances=instances,
            macs=int(self.compute_counts["algorithmic"]),
            effectual_macs=int(self.compute_counts["computes"]),
            utilization=done / slots if slots else 0.0,
            statistics={"access_energy_pj": self.access_energy_pj},
        )


def read_map_stats(path: str | Path, data_spaces: Sequence[str]) -> MapStats:
    """Read a ``map+stats.xml``.

    Parameters
    ----------
    path : str or Path
        The file.
    data_spaces : sequence of str
        Names in the problem's order; the file has numbers.

    Raises
    ------
    InputError
        If it cannot be read, declares entities, ends too early, or is no such file.
    """
    file = Path(path)
    root = _parse(file)
    topology = root.find("/".join(_LEVELS))
    if topology is None:
        raise InputError(f"{file}: no results of Timeloop; expected {'/'.join(_LEVELS)}")
    parts = topology.findall("item/px")
    try:
        compute, *storage = parts
        levels, instances, cycles = {}, {}, int(_text(compute, "cycles_"))
        for level in storage:
            name = _text(level, "specs_/LevelSpecs/level_name")
            levels[name] = dict(_spaces(level, data_spaces))
            instances[name] = int(_text(level, "specs_/instances/t_"))
            cycles = max(cycles, int(_text(level, "stats_/cycles")))
        return MapStats(
            compute=_text(compute, "specs_/LevelSpecs/level_name"),
            compute_instances=int(_text(compute, "specs_/instances/t_")),
            compute_counts={
                "computes": int(_text(compute, "random_computes_")),
                "gated_computes": int(_text(compute, "gated_computes_")),
                "skipped_computes": int(_text(compute, "skipped_computes_")),
                "algorithmic": int(_text(compute, "algorithmic_computes_")),
            },
            compute_energy_pj=float(_text(compute, "energy_")),
            cycles=cycles,
            levels=levels,
            level_instances=instances,
        )
    except (LookupError, ValueError) as error:
        raise InputError(
            f"{file}: not the results of Timeloop that hwsim knows: {error}"
        ) from error


def _parse(file: Path) -> ElementTree.Element:
    """Parse in pieces and keep the levels alone, so that a wrong file cannot grow in memory."""
    builder = ElementTree.TreeBuilder()
    path: list[str] = []
    elements = 0
    parser = expat.ParserCreate()
    parser.buffer_text = True  # else a call for every line

    def wanted() -> bool:
        """Whether the open element leads to the levels, or lies in them."""
        inside = path[1 : 1 + len(_LEVELS)]
        return tuple(inside) == _LEVELS[: len(inside)]

    def start(tag: str, _: dict[str, str]) -> None:  # no figure stands in an attribute
        nonlocal elements
        path.append(tag)
        elements += 1
        if len(path) > _MOST_DEEP:
            raise InputError(f"{file}: nested too deeply for results of Timeloop")
        if elements > _MOST_ELEMENTS:
            raise InputError(f"{file}: more than {_MOST_ELEMENTS:,} figures")
        if wanted():
            builder.start(tag, {})

    def end(tag: str) -> None:
        if wanted():
            builder.end(tag)
        path.pop()

    def data(text: str) -> None:
        if wanted():
            builder.data(text)

    def declared(name: str, *_: object) -> None:
        raise InputError(
            f"{file}: declares an XML entity or attribute ({name}); results of Timeloop have none"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.EntityDeclHandler = declared
    parser.AttlistDeclHandler = declared
    size = 0
    try:
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > _SIZE_LIMIT_BYTES:
                    raise InputError(f"{file}: larger than 20 MB; expected results of Timeloop")
                parser.Parse(piece, False)
        if len(path) == 1:
            parser.Parse(b"</boost_serialization>", True)
        else:
            parser.Parse(b"", True)
    except FileNotFoundError:
        raise InputError(f"{file}: no such file") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error
    except expat.ExpatError as error:
        what = "ends too early" if len(path) > 1 else f"malformed XML: {error}"
        raise InputError(f"{file}: {what}") from error
    return builder.close()


def _text(element: ElementTree.Element, path: str) -> str:
    text = element.findtext(path)
    if text is None:
        raise LookupError(f"{path} is missing")
    return text


def _spaces(
    level: ElementTree.Element, data_spaces: Sequence[str]
) -> Iterator[tuple[str, SpaceTotals]]:
    def values(name: str) -> list[float]:
        found = level.findall(f"stats_/{name}/PerDataSpace/item")
        if len(found) < len(data_spaces):
            raise LookupError(f"stats_/{name} has {len(found)} data spaces")
        return [float(item.text or "nan") for item in found]

    kept, instances = values("keep"), values("utilized_instances")
    energy = values("energy")
    counts = {ours: values(theirs) for ours, theirs in _ACTIONS.items()}
    for number, name in enumerate(data_spaces):
        if kept[number]:
            yield (
                name,
                SpaceTotals(
                    instances=instances[number],
                    counts={action: each[number] for action, each in counts.items()},
                    energy_pj=energy[number] * instances[number],
                ),
            )
