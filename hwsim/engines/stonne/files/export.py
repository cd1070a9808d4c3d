"""A folder from which STONNE runs the layers of a quantised network."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from hwsim.arch import Arch
from hwsim.csv_tables import text_of_table
from hwsim.engines.stonne.files._operand_files import operands
from hwsim.engines.stonne.files.command import SparseGemm
from hwsim.engines.stonne.files.config import config_text
from hwsim.errors import InputError
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import lower


def write_export(
    layers: Iterable[QuantizedLayer],
    arch: Arch,
    folder: Path,
    *,
    columns: int | None = None,
    with_operands: bool = True,
) -> int:
    """Write layers for STONNE into an existing folder.

    Parameters
    ----------
    layers : iterable of QuantizedLayer
        What to export.
    arch : Arch
        A machine of the engine ``sigma``.
    folder : Path
        Gets a sub-folder a layer, ``layers.csv``, ``run.sh``, ``run_layer.cpp`` and a README.
    columns : int, optional
        Stream at most that many vectors, so that a run ends sooner; all when not given.
    with_operands : bool
        Whether to write the operands; they take 12 bytes an element.

    Returns
    -------
    int
        How many layers were written.

    Raises
    ------
    InputError
        If the architecture is none that STONNE can be, or a layer cannot be lowered.
    """
    config = config_text(arch)
    rows: list[dict[str, object]] = []
    gemms: list[tuple[str, SparseGemm]] = []
    for layer in layers:
        workload = lower(layer)
        if columns is not None:
            workload = replace(workload, streams=min(columns, workload.streams), images=1)
        gemm = SparseGemm.of(workload, arch)
        name = _free_name(gemm.name, {row["folder"] for row in rows})
        place = folder / name
        place.mkdir()
        (place / "stonne.cfg").write_text(config, encoding="utf-8")
        if with_operands:
            for operand in operands(workload, layer.values):
                operand.write(place)
        gemms.append((name, gemm))
        rows.append(
            {
                "folder": name,
                "layer": workload.layer,
                "kind": layer.layer.kind,
                "scheme": layer.scheme,
                "origin": layer.origin,
                "groups": workload.groups,
                "M": workload.M,
                "K": workload.K,
                "N": workload.N,
                "zeros": round(1 - workload.density, 6),
                "dataflow": gemm.dataflow,
                "MK_sparsity": gemm.mk_sparsity,
                "KN_sparsity": gemm.kn_sparsity,
            }
        )
    if not rows:
        raise InputError("no layer to export")
    (folder / "layers.csv").write_text(text_of_table(rows), encoding="utf-8")
    script = folder / "run.sh"
    script.write_text(_script(gemms), encoding="utf-8")
    script.chmod(0o755)
    (folder / "README.md").write_text(_readme(arch, with_operands), encoding="utf-8")
    if with_operands:
        (folder / "run_layer.cpp").write_text(_resource("run_layer.cpp"), encoding="utf-8")
        own = folder / "run_operands.sh"
        own.write_text(_operand_script(rows), encoding="utf-8")
        own.chmod(0o755)
    return len(rows)


def _free_name(wanted: str, taken: set[object]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


_SCRIPT_HEAD = """\
#!/bin/sh
# {what}
# {how}
set -eu
cd "$(dirname "$0")"
"""


def _script(gemms: list[tuple[str, SparseGemm]]) -> str:
    head = _SCRIPT_HEAD.format(
        what="Every layer's shape and share of zeros on STONNE, which draws the operands itself.",
        how="STONNE=/path/to/stonne ./run.sh; the results appear in the folders of the layers.",
    )
    lines = ["stonne=${STONNE:-stonne}"]
    lines += [
        f'(cd {shlex.quote(name)} && "$stonne" {shlex.join(gemm.arguments)})'
        for name, gemm in gemms
    ]
    return head + "\n".join(lines) + "\n"


def _operand_script(rows: list[dict[str, object]]) -> str:
    head = _SCRIPT_HEAD.format(
        what="Every layer with its own operands; build run_layer first, see README.md.",
        how="RUN_LAYER=/path/to/run_layer ./run_operands.sh [dense|bitmaps]",
    )
    lines = ["run_layer=${RUN_LAYER:-$PWD/run_layer}", "form=${1:-bitmaps}"]
    for row in rows:
        place = shlex.quote(str(row["folder"]))
        shape = " ".join(str(row[key]) for key in ("dataflow", "M", "K", "N", "groups"))
        lines.append(f'(cd {place} && "$run_layer" . {place} {shape} "$form")')
    return head + "\n".join(lines) + "\n"


def _readme(arch: Arch, with_operands: bool) -> str:
    text = _resource("export_readme.md")
    about, _, own = text.partition("<!-- operands -->\n")
    return about.replace("{arch}", arch.label) + (own if with_operands else "")


def _resource(name: str) -> str:
    return (files("hwsim.engines.stonne.files") / name).read_text(encoding="utf-8")
