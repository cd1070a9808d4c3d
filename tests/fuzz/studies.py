"""Studies, and what hwsim itself wrote: runs, stores, baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.fuzz.inputs import Command, Seed, made_by, network_file

STUDY: Final = """\
study: small
model: m.npz
arch: [sigma, tpu]
set:
  num_ms: [64, 128]
scheme: [dense, pruned, signed-binary]
sparsity:
  levels: 0:0.6:0.3
  method: random
seed: 0
energy: [stonne]
activations: 0.5
exclude:
  - {arch: tpu, num_ms: 128}
expect:
  - density(pruned) <= 75.1 % at sparsity=0.3 for block.conv
  - cycles_ratio(dense, pruned) >= 1
  - energy_ratio(dense, signed-binary) >= 0.1 at sparsity>=0.6
  - cycles <= baseline
"""

SMALL_STUDY: Final = """\
study: s
model: m.npz
arch: sigma
energy: stonne
scheme: [dense, "pruned:sparsity=0.5"]
expect:
  - cycles <= baseline
"""


def study(folder: Path) -> list[Seed]:
    files = {**network_file(folder), "s.yaml": STUDY.encode()}
    commands: list[Command] = [
        ("study", "run", "s.yaml", "--dry-run", "--json"),
        ("study", "run", "s.yaml", "--dry-run"),
        ("study", "run", "s.yaml", "--json", "--workers", "1"),
        ("check", "s.yaml", "--json", "--workers", "1"),
    ]
    return [Seed("s.yaml", files, commands)]


def run_folder(folder: Path) -> list[Seed]:
    files = made_by(
        folder,
        network_file(folder),
        ("run", "--model", "m.npz", "--energy", "stonne,physical", "-o", "r"),
    )
    commands: list[Command] = [
        ("energy", "sensitivity", "r", "--json"),
        ("energy", "sensitivity", "r"),
    ]
    return [Seed(name, files, commands) for name in files if name.startswith("r/")]


def store(folder: Path) -> list[Seed]:
    files = {**network_file(folder), "s.yaml": SMALL_STUDY.encode()}
    made = made_by(folder, files, ("study", "run", "s.yaml", "--workers", "1"))
    commands: list[Command] = [
        ("study", "show", "s.db", "--json"),
        ("study", "list", "s.db"),
        ("study", "export", "s.db", "-o", "t.csv"),
        ("study", "run", "s.yaml", "--workers", "1", "--json"),
        ("study", "diff", "s.db", "s.db"),
        ("study", "gc", "s.db"),
    ]
    return [Seed("s.db", made, commands)]


def baseline(folder: Path) -> list[Seed]:
    files = {**network_file(folder), "s.yaml": SMALL_STUDY.encode()}
    made = made_by(
        folder, files, ("check", "s.yaml", "--write-baseline", "b.json", "--workers", "1")
    )
    command = ("check", "s.yaml", "--against", "b.json", "--workers", "1", "--json")
    return [Seed("b.json", made, [command])]
