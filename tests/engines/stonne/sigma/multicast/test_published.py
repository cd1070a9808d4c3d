"""Nine sparse GEMMs of the SIGMA paper, as two public transcriptions of its figure 12b have them.

The first (FPSG-UIUC/micro23-teaal-artifact, data/baselines/sigma.csv) is what 128 words of the
streaming matrix a cycle give. The second is speed-ups over a TPU as read off the bars; the paper
says of its evaluation that it lets larger chunks of the streaming matrix pass in a cycle. With
the TPU's cycles of the first (data/baselines/tpu.csv) they become cycles.
"""

from __future__ import annotations

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.stonne.sigma.engine import SigmaEngine
from hwsim.workload import Activations, Workload

# M, N, K, cycles of the first, cycles of the TPU, speed-up of the second
GEMMS = [
    (128, 2048, 4096, 66454, 73728, 4.5),
    (320, 3072, 4096, 100576, 319488, 5.5),
    (1632, 36548, 1024, 880058, 3827616, 5),
    (2048, 4096, 32, 4213, 68096, 16),
    (35, 8457, 2560, 169308, 174260, 11),
    (31999, 1024, 84, 38454, 257688, 8),
    (84, 1024, 4096, 33376, 40960, 6),
    (2048, 1, 128, 470, 2304, 5),
    (256, 256, 2048, 5014, 16384, 6),
]


@pytest.mark.parametrize(("M", "N", "K", "first", "tpu", "speedup"), GEMMS)
def test_cycles_are_those_of_the_paper(
    M: int, N: int, K: int, first: int, tpu: int, speedup: float
) -> None:
    weights = np.random.default_rng(0).random((1, M, K)) < 0.2
    workload = Workload("gemm", weights, N, activations=Activations(0.7))
    engine = SigmaEngine()
    assert engine.simulate(workload, load_arch("sigma-hpca2020")).cycles == pytest.approx(
        first, rel=0.032
    )
    wide = load_arch("sigma-hpca2020", {"stream_bw": 16384})
    assert engine.simulate(workload, wide).cycles == pytest.approx(tpu / speedup, rel=0.2)
