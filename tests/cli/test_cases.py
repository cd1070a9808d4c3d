"""Small inputs that failed once, each with the command and what is right: ``tests/cases``."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the cases in the current folder, as outputs go there."""
    for folder in CASES.iterdir():
        if folder.is_dir():
            shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "figures"),
    [
        ("g_arch.yaml g_prob.yaml g_map.yaml", {"cycles": 6, "utilization": 100.0}),
        ("g_arch.yaml g_prob2.yaml g6.yaml", {"cycles": 32, "utilization": 100.0}),
        ("hyp_hyp_1.0.yaml", {"energy_pj": 2816.0}),
        ("hyp_fix_1.0.yaml", {"energy_pj": 2816.0}),
        ("a_arch.yaml a_prob.yaml a_map.yaml a_ert.yaml", {"cycles": 16, "energy_pj": 128.0}),
    ],
)
def test_inputs_of_timeloop(cli, here, command, figures):
    result = cli("timeloop", "model", *command.split(), "--json", "-")
    assert result.code == 0, result.err
    found = json.loads(result.out)
    assert {key: found[key] for key in figures} == figures


def test_a_compressed_tensor_of_density_1_is_read_as_a_dense_one(cli, here):
    expected, stated = (
        json.loads(cli("timeloop", "model", f"hyp_{kind}_1.0.yaml", "--json", "-").out)["levels"]
        for kind in ("hyp", "fix")
    )
    reads = "Actual scalar reads (per-instance)"
    assert expected["Buf"]["B"][reads] == stated["Buf"]["B"][reads] == 512
    assert expected == stated


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            "timeloop model h1.yaml",
            "h1.yaml, line 1: malformed YAML: a reference to what it stands in itself",
        ),
        (
            "timeloop model arch.yaml h2_prob.yaml map.yaml",
            "h2_prob.yaml, line 37: problem.instance.Q: expected a whole number, 2^53 at most. Got "
            "100000000000000000000",
        ),
        (
            "timeloop model h3_arch.yaml prob.yaml map.yaml",
            "h3_arch.yaml, line 48: architecture.subtree[0].local[1].attributes.entries: expected "
            "a number. Got 'round(1,-999999999)'",
        ),
        (
            "energy sensitivity h_run",
            "h_run/manifest.json: not what a run saves: should be a JSON object",
        ),
        (
            "gemm --mk h_neg.npy --columns 3",
            "h_neg.npy: not a .npy file that can be used: a shape of 6x-8",
        ),
        (
            "run --arch h_sigma.yaml --model m.npz",
            "h_sigma.yaml, line 24: parameters.dn_bw.minimum: should be greater than or equal to "
            "0. Got -1",
        ),
        (
            "run --model m.npz --energy physical --set dram=int_add",
            "arch 'sigma': dram should be a kind of DRAM. Got 'int_add'; known: DDR3, HBM2, LPDDR, "
            "LPDDR-Horowitz, LPDDR4",
        ),
    ],
)
def test_what_is_refused(cli, here, command, message):
    result = cli(*command.split())
    assert (result.code, result.out, result.err) == (2, "", f"error: {message}\n")


def test_an_energy_that_overflows(cli, here):
    result = cli("run", "--model", "m.npz", "--energy", "h_e308.yaml", "--json")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: h_e308.yaml, line 25: components.RN_WIRE.actions.WRITE.value: should be at most "
        "1e+30. Got 1e+308\n"
    )


def test_a_table_whose_name_has_a_dollar(cli, here):
    result = cli("run", "--model", "m.npz", "--energy", "h_dollar.yaml", "-o", "x")
    assert result.code == 0, result.err
    assert (here / "x" / "energy.png").is_file()


def test_a_little_file_of_many_zeros(cli, here):
    """248 KB of ``zeros((64, 4000000))`` took 2.75 GB."""
    header = b"\x93NUMPY\x01\x00v\x00"
    header += b"{'descr': '<f4', 'fortran_order': False, 'shape': (64, 4000000), }".ljust(118)
    with (
        zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("fc.weight.npy", "w", force_zip64=True) as member,
    ):
        member.write(header)
        piece = bytes(64_000_000)
        for _ in range(16):
            member.write(piece)
    size = Path("bomb.npz").stat().st_size
    result = cli("run", "--model", "bomb.npz", "--scheme", "dense")
    assert result.code == 2
    assert result.err.startswith(
        f"error: bomb.npz: its arrays would take 1,024,000,000 bytes as 32-bit floats, the file "
        f"has {size:,}; refused"
    )
