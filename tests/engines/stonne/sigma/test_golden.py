"""Every figure that the real STONNE gave, exactly."""

import json

import numpy as np
import pytest

import hwsim
from tests.measured import golden_folder


def test_all_measured_cases_are_equal():
    folder = golden_folder("stonne_sigma")
    bitmaps = np.load(folder / "cases_bitmaps.npz", allow_pickle=False)
    cases = [json.loads(line) for line in (folder / "cases.jsonl").open(encoding="utf-8")]
    assert len(cases) >= 339
    for case in cases:
        M, K, N, number = (case[key] for key in ("M", "K", "N", "id"))
        mk = np.unpackbits(bitmaps[f"mk_{number}"])[: M * K].reshape(M, K)
        kn = np.unpackbits(bitmaps[f"kn_{number}"])[: K * N].reshape(K, N)
        arch = hwsim.load_arch("sigma", {key: case[key] for key in ("num_ms", "dn_bw", "rn_bw")})
        result = hwsim.simulate_gemm(mk, kn, arch, case["dataflow"]).to_dict()
        for key in ("cycles", "counters", "instances", "sdmemory"):
            assert result[key] == case[key], (number, key)
        assert result["energy"]["components"].keys() == case["energy"]["components"].keys()
        for key in ("total", "static", "dynamic", "area"):
            assert result["energy"][key] == pytest.approx(case["energy"][key], rel=1e-9), number
