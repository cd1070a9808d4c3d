"""A small file of published figures, to write down with changes."""

TINY = """\
schema: 1
title: two products
machine: sigma
energy: physical
source: the paper, table 1
transcribed: owner/copy
verified: all
assumed: nothing
states:
  cycles: {within: 10 %, wanted: 5 %, why: nothing waits}
  speedup: {within: 1.5x, why: ports}
cases:
  - name: small
    layers:
      - {gemm: {M: 8, K: 16, N: 4, weights: 0.5}}
    published:
      cycles: {value: 100 cycles, note: read off, other: {value: 120 cycles, source: somebody}}
      speedup: {value: 2 x}
"""


def write(folder, *changes):
    """Write the file with texts replaced, and return its path."""
    text = TINY
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file = folder / "tiny.yaml"
    file.write_text(text, encoding="utf-8")
    return file
