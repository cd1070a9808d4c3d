"""Small layers and a small machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwsim.workload import ConvolutionWindow, Workload
from hwsim.workload.operands import Operands

TINY = """\
schema: 1
name: tiny
title: a tiny machine
source: the tests
engine: sparseloop
energy_table: physical
parameters:
  pes: {value: 4, unit: PEs, minimum: 1, maximum: 64, meaning: PEs}
  buffer_rows: {value: 256, unit: rows of 64 bits, minimum: 1, maximum: 65536, meaning: buffer}
  register_words: {value: 32, unit: words of 8 bits, minimum: 4, maximum: 4096, meaning: registers}
components: []
technology:
  node: 45 nm
  clock: 500 MHz
  weights: int8
  activations: int8
  partial_sums: int32
  dram: LPDDR4
  sources:
    {node: test, clock: test, weights: test, activations: test, partial_sums: test, dram: test}
design:
  search: {budget: 600}
  architecture:
    nodes:
      - {name: DRAM, class: DRAM, attributes: {width: 64, datawidth: 8}}
      - {name: Buffer, class: SRAM, attributes: {depth: buffer_rows, width: 64, datawidth: 8}}
      - {name: PE, spatial: {meshX: pes}}
      - name: Registers
        class: regfile
        attributes: {depth: register_words, width: 8, datawidth: 8}
      - {name: MAC, class: intmac}
"""

#: PEs share out rows of the output and nothing else.
ONLY_ROWS = TINY.replace(
    "      - {name: PE, spatial: {meshX: pes}}\n",
    """\
      - name: PE
        spatial: {meshX: pes}
        constraints: {spatial: {factors: [G=1, M=1, C=1, R=1, S=1, Q=1]}}
""",
)


def write(folder: Path, text: str = TINY) -> Path:
    path = folder / "tiny.yaml"
    path.write_text(text)
    return path


def operands(bits: int = 8, weights: int = 1, outputs: int = 1) -> Operands:
    coding = "value" if bits > 2 else "sign"
    return Operands(coding, bits, 0, weights, weights, 1, outputs)


def convolution(
    mask: np.ndarray, output: tuple[int, int] = (4, 4), bits: int = 8, **window: tuple[int, int]
) -> Workload:
    """A layer from the zeros of its filters, (G, M, C, R, S)."""
    groups, filters, channels, *kernel = mask.shape
    return Workload(
        layer="conv",
        levels=mask.reshape(groups, filters, -1).astype(bool),
        streams=output[0] * output[1],
        window=ConvolutionWindow(channels, (kernel[0], kernel[1]), output, **window),
        operands=operands(bits, mask.size, groups * filters * output[0] * output[1]),
    )


def random_mask(shape: tuple[int, ...], density: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < density
