"""What is mutated, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.fuzz import machines, studies, weight_files
from tests.fuzz.command_lines import CommandLines, options
from tests.fuzz.inputs import Format

FORMATS: Final[Mapping[str, Format]] = {
    "npz": Format(weight_files.npz),
    "npy": Format(weight_files.npy),
    "safetensors": Format(weight_files.safetensors),
    "torch": Format(weight_files.torch, needs="torch"),
    "onnx": Format(weight_files.onnx),
    "topology": Format(weight_files.topology),
    "shards": Format(weight_files.shards),
    "arch": Format(machines.arch),
    "design": Format(machines.design),
    "energy-table": Format(machines.energy_table),
    "reference-tables": Format(machines.reference_tables),
    "timeloop-v0.3": Format(machines.timeloop3),
    "timeloop-v0.4": Format(machines.timeloop4),
    "sparse": Format(machines.sparse),
    "study": Format(studies.study),
    "run-folder": Format(studies.run_folder),
    "store": Format(studies.store),
    "baseline": Format(studies.baseline),
    "stonne-cfg": Format(machines.stonne_cfg),
    "stonne-files": Format(machines.stonne_files),
    "activations": Format(weight_files.activations),
    "options": CommandLines(options),
}
