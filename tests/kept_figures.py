"""What shipped machines say of a small network, and what is exported: kept, to be equal for ever.

Golden data of the reference programs pin counts and cycles; this pins what has no program to be
compared with: prices, their formulas, files that hwsim writes. A change that is meant changes the
file, and its diff is read by whoever reviews it: ``python -m tests.kept_figures`` writes it anew.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hwsim.arch import list_archs, load_arch
from hwsim.arch.architecture import Arch
from hwsim.energy import load_energy_tables, price
from hwsim.energy.accelergy import write_accelergy
from hwsim.engines import Engine, load_engine
from hwsim.engines.stonne.fabric.variants import multicasts
from hwsim.engines.stonne.files import write_export as write_stonne
from hwsim.engines.timeloop.program.export import write_export as write_timeloop
from hwsim.errors import InputError
from hwsim.schemes import quantize
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import Activations, lower
from tests.arch.quick_search import quick_arch
from tests.studies.networks import tiny_network

KEPT = Path(__file__).parent / "kept_figures.json.gz"
SCHEMES = ("dense", "binary", "signed-binary:sign=sum", "pruned:sparsity=0.7")
#: Sizes at which SIGMA folds rows, has switches below its ports, and shares lines of its bus.
SIGMAS = ({}, {"num_ms": 16, "dn_bw": 4, "rn_bw": 2}, {"num_ms": 32, "dn_bw": 2, "node": "45nm"})
_TEXTS = (".yaml", ".md", ".sh", ".csv", ".cfg")


def machines(folder: Path) -> dict[str, Arch]:
    """Every shipped machine; those that search mappings search briefly."""
    found = {f"sigma {sizes}": load_arch("sigma", sizes) for sizes in SIGMAS}
    for name in list_archs():
        arch = load_arch(name)
        if arch.engine == "sparseloop":
            found[name] = load_arch(quick_arch(folder, name))
        elif name != "sigma":
            found[name] = arch
    return found


def layers(scheme: str) -> tuple[QuantizedLayer, ...]:
    """The stem is dense under every scheme, the depthwise layer is under none but dense."""
    chosen = quantize(tiny_network(), scheme).layers
    return chosen if scheme == "dense" else chosen[1:3]


def figures(arch: Arch, engine: Engine, layer: QuantizedLayer, density: float) -> dict[str, Any]:
    """What an engine counts and all models charge."""
    workload = lower(layer, Activations(density))
    try:
        activity = engine.simulate(workload, arch)
    except InputError as error:  # a machine for weights of one bit takes no others
        return {"refused": str(error)}
    tables = ["physical", "physical-aladdin"] + ["stonne"] * (
        arch.engine in ("sigma", "tpu", "maeri")
    )
    breakdowns = {}
    for model in load_energy_tables(tables):
        found = price(activity, model, arch, workload.operands)
        breakdowns[model.name] = {
            "rows": [
                [row.unit, row.component, row.action, row.operand, row.count, row.energy, row.entry,
                 row.figure.formula if row.figure else None]
                for row in found.rows
            ],
            "area": dict(found.area_by_unit),
            "included": {" ".join(key): why for key, why in found.included.items()},
        }  # fmt: skip
    return {"activity": json.loads(activity.to_json()), "energy": breakdowns}


def texts(write: Callable[[Path], object]) -> dict[str, str]:
    """The text files that an export writes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        return {
            str(file.relative_to(folder)): file.read_text(encoding="utf-8")
            for file in sorted(folder.rglob("*"))
            if file.suffix in _TEXTS
        }


def exports(arch: Arch) -> dict[str, dict[str, str]]:
    """The files for STONNE and Accelergy, or for Timeloop in both layouts and for its mapper."""
    chosen = layers("signed-binary:sign=sum")
    if arch.engine == "sigma":
        activity = load_engine("sigma").simulate(lower(chosen[0]), arch)
        counts, cycles = activity.counts, activity.cycles
        written = {
            "accelergy": texts(
                lambda folder: write_accelergy(folder, arch, activity.instances, counts, cycles)
            ),
        }
        if not multicasts(arch):
            written["stonne"] = texts(lambda folder: write_stonne(chosen, arch, folder, columns=3))
        return written
    found: dict[str, dict[str, str]] = {}
    if arch.engine != "sparseloop":
        return found
    for layout in ("v0.3", "v0.4"):
        for constraints in (False, True):
            found[f"timeloop {layout} {constraints}"] = texts(
                lambda folder, layout=layout, constraints=constraints: write_timeloop(
                    chosen[:1], arch, folder, layout=layout, constraints=constraints
                )
            )
    return found


def everything(only: str | None = None) -> dict[str, Any]:
    """Everything that is kept, by machine; of one machine if it is named."""
    kept: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        for title, arch in machines(Path(name)).items():
            if only not in (None, title):
                continue
            engine = load_engine(arch.engine)
            found: dict[str, Any] = {"exports": exports(arch)}
            for scheme in SCHEMES:
                for layer in layers(scheme):
                    for density in (1.0, 0.5) if layer.layer.name == "block.conv1" else (1.0,):
                        key = f"{scheme}, {layer.layer.name}, {density}"
                        found[key] = figures(arch, engine, layer, density)
            kept[title] = json.loads(json.dumps(found).replace(name, "FOLDER"))
    return kept


def read_kept() -> dict[str, Any]:
    """What was kept."""
    kept: dict[str, Any] = json.loads(gzip.decompress(KEPT.read_bytes()))
    return kept


if __name__ == "__main__":
    text = json.dumps(everything(), separators=(",", ":"))
    KEPT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{KEPT}: {KEPT.stat().st_size:,} bytes")
