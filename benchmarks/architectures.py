"""ResNet-18 under three schemes on every shipped design; writes the table of docs/sparseloop.md.

Prints the table, or with ``--write`` puts it into the page.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import hwsim
from hwsim.arch import list_archs, load_arch

PAGE = Path(__file__).resolve().parent.parent / "docs" / "sparseloop.md"
BEGIN, END = "<!-- architectures: begin -->", "<!-- architectures: end -->"


def main() -> None:
    """Run, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    table = architecture_table()
    print(table)
    if write:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


def architecture_table() -> str:
    """Tabulate the whole network, dense over scheme."""
    network = hwsim.make_network("resnet18")
    lines = [
        "| machine | dense cycles | dense energy mJ | binary cycles | binary energy | "
        "signed-binary cycles | signed-binary energy |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in list_archs():
        if load_arch(name).engine != "sparseloop":
            continue
        start = time.perf_counter()
        totals = hwsim.run(network, name).totals
        seconds = time.perf_counter() - start
        whole = totals[totals["scope"] == "network"].set_index("scheme")
        dense = whole.loc["dense"]
        ratios = " | ".join(
            f"{whole.loc[scheme, 'cycles_ratio']:.2f} | {whole.loc[scheme, 'energy_ratio']:.2f}"
            for scheme in ("binary", "signed-binary")
        )
        lines.append(f"| {name} | {dense['cycles']:,} | {dense['energy'] / 1e9:.2f} | {ratios} |")
        print(f"{name}: {seconds:.1f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
