"""What whole networks cost, as ratios in one run; writes the tables of docs/performance.md.

    python -m benchmarks.performance                     # print
    python -m benchmarks.performance --write             # put the tables into docs/performance.md
    python -m benchmarks.performance --only vgg16,gemm   # the other lines of the page stay
    python -m benchmarks.performance --before PYTHON     # a Python with another hwsim, in turns
    python -m benchmarks.performance --peers PYTHON      # one that has zigzag-dse, scalesim...

Every line is a command in a process of its own, and the best of several. The *floor* is what nobody
can do without: map the file and count the words that are not 0, once; processor time, without the
start of Python. Beside it, of ``.npz``, a process that reads each array with numpy and counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.growth import growth_table
from benchmarks.markdown import table
from benchmarks.measured_process import Cost, best, compile_modules, measure, written
from benchmarks.peers import peer_table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
#: Networks that SIGMA runs: what it is, its name for `written_networks`, and the bytes of a weight.
NETWORKS = {
    "resnet18": ("ResNet-18", "resnet18", 4),
    "vgg16": ("VGG-16", "vgg16", 4),
    "vit": ("ViT-B/16", "vit_b_16", 4),
    "billion": ("decoder, 1.2 billion weights, bfloat16, 3 shards", "billion", 2),
    "layers": ("10,000 layers 16 x 16 x 3 x 3", "layers-10000", 4),
}
PARTS = ("mapped", "again", "gemm", "growth", "peers")
FLOOR = """
import sys, time
from pathlib import Path
import numpy as np
kind = {2: np.uint16, 4: np.float32}[int(sys.argv[2])]
path = Path(sys.argv[1])
files = sorted(path.glob("*.safetensors")) if path.is_dir() else [path]
start = time.process_time()
for file in files:
    words = np.memmap(file, np.uint8, "r")
    np.count_nonzero(words[: len(words) // 4 * 4].view(kind))
print(time.process_time() - start)
"""
NUMPY = """
import sys
import numpy as np
with np.load(sys.argv[1]) as arrays:
    for name in arrays.files:
        array = arrays[name]
        if array.dtype.kind == "f":
            np.count_nonzero(array)
"""
GEMM = """
import time
import numpy as np, hwsim
rng = np.random.default_rng(0)
mk, kn = rng.random((64, 576)) < 0.35, rng.random((576, 784), dtype=np.float32)
weights = (mk * rng.random(mk.shape)).astype(np.float32)
def best(call):
    call()
    times = []
    for _ in range(30):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
print(best(lambda: hwsim.simulate_gemm(mk, 784, "sigma")), best(lambda: weights @ kn))
"""


@dataclass(frozen=True)
class Line:
    """A line of the table: what was done, what it cost, and the other hwsim.

    ``floor`` and ``numpy`` are what it cannot be faster than, and reading with numpy [s].
    """

    work: str
    floor: float
    numpy: float | None
    cost: Cost
    before: Cost | None

    def cells(self) -> list[str]:
        """Write the line's cells."""
        cost, floor, numpy, before = self.cost, self.floor, self.numpy, self.before
        cells = [self.work, _s(cost.wall), _s(cost.cpu), _s(floor), f"{cost.cpu / floor:.1f}"]
        cells += ["-", "-"] if numpy is None else [_s(numpy), f"{cost.cpu / numpy:.1f}"]
        cells.append(f"{cost.peak / 1e6:,.0f}")
        if before is not None:
            cells += [_s(before.cpu), f"{before.cpu / cost.cpu:.1f}", f"{before.peak / 1e6:,.0f}"]
        return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    parser.add_argument("--only", help=f"of {', '.join([*NETWORKS, *PARTS])}")
    parser.add_argument("--before", metavar="PYTHON", help="with another hwsim, measured in turns")
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else [*NETWORKS, *PARTS]
    pythons = [sys.executable, *([options.before] if options.before else [])]
    for python in pythons:
        compile_modules(python)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, best of {options.repeat}")
    with tempfile.TemporaryDirectory(prefix="hwsim-") as name:
        folder = Path(name)
        lines = []
        for line in _lines(wanted, folder, pythons, options.repeat):
            print("  ".join(line.cells()), flush=True)
            lines.append(line)
        tables: dict[str, str] = {}
        if lines:
            tables["work"] = _work_table(lines)
        if "gemm" in wanted:
            tables["gemm"] = _gemm_table(pythons)
        if "growth" in wanted:
            tables["growth"] = growth_table()
        if "peers" in wanted:
            tables["peers"] = peer_table(options.peers, folder)
    for title, text in tables.items():
        print(f"\n{text}")
        if options.write:
            _put(title, text)


def _lines(
    wanted: Sequence[str], folder: Path, pythons: Sequence[str], repeat: int
) -> Iterator[Line]:
    for key, (title, network, word) in NETWORKS.items():
        if key in wanted:
            model = _model(network, folder)
            bounds = _bounds(model, word, repeat)
            times = 1 if key == "billion" else repeat
            yield _paired(f"{title}, SIGMA", bounds, model, "sigma", folder, pythons, times)
    resnet = _model("resnet18", folder)
    bounds = _bounds(resnet, 4, repeat)
    if "mapped" in wanted:
        for arch in _mapped_machines():
            yield _paired(f"ResNet-18, `{arch}`", bounds, resnet, arch, folder, pythons, 1)
    if "again" in wanted:
        title = "ResNet-18, `eyeriss_v2`, again"
        yield _paired(title, bounds, resnet, "eyeriss_v2", folder, pythons, repeat, again=True)


def _bounds(model: Path, word: int, repeat: int) -> tuple[float, float | None]:
    """Measure the floor of a weight file, and reading it with numpy where that can be [s]."""
    floor = min(_seconds(FLOOR, str(model), str(word)) for _ in range(repeat))
    if model.suffix != ".npz":
        return floor, None
    command = [sys.executable, "-c", NUMPY, str(model)]
    return floor, min(measure(command).cpu for _ in range(repeat))


def _paired(
    work: str,
    bounds: tuple[float, float | None],
    model: Path,
    arch: str,
    folder: Path,
    pythons: Sequence[str],
    repeat: int,
    again: bool = False,
) -> Line:
    """Run the command by each Python in turns; from an empty cache of mappings unless ``again``."""
    costs: dict[str, list[Cost]] = {python: [] for python in pythons}
    for turn in range(repeat + again):
        for number, python in enumerate(pythons):
            cache = folder / (f"cache-{number}" if again else f"cache-{arch}-{number}-{turn}")
            command = [python, "-P", "-m", "hwsim", "run", "--arch", arch, "--model", str(model)]
            cost = measure(command, {"HWSIM_CACHE_DIR": str(cache)})
            if turn >= again:  # the first one only fills the cache
                costs[python].append(cost)
    ours, *others = (best(costs[python]) for python in pythons)
    return Line(work, *bounds, ours, others[0] if others else None)


def _mapped_machines() -> list[str]:
    """Name the shipped machines whose mappings are searched for."""
    from hwsim.arch import list_archs, load_arch

    return [name for name in list_archs() if load_arch(name).engine == "sparseloop"]


def _model(name: str, folder: Path) -> Path:
    return written(name, folder / (name if name == "billion" else f"{name}.npz"))


def _seconds(code: str, *words: str) -> float:
    return float(measure([sys.executable, "-c", code, *words]).output)


def _work_table(lines: Sequence[Line]) -> str:
    titles = ["work", "wall s", "CPU s", "floor s", "CPU / floor", "numpy s", "CPU / numpy"]
    titles.append("peak MB")
    if any(line.before is not None for line in lines):
        titles += ["CPU s before", "before / now", "peak MB before"]
    return table(titles, [line.cells() for line in lines])


def _gemm_table(pythons: Sequence[str]) -> str:
    """`simulate_gemm` against the product of the two matrices, after a first call."""
    rows = []
    for python, title in zip(pythons, ("`simulate_gemm` 64 x 576 x 784", "before"), strict=False):
        ours, product = map(float, measure([python, "-P", "-c", GEMM]).output.split())
        rows.append([title, f"{1e3 * ours:.2f}", f"{1e3 * product:.2f}", f"{ours / product:.1f}"])
    return table(["work", "ms", "numpy's product ms", "ratio"], rows)


def _s(seconds: float) -> str:
    return f"{seconds:.2f}" if seconds < 100 else f"{seconds:,.0f}"


def _put(title: str, text: str) -> None:
    """Put a table between its marks on the page; lines of it that were not measured stay there."""
    begin, end = f"<!-- {title}: begin -->", f"<!-- {title}: end -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        sys.exit(f"{PAGE}: no place for the table {title!r}")
    merged = _merged(rest.partition(end)[0].strip(), text)
    PAGE.write_text(f"{before}{begin}\n{merged}\n{end}{after}", encoding="utf-8")


def _merged(old: str, new: str) -> str:
    """Put the lines of a table in the place of those about the same work in one of equal titles."""
    titles, rule, *lines = new.splitlines()
    if old.splitlines()[:1] != [titles]:
        return new
    by_work = {line.split("|")[1]: line for line in [*old.splitlines()[2:], *lines]}
    return "\n".join([titles, rule, *by_work.values()])


if __name__ == "__main__":
    main()
