"""From where factors move outwards, and to where, for each kind of fault."""

import numpy as np

from hwsim.engines.timeloop.mapper._downsizing import Downsizing
from hwsim.engines.timeloop.mapper._moves import Moves
from tests.engines.timeloop.mapper.designs import inputs
from tests.engines.timeloop.mapper.test_scorer import scorer_of


class Noted:
    """Notes which moves are asked for, and makes none."""

    def __init__(self):
        self.asked = []

    def shift(self, candidates, columns, sources, targets):
        self.asked.append((columns, sources, targets))
        return columns[:0]


def test_factors_leave_where_they_are_too_many():
    scorer = scorer_of(inputs(spad=16, glb=256))
    nests = [(nest.level, nest.kind) for nest in scorer.space.nests]
    assert nests == [(0, "temporal"), (1, "spatial"), (1, "temporal"), (2, "temporal")]
    some = scorer.space.sample(400, np.random.default_rng(0))
    faults = scorer.fit.faults_of(some)
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
    tried = np.array([*fitting, *picked, *other])
    found = Downsizing(scorer.fit, moves).run(some.take(tried), 3)
    assert found.tolist() == faults[tried].tolist()
    assert len(moves.asked) == 3
    for columns, sources, targets in moves.asked:
        assert columns.tolist() == [1, 2, 3]  # smaller factors do not mend the last
        for column, (giving, taking) in enumerate(expected.values()):
            assert sources[:, column].tolist() == giving
            assert targets[:, column].tolist() == taking


def test_what_fits_is_left_alone():
    scorer = scorer_of(inputs(spad=200))
    some = scorer.space.sample(400, np.random.default_rng(0))
    moves = Noted()
    fitting = some.take(np.flatnonzero(scorer.fit.faults_of(some) == 0))
    assert not Downsizing(scorer.fit, moves).run(fitting, 3).any()
    assert moves.asked == []


def test_the_faults_that_are_left_are_those_of_the_changed_candidates():
    scorer = scorer_of(inputs(spad=16, glb=256))
    random = np.random.default_rng(0)
    some = scorer.space.sample(400, random)
    before = scorer.fit.faults_of(some)
    found = Downsizing(scorer.fit, Moves(scorer.space, random)).run(some, 2)
    assert found.tolist() == scorer.fit.faults_of(some).tolist()
    assert 0 < (found > 0).sum() < (before > 0).sum()
