"""Words times hops on the networks between memories, by hand."""

import numpy as np

import hwsim
from hwsim.engines.timeloop.layers.engine import _wire_counts
from hwsim.engines.timeloop.terms.operands import count_key
from tests.engines.timeloop.designs import spatial, temporal
from tests.engines.timeloop.mapper.designs import gemm, inputs

#: Each PE holds a row of A; its two MACs share K.
MAPPING = [
    temporal("DRAM", "M=1 N=6 K=1"),
    spatial("GLB", "M=4 N=1 K=1"),
    temporal("GLB", "M=1 N=1 K=4"),
    spatial("Spad", "M=1 N=1 K=2"),
    temporal("Spad", "M=1 N=1 K=1"),
    {"target": "GLB", "type": "bypass", "keep": ["A", "B"], "bypass": ["Z"]},
]
SKIP = {
    "targets": [
        {
            "name": "GLB",
            "action_optimization": [
                {"type": "skipping", "options": [{"target": "B", "condition_on": ["A"]}]}
            ],
        }
    ]
}


def word_hops(problem, **sparse):
    given = {**inputs(problem, pes=4, macs=2), "mapping": MAPPING, **sparse}
    return _wire_counts(hwsim.evaluate_timeloop(given).evaluation)


def named(counts):
    return {
        count_key(network, space, "word_hops"): words for (network, space), words in counts.items()
    }


DENSE = {
    # 192 words of A to one of four PEs each, 1.5 hops away on average; 48 of B to all four,
    # over 3 hops. Z is not kept in the GLB: what passes it is none of its traffic.
    ("GLB <==> Spad", "A"): 192 * 1.5,
    ("GLB <==> Spad", "B"): 48 * 3.0,
    # In each of four PEs, 48 words each to one of two MACs; 6 sums of both over a hop of their
    # own, and 36 that go from one to the other.
    ("Spad <==> MAC", "A"): 4 * 48 * 0.5,
    ("Spad <==> MAC", "B"): 4 * 48 * 0.5,
    ("Spad <==> MAC", "Z"): 4 * (6 * 1.0 + 36),
}


def test_words_times_hops():
    assert word_hops(gemm(4, 6, 8)) == named(DENSE)


def test_a_word_that_is_not_read_does_not_travel():
    half = np.zeros((4, 8))
    half[:, :4] = 1  # columns of A that meet half of the rows of B
    left = {**DENSE, ("GLB <==> Spad", "B"): 24 * 3.0, ("Spad <==> MAC", "B"): 4 * 24 * 0.5}
    problem = gemm(4, 6, 8, densities={"A": half})
    assert word_hops(problem, sparse_optimizations=SKIP) == named(left)
