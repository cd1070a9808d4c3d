"""The real STONNE as an engine."""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.locate import Tool, find_runner
from hwsim.engines.programs.runner import Runner, Workspace, workspace
from hwsim.engines.protocol import Engine, ProgramOptions
from hwsim.engines.stonne.fabric.fibers import SHORTEST_FIBER, fill_short_fibers
from hwsim.engines.stonne.fabric.variants import DISTRIBUTIONS
from hwsim.engines.stonne.files.command import SparseGemm
from hwsim.engines.stonne.files.random_operands import draw_operands
from hwsim.engines.stonne.files.result import read_result
from hwsim.engines.stonne.program._operand_feed import can_feed, feed, was_fed
from hwsim.engines.stonne.sigma.gemms import simulate as simulate_by_rules
from hwsim.engines.stonne.sigma.groups import add_groups
from hwsim.engines.stonne.sigma.operands_of_counters import add_what_rules_tell, split_operands
from hwsim.engines.stonne.sigma.packing_pace import with_packing_pace
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.errors import InputError, ProgramError
from hwsim.workload.activations import Activations
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
_SHORT_K = f"STONNE writes past its arrays when K is less than {SHORTEST_FIBER}, and may die of it"


class StonneEngine(Engine):
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
    images_together = True
    compares_schemes = False
    runs_program = True
    options = MappingProxyType({"distribution": DISTRIBUTIONS})

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
            The layer; its streaming side is dense, or its zeros are given.
        arch : Arch
            A machine of the engine ``sigma``.

        Returns
        -------
        Activity
            Totals over all groups.

        Raises
        ------
        InputError
            If only the share of activations that are not zero is known: the program runs matrices.
        ProgramError
            If the program fails.
        """
        self.refuse_activations(workload)
        runs = [
            (self.run_group(group, arch)[0], times) for group, times in distinct_groups(workload)
        ]
        return with_packing_pace(add_groups(workload, runs), workload.streams)

    def refuse_activations(self, workload: Workload) -> None:
        """Refuse zeros of activations that the program cannot be given.

        Raises
        ------
        InputError
            If only their share is known, or operands are drawn.
        """
        activations = workload.activations
        if activations.nonzeros is None and not activations.dense:
            raise InputError(
                f"layer {workload.layer!r}: engine 'stonne' runs the real matrices and cannot take "
                f"an activation density of {activations.density:g}; use --engine sigma"
            )
        if self._operands == "random" and not activations.dense:
            raise InputError(
                f"layer {workload.layer!r}: the program draws its operands, and zeros of "
                "activations cannot be given to it; see --operands layer, or take activations as "
                "dense"
            )

    def key(self, workload: Workload) -> Hashable:
        """Identify the GEMM and its zeros, which is all that the program gets."""
        return workload.zeros_fingerprint()

    @classmethod
    def of_program(cls, options: ProgramOptions) -> StonneEngine:
        """Make the engine with a program of the user's choice."""
        limits = Limits(seconds=options.timeout_s)
        return cls(find_runner(STONNE, options.program, options.docker, limits))

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
            return self._result(place, gemm, mk, kn, arch), mk, kn

    def stop(self) -> None:
        """End what runs, from another thread."""
        self._runner.stop()

    def _result(
        self,
        place: Workspace,
        gemm: SparseGemm,
        mk: NDArray[np.bool_],
        kn: NDArray[np.bool_],
        arch: Arch,
    ) -> Activity:
        if self._operands == "layer" and not was_fed(place):
            raise ProgramError(
                f"{self._runner.name}: did not take the layer's zeros (a program that is linked "
                "statically, or that is no STONNE, does not); --operands random does without"
            )
        try:
            found = read_result(place.outputs)
            activity = split_operands(found, gemm.num_ms, gemm.dn_bw, gemm.M * gemm.N)
        except InputError as error:
            reason = str(error).replace(f"{place.outputs}/", "").replace(f"{place.outputs}: ", "")
            raise ProgramError(f"{self._runner.name}: left no usable result: {reason}") from error
        stationary, streaming = (mk, kn.T) if gemm.dataflow == "MK_STA_KN_STR" else (kn.T, mk)
        expected = int(np.count_nonzero(fill_short_fibers(stationary)))
        read = activity.statistics.get("N_SRAM_weight_reads")
        if activity.macs != gemm.M * gemm.K * gemm.N or read != expected:
            cause = "; its C library draws other numbers than the GNU one"
            raise ProgramError(
                f"{self._runner.name}: ran other operands than it should have: {expected} weights "
                f"were expected, it read {read}{cause if self._operands == 'random' else ''}"
            )
        ours = simulate_by_rules(stationary[None], Stream.of_bits(streaming), arch, gemm.dataflow)
        return add_what_rules_tell(activity, ours)


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
    found: dict[str, tuple[Workload, int]] = {}
    present = workload.activations.nonzeros
    for number, levels in enumerate(workload.levels):
        vectors = None if present is None else present[number : number + 1]
        activations = workload.activations if vectors is None else Activations(nonzeros=vectors)
        group = replace(workload, levels=levels[None], activations=activations)
        key = group.zeros_fingerprint()
        first, times = found.get(key, (group, 0))
        found[key] = first, times + 1
    return list(found.values())


def _own_operands(workload: Workload) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    weights, present = workload.nonzeros[0], workload.activations.nonzeros
    vectors = np.ones((workload.streams, workload.K), np.bool_) if present is None else present[0]
    if workload.dataflow == "MK_STA_KN_STR":
        return weights, vectors.T
    return vectors, weights.T
