"""The result files of the mesh, byte for byte those of the real program."""

import json
from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.tpu.edge_queues import longest_queues
from hwsim.engines.stonne.tpu.report import mesh_report, simulate_mesh
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.timing import last_products
from tests.measured import golden_folder


def test_files_are_those_of_the_real_program():
    lines = (golden_folder("stonne_files") / "mesh.jsonl").read_text(encoding="utf-8")
    runs = [json.loads(line) for line in lines.splitlines()]
    assert len(runs) >= 30
    for run in runs:
        report = mesh_report(StonneSettings.of(run["operation"], run["params"]))
        for name, text in (("stats", report.stats_text()), ("counters", report.counters_text())):
            assert sha256(text.encode()).hexdigest()[:32] == run[name], (name, run["params"])


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 2, 4]), st.sampled_from([1, 3, 9]))
def test_lines_add_up_to_the_totals_of_the_engine(M, N, ports, lines):
    given_sizes = {"ms_rows": 4, "ms_cols": 4, "dn_bw": 2 * ports, "rn_bw": lines}
    tile = {"T_M": min(M, 3), "T_N": min(N, 4)}
    settings = StonneSettings.of("DenseGEMM", {"M": M, "N": N, "K": 4, **given_sizes, **tile})
    report, activity = mesh_report(settings), simulate_mesh(settings)
    counted, instances = {}, {}
    for section, found in report.counters.items():
        for line in found:
            component = section, line.component
            instances[component] = instances.get(component, 0) + 1
            for action, count in line.actions.items():
                counted[(*component, action)] = counted.get((*component, action), 0) + count
    assert counted == activity.by_action()
    assert instances == activity.instances
    assert report.cycles == activity.cycles


def test_queues_grow_where_one_edge_is_faster_than_the_other():
    # one port for three columns, one for the row: each column gets an element every 3 cycles
    sizes = MeshSizes(1, 3, 2, 3)
    top, left = longest_queues(1, 3, 6, sizes)
    assert left.shape == top.shape == (1, 3)
    assert last_products(1, 3, 6, sizes).shape == (1, 3)
    even = MeshSizes(2, 2, 4, 4)
    assert np.array_equal(longest_queues(2, 2, 5, even)[0], [[1, 2], [1, 1]])
