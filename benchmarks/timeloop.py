"""One evaluation of Timeloop's inputs, against what the real ``timeloop-model`` took.

Compares with the wall time of the real program that the golden file records for the same inputs,
or, with ``--program PATH``, with the real program run side by side on this machine.

    python benchmarks/timeloop.py [--golden FOLDER] [--program timeloop-model]
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from hwsim import evaluate_timeloop

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden" / "timeloop"


def seconds_of_ours(inputs: dict[str, Any], repeats: int = 3) -> float:
    """Median wall time of an evaluation, parsing included; the first call warms up."""
    evaluate_timeloop(inputs)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        evaluate_timeloop(inputs)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def seconds_of_program(program: str, inputs: dict[str, Any]) -> float:
    """Wall time of one run of the real program."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, document in inputs.items():
            path = Path(folder) / f"{name}.yaml"
            path.write_text(yaml.safe_dump(document), encoding="utf-8")
            files.append(path.name)
        start = time.perf_counter()
        subprocess.run([program, *files], cwd=folder, check=True, capture_output=True, timeout=300)
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--golden", type=Path, default=GOLDEN)
    parser.add_argument("--program", help="the real timeloop-model, to run side by side")
    given = parser.parse_args()
    ratios: dict[str, list[float]] = defaultdict(list)
    ours_ms: dict[str, list[float]] = defaultdict(list)
    with gzip.open(given.golden / "cases.jsonl.gz", "rt") as lines:
        for line in lines:
            case = json.loads(line)
            ours = seconds_of_ours(case["inputs"])
            real = case["timeloop_wall_s"]
            if given.program:
                real = seconds_of_program(given.program, case["inputs"])
            ratios[case["kind"]].append(real / ours)
            ours_ms[case["kind"]].append(1000 * ours)
    print("kind       cases   ours, median ms   real / ours: median    least")
    for kind, found in ratios.items():
        median, least = statistics.median(found), min(found)
        milliseconds = statistics.median(ours_ms[kind])
        print(f"{kind:9}  {len(found):5}   {milliseconds:15.2f}   {median:19.1f}   {least:6.1f}")
    every = [ratio for found in ratios.values() for ratio in found]
    median, least = statistics.median(every), min(every)
    print(f"all        {len(every):5}{median:41.1f}   {least:6.1f}")


if __name__ == "__main__":
    main()
