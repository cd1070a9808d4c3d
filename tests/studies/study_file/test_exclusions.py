"""Points that a study leaves out."""

SWEEP = {
    "set": {"num_ms": [64, 128]},
    "scheme": ["dense", "pruned", "pruned:scope=network"],
    "sparsity": [0.25, 0.5],
}


def test_a_point_is_left_out_if_it_meets_one_condition_whole(study, column):
    read = study(
        **SWEEP,
        exclude=[{"scheme": "pruned*", "num_ms": 64}, {"scheme": "pruned", "sparsity": 0.5}],
    )
    assert column(read, "num_ms", "scheme", "sparsity") == [
        (64, "dense", None),
        (128, "dense", None),
        (128, "pruned", 0.25),
        (128, "pruned:scope=network", 0.25),
        (128, "pruned:scope=network", 0.5),
    ]
    assert [point.number for point in read.points] == [0, 1, 2, 3, 4]
    assert read.notes == ("no sparsity to set, evaluated without: dense",)


def test_a_coordinate_may_be_one_of_several_and_none_where_it_does_not_apply(study, column):
    left = {"num_ms": ["12*", 4], "sparsity": [None, 0.25]}
    read = study(**SWEEP, exclude=[left])
    assert column(read, "num_ms", "sparsity") == [
        (64, None),
        (64, 0.25),
        (64, 0.5),
        (64, 0.25),
        (64, 0.5),
        (128, 0.5),
        (128, 0.5),
    ]
    assert read.spec["exclude"] == [left]


def test_null_is_where_an_axis_does_not_apply(study, column):
    read = study(**SWEEP, exclude=[{"sparsity": None, "num_ms": 64}])
    assert column(read, "num_ms", "scheme")[4:6] == [(128, "dense"), (128, "pruned")]


def test_a_pattern_needs_a_coordinate(study, column):
    read = study(**SWEEP, exclude=[{"sparsity": "*"}])
    assert column(read, "num_ms", "scheme") == [(64, "dense"), (128, "dense")]


def test_a_share_of_activations_is_met_by_the_number(study, column):
    read = study(scheme="dense", activations=[0.5, 0.25], exclude=[{"activations": 0.5}])
    assert column(read, "activations") == ["0.25"]


def test_what_leaves_nothing_out_is_noted(study):
    read = study(scheme="dense", exclude=[{"scheme": "pruned"}, {"arch": "sigma", "seed": 1}])
    assert read.notes == ("exclude.0 leaves nothing out", "exclude.1 leaves nothing out")


def test_what_leaves_nothing_is_refused(refused):
    assert refused(exclude=[{"arch": "sig*"}]) == ["study: exclude: leaves no point"]
    assert refused(exclude=[{}]) == [
        "study: exclude.0: says nothing, so that no point would be left"
    ]


def test_an_axis_that_is_none_is_refused(refused):
    assert refused(set={"num_ms": 64}, exclude=[{"num_mss": 64}]) == [
        "study: exclude.0.num_mss: no axis of the study; did you mean 'num_ms'?"
    ]
