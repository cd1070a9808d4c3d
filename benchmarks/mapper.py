"""Measure the mapper: mappings scored a second, and its best EDP against ``timeloop-mapper``'s.

    python benchmarks/mapper.py
    python benchmarks/mapper.py --timeloop-mapper /path/to/timeloop-mapper --seconds 10

Both searches get the same wall time and one core, ten layers of ResNet-18, 256 PEs.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from hwsim.engines.timeloop.mapper import Constraints, MapSpace, find_mapping
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations

_DIMENSIONS = "RSPQCMN"
#: R, S, P, Q, C, M and stride of layers of ResNet-18 on 224 x 224 images.
_LAYERS = {
    "conv1": (7, 7, 112, 112, 3, 64, 2),
    "layer1.0.conv1": (3, 3, 56, 56, 64, 64, 1),
    "layer2.0.conv1": (3, 3, 28, 28, 64, 128, 2),
    "layer2.0.downsample": (1, 1, 28, 28, 64, 128, 2),
    "layer2.1.conv1": (3, 3, 28, 28, 128, 128, 1),
    "layer3.0.conv1": (3, 3, 14, 14, 128, 256, 2),
    "layer3.1.conv1": (3, 3, 14, 14, 256, 256, 1),
    "layer4.0.conv1": (3, 3, 7, 7, 256, 512, 2),
    "layer4.1.conv1": (3, 3, 7, 7, 512, 512, 1),
    "fc": (1, 1, 1, 1, 512, 1000, 1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--timeloop-mapper", metavar="PROGRAM", help="the real one, to compare")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each search")
    parser.add_argument("--algorithm", default="random_pruned", help="of timeloop-mapper")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    measure_scoring()
    compare(arguments.timeloop_mapper, arguments.seconds, arguments.algorithm)


def measure_scoring() -> None:
    """Print how many mappings a second are scored on one core."""
    print("scored on one core: DRAM, GLB, Spad, 8 PEs (the golden set's); 4096 a batch, best of 5")
    problems = {
        "GEMM 64 x 64 x 64": gemm(64, 64, 64),
        "GEMM 256 x 512 x 784": gemm(256, 784, 512),
        "convolution 3x3, 64 to 64, 56 x 56": convolution(*_LAYERS["layer1.0.conv1"]),
    }
    for name, problem in problems.items():
        scorer = scorer_of({**machine(8, 65536, 1048576), "problem": problem})
        candidates = scorer.space.sample(4096, np.random.default_rng(0))
        valid = int(scorer.score(candidates).valid.sum())
        times = []
        for _ in range(5):
            start = time.perf_counter()
            scorer.score(candidates)
            times.append(time.perf_counter() - start)
        rates = len(candidates) / min(times), valid / min(times)
        print(f"  {name:36} {rates[0]:10,.0f} a second, {rates[1]:10,.0f} of them valid")


def compare(program: str | None, seconds: float, algorithm: str) -> None:
    """Print the best EDP of each layer, and the real mapper's if it is at hand."""
    print(f"\nbest EDP after {seconds:g} s [pJ x cycles], 256 PEs, one core, seed 0")
    print(f"  {'layer':22}{'scored':>10}{'hwsim':>12}{'timeloop-mapper':>18}{'ratio':>8}")
    for name, layer in _LAYERS.items():
        design = {**machine(256, 256, 65536, 16), "problem": convolution(*layer)}
        found = find_mapping(design, "edp", f"{seconds}s")
        line = f"  {name:22}{found.outcome.scored:10,}{found.value:12.4g}"
        if program is not None:
            real = run_timeloop(program, design, seconds, algorithm)
            line += "  none found" if real is None else f"{real:18.4g}{real / found.value:8.2f}"
        print(line, flush=True)


def run_timeloop(
    program: str, design: dict[str, Any], seconds: float, algorithm: str
) -> float | None:
    """Run the real mapper on one thread, stop it in time; returns its best EDP."""
    settings = {
        "algorithm": algorithm,
        "num_threads": 1,
        "optimization_metrics": ["edp"],
        "search_size": 0,
        "timeout": 10**8,
        "victory_condition": 10**8,
    }
    documents = {**design, "mapper": settings, "mapspace_constraints": {"targets": []}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for key, content in documents.items():
            (folder / f"{key}.yaml").write_text(yaml.safe_dump({key: content}, sort_keys=False))
        files = [f"{key}.yaml" for key in documents]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen([program, *files], cwd=folder, stdout=log, stderr=log)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
                process.wait(60)
        statistics = folder / "timeloop-mapper.stats.txt"
        if not statistics.is_file():
            return None
        text = statistics.read_text()
    cycles = re.search(r"^Cycles: (\d+)", text, re.MULTILINE)
    energy = re.search(r"^Energy: ([\d.]+) uJ", text, re.MULTILINE)
    return float(cycles[1]) * float(energy[1]) * 1e6 if cycles and energy else None


def scorer_of(design: dict[str, Any]) -> Scorer:
    merged = read_inputs(design)
    problem = read_problem(merged)
    components = read_machine(merged, [space.name for space in problem.data_spaces])
    space = MapSpace(problem, components, Constraints())
    return Scorer(space, ExpectedShares(problem, components, SparseOptimizations()))


def gemm(m: int, n: int, k: int) -> dict[str, Any]:
    spaces = {"A": "MK", "B": "KN", "Z": "MN"}
    return {
        "shape": {
            "name": "GEMM",
            "dimensions": ["M", "N", "K"],
            "data_spaces": [
                {
                    "name": name,
                    "projection": [[[rank]] for rank in ranks],
                    **({"read_write": True} if name == "Z" else {}),
                }
                for name, ranks in spaces.items()
            ],
        },
        "instance": {"M": m, "N": n, "K": k},
    }


def convolution(r: int, s: int, p: int, q: int, c: int, m: int, stride: int) -> dict[str, Any]:
    coefficients = ("Wstride", "Hstride", "Wdilation", "Hdilation")
    return {
        "shape": {
            "name": "CNN_Layer",
            "dimensions": list(_DIMENSIONS),
            "coefficients": [{"name": name, "default": 1} for name in coefficients],
            "data_spaces": [
                {"name": "Weights", "projection": [[["C"]], [["M"]], [["R"]], [["S"]]]},
                {
                    "name": "Inputs",
                    "projection": [
                        [["N"]],
                        [["C"]],
                        [["R", "Wdilation"], ["P", "Wstride"]],
                        [["S", "Hdilation"], ["Q", "Hstride"]],
                    ],
                },
                {
                    "name": "Outputs",
                    "projection": [[["N"]], [["M"]], [["Q"]], [["P"]]],
                    "read_write": True,
                },
            ],
        },
        "instance": {
            **dict(zip(_DIMENSIONS, (r, s, p, q, c, m, 1), strict=True)),
            **dict.fromkeys(coefficients[:2], stride),
            **dict.fromkeys(coefficients[2:], 1),
        },
    }


def machine(pes: int, spad: int, glb: int, columns: int | None = None) -> dict[str, Any]:
    """DRAM, GLB and PEs with a Spad each; sizes in words of 16 bits, energies in pJ a block."""
    mesh = {"meshX": columns or pes}
    many = f"PE[0..{pes - 1}]"
    words = {"word_bits": 16, "width": 64, "block_size": 4}

    def local(name: str, kind: str, **attributes: Any) -> list[dict[str, Any]]:
        return [{"name": name, "class": kind, "attributes": attributes}]

    spads = local("Spad", "regfile", depth=spad, width=16, word_bits=16, block_size=1, **mesh)
    macs = local("MAC", "intmac", datawidth=16, **mesh)
    chip = local("GLB", "SRAM", depth=glb // 4, read_bandwidth=32, write_bandwidth=32, **words)
    dram = local("DRAM", "DRAM", read_bandwidth=8, write_bandwidth=8, **words)
    tree = {"name": "chip", "local": chip, "subtree": [{"name": many, "local": spads + macs}]}

    def table(name: str, read: float, write: float) -> dict[str, Any]:
        prices = {"read": read, "write": write, "update": write, "leak": 0}
        actions = [
            {"name": action, "arguments": None, "energy": price} for action, price in prices.items()
        ]
        return {"name": name, "actions": actions}

    compute = table(f"system.chip.{many}.MAC", 0, 0)
    compute["actions"] = [{"name": "compute", "arguments": None, "energy": 2.2}]
    tables = [
        table("system.DRAM", 512.0, 512.0),
        table("system.chip.GLB", 26.0, 28.0),
        table(f"system.chip.{many}.Spad", 1.0, 1.1),
        compute,
    ]
    areas = [{"name": item["name"], "area": 0.0} for item in tables]
    return {
        "architecture": {
            "version": 0.3,
            "subtree": [{"name": "system", "local": dram, "subtree": [tree]}],
        },
        "ERT": {"version": 0.3, "tables": tables},
        "ART": {"version": 0.3, "tables": areas},
    }


if __name__ == "__main__":
    main()
