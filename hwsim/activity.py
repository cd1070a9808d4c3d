"""Activity, the one currency between engines and energy models."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from numbers import Real
from typing import Any, Final, Self

from hwsim.actions import (
    ACTIVATIONS,
    OPERANDS,
    OUTPUTS,
    PARTIAL_SUMS,
    UNUSED_ACTIVATIONS,
    WEIGHTS,
    ActionKey,
    ActivityKeys,
    ComponentKey,
    keys_of,
)
from hwsim.activity_columns import ActivityColumns
from hwsim.errors import InputError, did_you_mean, named_reason
from hwsim.later import MadeWhenAsked
from hwsim.pace import Pace

__all__ = [
    "ACTIVATIONS",
    "OPERANDS",
    "OUTPUTS",
    "PARTIAL_SUMS",
    "UNUSED_ACTIVATIONS",
    "WEIGHTS",
    "ActionKey",
    "Activity",
    "ActivityKeys",
    "ComponentKey",
]

_VERSION: Final = 1
_PLAIN: Final = frozenset((int, float))
#: What is made of activities that stand side by side when somebody asks.
_MADE_LATER: Final = ("counts", "levels", "statistics")
_LARGEST: Final = sys.float_info.max


@dataclass(frozen=True)
class Activity(MadeWhenAsked):
    """What a workload made a machine do.

    Parameters
    ----------
    engine : str
        Which engine found it.
    cycles : int
        Total cycles.
    counts : mapping of ActionKey to number
        How often each action happened for each operand, summed over all instances of the
        component. Whole numbers, unless an engine works with expected values. A key of three is
        taken as an action that handles nobody's data.
    instances : mapping of (unit, component) to int
        How many of a component the unit has; static energy and area are charged once each.
    macs : int
        Multiply-accumulates of the dense problem.
    effectual_macs : int
        Multiply-accumulates with a non-zero weight.
    utilization : float
        Multiplications done over multiplier slots (multipliers x cycles), 0 to 1.
    statistics : mapping
        The engine's own totals under its own labels (for SIGMA STONNE's ``sdmemory`` ones).
    levels : mapping of ActionKey to tuple of number
        How an action of a tree spreads over its levels, from the leaves up; an engine says which
        levels it means. Empty where an engine knows no trees.
    pace : Pace, optional
        What the time depends on, for the limits of ratios; None from an engine that does not say.

    Raises
    ------
    InputError
        If a number is none, or below 0, or a key does not say what is counted.
    """

    engine: str
    cycles: int
    counts: Mapping[ActionKey, float]
    instances: Mapping[ComponentKey, int]
    macs: int
    effectual_macs: int
    utilization: float
    statistics: Mapping[str, float | str] = field(default_factory=dict)
    levels: Mapping[ActionKey, tuple[float, ...]] = field(default_factory=dict)
    pace: Pace | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.engine, str):
            raise self._error("engine should be a name")
        counts = dict(zip(self._actions("counts"), self.counts.values(), strict=True))
        if not _are_plain(counts.values()):
            for key, count in counts.items():
                self._number(count, *key[:3])
        object.__setattr__(self, "counts", counts)
        if (wrong := _no_component(tuple(self._mapping("instances")))) is not None:
            raise self._error(f"instances should be of (unit, component). Got {wrong}")
        if not _are_plain(self.instances.values()):
            for component, number in self.instances.items():
                self._number(number, "instances of", *component)
        self._mapping("statistics")
        spreads = [tuple(spread) for spread in self._mapping("levels").values()]
        levels = dict(zip(self._actions("levels"), spreads, strict=True))
        if not _are_plain([*chain.from_iterable(spreads)]):
            for key, spread in levels.items():
                for count in spread:
                    self._number(count, *key[:3], "on a level")
        object.__setattr__(self, "levels", levels)
        if not isinstance(self.pace, Pace | None):
            raise self._error(f"pace should be a Pace or None. Got {self.pace!r:.80}")
        own = ("cycles", "macs", "effectual_macs", "utilization")
        if not _are_plain([getattr(self, name) for name in own]):
            for name in own:
                self._number(getattr(self, name), name)

    def _mapping(self, name: str) -> Mapping[Any, Any]:
        value = getattr(self, name)
        if type(value) is not dict and not isinstance(value, Mapping):
            raise self._error(f"{name} should be a mapping. Got {value!r}")
        return value

    def _actions(self, name: str) -> tuple[ActionKey, ...]:
        keys = tuple(self._mapping(name))
        try:
            return _checked(keys)
        except ValueError as problem:
            raise self._error(str(problem)) from None

    def _number(self, value: Any, *name: str) -> Any:
        if not isinstance(value, Real) or not math.isfinite(value) or value < 0:
            raise self._error(
                f"{' '.join(name)} should be a finite number, 0 or more. Got {value!r}"
            )
        return value

    def _error(self, problem: str) -> InputError:
        return InputError(f"activity of engine {self.engine!r}: {problem}")

    def at_pace(self, pace: Pace) -> Activity:
        """Give the same with what its time depends on; what was checked is not checked again."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), pace=pace)
        return other

    @classmethod
    def beside(cls, several: ActivityColumns, place: int) -> Self:
        """Give one of several that stand side by side; mappings of it are made when asked for."""
        activity = object.__new__(cls)
        vars(activity).update(
            engine=several.keys.engine,
            cycles=several.cycles[place],
            instances=several.instances,
            macs=several.macs[place],
            effectual_macs=several.effectual_macs[place],
            utilization=several.utilization[place],
            pace=None,
            keys=several.keys,
            _beside=(several, place),
        )
        return activity

    @property
    def stands_beside(self) -> tuple[ActivityColumns | None, int]:
        """Those that it stands beside, and its place among them.

        None if it stands alone, as one does whose mappings somebody has, and may have changed.
        """
        own = vars(self)
        several, place = own.get("_beside", (None, 0))
        if several is not None and any(name in own for name in _MADE_LATER):
            return None, 0
        return several, place

    @property
    def depths(self) -> tuple[int, ...]:
        """Levels of each action that is spread over them."""
        several, _ = self.stands_beside
        return tuple(map(len, (self if several is None else several).levels.values()))

    def _made(self, name: str) -> Any:
        several, place = vars(self).get("_beside", (None, 0))
        if several is None or name not in _MADE_LATER:
            return None
        return getattr(several, f"{name}_at")(place)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the others."""
        for name in _MADE_LATER:
            getattr(self, name)
        return {name: each for name, each in vars(self).items() if name != "_beside"}

    def count(self, key: ActionKey) -> float:
        """Tell how often an action happened for an operand; 0 if that is not counted."""
        several, place = self.stands_beside
        if several is None:
            return self.counts.get(key, 0)
        return several.counts[key][place] if key in several.counts else 0

    def statistic(self, name: str) -> float | str:
        """Give one of the statistics."""
        several, place = self.stands_beside
        return self.statistics[name] if several is None else several.statistics[name][place]

    def repeated(self, times: int) -> Activity:
        """Give what the same does so many times, one after the other.

        Parameters
        ----------
        times : int
            1 or more. Shares, statistics and what the time depends on stay.
        """
        return replace(
            self,
            cycles=self.cycles * times,
            macs=self.macs * times,
            effectual_macs=self.effectual_macs * times,
            counts={key: count * times for key, count in self.counts.items()},
            levels={
                key: tuple(count * times for count in spread) for key, spread in self.levels.items()
            },
        )

    @cached_property
    def keys(self) -> ActivityKeys:
        """What is counted; equal ones are one object, unless there are very many."""
        machine = self.engine, tuple(self.instances.items())
        return keys_of(*machine, tuple(self.counts), tuple(self.levels))

    def by_action(self) -> dict[tuple[str, str, str], float]:
        """Sum the counts over operands, as STONNE's own counters do.

        Returns
        -------
        dict
            ``{(unit, component, action): count}``, in the order of ``counts``.
        """
        totals: dict[tuple[str, str, str], float] = {}
        for (unit, component, action, _), count in self.counts.items():
            key = (unit, component, action)
            totals[key] = totals.get(key, 0) + count
        return totals

    @property
    def activation_reads(self) -> tuple[float, float] | None:
        """Reads of activations, and those of them that nobody waits for.

        Returns
        -------
        (float, float) or None
            Over all memories whose reads the engine tells apart; None if it tells none apart.
        """
        told = self.keys.told_apart
        if not told:
            return None
        unused = sum(self.count(key) for key, _ in told)
        used = sum(self.count(key) for _, key in told)
        return used + unused, unused

    def to_json(self) -> str:
        """Write it as one JSON document; :meth:`from_json` gives an equal activity."""
        levels = [
            [*key, [_plain(count) for count in spread]] for key, spread in self.levels.items()
        ]
        return json.dumps(
            {
                "activity": _VERSION,
                "engine": self.engine,
                "cycles": _plain(self.cycles),
                "counts": [[*key, _plain(count)] for key, count in self.counts.items()],
                "instances": [[*key, _plain(number)] for key, number in self.instances.items()],
                "macs": _plain(self.macs),
                "effectual_macs": _plain(self.effectual_macs),
                "utilization": _plain(self.utilization),
                "statistics": {key: _plain(value) for key, value in self.statistics.items()},
                **({"levels": levels} if levels else {}),
                **({} if self.pace is None else {"pace": vars(self.pace)}),
            },
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Activity:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        InputError
            If the text is no such document.
        """
        try:
            document = json.loads(text)
            if document["activity"] != _VERSION:
                raise InputError(
                    f"activity of version {document['activity']!r}: this hwsim reads version "
                    f"{_VERSION}; use the hwsim that wrote it"
                )
            return cls(
                engine=document["engine"],
                cycles=document["cycles"],
                counts={
                    ActionKey(unit, component, action, operand): count
                    for unit, component, action, operand, count in document["counts"]
                },
                instances={
                    (unit, component): number for unit, component, number in document["instances"]
                },
                macs=document["macs"],
                effectual_macs=document["effectual_macs"],
                utilization=document["utilization"],
                statistics=document["statistics"],
                levels={
                    ActionKey(unit, component, action, operand): tuple(spread)
                    for unit, component, action, operand, spread in document.get("levels", [])
                },
                pace=Pace(**document["pace"]) if "pace" in document else None,
            )
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise InputError(f"no activity of hwsim: {named_reason(error)}") from error


def _are_plain(values: Collection[Any]) -> bool:
    """Tell at once of nearly all that they are counts: to ask each takes its time."""
    if not _PLAIN.issuperset(map(type, values)):
        return False
    return min(values, default=0) >= 0 and sum(values) <= _LARGEST  # NaN makes a sum of NaN


@lru_cache(maxsize=256)
def _checked(keys: tuple[object, ...]) -> tuple[ActionKey, ...]:
    """Take keys of three or four for what they count; engines count the same all the time."""
    return tuple(map(_action, keys))


@lru_cache(maxsize=256)
def _no_component(keys: tuple[object, ...]) -> str | None:
    """Show the first key that is no (unit, component); machines have the same all the time."""
    return next((repr(key) for key in keys if not _texts(key, 2)), None)


def _action(key: object) -> ActionKey:
    if not _texts(key, 3, 4):
        raise ValueError(f"counts should be of (unit, component, action, operand). Got {key!r}")
    action = ActionKey(*key)  # type: ignore[misc]
    if action.operand not in OPERANDS:
        raise ValueError(
            f"{' '.join(action[:3])}: unknown operand {action.operand!r}"
            f"{did_you_mean(action.operand, OPERANDS[:-1])}"
        )
    return action


def _texts(key: object, *lengths: int) -> bool:
    return (
        isinstance(key, tuple)
        and len(key) in lengths
        and all(isinstance(part, str) for part in key)
    )


def _plain(value: Any) -> Any:
    """Give JSON a Python number where an engine left numpy's."""
    return value.item() if hasattr(value, "item") else value
