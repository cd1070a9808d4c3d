"""From where factors move outwards, and to where, for each kind of fault."""

import numpy as np

from hwsim.engines.timeloop.mapper._downsizing import downsize
from tests.engines.timeloop.mapper.designs import inputs
from tests.engines.timeloop.mapper.test_scorer import scorer_of


class Noted:
    """Notes which moves are asked for, and makes none."""

    def __init__(self):
        self.asked = []

    def shift(self, candidates, which, sources, targets):
        self.asked.append((which, sources, targets))


def test_factors_leave_where_they_are_too_many():
    scorer = scorer_of(inputs(spad=16, glb=256))
    nests = [(nest.level, nest.kind) for nest in scorer.space.nests]
    assert nests == [(0, "temporal"), (1, "spatial"), (1, "temporal"), (2, "temporal")]
    some = scorer.space.sample(400, np.random.default_rng(0))
    faults = scorer.faults_of(some)
    names = [scorer.fit.faults[fault - 1].name if fault else None for fault in faults.tolist()]
    expected = {
        "GLB: fan-out": ([False, True, False, False], [False, False, True, True]),
        "Spad: capacity": ([True, False, False, False], [False, False, True, True]),
        "GLB: capacity": ([True, True, True, False], [False, False, False, True]),
    }
    picked = [names.index(name) for name in expected]
    fitting = [names.index(None)]
    other = [number for number, name in enumerate(names) if name and name.endswith("nowhere")][:1]
    moves = Noted()
    downsize(scorer, moves, some.take(np.array([*fitting, *picked, *other])), 3)
    assert len(moves.asked) == 3
    for tight, sources, targets in moves.asked:
        assert tight.tolist() == [True] * 3 + [False] * len(other)
        for column, (giving, taking) in enumerate(expected.values()):
            assert sources[:, column].tolist() == giving
            assert targets[:, column].tolist() == taking


def test_what_fits_is_left_alone():
    scorer = scorer_of(inputs(spad=200))
    some = scorer.space.sample(400, np.random.default_rng(0))
    moves = Noted()
    downsize(scorer, moves, some.take(scorer.faults_of(some) == 0), 3)
    assert moves.asked == []
