"""A published work on a machine: totals over its layers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.arch.design import SearchSpec
from hwsim.energy import EnergyBreakdown, EnergyModel, price
from hwsim.energy.breakdown import CLOCK, STATIC
from hwsim.engines import engine_of
from hwsim.errors import InputError
from hwsim.quantity import parse_quantity
from hwsim.studies.executor import Executor, engine_executor
from hwsim.validation._file import CaseSpec, PublishedFile, WorkSpec
from hwsim.validation._layers import workload_of
from hwsim.validation.quantities import QUANTITIES, Totals

#: The unit under which engines and prices book what is off the chip.
_DRAM: Final = "DRAM"


def searching(arch: Arch, search: SearchSpec) -> Arch:
    """Give a machine with another search of its mappings.

    Raises
    ------
    InputError
        If it has no mappings to search.
    """
    return _with_design(arch, {"search": search})


def mapped(arch: Arch, factors: Mapping[str, Sequence[str]]) -> Arch:
    """Give a machine whose search keeps to what is published of a mapping.

    Parameters
    ----------
    arch : Arch
        With a design.
    factors : mapping of str to sequence of str
        By level, of its temporal loops, e.g. ``{"DRAM": ["C=24"]}``.

    Raises
    ------
    InputError
        If it has no mappings to search.
    """
    rules = [
        {"target": level, "type": "temporal", "factors": list(loops)}
        for level, loops in factors.items()
    ]
    own = arch.spec.design.mapspace_constraints if arch.spec.design else None
    if isinstance(own, dict):  # the list stands under a key, beside a version
        own = own.get("targets", own.get("constraints", []))
    return _with_design(arch, {"mapspace_constraints": [*(own or []), *rules]})


def _with_design(arch: Arch, changes: Mapping[str, object]) -> Arch:
    design = arch.spec.design
    if design is None:
        raise InputError(f"arch {arch.label}: it has no design, so there is nothing to search")
    spec = arch.spec.model_copy(update={"design": design.model_copy(update=changes)})
    return replace(arch, spec=spec)


def totals(file: PublishedFile, arch: Arch, prices: EnergyModel) -> Iterator[Totals]:
    """Evaluate every layer of every work, equal ones once.

    Yields
    ------
    Totals
        Of one case of the file after the other.

    Raises
    ------
    InputError
        If the machine cannot run a layer, or the prices lack an action.
    """
    engine = engine_of(arch).with_density(file.density)
    with ExitStack() as stack:
        executors: dict[str, Executor[Activity]] = {}

        def executor_of(work: WorkSpec) -> Executor[Activity]:
            """One for each mapping that is published."""
            key = json.dumps(work.mapping, sort_keys=True)
            if key not in executors:
                machine = arch if work.mapping is None else mapped(arch, work.mapping)
                executors[key] = stack.enter_context(engine_executor(engine, machine))
            return executors[key]

        for case in file.cases:
            dense = "speedup" in case.published
            cycles = dense_cycles = macs = 0
            breakdowns: list[tuple[EnergyBreakdown, int]] = []
            for number, work in enumerate(case.layers):
                name = f"{case.name}.{number}"
                workload, times = workload_of(name, work)
                executor = executor_of(work)
                activity = executor.submit(workload).result()
                cycles += activity.cycles * times
                macs += activity.macs * times
                breakdowns.append((price(activity, prices, arch, workload.operands), times))
                if dense:
                    whole, _ = workload_of(name, work, dense=True)
                    dense_cycles += executor.submit(whole).result().cycles * times
            yield _sum(file, case, arch, cycles, dense_cycles, macs, breakdowns)


def _sum(
    file: PublishedFile,
    case: CaseSpec,
    arch: Arch,
    cycles: int,
    dense_cycles: int,
    macs: int,
    breakdowns: Sequence[tuple[EnergyBreakdown, int]],
) -> Totals:
    dram = sum(
        row.energy * times
        for breakdown, times in breakdowns
        for row in breakdown.rows
        if row.unit == _DRAM
    )
    whole = sum(breakdown.total * times for breakdown, times in breakdowns)
    areas = breakdowns[0][0].area_by_unit
    if arch.technology is None:
        raise InputError(f"arch {arch.label}: it has no technology, so cycles are no time")
    clock_hz = arch.technology.clock_hz
    waiting = 0.0
    if case.waits is not None:
        seconds = parse_quantity(case.waits, QUANTITIES["time"].units)
        waiting = _idle(breakdowns) / cycles * clock_hz * seconds
    return Totals(
        cycles=cycles * file.images,
        dense_cycles=dense_cycles * file.images,
        macs=macs * file.images,
        chip_pj=(whole - dram) * file.images + waiting,
        dram_pj=dram * file.images,
        area_um2=sum(area for unit, area in areas.items() if unit != _DRAM),
        clock_hz=clock_hz,
        images=file.images,
    )


def _idle(breakdowns: Sequence[tuple[EnergyBreakdown, int]]) -> float:
    """Sum what the chip takes whether it works or waits, pJ."""
    return sum(
        row.energy * times
        for breakdown, times in breakdowns
        for row in breakdown.rows
        if row.unit != _DRAM and row.action in (STATIC, CLOCK)
    )
