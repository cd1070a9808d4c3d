"""What the real STONNE counted, on its three machines."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

import hwsim
from hwsim.energy import load_energy_table, price
from hwsim.engines.stonne.tpu.engine import run_gemm
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile, check_tile
from hwsim.errors import InputError
from hwsim.studies.gemm import GemmResult
from tests.equality.comparison import Comparison
from tests.measured import golden_folder

#: What is counted; energies are sums of products, and differ by the order of additions.
COUNTED = ("cycles", "counters", "instances", "sdmemory")
_ENERGIES = ("total", "static", "dynamic", "area")
_LAST_DIGITS = 1e-9


def sigma() -> Comparison:
    """Sparse GEMMs on SIGMA, the very zeros of both operands."""
    bitmaps = np.load(golden_folder("stonne_sigma") / "cases_bitmaps.npz", allow_pickle=False)
    found = Comparison()
    for case in _lines("stonne_sigma"):
        M, K, N, number = (case[key] for key in ("M", "K", "N", "id"))
        mk = np.unpackbits(bitmaps[f"mk_{number}"])[: M * K].reshape(M, K)
        kn = np.unpackbits(bitmaps[f"kn_{number}"])[: K * N].reshape(K, N)
        arch = hwsim.load_arch("sigma", {key: case[key] for key in ("num_ms", "dn_bw", "rn_bw")})
        _add(found, case, hwsim.simulate_gemm(mk, kn, arch, case["dataflow"]).to_dict())
    return found


def maeri() -> Comparison:
    """Dense convolutions on MAERI."""
    found = Comparison()
    for case in _lines("stonne_maeri"):
        _add(found, case, hwsim.simulate_stonne("CONV", case["params"]).to_dict())
    return found


def maeri_further() -> Comparison:
    """Groups, batches, uneven tiles, linear layers; what the program does not run is refused."""
    found = Comparison()
    with gzip.open(golden_folder("stonne_maeri") / "further.jsonl.gz", "rt") as lines:
        for case in map(json.loads, lines):
            try:
                result = hwsim.simulate_stonne(case["op"], case["params"]).to_dict()
            except InputError as error:
                if "refused" not in case:
                    found.differing.append((case["id"], "refused", str(error)))
                found.refused += 1
                continue
            if "refused" in case:
                found.differing.append((case["id"], "not refused"))
                continue
            found.cases += 1
            found.equal(case["id"], _counted(result), _counted(case))
    return found


def tpu() -> Comparison:
    """Dense GEMMs on the mesh."""
    table = load_energy_table("stonne")
    found = Comparison()
    for case in _lines("stonne_tpu"):
        given = case["params"]
        sizes = MeshSizes(*(given[name] for name in ("ms_rows", "ms_cols", "dn_bw", "rn_bw")))
        gemm, tile = Gemm(given["M"], given["N"], given["K"]), Tile(given["T_M"], given["T_N"])
        sizes.check("golden")
        check_tile(tile, given["T_K"], gemm, sizes, accumulates=True)
        activity = run_gemm(gemm, tile, sizes)
        _add(found, case, GemmResult(activity, price(activity, table, None, None)).to_dict())
    return found


def _lines(folder: str) -> Iterator[dict[str, Any]]:
    with (golden_folder(folder) / "cases.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _counted(figures: dict[str, Any]) -> dict[str, Any]:
    return {key: figures[key] for key in COUNTED}


def _add(found: Comparison, case: dict[str, Any], ours: dict[str, Any]) -> None:
    found.cases += 1
    number = case["id"]
    found.equal(number, _counted(ours), _counted(case))
    if ours["energy"]["components"].keys() != case["energy"]["components"].keys():
        found.differing.append((number, "other components"))
    for key in _ENERGIES:
        found.near(number, ours["energy"][key], case["energy"][key], key, _LAST_DIGITS)
