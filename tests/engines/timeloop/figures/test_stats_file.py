"""The statistics file, and the command that writes it."""

import json

import pytest
import yaml
from typer.testing import CliRunner

import hwsim
from hwsim.cli.timeloop import app
from hwsim.engines.timeloop.figures.stats_file import stats_text
from tests.engines.timeloop.designs import gemm, table, temporal, three_levels
from tests.engines.timeloop.spec.inputs import inputs

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
