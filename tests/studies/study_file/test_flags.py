"""Options make the study that a file makes which says the same."""

import pytest

from hwsim.errors import InputError
from hwsim.studies.study_file import study_of, study_of_flags
from hwsim.studies.study_file.flags import split_schemes


@pytest.fixture(autouse=True)
def _in_the_folder(folder, monkeypatch):
    monkeypatch.chdir(folder)


def _refusal(**options):
    with pytest.raises(InputError) as caught:
        study_of_flags(**{"model": "a.npz", **options})
    return str(caught.value).split("\n")


def test_the_options_of_the_issue():
    flags = study_of_flags(
        arch="sigma,eyeriss_v2",
        model="a.npz",
        scheme="pruned",
        sparsity="0:0.9:0.05",
        set=["num_ms=64,128,256"],
    )
    assert len(flags.points) == 19 * 4
    assert flags == study_of(
        {
            "study": "sweep",
            "model": "a.npz",
            "arch": ["sigma", "eyeriss_v2"],
            "set": {"num_ms": [64, 128, 256]},
            "scheme": "pruned",
            "sparsity": "0:0.9:0.05",
        }
    )


def test_all_options():
    flags = study_of_flags(
        "mine",
        model=["a.npz", "b.npz"],
        arch=["sigma", "sigma-128"],
        engine="sigma",
        activation_density="0.5, 1",
        energy="stonne,physical",
        scheme=["dense,pruned:method=random,scope=layer", "pruned"],
        sparsity="0.5,0.6",
        method="random",
        seed=["1,2", "3"],
        set=["num_ms=64,128", "node=28nm", "sigma-128.dn_bw=8,16", "distribution=multicast"],
        exclude=["scheme=dense,num_ms=64", "sparsity=0.6", "scheme=pruned:method=magnitude"],
        layers=["layer1.*", "layer2.*"],
        skip=["a", "b,c"],
        input_size=(3, 4),
        topology=None,
        tokens=[],
        baseline="dense",
        expect=["cycles(dense) <= 1 at num_ms=128, node=28nm"],
    )
    assert flags.spec == {
        "study": "mine",
        "model": ["a.npz", "b.npz"],
        "arch": ["sigma", "sigma-128"],
        "engine": ["sigma"],
        "activation_density": [0.5, 1.0],
        "energy": ["stonne", "physical"],
        "scheme": ["dense", "pruned:method=random,scope=layer", "pruned"],
        "sparsity": {"levels": [0.5, 0.6], "method": "random"},
        "seed": [1, 2, 3],
        "set": {
            "num_ms": [64, 128],
            "node": ["28nm"],
            "sigma-128": {"dn_bw": [8, 16]},
            "distribution": ["multicast"],
        },
        "exclude": [
            {"scheme": ["dense"], "num_ms": ["64"]},
            {"sparsity": ["0.6"]},
            {"scheme": ["pruned:method=magnitude"]},
        ],
        "layers": ["layer1.*", "layer2.*"],
        "skip": ["a", "b,c"],
        "input_size": [3, 4],
        "baseline": "dense",
        "expect": ["cycles(dense) <= 1 at num_ms=128, node=28nm"],
    }
    assert flags == study_of(flags.spec)


def test_a_file_with_a_comma_in_its_name_is_one(folder):
    (folder / "a,b.npz").touch()
    assert study_of_flags(model="a,b.npz").spec["model"] == ["a,b.npz"]
    assert study_of_flags(model=folder / "a.npz").spec["model"] == [str(folder / "a.npz")]


def test_a_number_that_was_parsed_already_is_taken():
    flags = study_of_flags(model="a.npz", scheme="pruned:method=random", seed=4)
    assert flags.spec["seed"] == [4]
    assert study_of_flags(model="a.npz", activation_density=0.5).spec["activation_density"] == [0.5]


@pytest.mark.parametrize(
    ("text", "schemes"),
    [
        ("dense", ["dense"]),
        (
            "dense, pruned:method=random,seed=1,binary",
            ["dense", "pruned:method=random,seed=1", "binary"],
        ),
        ("pruned:seed=1,signed_binary:p=0.5", ["pruned:seed=1", "signed_binary:p=0.5"]),
        ("signed-binary:p=0.5, sign=sum,bitnet", ["signed-binary:p=0.5, sign=sum", "bitnet"]),
        ("dense,bnary", ["dense", "bnary"]),
        ("pruned:seed=1,binry:scale=one", ["pruned:seed=1", "binry:scale=one"]),
        ("pruned:seed=1,binary=3", ["pruned:seed=1", "binary=3"]),
        ("seed=1,dense", ["seed=1", "dense"]),
    ],
)
def test_schemes_are_split_at_commas_that_are_not_theirs(text, schemes):
    assert split_schemes(text) == schemes


def test_problems_are_told_with_options():
    assert _refusal(
        model="c.npz",
        scheme="pruned,binry",
        sparsity="0.5",
        method="luck",
        activations=["1.5"],
        set=["num_ms=48", "num_mz=3", "sigma.clock=fast", "sgma.num_ms=4"],
        exclude="schem=dense",
        inputs="x",
        timeout_s=0.5,
        tokens="x",
    ) == [
        "options: 9 problems",
        "--tokens: tokens 'x': expected N or GLOB=N with N from 1 to 1,000,000, e.g. 128 or "
        "'lstm.*=160'",
        "--model: c.npz: no such file",
        "--set sgma: no machine of the study; did you mean 'sigma'?",
        "--set num_mz: no machine of the study has it; did you mean 'num_ms'?",
        "--activations: expected a share above 0, at most 1. Got 1.5",
        "--method: scheme 'pruned': method must be one of magnitude, random. Got luck",
        "--scheme: unknown scheme 'binry'; did you mean 'binary'?",
        "--exclude: no axis of the study; did you mean 'scheme'?",
        "--set num_ms: arch 'sigma': num_ms must be a power of two. Got 48",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": "a"}, "--seed: expected whole numbers. Got 'a'"),
        ({"seed": "-1"}, "--seed: should be greater than or equal to 0. Got -1"),
        ({"activation_density": "x"}, "--activation-density: expected numbers. Got 'x'"),
        (
            {"scheme": "pruned", "sparsity": "0:1"},
            "--sparsity: sparsity '0:1': expected a level or START:STOP:STEP, e.g. 0:0.9:0.1",
        ),
        ({"timeout_s": 0}, "--timeout: should be greater than or equal to 0.001. Got 0"),
        ({"inputs": ""}, "--input: String should have at least 1 character. Got ''"),
        ({"method": "random"}, "--method: says which weights become zero; give --sparsity, too"),
        (
            {"set": ["num_ms=64", "num_ms=128"]},
            "--set num_ms: set twice; give all values with commas",
        ),
        (
            {"set": ["sigma.num_ms=64", "sigma.num_ms=128"]},
            "--set sigma.num_ms: set twice; give all values with commas",
        ),
        (
            {"set": ["sigma=64", "sigma.num_ms=128"]},
            "--set sigma.num_ms: set twice; give all values with commas",
        ),
        ({"set": "num_ms"}, "--set expects NAME=VALUE, e.g. num_ms=64. Got 'num_ms='"),
        ({"set": "num_ms=6,"}, "--set expects NAME=VALUE, e.g. num_ms=64. Got 'num_ms='"),
        (
            {"exclude": "dense"},
            "--exclude 'dense': expected AXIS=PATTERN, several with commas, e.g. "
            "'scheme=pruned*,num_ms=64'",
        ),
        (
            {"exclude": "scheme=dense,x"},
            "--exclude 'scheme=dense,x': expected AXIS=PATTERN, several with commas, e.g. "
            "'scheme=pruned*,num_ms=64'",
        ),
        (
            {"exclude": "=dense"},
            "--exclude '=dense': expected AXIS=PATTERN, several with commas, e.g. "
            "'scheme=pruned*,num_ms=64'",
        ),
        (
            {"set": "sigma.num_ms=48"},
            "--set sigma.num_ms: arch 'sigma': num_ms must be a power of two. Got 48",
        ),
    ],
)
def test_an_option_that_cannot_be_read(options, message):
    assert _refusal(**options) == [message]
