"""The real STONNE as an engine."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.engines.programs.locate import Tool, find_runner
from hwsim.engines.programs.runner import Runner, Workspace, workspace
from hwsim.engines.stonne.fabric.fibers import SHORTEST_FIBER, fill_short_fibers
from hwsim.engines.stonne.files.command import SparseGemm
from hwsim.engines.stonne.files.random_operands import draw_operands
from hwsim.engines.stonne.files.result import read_result
from hwsim.engines.stonne.program.operand_feed import can_feed, feed, was_fed
from hwsim.errors import InputError, ProgramError
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Where the weights' zeros come from: the layer itself, or STONNE's own draw.
OperandSource = Literal["layer", "random"]

STONNE = Tool(
    title="STONNE",
    program="stonne",
    variable="HWSIM_STONNE",
    image="stonnesimulator/stonne-simulators",
)
_SUMMED = ("Total_cycles", "N_reconfigurations")
_ACCESSES = "N_SRAM_"
_SHORT_K = f"STONNE writes past its arrays when K is less than {SHORTEST_FIBER}, and may die of it"


class StonneEngine:
    """Runs ``stonne -SparseGEMM``, once for each distinct group of a layer.

    Parameters
    ----------
    runner : Runner, optional
        Where the program is; found by ``HWSIM_STONNE`` or on the PATH when not given.
    operands : {"layer", "random"}, optional
        ``"layer"``: the program gets the layer's own zeros. ``"random"``: it draws zeros of the
        layer's share itself, the same in every run, and none of the layer's are used. By default
        what ``HWSIM_STONNE_OPERANDS`` says, else ``"layer"``.

    Raises
    ------
    InputError
        If there is no program.
    """

    name = "stonne"

    def __init__(self, runner: Runner | None = None, operands: OperandSource | None = None) -> None:
        wanted = operands or os.environ.get("HWSIM_STONNE_OPERANDS") or "layer"
        if wanted not in ("layer", "random"):
            raise InputError(f"HWSIM_STONNE_OPERANDS: expected 'layer' or 'random'. Got {wanted!r}")
        self._runner = runner or find_runner(STONNE)
        self._operands: OperandSource = "layer" if wanted == "layer" else "random"

    @property
    def program(self) -> str:
        """Which program it is, for people."""
        return self._runner.name

    @property
    def operands(self) -> OperandSource:
        """Where the weights' zeros come from."""
        return self._operands

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Run a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer; its streaming side is dense.
        arch : Arch
            A machine of the engine ``sigma``.

        Returns
        -------
        Activity
            Totals over all groups.

        Raises
        ------
        ProgramError
            If the program fails.
        """
        runs = [
            (self.run_group(group, arch)[0], times) for group, times in distinct_groups(workload)
        ]
        return _total(workload, runs)

    def run_group(
        self, workload: Workload, arch: Arch
    ) -> tuple[Activity, NDArray[np.bool_], NDArray[np.bool_]]:
        """Run a workload of one group.

        Returns
        -------
        (Activity, ndarray of bool, ndarray of bool)
            The result, and where ``MK`` (M, K) and ``KN`` (K, N) were not zero.

        Raises
        ------
        ProgramError
            If the program fails.
        """
        gemm = SparseGemm.of(workload, arch)
        if self._operands == "random":
            mk, kn = draw_operands(
                (gemm.M, gemm.K), gemm.mk_sparsity, (gemm.K, gemm.N), gemm.kn_sparsity
            )
        else:
            gemm = replace(gemm, mk_sparsity=0, kn_sparsity=0)
            mk, kn = _own_operands(workload)
        with workspace() as place:
            environment = {"OUTPUT_DIR": "."}
            if self._operands == "layer":
                environment |= feed(self._runner, place, mk, kn)
            try:
                self._runner.run(gemm.arguments, place, environment)
            except ProgramError as error:
                if gemm.K < SHORTEST_FIBER:
                    raise ProgramError(f"{error}; {_SHORT_K}") from error
                raise
            return self._result(place, gemm, mk, kn), mk, kn

    def stop(self) -> None:
        """End what runs, from another thread."""
        self._runner.stop()

    def _result(
        self, place: Workspace, gemm: SparseGemm, mk: NDArray[np.bool_], kn: NDArray[np.bool_]
    ) -> Activity:
        if self._operands == "layer" and not was_fed(place):
            raise ProgramError(
                f"{self._runner.name}: did not take the layer's zeros (a program that is linked "
                "statically, or that is no STONNE, does not); --operands random does without"
            )
        try:
            activity = read_result(place.outputs)
        except InputError as error:
            reason = str(error).replace(f"{place.outputs}/", "").replace(f"{place.outputs}: ", "")
            raise ProgramError(f"{self._runner.name}: left no usable result: {reason}") from error
        stationary = mk if gemm.dataflow == "MK_STA_KN_STR" else kn.T
        expected = int(np.count_nonzero(fill_short_fibers(stationary)))
        read = activity.statistics.get("N_SRAM_weight_reads")
        if activity.macs != gemm.M * gemm.K * gemm.N or read != expected:
            raise ProgramError(
                f"{self._runner.name}: ran other operands than it should have: {expected} weights "
                f"were expected, it read {read}"
                + (
                    "; its C library draws other numbers than the GNU one"
                    if self._operands == "random"
                    else ""
                )
            )
        return activity


def choose_operands(wanted: str) -> OperandSource:
    """Resolve ``auto``: the layer's own zeros where this machine can hand them over.

    Raises
    ------
    InputError
        If it is none of ``auto``, ``layer`` and ``random``.
    """
    if wanted == "auto":
        return "layer" if can_feed() else "random"
    if wanted == "layer":
        return "layer"
    if wanted == "random":
        return "random"
    raise InputError(f"--operands: expected auto, layer or random. Got {wanted!r}")


def distinct_groups(workload: Workload) -> list[tuple[Workload, int]]:
    """Split a layer into its groups and count the equal ones.

    Returns
    -------
    list of (Workload, int)
        Workloads of one group, and how many groups have these zeros.
    """
    found: dict[bytes, tuple[Workload, int]] = {}
    for bits in workload.weights:
        key = np.packbits(bits).tobytes()
        group, times = found.get(key, (replace(workload, weights=bits[None]), 0))
        found[key] = (group, times + 1)
    return list(found.values())


def _own_operands(workload: Workload) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    weights = workload.weights[0]
    if workload.dataflow == "MK_STA_KN_STR":
        return weights, np.ones((workload.K, workload.N), dtype=np.bool_)
    return np.ones((workload.M, workload.K), dtype=np.bool_), np.ascontiguousarray(weights.T)


def _total(workload: Workload, runs: list[tuple[Activity, int]]) -> Activity:
    """Add up the groups of a layer."""
    first = runs[0][0]
    cycles = sum(activity.cycles * times for activity, times in runs)
    busy = sum(activity.cycles * activity.utilization * times for activity, times in runs)
    counts = dict.fromkeys(first.counts, 0)
    for activity, times in runs:
        for key, count in activity.counts.items():
            counts[key] += int(count) * times
    return Activity(
        engine=StonneEngine.name,
        cycles=cycles,
        counts=counts,
        instances=first.instances,
        macs=workload.macs,
        effectual_macs=workload.effectual_macs,
        utilization=busy / cycles if cycles else 0.0,
        statistics=first.statistics if runs[0][1] == workload.groups == 1 else _added(runs),
    )


def _added(runs: list[tuple[Activity, int]]) -> dict[str, float | str]:
    """Add up what can be added; shares and averages of one group say nothing of the layer."""
    total: dict[str, float | str] = {"Dataflow": runs[0][0].statistics["Dataflow"]}
    for key in runs[0][0].statistics:
        if key in _SUMMED or key.startswith(_ACCESSES):
            total[key] = sum(int(activity.statistics[key]) * times for activity, times in runs)
    return total
