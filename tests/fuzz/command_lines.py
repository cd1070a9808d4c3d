"""Command lines whose words are changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from tests.fuzz import nonsense
from tests.fuzz.inputs import Format, Input, Seed, cases, network_file
from tests.fuzz.studies import SMALL_STUDY
from tests.fuzz.weight_files import SHAPES, state

#: Good command lines; their words are what is changed.
_LINES: Final = tuple(
    tuple(line.split())
    for line in """\
run --model m.npz --arch sigma --scheme dense --scheme signed-binary:p=0.25 --layers fc \
--set num_ms=64 --set node=28nm --energy stonne,physical --json
run --model m.npz --scheme pruned:sparsity=0.5,method=random,seed=3 --energy physical --set \
clock=400MHz --set buffer=64KB --set dram=HBM2 --json
run --model m.npz --activations 0.5 --quantize-layers all --scheme ternary:sparsity=0.5 \
--energy stonne --json
run --model plain.npz --topology t.yaml --input-size 3x3 --skip fc.bias --json
run --model plain.npz --topology t.yaml --take fc.weight --layout torch --json
run --model m.npz --arch eie --scheme dense --energy physical --layers fc --set pes=4 \
--json
sweep --model m.npz --sparsity 0:0.6:0.3 --energy stonne --require energy_ratio>=1.0@0.3 \
--json
gemm --mk mk.npy --columns 3 --arch sigma --set num_ms=64 --dataflow MK_STA_KN_STR --json -
gemm --rows 4 --kn kn.npy --arch sigma --set num_ms=64 --dataflow MK_STR_KN_STA --json -
network show plain.npz --topology t.yaml --input-size 3 --skip fc.bias --json
network make t.yaml -o made.npz --distribution laplace --seed 3 --input-size 5
arch show sigma --set num_ms=64 --set dn_bw=32 --set rn_bw=32
arch show maeri --set num_ms=64 --set dn_bw=32
energy diff stonne physical --arch sigma --set num_ms=64 --scheme binary
repetition --model m.npz --scheme ternary --layers block.conv --json
stonne -SparseGEMM -M=3 -N=2 -K=8 -num_ms=8 -dn_bw=4 -rn_bw=2 -MK_sparsity=50 -KN_sparsity=0 \
-print_stats=0
stonne -DenseGEMM -M=9 -N=7 -K=5 -ms_rows=4 -ms_cols=4 -dn_bw=8 -rn_bw=16 -T_M=4 -T_N=3 \
-accumulation_buffer=1 -rn_type=TEMPORALRN -mn_type=OS_MESH -mem_ctrl=TPU_OS_DENSE \
-print_stats=0
stonne -CONV -R=3 -S=3 -C=2 -G=1 -K=4 -N=1 -X=5 -Y=5 -T_R=3 -T_S=3 -T_C=1 -T_G=1 -T_K=1 \
-T_N=1 -T_X_=1 -T_Y_=1 -num_ms=16 -dn_bw=8 -rn_bw=8 -strides=1 -print_stats=0
timeloop mapper arch.yaml prob.yaml --budget 5 --seed 1 --objective edp --json -
timeloop model arch.yaml prob.yaml map.yaml -o out --json -
export stonne --model m.npz --arch sigma --scheme dense --layers fc -o out
export npz --model m.npz --scheme signed-binary:p=0.25 -o q.npz
export timeloop --model m.npz --arch simple --layers fc -o out
explore s.yaml --budget 2 --json
cache show --json
study run s.yaml --dry-run --workers 1 --json
study run s.yaml --workers 1 --json
validate published --machine eyeriss_v2_pe
""".splitlines()
)

#: What takes longer than an input may, as it should: every published figure.
_LONG_WORK: Final = ["validate", "published"]


def options(folder: Path) -> list[Seed]:
    np.savez(folder / "plain.npz", **state())
    np.save(folder / "mk.npy", np.eye(4, 6, dtype=np.float32))
    np.save(folder / "kn.npy", np.ones((6, 3), np.int8))
    files = {
        **network_file(folder),
        **cases("hostile/arch.yaml", "hostile/prob.yaml", "hostile/map.yaml"),
        **{name: (folder / name).read_bytes() for name in ("plain.npz", "mk.npy", "kn.npy")},
        "t.yaml": SHAPES.encode(),
        "s.yaml": SMALL_STUDY.encode(),
    }
    return [Seed("m.npz", files, _LINES)]


class CommandLines(Format):
    """Changes the command and not the file."""

    def draw(self, seeds: Sequence[Seed], draw: Random) -> Input:
        [seed] = seeds
        words = list(draw.choice(seed.commands))
        negative = None
        count = draw.choice((1, 1, 1, 2))
        for _ in range(count):
            at = draw.randrange(1, len(words))
            before, equals, value = words[at].rpartition("=")
            new = draw.choice(nonsense.ARGUMENTS)
            if equals and draw.random() < 0.8:
                if _is_number(value) and new in nonsense.NEGATIVE and count == 1:
                    negative = before
                words[at] = f"{before}={new}"
            elif draw.random() < 0.15:
                del words[at]
            elif draw.random() < 0.1:
                words.insert(at, new)
            else:
                words[at] = new
            if len(words) < 2:
                break
        words = [word.replace("\0", "") for word in words]
        if words == _LONG_WORK:
            return self.draw(seeds, draw)
        return Input(seed.files, tuple(words), negative)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
