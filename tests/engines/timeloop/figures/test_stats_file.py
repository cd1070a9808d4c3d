"""The statistics file, and the command that writes it."""

import json
from dataclasses import replace

import pytest
import yaml
from typer.testing import CliRunner

import hwsim
from hwsim.cli.timeloop import app
from hwsim.engines.timeloop.figures.stats_file import stats_text, write_stats
from tests.engines.timeloop.designs import gemm, spatial, table, temporal, three_levels
from tests.engines.timeloop.figures.priced import priced, priced_inputs
from tests.engines.timeloop.spec.inputs import inputs, sparse_inputs

SPAD_A = """\
    A:
        Partition size                           : 8
        Utilized capacity                        : 8
        Utilized instances (max)                 : 4
        Utilized clusters (max)                  : 4
        Scalar reads (per-instance)              : 48
        Scalar fills (per-instance)              : 8
        Scalar updates (per-instance)            : 0
        Temporal reductions (per-instance)       : 0
        Address generations (per-cluster)        : 56
        Energy (per-scalar-access)               : 1.00 pJ
        Energy (per-instance)                    : 56.00 pJ
        Energy (total)                           : 224.00 pJ
"""


def test_sections_and_labels():
    text = stats_text(hwsim.evaluate_timeloop(inputs()).evaluation)
    assert text.startswith("Buffer and Arithmetic Levels\n----------------------------\nLevel 0\n")
    assert SPAD_A in text
    assert "\nSummary Stats\n-------------\n" in text
    assert "\nCycles: 48\n" in text
    assert "\nComputes = 192\nfJ/Compute\n    MAC           = 2000.00\n" in text


def test_operations_per_byte_are_of_whole_bytes():
    # an operation on words of 4 bits: 12 bits have to be moved; the levels inside move 20
    design = inputs()
    design["problem"] = gemm(1, 1, 1)
    design["architecture"] = three_levels()
    design["mapping"] = [temporal(name, "M=1 N=1 K=1") for name in ("DRAM", "GLB", "Spad")]
    design["ERT"] = table()
    text = json.dumps(design).replace('width": 16', 'width": 4').replace('bits": 16', 'bits": 4')
    text = stats_text(hwsim.evaluate_timeloop(json.loads(text)).evaluation)
    assert [line for line in text.splitlines() if "Op per Byte" in line] == [
        "    Optimal Op per Byte                     : 1.00",
        "    Op per Byte                             : 0.50",
        "    Op per Byte                             : 0.50",
        "    Op per Byte                             : 1.00",
    ]


def lines_of(design, *starts):
    text = stats_text(hwsim.evaluate_timeloop(design).evaluation)
    return [line.strip() for line in text.splitlines() if line.strip().startswith(starts)]


def test_levels_are_shown_that_cost_energy_or_are_accessed():
    nothing, one = (
        {"target": target, "type": "bypass", "bypass": bypass}
        for target, bypass in (("GLB", ["A", "B", "Z"]), ("Spad", ["A"]))
    )
    free = inputs(ERT=table(4, Spad=0.0))
    free["mapping"] += [nothing, one]
    assert lines_of(free, "Level ") == ["Level 0", "Level 1", "Level 3"]


def test_fewer_bits_than_a_byte_have_no_operations_per_byte():
    design = inputs(problem=gemm(1, 1, 1), architecture=three_levels(), ERT=table())
    design["mapping"] = [temporal(name, "M=1 N=1 K=1") for name in ("DRAM", "GLB", "Spad")]
    text = json.dumps(design).replace('width": 16', 'width": 2').replace('bits": 16', 'bits": 2')
    # 3 words of 2 bits; in both levels inside there are 5 accesses, 10 bits
    assert lines_of(json.loads(text), "Optimal", "Op per") == [
        "Optimal Op per Byte                     : nan",
        "Op per Byte                             : 1.00",
        "Op per Byte                             : 1.00",
        "Op per Byte                             : nan",
    ]


def test_what_has_to_be_moved_is_counted_in_words_of_the_outermost_level():
    # 384 - 24 operations over 32 + 48 + 24 words of 8 bits; DRAM's are those
    design = inputs(architecture=three_levels(4, width=8, word_bits=8))
    wanted = "Total reduction", "Total memory", "Optimal"
    counted = [
        "Total reduction ops                     : 168",
        "Total memory accesses required          : 104",
        "Optimal Op per Byte                     : 3.46",
    ]
    assert lines_of(design, *wanted) == counted
    # results are no more nor fewer when they come first
    design["problem"]["shape"]["data_spaces"].reverse()
    assert lines_of(design, *wanted) == counted
    # results that the outermost level does not keep: the tile of 4 x 1 of the level inside
    design = inputs()
    design["mapping"].append({"target": "DRAM", "type": "bypass", "bypass": ["Z"]})
    assert lines_of(design, "Total memory") == ["Total memory accesses required          : 84"]


def test_operations_that_never_happen_have_no_energy():
    nothing = sparse_inputs(problem=gemm(4, 6, 8, B=0.0))
    assert lines_of(nothing, "Actual Comp", "Total memory", "Total  ")[:4] == [
        "Total memory accesses required          : 56",  # of A and Z
        "Total         = 35791.67",
        "Actual Computes = 0",
        "Total         = nan",
    ]


def test_units_that_work_on_average_are_cut_to_a_whole_number():
    evaluation = hwsim.evaluate_timeloop(sparse_inputs()).evaluation
    average = replace(evaluation, compute=replace(evaluation.compute, instances=2.6))
    assert "    Utilized instances (average) : 2\n" in stats_text(average)


def test_networks_say_which_ways_they_are_for_and_whether_they_split_multicasts():
    design = priced_inputs()
    chip = design["architecture"]["subtree"][0]["subtree"][0]
    attributes = chip["local"][0]["attributes"]
    shown = "Legacy sub-type", "ConnectionType"
    assert lines_of(design, *shown) == ["Legacy sub-type :", "ConnectionType  : 3"]
    attributes |= {"network_type": "M:N", "network_update": "Tree"}
    prices = {"wire_energy": 1.0, "adder_energy": 1.0}
    chip["local"].append({"name": "Tree", "class": "ReductionTree", "attributes": prices})
    design["mapping"] = [  # a sum over four PEs
        temporal("DRAM", "M=4 N=6 K=1"),
        spatial("GLB", "M=1 N=1 K=4"),
        temporal("GLB", "M=1 N=1 K=1"),
        temporal("Spad", "M=1 N=1 K=2"),
    ]
    inwards = ["Legacy sub-type : M_N", "ConnectionType  : 1"]
    assert lines_of(design, *shown) == [*inwards, "Legacy sub-type :", "ConnectionType  : 2"]


def test_the_file_is_written_into_a_folder_that_is_made(tmp_path):
    evaluation = hwsim.evaluate_timeloop(inputs()).evaluation
    path = write_stats(evaluation, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "timeloop-model.stats.txt"
    assert path.read_text(encoding="utf-8") == stats_text(evaluation)


def test_the_summary_has_its_units():
    evaluation = priced().evaluation
    compute = replace(evaluation.machine.compute, area=5e5)  # um2, four of them
    machine = replace(evaluation.machine, compute=compute)
    text = stats_text(replace(evaluation, compute_energy=2e8, machine=machine))
    assert "\nEnergy: 200.01 uJ\nEDP(J*cycle): 9.60e-03\nArea: 2.00 mm^2\n" in text  # 48 cycles


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "design.yaml"
    path.write_text(yaml.safe_dump(inputs()), encoding="utf-8")
    return path


def test_command_writes_statistics_and_json(files, tmp_path):
    out, figures = tmp_path / "out", tmp_path / "out.json"
    run = CliRunner().invoke(app, ["model", str(files), "-o", str(out), "--json", str(figures)])
    assert run.exit_code == 0, run.output
    result = hwsim.evaluate_timeloop([files])
    written = (out / "timeloop-model.stats.txt").read_text(encoding="utf-8")
    assert written == stats_text(result.evaluation)
    assert json.loads(figures.read_text(encoding="utf-8")) == result.to_dict()
    assert [path.name for path in out.iterdir()] == ["timeloop-model.stats.txt"]
