"""The mesh component by component, for STONNE's result files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hwsim.activity import Activity
from hwsim.engines.stonne.fabric.bus_queues import serve_one_a_cycle
from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.files.report import (
    LATE,
    CounterLine,
    StonneReport,
    Unbroken,
    queue_line,
    queue_stats,
    wire_line,
)
from hwsim.engines.stonne.files.run_stats import gemm_layer, run_stats, tile_stats
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.tpu.command import MeshRun, mesh_run
from hwsim.engines.stonne.tpu.counts import memory_totals
from hwsim.engines.stonne.tpu.edge_queues import longest_queues
from hwsim.engines.stonne.tpu.engine import TpuEngine, run_gemm
from hwsim.engines.stonne.tpu.timing import TO_BUS, gemm_cycles, last_products
from hwsim.engines.stonne.tpu.tree_passes import BehindMesh, run_behind_tree


def simulate_mesh(settings: StonneSettings) -> Activity:
    """Run a GEMM on the mesh.

    Raises
    ------
    InputError
        If the machine does not take it.
    """
    run = mesh_run(settings)
    if not run.tree:
        return run_gemm(run.gemm, run.tile, run.sizes)
    macs = run.gemm.M * run.gemm.N * run.gemm.K
    report = _MeshReport(settings, run).report()
    return report.activity(TpuEngine.name, macs, run.sizes.multipliers)


def mesh_report(settings: StonneSettings) -> StonneReport:
    """Run a GEMM on the mesh and say what every component did.

    Raises
    ------
    InputError
        If the machine does not take it.
    """
    return _MeshReport(settings, mesh_run(settings)).report()


class _MeshReport:
    def __init__(self, settings: StonneSettings, run: MeshRun) -> None:
        self.settings, self.run, self.sizes = settings, run, run.sizes
        self.behind = self._behind_tree() if run.tree else None
        self.cycles = self.behind.cycles if self.behind else self._cycles()
        self.passes = list(run.tile.passes(run.gemm))
        self.number = run.tile.number(run.gemm)
        #: Elements that come in at each row and column.
        shape = self.sizes.ms_rows, self.sizes.ms_cols
        self.outputs = np.zeros(shape, np.int64)  # of each accumulator
        self.moved_down = np.zeros(shape, np.int64)  # passes in which an operand is handed down
        self.moved_right = np.zeros(shape, np.int64)
        self.left = np.zeros(shape[0], np.int64)
        self.top = np.zeros(shape[1], np.int64)
        for rows, columns, times in self.passes:
            self.outputs[:rows, :columns] += times
            self.moved_down[: rows - 1, :columns] += times
            self.moved_right[:rows, : columns - 1] += times
            self.left[:rows] += times * run.gemm.K
            self.top[:columns] += times * run.gemm.K

    def report(self) -> StonneReport:
        run = self.run
        of_convolution = {"T_R": 1, "T_S": run.depth, "T_C": 1, "T_K": run.tile.columns}
        rest = {"T_G": 1, "T_N": 1, "T_X_": run.tile.rows, "T_Y_": 1}
        tile = tile_stats({**of_convolution, **rest}, folding=run.folding)
        switches, ports = self._distribution()
        multipliers, links = self._multipliers()
        behind = self.behind or self._accumulating()
        stats = {
            **run_stats(self.settings, gemm_layer(*run.gemm), tile),
            "ASNetworkConfiguration": behind.configuration,
            "MSNetworkConfiguration": {"MSwitchConfiguration": list(self._neurons())},
            "GlobalStats": {"N_cycles": self.cycles},
            "DSNetworkStats": {"DSTreeStats": switches},
            "MSNetworkStats": {"MSwitchStats": multipliers},
            "ASNetworkStats": behind.figures["ASNetworkStats"],
            "SDMemoryStats": self._memory(),
            "CollectionBusStats": behind.figures["CollectionBusStats"],
        }
        left, top = int(self.left.sum()), int(self.top.sum())
        written = run.gemm.M * run.gemm.N
        buffer = CounterLine("GLOBALBUFFER", {"READ": left + top, "WRITE": written})
        counters = {
            "DSNetwork": ports,
            "MSNetwork": links,
            "ReduceNetwork": behind.counters["ReduceNetwork"],
            "GlobalBuffer": [buffer],
            "CollectionBus": behind.counters["CollectionBus"],
        }
        return StonneReport(self.cycles, stats, counters)

    def _cycles(self) -> int:
        return gemm_cycles(self.run.gemm, self.run.tile, self.sizes)

    def _behind_tree(self) -> BehindMesh:
        gemm, tile, sizes = self.run.gemm, self.run.tile, self.sizes
        return run_behind_tree(gemm, tile, sizes, accumulates=self.run.accumulates)

    def _accumulating(self) -> BehindMesh:
        """Say what accumulators, one at each multiplier, and the bus do."""
        accumulators, sums = self._accumulators()
        lines, bus = self._bus()
        buffer = Unbroken({"AccumulatorStats": accumulators})
        return BehindMesh(
            cycles=self.cycles,
            configuration={},
            figures={
                "ASNetworkStats": {"AccumulationBufferStats": buffer},
                "CollectionBusStats": {"CollectionBusLineStats": lines},
            },
            counters={"ReduceNetwork": sums, "CollectionBus": bus},
        )

    def _neurons(self) -> Iterator[dict[str, int]]:
        """Give the virtual neuron of each multiplier in the last pass; 0 for those without."""
        rows, columns, _ = self.passes[-1]
        for row, column in np.ndindex(self.outputs.shape):
            used = row < rows and column < columns
            yield {"VN": row * columns + column if used else 0}

    def _by_port(self) -> Ints:
        """Give the elements of every edge, shape (ports, leaves): columns first, then rows."""
        return np.concatenate([self.top, self.left]).reshape(self.sizes.dn_bw, -1)

    def _distribution(self) -> tuple[list[Any], list[CounterLine]]:
        by_port = self._by_port()
        lines = [wire_line("DN_WIRE", int(sent)) for sent in by_port.sum(axis=1)]
        trees = []
        for leaves in by_port:
            levels, wires, switches = [], [], []
            width = len(leaves) // 2
            while width:
                below = leaves.reshape(-1, 2, width).sum(axis=2).tolist()
                wires += [wire_line("DN_WIRE", sent) for both in below for sent in both]
                switches += [
                    CounterLine("SWITCH", {"ROUTE_UNICAST": sum(both), "ROUTE_BROADCAST": 0})
                    for both in below
                ]
                levels.append([self._switch(*both) for both in below])
                width //= 2
            trees.append({"DSwitchStats": levels})
            lines += wires + switches
        return trees, lines

    def _switch(self, left: int, right: int) -> dict[str, int]:
        return {
            "Total_cycles": self.cycles,
            "Idle_cycles": self.cycles - left - right,
            "N_broadcasts": 0,
            "N_unicasts": left + right,
            "N_left_sends": left,
            "N_right_sends": right,
        }

    def _multipliers(self) -> tuple[list[Any], list[CounterLine]]:
        K = self.run.gemm.K
        down, right = self.moved_down * K, self.moved_right * K
        lines = [wire_line("MN_WIRE", sent) for sent in down[:-1].ravel().tolist()]
        lines += [wire_line("MN_WIRE", sent) for sent in right[:, :-1].ravel().tolist()]
        longest_top = np.zeros(self.outputs.shape, np.int64)
        longest_left = np.zeros(self.outputs.shape, np.int64)
        for rows, columns, _ in self.passes:
            used = np.s_[:rows, :columns]
            top, left = longest_queues(rows, columns, K, self.sizes)
            longest_top[used] = np.maximum(longest_top[used], top)
            longest_left[used] = np.maximum(longest_left[used], left)
        stats = []
        for place in np.ndindex(self.outputs.shape):
            products = int(self.outputs[place]) * K
            below, beside = int(down[place]), int(right[place])
            queues = {
                "TopFifo": (products, int(longest_top[place])),
                "LeftFifo": (products, int(longest_left[place])),
                "RightFifo": (beside, int(beside > 0)),
                "BottomFifo": (below, int(below > 0)),
                "OutputFifo": (products, int(products > 0)),
            }
            configured = {"MULTIPLICATION": products, "CONFIGURATION": self.number}
            lines.append(CounterLine("MULTIPLIER", configured))
            lines += [queue_line(passed, passed) for passed, _ in queues.values()]
            stats.append(
                {
                    "Total_cycles": self.cycles,
                    "Idle_cycles": self.cycles - products,
                    "N_multiplications": products,
                    "N_bottom_forwardings_send": below,
                    "N_top_forwardings_receive": products,
                    "N_right_forwardings_send": beside,
                    "N_left_forwardings_receive": products,
                    "N_configurations": self.number,
                    **_queues_of(queues),
                }
            )
        return stats, lines

    def _accumulators(self) -> tuple[list[Any], list[CounterLine]]:
        K, outputs = self.run.gemm.K, self.outputs.ravel().tolist()
        lines = [wire_line("RN_WIRE", number * K) for number in outputs]
        stats = []
        for number in outputs:
            products, sums = number * K, number * (K - 1)
            counted = {"READ": sums, "WRITE": products, "ADD": sums}
            lines.append(CounterLine("ACCUMULATOR", counted))
            lines += [queue_line(products, products), queue_line(number, number)]
            used = int(number > 0)
            stats.append(
                {
                    "Total_cycles": self.cycles,
                    "N_adds": sums,
                    "N_memory_send": number,
                    "N_receives": products,
                    "N_register_reads": sums,
                    "N_register_writes": products,
                    "N_configurations": self.number,
                    **_queues_of({"InputFifo": (products, used), "OutputFifo": (number, used)}),
                }
            )
        return stats, lines

    def _memory(self) -> dict[str, Any]:
        by_port, ports = self._by_port(), self.sizes.dn_bw
        of_columns = np.arange(by_port.size).reshape(by_port.shape) < self.sizes.ms_cols
        return {
            **memory_totals(self.run.gemm, self.run.tile, self.cycles),
            "N_SRAM_read_ports_weights_use": (by_port * of_columns).sum(axis=1).tolist(),
            "N_SRAM_read_ports_inputs_use": (by_port * ~of_columns).sum(axis=1).tolist(),
            "N_SRAM_read_ports_psums_use": [0] * ports,
            "N_SRAM_write_ports_use": [0] * self.sizes.rn_bw,  # never counted by STONNE
        }

    def _bus(self) -> tuple[list[Any], list[CounterLine]]:
        inputs = self.sizes.inputs_of_line
        received = np.zeros((self.sizes.rn_bw, inputs), np.int64)
        outputs = self.outputs.ravel()
        (used,) = np.nonzero(outputs)
        received[used % self.sizes.rn_bw, used // self.sizes.rn_bw] = outputs[used]
        waited, conflicts = self._waiting()
        stats, lines = [], []
        for line, of_line in enumerate(received.tolist()):
            sent = sum(of_line)
            lines += [wire_line("CB_WIRE", number) for number in of_line]
            lines += [queue_line(number, number) for number in of_line]
            lines.append(wire_line("CB_WIRE", sent))
            stats.append(
                {
                    "Total_cycles": self.cycles,
                    "N_Times_conflicts": int(conflicts[line]),
                    "N_Conflicts_Average": int(waited[line]) // self.cycles,
                    "N_sends": sent,
                    "n_inputs_receive": of_line,
                    LATE + "input_fifos_stats": [
                        queue_stats(number, number, int(number > 0)) for number in of_line
                    ],
                }
            )
        return stats, lines

    def _waiting(self) -> tuple[Ints, Ints]:
        """Count by line: cycles of all outputs at it, and cycles in which several are there."""
        waited = np.zeros(self.sizes.rn_bw, np.int64)
        conflicts = np.zeros(self.sizes.rn_bw, np.int64)
        for rows, columns, times in self.passes:
            last = last_products(rows, columns, self.run.gemm.K, self.sizes).ravel() + TO_BUS
            places = np.arange(rows)[:, None] * self.sizes.ms_cols + np.arange(columns)
            lines = places.ravel() % self.sizes.rn_bw
            for line in np.unique(lines).tolist():
                arrived = np.sort(last[lines == line])
                sent, _ = serve_one_a_cycle(arrived, np.ones_like(arrived))
                waited[line] += times * int((sent - arrived + 1).sum())
                there = np.searchsorted(arrived, sent, side="right") - np.arange(len(sent))
                conflicts[line] += times * int((there > 1).sum())
        return waited, conflicts


def _queues_of(queues: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Give the queues of a component, the first with its comma late."""
    stats: dict[str, Any] = {}
    for name, (passed, most) in queues.items():
        stats[name if stats else LATE + name] = queue_stats(passed, passed, most)
    return stats
