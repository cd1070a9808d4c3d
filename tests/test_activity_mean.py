"""Activities of several samples as that of one."""

from dataclasses import replace

import numpy as np

from hwsim.activity import ActionKey, Activity
from hwsim.activity_mean import per_sample
from hwsim.pace import Pace

READ = ActionKey("Buffer", "SRAM", "READ")
WRITE = ActionKey("Buffer", "SRAM", "WRITE")
FIRST = Activity(
    engine="e",
    cycles=10,
    counts={READ: 4},
    instances={("Buffer", "SRAM"): 1},
    macs=8,
    effectual_macs=6,
    utilization=0.5,
    statistics={"passes": 2, "why": "few", "share": 0.25, "only": 1},
    levels={READ: (1, 2), WRITE: (1,)},
    pace=Pace(0.5, slack=2.0),
)
SECOND = replace(
    FIRST,
    cycles=5,
    counts={READ: 3, WRITE: 2},
    utilization=0.8,
    statistics={"passes": 4, "why": "many", "share": 0.5},
    levels={READ: (3, 5)},
    pace=Pace(0.5, slack=3.0),
)


def test_images_of_one_sample_add_up() -> None:
    both = per_sample([FIRST, SECOND], 1)
    assert (both.cycles, both.macs, both.effectual_macs) == (15, 16, 12)
    assert both.counts == {READ: 7, WRITE: 2}
    assert both.levels == {READ: (4, 7)}
    assert both.utilization == (10 * 0.5 + 5 * 0.8) / 15
    assert both.statistics == {"passes": 3, "why": "few", "share": 0.375, "only": 1}
    assert both.pace == SECOND.pace
    assert both.instances == FIRST.instances
    assert both.engine == "e"


def test_samples_are_averaged_and_cycles_whole() -> None:
    both = per_sample([FIRST, SECOND], 2)
    assert (both.cycles, both.macs, both.effectual_macs) == (8, 8, 6)
    assert both.counts == {READ: 3.5, WRITE: 1}
    assert [type(count) for count in both.counts.values()] == [float, int]
    assert both.levels == {READ: (2, 3.5)}
    assert both.statistics["passes"] == 3


def test_one_is_itself() -> None:
    assert per_sample([FIRST], 1) is FIRST


def test_an_engine_that_says_less() -> None:
    still = replace(FIRST, cycles=0, pace=None, counts={READ: np.int64(2)})
    both = per_sample([still, still], 2)
    assert (both.cycles, both.utilization, both.pace) == (0, 0, None)
    assert both.counts == {READ: 2}
    assert per_sample([FIRST, still], 1).pace is None
