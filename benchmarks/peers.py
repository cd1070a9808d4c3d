"""Other tools on a layer or network of the same shape, each on its own machine, where installed.

They answer other questions (dense layers; other machines), so a ratio says what a user waits for,
and nothing of who is right. Each runs in the Python that is given, because what they want of numpy
differs (scalesim 3.0 fails with numpy 2.4).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.markdown import table
from benchmarks.measured_process import Cost, measure, written

#: ResNet-18 as it comes with the package, on its own description of an Eyeriss; the best EDP.
_ZIGZAG = """
import sys, logging
from pathlib import Path
import zigzag
from zigzag.api import get_hardware_performance_zigzag
logging.disable(logging.CRITICAL)
inputs = Path(zigzag.__file__).parent / "inputs"
get_hardware_performance_zigzag(
    str(inputs / "workload/resnet18.onnx"), str(inputs / "hardware/eyeriss_like.yaml"),
    str(inputs / "mapping/default.yaml"), opt="EDP", dump_folder=sys.argv[1],
    loma_show_progress_bar=False)
"""
_SCALESIM = """
import sys
from scalesim.scale_sim import scalesim
folder = sys.argv[1]
scalesim(save_disk_space=True, verbose=False, config=folder + "/machine.cfg",
         topology=folder + "/layer.csv", layout=folder + "/layout.csv").run_scale(top_path=folder)
"""
#: 32 x 32 PEs, weight stationary, 64 KiB for each operand, no sparsity.
_SCALESIM_MACHINE = {
    "general": {"run_name": "layer"},
    "architecture_presets": {
        "ArrayHeight": 32,
        "ArrayWidth": 32,
        "IfmapSramSzkB": 64,
        "FilterSramSzkB": 64,
        "OfmapSramSzkB": 64,
        "IfmapOffset": 0,
        "FilterOffset": 10**7,
        "OfmapOffset": 2 * 10**7,
        "Bandwidth": 10,
        "Dataflow": "ws",
        "ReadRequestBuffer": 32,
        "WriteRequestBuffer": 32,
    },
    "layout": {
        f"{operand}{key}": value
        for operand in ("Ifmap", "Filter")
        for key, value in {
            "CustomLayout": False,
            "SRAMBankBandwidth": 10,
            "SRAMBankNum": 10,
            "SRAMBankPort": 2,
        }.items()
    },
    "sparsity": {
        "SparsitySupport": False,
        "SparseRep": "ellpack_block",
        "OptimizedMapping": False,
        "BlockSize": 8,
        "RandomNumberGeneratorSeed": 40,
    },
    "run_presets": {"InterfaceBandwidth": "CALC", "UseRamulatorTrace": False},
}
#: Rows, columns, filter rows and columns, channels, filters, stride: layer1.0.conv1 of ResNet-18.
_SCALESIM_LAYER = "name,H,W,R,S,C,M,stride,\nlayer,58,58,3,3,64,64,1,\n"


def peer_table(python: str, folder: Path) -> str:
    """Measure those that are installed against hwsim on the same work."""
    resnet = written("resnet18", folder / "resnet18.npz")
    rows = []
    if _installed(python, "zigzag"):
        theirs = measure([python, "-c", _ZIGZAG, str(folder / "zigzag")])
        ours = _ours(resnet, "eyeriss_v2", folder)
        rows.append(_row("ResNet-18, dense, mapped on an Eyeriss", "zigzag-dse", theirs, ours))
    if _installed(python, "scalesim"):
        theirs = measure([python, "-c", _SCALESIM, str(_scalesim_inputs(folder))])
        ours = _ours(resnet, "sigma", folder, "--layers", "layer1.0.conv1")
        work = "one layer 3 x 3, 64 to 64, 56 x 56: cycles"
        rows.append(_row(work, "scalesim", theirs, ours))
    titles = ["work", "tool", "its CPU s", "hwsim's", "ratio"]
    return table(titles, rows) if rows else f"no other tool is installed in {python}"


def _ours(model: Path, arch: str, folder: Path, *words: str) -> Cost:
    """Run hwsim with an empty cache."""
    command = [sys.executable, "-m", "hwsim", "run", "--model", str(model), "--arch", arch]
    return measure(
        [*command, "--scheme", "dense", *words], {"HWSIM_CACHE_DIR": str(folder / "peers")}
    )


def _row(work: str, tool: str, theirs: Cost, ours: Cost) -> list[str]:
    return [work, tool, f"{theirs.cpu:.1f}", f"{ours.cpu:.2f}", f"{theirs.cpu / ours.cpu:.0f}"]


def _installed(python: str, module: str) -> bool:
    found = f"import importlib.util, sys; sys.exit(not importlib.util.find_spec({module!r}))"
    return subprocess.run([python, "-c", found]).returncode == 0


def _scalesim_inputs(folder: Path) -> Path:
    folder = folder / "scalesim"
    folder.mkdir()
    (folder / "machine.cfg").write_text(
        "".join(
            f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
            for section, entries in _SCALESIM_MACHINE.items()
        )
    )
    (folder / "layer.csv").write_text(_SCALESIM_LAYER)
    (folder / "layout.csv").write_text("name\n")
    return folder
