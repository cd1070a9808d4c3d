"""Sparsity and seeds are axes of the schemes that have them."""


def _weights(study):
    return [
        (point.coordinates["sparsity"], point.coordinates["seed"], *point.request.schemes)
        for point in study.points
    ]


def test_levels_are_for_schemes_with_a_sparsity(study):
    read = study(scheme=["dense", "pruned", "binary"], sparsity=["0.1:0.3:0.1", 0.05])
    assert _weights(read) == [
        (None, None, "dense"),
        (0.05, None, "pruned:sparsity=0.05"),
        (0.1, None, "pruned:sparsity=0.1"),
        (0.2, None, "pruned:sparsity=0.2"),
        (0.3, None, "pruned:sparsity=0.3"),
        (None, None, "binary"),
    ]
    assert [p.coordinates["scheme"] for p in read.points[:2]] == ["dense", "pruned"]
    assert read.spec["sparsity"] == {"levels": [0.05, 0.1, 0.2, 0.3]}
    assert read.notes == ("no sparsity to set, evaluated without: dense, binary",)


def test_a_scheme_says_its_own_level_where_the_study_says_none(study):
    assert _weights(study(scheme=["pruned", "pruned:sparsity=0.5,method=random"])) == [
        (0.65, None, "pruned"),
        (0.5, 0, "pruned:sparsity=0.5,method=random"),
    ]


def test_what_a_scheme_states_is_no_axis_of_it(study):
    read = study(
        scheme=["pruned:sparsity=0.5,seed=7,method=random", "pruned:method=magnitude", "pruned"],
        sparsity={"levels": 0.25, "method": "random"},
        seed=1,
    )
    assert _weights(read) == [
        (0.5, 7, "pruned:sparsity=0.5,method=random,seed=7"),
        (0.25, None, "pruned:sparsity=0.25"),
        (0.25, 1, "pruned:sparsity=0.25,method=random,seed=1"),
    ]
    assert read.spec["sparsity"] == {"levels": [0.25], "method": "random"}
    assert read.notes == (
        "no sparsity to set, evaluated without: pruned:sparsity=0.5,seed=7,method=random",
        "no seed to set, evaluated without: pruned:sparsity=0.5,seed=7,method=random, "
        "pruned:method=magnitude",
    )


def test_seeds_may_stand_under_sparsity(study):
    read = study(scheme="pruned", sparsity={"levels": 0.5, "method": "random", "seed": [1, 2]})
    assert [each[1] for each in _weights(read)] == [1, 2]
    assert read.spec["seed"] == [1, 2]
    assert read.spec["sparsity"] == {"levels": [0.5], "method": "random"}


def test_an_axis_that_no_scheme_has_is_a_mistake(refused):
    assert refused(
        scheme=["dense", "binary"], sparsity={"levels": 0.5, "method": "random"}, seed=0
    ) == [
        "study: sparsity: no scheme of the study has a sparsity to set",
        "study: sparsity.method: no scheme of the study has a method to set",
        "study: seed: no scheme of the study has a seed to set",
    ]
    assert refused(scheme=["pruned"], sparsity={"levels": 0.5, "seed": 1}) == [
        "study: seed: no scheme of the study has a seed to set",
    ]


def test_levels_methods_and_schemes_that_are_none(refused):
    assert refused(
        scheme=["pruned", "prunned"], sparsity={"levels": [0.5, 1, "0:1"], "method": "luck"}, seed=2
    ) == [
        "study: sparsity.levels.1: sparsity 1: expected a share of zeros of at least 0 and less "
        "than 1",
        "study: sparsity.levels.2: sparsity '0:1': expected a level or START:STOP:STEP, e.g. "
        "0:0.9:0.1",
        "study: sparsity.method: scheme 'pruned': method must be one of magnitude, random. Got "
        "luck",
        "study: scheme.1: unknown scheme 'prunned'; did you mean 'pruned'?",
    ]


def test_a_seed_is_given_once(refused):
    given = {"levels": 0.5, "method": "random", "seed": 1}
    assert refused(scheme="pruned", sparsity=given, seed=2) == [
        "study: seed: stands under sparsity, too; give it once"
    ]


def test_every_scheme_that_can_have_a_sparsity_gets_it(study):
    read = study(
        scheme=["signed-binary:p=0.25", "ternary", "pruned:pattern=2:4"],
        sparsity={"levels": 0.5, "method": "random"},
        seed=3,
    )
    assert _weights(read) == [
        (0.5, 3, "signed-binary:sparsity=0.5,method=random,seed=3,p=0.25"),
        (0.5, 3, "ternary:sparsity=0.5,method=random,seed=3"),
        (None, None, "pruned:pattern=2:4"),
    ]
    assert read.notes == (
        "no sparsity to set, evaluated without: pruned:pattern=2:4",
        "no seed to set, evaluated without: pruned:pattern=2:4",
    )


def test_a_scheme_without_a_level_has_none(study):
    assert _weights(
        study(scheme=["signed-binary", "pruned:pattern=2:4,method=random"], seed=5)
    ) == [
        (None, None, "signed-binary"),
        (None, 5, "pruned:method=random,seed=5,pattern=2:4"),
    ]


def test_a_seed_before_a_pattern_is_stated(study):
    scheme = "pruned:method=random, seed = 7,pattern=2:4"
    read = study(scheme=[scheme, "pruned:pattern=2:4,method=random"], seed=1)
    assert [each[1] for each in _weights(read)] == [7, 1]


def test_a_level_beside_what_it_takes_the_place_of_is_refused(refused):
    assert refused(scheme=["signed-binary", "signed-binary:delta=0.1"], sparsity=0.5) == [
        "study: scheme.1: scheme 'signed-binary': delta has an effect only without sparsity. Got "
        "sparsity=0.5"
    ]
