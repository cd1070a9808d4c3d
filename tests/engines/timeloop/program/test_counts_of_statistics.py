"""What energy models want and the statistics file does not spell out, by hand."""

import numpy as np

import hwsim
from hwsim.engines.timeloop.figures.stats_file import stats_text
from hwsim.engines.timeloop.figures.stats_labels import algorithmic_scalars, scalars
from hwsim.engines.timeloop.program import engine
from hwsim.engines.timeloop.program.stats_reader import parse_stats
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from tests.engines.timeloop.layers.test_wire_counts import MAPPING, SKIP
from tests.engines.timeloop.mapper.designs import gemm, inputs

#: The file tells how many memories feed a network by the energies of one and of all.
HOPS = {"energy_per_hop": 0.3}


def test_rows_and_word_hops():
    half = np.zeros((4, 8))
    half[:, :4] = 1  # half of the words of B meet nothing
    problem = gemm(4, 6, 8, densities={"A": half})
    given = inputs(problem, pes=4, macs=2, glb_extra=HOPS, spad_extra=HOPS)
    given |= {"mapping": MAPPING, "sparse_optimizations": SKIP}
    evaluation = hwsim.evaluate_timeloop(given).evaluation
    found = engine._more_counts(evaluation, parse_stats(stats_text(evaluation), "x"))
    assert {(key.unit, key.component, key.action): count for key, count in found.items()} == {
        # rows of four words outside of the PEs, of one inside
        ("DRAM", "A", "vector_reads"): 32 / 4,
        ("DRAM", "B", "vector_reads"): 48 / 4,
        ("DRAM", "Z", "vector_updates"): 24 / 4,
        ("GLB", "A", "vector_reads"): 192 / 4,
        ("GLB", "A", "vector_fills"): 32 / 4,
        ("GLB", "B", "vector_reads"): 24 / 4,
        ("GLB", "B", "vector_fills"): 48 / 4,
        ("Spad", "A", "vector_reads"): 4 * 48,
        ("Spad", "A", "vector_fills"): 4 * 48,
        ("Spad", "B", "vector_reads"): 4 * 24,
        ("Spad", "B", "vector_fills"): 4 * 24,
        ("Spad", "Z", "vector_updates"): 4 * 6,
        # as hwsim's own analysis counts them: see the test of word hops
        ("GLB <==> Spad", "A", "word_hops"): 192 * 1.5,
        ("GLB <==> Spad", "B", "word_hops"): 24 * 3.0,
        ("Spad <==> MAC", "A", "word_hops"): 4 * 48 * 0.5,
        ("Spad <==> MAC", "B", "word_hops"): 4 * 24 * 0.5,
        ("Spad <==> MAC", "Z", "word_hops"): 4 * (6 * 1.0 + 36),
    }


def test_metadata_are_listed_outermost_rank_first():
    inner, outer = RankFormat("cp", 4, 1), RankFormat("uop", 0, 6)
    units = [(3.0, 1.0), (5.0, 2.0)]
    assert engine._bits(units, Representation((inner, outer))) == 1 * 6 + 5 * 4 + 2 * 1


def test_shares_and_senders_that_the_file_does_not_tell():
    dense, done = algorithmic_scalars("read"), scalars("read", "random")
    assert engine._left({dense: 8, done: 2}, "read") == 0.25
    assert engine._left({dense: 0, done: 0}, "read") == 1
    assert engine._left({}, "read") == 1
    assert engine._senders({engine.ENERGY: 6.0, engine.ENERGY_EACH: 1.5}) == 4
    assert engine._senders({engine.ENERGY: 0.0, engine.ENERGY_EACH: 0.0}) == 1
