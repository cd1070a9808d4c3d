"""Every figure that the real STONNE gave of its mesh, exactly."""

import json

import pytest

from hwsim.energy import load_energy_table, price
from hwsim.engines.stonne.tpu.engine import run_gemm
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile, check_tile
from hwsim.studies.gemm import GemmResult
from tests.measured import golden_folder


def test_all_measured_cases_are_equal():
    lines = (golden_folder("stonne_tpu") / "cases.jsonl").open(encoding="utf-8")
    cases = [json.loads(line) for line in lines]
    assert len(cases) >= 140
    table = load_energy_table("stonne")
    for case in cases:
        given = case["params"]
        sizes = MeshSizes(*(given[name] for name in ("ms_rows", "ms_cols", "dn_bw", "rn_bw")))
        gemm, tile = Gemm(given["M"], given["N"], given["K"]), Tile(given["T_M"], given["T_N"])
        sizes.check("golden")
        check_tile(tile, given["T_K"], gemm, sizes, accumulates=True)
        activity = run_gemm(gemm, tile, sizes)
        result = GemmResult(activity, price(activity, table, None, None)).to_dict()
        for key in ("cycles", "counters", "instances", "sdmemory"):
            assert result[key] == case[key], (case["id"], key)
        assert result["energy"]["components"].keys() == case["energy"]["components"].keys()
        for key in ("total", "static", "dynamic", "area"):
            assert result["energy"][key] == pytest.approx(case["energy"][key], rel=1e-9)
