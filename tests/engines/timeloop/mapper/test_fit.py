"""What keeps a mapping from fitting, and which of these faults smaller factors would mend."""

import numpy as np
import pytest

from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.terms.machine import StorageLevel
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from tests.engines.timeloop.mapper.designs import gemm, inputs
from tests.engines.timeloop.mapper.test_mapspace import space_of
from tests.engines.timeloop.sparse.parts import CP, compressed


@pytest.fixture(scope="module")
def fit():
    space = space_of(inputs())
    shares = ExpectedShares(space.problem, space.machine, SparseOptimizations())
    return Scorer(space, shares).fit


def test_faults_are_told_for_people(fit):
    assert [level.name for level in fit.space.machine.levels] == ["Spad", "GLB", "DRAM"]
    assert [(fault.kind, fault.level, fault.reason) for fault in fit.faults] == [
        ("parallelism", -1, "fall short of the least parallelism of 0"),
        ("fan-out", 0, "exceed the fan-out of Spad (1 x 1)"),
        ("fan-out", 1, "exceed the fan-out of GLB (4 x 2)"),
        ("fan-out", 2, "exceed the fan-out of DRAM (1 x 1)"),
        ("capacity", 0, "exceed the capacity of Spad (64 words)"),
        ("capacity", 1, "exceed the capacity of GLB (2048 words)"),
        ("capacity", 2, "exceed the capacity of DRAM (None words)"),
    ] + [
        (kind, level, reason.format(name))
        for kind, reason in (
            ("metadata", "exceed the metadata storage of {} (0 bits)"),
            ("least utilisation", "fall short of the least utilisation of {} (min_utilization)"),
            (
                "unlike multicasts",
                "have several multicast factors where {} needs one (network_type M:N)",
            ),
        )
        for level, name in enumerate(("Spad", "GLB", "DRAM"))
    ] + [("kept nowhere", -1, f"have {name} kept nowhere") for name in "ABZ"]


def test_too_large_factors_are_told_from_other_faults(fit):
    faults = np.arange(len(fit.faults) + 1)  # 0 is none
    fans = np.flatnonzero(fit.fans_out_too_far(faults))
    assert [(fit.faults[number - 1].kind, fit.faults[number - 1].level) for number in fans] == [
        ("fan-out", level) for level in range(3)
    ]
    tight, level = fit.tight_level(faults)
    assert [(fit.faults[number - 1].kind, level[number]) for number in np.flatnonzero(tight)] == [
        (kind, level) for kind in ("fan-out", "capacity", "metadata") for level in range(3)
    ]
    assert not level[~tight].any()


def test_networks_that_cannot_split_are_booked_on_their_level(fit):
    fault = np.array([0, 0, 0, 1])
    fit.mark_unlike_multicasts(fault, np.array([0, 1, 3, 2]))
    booked = [fit.faults[number - 1] for number in fault[1:]]
    assert fault[0] == 0
    assert [(one.kind, one.level) for one in booked] == [
        ("unlike multicasts", 0),
        ("unlike multicasts", 2),
        ("parallelism", -1),  # the first fault that was found stays
    ]


FIXED = [
    {
        "target": name,
        "type": kind,
        "permutation": "MNK",
        "factors": factors,
        **({"split": 3} if kind == "spatial" else {}),
    }
    for name, kind, factors in (
        ("DRAM", "temporal", "M=2 N=1 K=1"),
        ("GLB", "temporal", "M=1 N=1 K=1"),
        ("GLB", "spatial", "M=4 N=1 K=1"),
        ("Spad", "temporal", "M=2 N=2 K=2"),
    )
] + [{"target": name, "type": "datatype", "keep": ["A", "B", "Z"]} for name in ("GLB", "Spad")]
A, B = 0, 1


def fault_of(constraints=(), representations=None, split=3, kept="ABZ", **design):
    """The fault of the only mapping: tiles of 2 x 2 in 4 of 8 PEs."""
    fixed = [one | {"split": split} if "split" in one else one for one in FIXED]
    past = [name for name in "ABZ" if name not in kept]
    fixed[-1] = fixed[-1] | {"keep": list(kept), "bypass": past}
    space = space_of(inputs(gemm(16, 2, 2), [*fixed, *constraints], **design))
    sparse = SparseOptimizations(any=True, representations=representations or {})
    scorer = Scorer(space, ExpectedShares(space.problem, space.machine, sparse))
    (fault,) = scorer.fit.faults_of(space.at([0])).tolist()
    return scorer.fit.faults[fault - 1].name if fault else None


def test_memories_may_be_full():
    assert fault_of(spad=12) is None
    assert fault_of(spad=11) == "Spad: capacity"
    # 8 x 2 of A, 2 x 2 of B, 8 x 2 of Z
    assert fault_of(glb=36) is None
    assert fault_of(glb=32) == "GLB: capacity"


def test_memories_have_to_be_used():
    assert fault_of(spad=24, spad_extra={"min_utilization": 0.5}) is None
    assert fault_of(spad=24, spad_extra={"min_utilization": 0.51}) == "Spad: least utilisation"


def test_units_have_to_work():
    least = {"target": "Spad", "type": "parallelism"}
    assert fault_of([least | {"min": 0.5}]) is None
    assert fault_of([least | {"min": 0.51}]) == "parallelism"


@pytest.mark.parametrize(("rows", "fault"), [(32, None), (31, "Spad: metadata")])
def test_metadata_of_all_data_spaces_fill_their_storage(rows, fault):
    forms = {(0, A): compressed(CP), (0, B): compressed(CP)}  # 4 coordinates of 4 bits each
    extra = {"metadata_storage_width": 1, "metadata_storage_depth": rows}
    assert fault_of(representations=forms, spad_extra=extra) == fault


@pytest.mark.parametrize(
    ("columns", "split", "fault"),
    [(4, 3, None), (2, 3, "GLB: fan-out"), (2, 0, None), (4, 0, "GLB: fan-out")],
)
def test_neither_columns_nor_rows_may_be_more_than_there_are(columns, split, fault):
    """Four of eight PEs: side by side, or above one another where the split is before M."""
    assert fault_of(columns=columns, split=split) == fault


@pytest.mark.parametrize(
    ("bits", "words"), [({"A": 8}, 10), ({"A": 9}, 11), ({"B": 24, "Z": 16}, 14)]
)
def test_words_of_other_bits_take_their_share_of_the_room(bits, words):
    """Four words each of A, B and Z where words of the memory have 16 bits, rounded up."""
    extra = {"x-hwsim": {"bits": bits}}
    assert fault_of(spad=words, spad_extra=extra) is None
    assert fault_of(spad=words - 1, spad_extra=extra) == "Spad: capacity"


def test_what_goes_past_a_memory_leaves_no_metadata_there():
    forms = {(0, A): compressed(CP), (0, B): compressed(CP)}  # of B 4 coordinates of 4 bits each
    extra = {"metadata_storage_width": 1, "metadata_storage_depth": 16}
    assert fault_of(representations=forms, spad_extra=extra, kept="BZ") is None


def test_somewhere_everything_has_to_be_kept():
    past = [{"target": "DRAM", "type": "datatype", "bypass": ["A"]}]
    space = space_of(inputs(gemm(16, 2, 2), past, spad=2048))
    assert [space.may_drop(number) for number in range(3)] == [True, False, False]
    shares = ExpectedShares(space.problem, space.machine, SparseOptimizations())
    some = space.sample(200, np.random.default_rng(0))
    fit = Scorer(space, shares).fit
    names = [fit.faults[fault - 1].name if fault else None for fault in fit.faults_of(some)]
    fans = np.array([name == "GLB: fan-out" for name in names])  # is looked for first
    nowhere = np.array([name == "A kept nowhere" for name in names])
    assert nowhere.any()
    assert (nowhere == (~some.keep[:, A].any(axis=0) & ~fans)).all()


@pytest.mark.parametrize("least", [0.5, 0.51])
def test_memories_without_limits_have_room_for_everything(monkeypatch, least):
    monkeypatch.setattr(StorageLevel, "effective_size", None)
    parallelism = [{"target": "Spad", "type": "parallelism", "min": least}]
    assert fault_of(parallelism, spad=4, glb=4) == (None if least == 0.5 else "parallelism")
    assert fault_of(spad=4, glb=4, columns=2) == "GLB: fan-out"


def test_units_may_lie_on_grids_of_their_own_inside_one_another():
    assert fault_of(macs=2) is None
    assert fault_of(macs=2, columns=2) == "GLB: fan-out"
