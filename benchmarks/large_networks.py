"""Peak memory of networks of hundreds of millions of weights in shards, command by command.

Writes a network like LLaMA (bfloat16) and one like BitNet b1.58 (four weights a byte), of random
weights, then runs each command in a process of its own and prints the most that it had in memory.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.measured_process import measure, written

COMMANDS = {
    "show": ["network", "show", "MODEL"],
    "run": ["run", "--model", "MODEL", "--arch", "sigma", "-o", "OUT/run"],
    "export npz": [
        "export", "npz", "--model", "MODEL", "--scheme", "ternary", "-o", "OUT/q.npz"
    ],
}  # fmt: skip


def main() -> None:
    """Write both networks into a temporary folder, and measure."""
    with tempfile.TemporaryDirectory(prefix="hwsim-") as name:
        for style in ("llama", "bitnet"):
            folder = written(style, Path(name) / style)
            size = sum(file.stat().st_size for file in folder.iterdir())
            print(f"{style}: {size / 1e6:,.0f} MB in {len(list(folder.iterdir())) - 1} shards")
            for title, words in COMMANDS.items():
                out = Path(name) / f"{style} {title}"
                out.mkdir()
                words = [w.replace("MODEL", str(folder)).replace("OUT", str(out)) for w in words]
                cost = measure([sys.executable, "-m", "hwsim", *words])
                print(f"  {title:12} {cost.peak / 1e6:8,.0f} MB {cost.wall:8.1f} s", flush=True)


if __name__ == "__main__":
    main()
