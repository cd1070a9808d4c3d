"""A cell of a study: a network under one scheme on one machine, and the keys of its layers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from hwsim.content_key import content_key
from hwsim.studies.machine import Machine
from hwsim.studies.plan import Plan
from hwsim.studies.workers.layer_of import LayerOf


class Cell(NamedTuple):
    """A network under one scheme on one machine.

    Parameters
    ----------
    plan : Plan
        The network, its inputs, and the schemes that are compared.
    scheme : str
        One of them.
    machine : Machine
        What evaluates.
    """

    plan: Plan
    scheme: str
    machine: Machine

    def lowerings(self) -> list[str]:
        """Name what each chosen layer is under the scheme, in order, whatever the machine."""
        return self.plan.lowering_keys(self.scheme)

    def tasks(self, lowerings: Sequence[str] | None = None) -> list[KeyedTask]:
        """Name the task of each chosen layer, in order.

        Parameters
        ----------
        lowerings : sequence of str, optional
            From another machine's cell of this plan and scheme.
        """
        plan, scheme, machine = self.plan, self.scheme, self.machine
        names = [layer.name for layer in plan.chosen.layers]
        lowered = lowerings or self.lowerings()
        named = content_key if plan.alias is None else _joined  # a name for this run only
        if machine.engine.compares_schemes:
            lowered = [
                named("compared 1", lowering, plan.compared_bits(scheme, name))
                for name, lowering in zip(names, lowered, strict=True)
            ]
        plan_key, machine_key = plan.key, machine.key
        return [
            KeyedTask(
                named("task 1", lowering, machine_key),
                lowering,
                LayerOf(plan_key, scheme, name),
                machine,
            )
            for name, lowering in zip(names, lowered, strict=True)
        ]


class KeyedTask(NamedTuple):
    """A layer of a cell, by content.

    Parameters
    ----------
    key : str
        Of everything that decides the result.
    lowering : str
        The part of it that knows no machine, but whether schemes are compared on it.
    where : LayerOf
        What a worker calls it.
    machine : Machine
        What evaluates it.
    """

    key: str
    lowering: str
    where: LayerOf
    machine: Machine


def _joined(what: str, lowering: str, other: object) -> str:
    return f"{what} {lowering} {other}"


def activity_key(machine: Machine, workload_key: Hashable, lowering: str) -> str:
    """Name the activity of a workload on a machine.

    Parameters
    ----------
    machine : Machine
        What evaluates.
    workload_key : hashable
        What the engine says decides its result.
    lowering : str
        Stands for a workload whose key has contents that are not known.
    """
    try:
        return content_key("activity 1", machine.key, workload_key)
    except TypeError:
        return content_key("activity 1", machine.key, lowering)
