"""One energy of an evaluation, by part, the same wherever it is shown."""

import json
import math
from dataclasses import replace

import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

import hwsim
from hwsim.cli.timeloop import app
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.result import space_labels
from hwsim.engines.timeloop.figures.stats_file import stats_text
from hwsim.engines.timeloop.figures.storage_figures import level_figures
from hwsim.engines.timeloop.program.stats_reader import parse_stats
from hwsim.engines.timeloop.terms.machine import Mesh
from hwsim.reports.timeloop_report import timeloop_report
from tests.engines.timeloop.designs import gemm
from tests.engines.timeloop.figures.priced import priced, priced_inputs
from tests.engines.timeloop.sparse.parts import level, product, tile
from tests.engines.timeloop.spec.inputs import sparse_inputs

#: 192 operations at 2 pJ.
COMPUTE = 384.0
#: Spad 1 pJ, GLB 10 pJ, DRAM 100 pJ, of 968, 184 and 104 accesses.
STORAGE = 968.0 + 1840.0 + 10_400.0
#: Of the global buffer: 64, 96 and 24 addresses at 0.5 pJ.
ADDRESSES = 92.0
#: 48 cycles at 0.25 pJ, of one instance.
LEAKAGE = 12.0
#: A: 32 words over 2 routers and 1.5 hops; B: 48 over 4 and 3; Z: 24 over 2 and 1.5.
NETWORKS = 32 * (2 + 1.5 / 8) + 48 * (4 + 3 / 8) + 24 * (2 + 1.5 / 8)
TOTAL = COMPUTE + STORAGE + ADDRESSES + LEAKAGE + NETWORKS


def test_energy_is_the_sum_of_its_parts():
    result = priced()
    assert result.energy_by_part_pj == {
        "compute": COMPUTE,
        "storage": STORAGE,
        "address generation": ADDRESSES,
        "leakage": LEAKAGE,
        "networks": NETWORKS,
    }
    assert result.energy_pj == result.evaluation.energy == TOTAL == 14_028.5


def test_networks_are_filled_and_drained_beside_all_the_work():
    found = priced().evaluation
    dram, buffer, *others = reversed(found.machine.levels)
    slow = replace(
        buffer,
        read_network=replace(buffer.read_network, fill_latency=3),
        update_network=replace(buffer.update_network, drain_latency=5),
    )
    machine = replace(found.machine, levels=tuple(reversed([dram, slow, *others])))
    assert evaluate(found.problem, machine, found.mapping, found.sparse).cycles == found.cycles + 8


def test_what_timeloop_prints_beside_accesses_has_a_name_of_its_own():
    result = priced()
    assert result.timeloop_access_energy_pj == COMPUTE + STORAGE
    lines = [
        part["Energy (total)"]
        for level, labels in result.levels.items()
        for part in ([labels] if level == "MAC" else labels.values())
        if isinstance(part, dict)
    ]
    assert sum(lines) == result.timeloop_access_energy_pj
    read = parse_stats(stats_text(result.evaluation), "x")
    assert read.access_energy_pj == result.timeloop_access_energy_pj
    assert read.energy_pj == pytest.approx(result.energy_pj, abs=5e3)  # the file has 0.01 uJ


def test_plain_data_and_activity_have_the_same_energy():
    result = priced()
    data = result.to_dict()
    assert data["energy_pj"] == TOTAL
    assert data["energy_by_part_pj"] == result.energy_by_part_pj
    assert data["timeloop_access_energy_pj"] == COMPUTE + STORAGE
    statistics = result.activity.statistics
    assert statistics["energy_pj"] == TOTAL
    assert statistics["leakage energy_pj"] == LEAKAGE
    assert statistics["networks energy_pj"] == NETWORKS


def test_the_command_prints_and_writes_it(tmp_path):
    file = tmp_path / "design.yaml"
    file.write_text(yaml.safe_dump(priced_inputs()), encoding="utf-8")
    out = tmp_path / "out.json"
    run = CliRunner().invoke(app, ["model", str(file), "-o", str(tmp_path), "--json", str(out)])
    assert run.exit_code == 0, run.output
    assert "energy       14,028 pJ, prices from the energy reference table" in run.output
    assert json.loads(out.read_text(encoding="utf-8"))["energy_pj"] == TOTAL


def test_the_report_shows_every_part(tmp_path):
    console = Console(width=80, record=True)
    console.print(timeloop_report(priced(), tmp_path))
    text = " ".join(console.export_text().split())
    assert (
        "of it compute 384.0, storage 13,208, address generation 92.00, leakage 12.00, "
        "networks 332.5 Timeloop's lines 'Energy (total)' leave out address generation, leakage, "
        "networks: 13,592 pJ"
    ) in text
    assert "GLB address generation 92.00 GLB leakage 12.00 DRAM A" in text
    assert "GLB <==> Spad network 332.5" in text


def labels_of(found, **changes):
    figures = level_figures(level(**changes), [found, tile(0), tile(0)], product(), 100)
    return space_labels(figures, figures.spaces[0], "A", sparse=False)


def test_addresses_are_paid_for_by_cluster():
    found = tile(8, reads=10, instances=8, columns=4, rows=2)
    labels = labels_of(found, mesh=Mesh(4, 2), cluster_size=4, addr_gen_energy=1.5)
    assert labels["Address Generation Energy (per-cluster)"] == 15
    assert labels["Address Generation Energy (total)"] == 30


def test_an_access_that_never_happens_has_no_energy():
    label = "Energy (per-scalar-access)"
    assert labels_of(tile(8, reads=10))[label] == 1
    assert math.isnan(labels_of(tile(8))[label])
    assert labels_of(tile(8, instances=0))[label] == 0  # where nothing works


def test_plain_data_have_no_nan():
    design = sparse_inputs(problem=gemm(4, 6, 8, B=0.0))
    for target in design["sparse_optimizations"]["targets"][:3]:
        options = [{"target": "A", "condition_on": ["B"]}]
        target["action_optimization"] = [{"type": "gating", "options": options}]
    levels = hwsim.evaluate_timeloop(design).levels
    label = "Energy (per-scalar-access)"
    prices = {level: levels[level]["A"][label] for level in ("Spad", "GLB", "DRAM")}
    assert prices == {"Spad": None, "GLB": None, "DRAM": None}  # A is never accessed
    assert levels["Spad"]["Z"][label] == 1
