"""When passes end: by hand, against a literal mesh, and as the real program measured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile
from hwsim.engines.stonne.tpu.timing import gemm_cycles, last_products, pass_cycles


def literal_pass(rows: int, columns: int, K: int, sizes: MeshSizes) -> int:
    """Step through a pass: queues of ports, edges and multipliers, the bus and the memory."""
    edges = list(range(columns)) + [sizes.ms_cols + row for row in range(rows)]
    ports: list[list[int]] = [[] for _ in range(sizes.dn_bw)]
    waiting = {(place, side): 0 for place in np.ndindex(rows, columns) for side in "tl"}
    on_the_way: list[list[tuple[tuple[int, int], str]]] = [[] for _ in range(3)]
    done = dict.fromkeys(np.ndindex(rows, columns), 0)
    due: dict[int, list[int]] = {}
    lines: dict[int, int] = {}
    memory, received, cycle = 0, 0, 0
    trees = sizes.leaves_of_port > 1
    while received < rows * columns:
        if cycle < K:
            for edge in edges:
                ports[edge // sizes.leaves_of_port].append(edge)
        sent = [queue.pop(0) for queue in ports if queue]
        for edge in sent:
            place = (0, edge) if edge < sizes.ms_cols else (edge - sizes.ms_cols, 0)
            on_the_way[trees].append((place, "t" if edge < sizes.ms_cols else "l"))
        arrived, on_the_way = on_the_way[0], [on_the_way[1], on_the_way[2], []]
        for key in arrived:
            waiting[key] += 1
        for row, column in np.ndindex(rows, columns):
            if waiting[(row, column), "t"] and waiting[(row, column), "l"]:
                waiting[(row, column), "t"] -= 1
                waiting[(row, column), "l"] -= 1
                if row + 1 < rows:
                    on_the_way[0].append(((row + 1, column), "t"))
                if column + 1 < columns:
                    on_the_way[0].append(((row, column + 1), "l"))
                done[row, column] += 1
                if done[row, column] == K:
                    line = (row * sizes.ms_cols + column) % sizes.rn_bw
                    due.setdefault(cycle + 2, []).append(line)
        taken = (memory + 1) // 2
        received, memory = received + taken, memory - taken
        for line in due.pop(cycle, []):
            lines[line] = lines.get(line, 0) + 1
        for line, count in lines.items():
            memory += count > 0
            lines[line] = max(0, count - 1)
        cycle += 1
    return cycle + 1  # and the one that configured the mesh


@st.composite
def passes(draw: st.DrawFn) -> tuple[int, int, int, MeshSizes]:
    leaves, ports = draw(st.sampled_from([1, 2, 4])), draw(st.integers(1, 6))
    edges = max(leaves * ports, 2)
    ms_rows = draw(st.integers(1, edges - 1))
    sizes = MeshSizes(ms_rows, edges - ms_rows, ports if leaves * ports >= 2 else 2,
                      draw(st.integers(1, 12)), 4096)  # fmt: skip
    rows, columns = draw(st.integers(1, ms_rows)), draw(st.integers(1, edges - ms_rows))
    return rows, columns, draw(st.integers(1, 5)), sizes


@given(passes())
def test_a_pass_ends_when_a_literal_mesh_has_received_its_last_output(drawn):
    rows, columns, K, sizes = drawn
    assert pass_cycles(rows, columns, K, sizes) == literal_pass(rows, columns, K, sizes)


def test_products_wait_for_the_way_through_the_mesh():
    sizes = MeshSizes(3, 3, 6, 9)
    assert last_products(2, 3, 4, sizes).tolist() == [[3, 4, 5], [4, 5, 6]]


def test_a_port_with_a_tree_delivers_its_edges_in_turn_a_cycle_later():
    # one port of the columns, one of the rows; element k of edge i comes at 2 k + i + 1
    assert last_products(2, 2, 3, MeshSizes(2, 2, 2, 4)).tolist() == [[5, 6], [6, 7]]


@pytest.mark.parametrize(
    ("ports", "lines", "cycles"),
    # measured: stonne -DenseGEMM -M=9 -N=7 -K=5 -ms_rows=4 -ms_cols=4 -T_M=4 -T_N=3
    [(1, 16, 301), (2, 16, 212), (4, 16, 156), (8, 16, 115), (8, 1, 135), (8, 2, 123), (8, 4, 115)],
)
def test_fewer_ports_take_the_cycles_that_were_measured(ports, lines, cycles):
    sizes = MeshSizes(4, 4, ports, lines)
    assert gemm_cycles(Gemm(9, 7, 5), Tile(4, 3), sizes) == cycles
