"""Operations that repetition leaves, scheme by scheme; writes the tables of docs/repetition.md.

Prints the tables, or with ``--write`` puts them into the page.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import hwsim
from hwsim.engines.repetition import METHODS
from hwsim.networks import Network
from hwsim.studies import Request
from hwsim.studies.repetition import RepetitionResult, count_repetition

PAGE = Path(__file__).resolve().parent.parent / "docs" / "repetition.md"
DIGITS = PAGE.parent.parent / "examples" / "digits"
BEGIN, END = "<!-- repetition: begin -->", "<!-- repetition: end -->"
SCHEMES = (
    *("binary", "ternary", "signed-binary:p=0", "signed-binary:p=0.25"),
    *("signed-binary", "signed-binary:p=1"),
)
#: A layer of each size of ResNet-18.
LAYERS = ("layer1.0.conv1", "layer2.1.conv1", "layer3.1.conv1", "layer4.1.conv1")
MACHINES = ("ucnn", "dcnn_sp", "sigma", "eyeriss_v2")


def main() -> None:
    """Count, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    resnet = hwsim.make_network("resnet18")
    began, start = time.time(), time.process_time()
    result = count_repetition(Request(resnet, schemes=SCHEMES))
    taken = time.time() - began, time.process_time() - start
    print(f"{len(SCHEMES)} schemes: {taken[0]:.1f} s, {taken[1]:.1f} s of CPU")
    parts = [
        "ResNet-18 (random weights, Laplace, seed 0), its 16 3x3 layers: multiplications and "
        "additions a MAC, each layer at its best tile.",
        totals_table(result),
        "Bits of the tables a weight at these tiles; a float has 32:",
        sizes_table(result),
        "The best tile (G x T) and the groups of a tile, layer by layer:",
        tiles_table(result),
        "The network of examples/digits, trained as it is named, the layers that schemes change:",
        digits_table(),
        "The machines, whole network, one image, zeros of activations unknown:",
        machines_table(resnet),
    ]
    text = "\n\n".join(parts)
    print(text)
    if given.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def digits_table() -> str:
    """Tabulate the trained networks, each under the scheme that it was trained for."""
    lines: list[str] = []
    for name, scheme in (("binary", "binary"), ("signed-binary", "signed-binary")):
        network = hwsim.load_network(DIGITS / f"{name}.npz")
        table = totals_table(count_repetition(Request(network, schemes=(scheme,))))
        lines += table.splitlines()[2 if lines else 0 :]
    return "\n".join(lines)


def totals_table(result: RepetitionResult) -> str:
    """Tabulate the network, zeros skipped and as a level like others."""
    lines = [
        f"| scheme | zeros | sparsity | {' | '.join(METHODS)} |",
        "|---" * (3 + len(METHODS)) + "|",
    ]
    for (scheme, zeros), rows in result.totals.groupby(["scheme", "zeros"], sort=False):
        per_mac = rows.set_index("method")["arithmetic_per_mac"]
        cells = " | ".join(f"{per_mac[method]:.3f}" for method in METHODS)
        lines.append(f"| {scheme} | {zeros} | {rows['sparsity'].iloc[0]:.1%} | {cells} |")
    return "\n".join(lines)


def sizes_table(result: RepetitionResult) -> str:
    """Tabulate the bits of tables a weight, zeros skipped."""
    methods = METHODS[1:]
    lines = [
        f"| scheme | ucnn with jumps | {' | '.join(methods)} |",
        "|---" * (2 + len(methods)) + "|",
    ]
    skipped = result.totals[result.totals["zeros"] == "skipped"]
    for scheme, rows in skipped.groupby("scheme", sort=False):
        of_method = rows.set_index("method")
        bits = [of_method.loc["ucnn", "jump_table_bits"]]
        bits += [of_method.loc[method, "table_bits"] for method in methods]
        cells = " | ".join(f"{each / rows['weights'].iloc[0]:.2f}" for each in bits)
        lines.append(f"| {scheme} | {cells} |")
    return "\n".join(lines)


def tiles_table(result: RepetitionResult) -> str:
    """Tabulate the best tiles of a layer of each size, zeros skipped."""
    methods = [each for each in METHODS[1:] if each != "ucnn-16"]
    lines = [f"| layer | scheme | {' | '.join(methods)} |", "|---" * (2 + len(methods)) + "|"]
    chosen = result.layers[result.layers["zeros"] == "skipped"]
    for layer in LAYERS:
        for scheme in ("binary", "ternary", "signed-binary"):
            rows = chosen[(chosen["layer"] == layer) & (chosen["scheme"] == scheme)]
            of_method = rows.set_index("method")
            cells = " | ".join(
                f"{row['arithmetic_per_mac']:.3f} at {row['G']} x {row['T']}, "
                f"{row['groups_per_tile']:.0f}"
                for row in (of_method.loc[method] for method in methods)
            )
            lines.append(f"| {layer} | {scheme} | {cells} |")
    return "\n".join(lines)


def machines_table(network: Network) -> str:
    """Tabulate energy and cycles of machines, scheme by scheme."""
    schemes = ("dense", "binary", "ternary", "signed-binary")
    lines = [
        f"| machine | {' | '.join(f'{each}: mJ, million cycles' for each in schemes)} |",
        "|---" * (1 + len(schemes)) + "|",
    ]
    for machine in MACHINES:
        result = hwsim.run(network, machine, schemes=schemes, energy="physical")
        whole = result.totals[result.totals["scope"] == "network"].set_index("scheme")
        cells = " | ".join(
            f"{whole.loc[each, 'energy'] / 1e9:.2f}, {whole.loc[each, 'cycles'] / 1e6:.2f}"
            for each in schemes
        )
        lines.append(f"| {machine} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
