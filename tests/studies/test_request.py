"""What a study asks for: its forms, and what is refused before anything is read."""

import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pandas as pd
import pytest

import hwsim
from hwsim import Request
from hwsim.arch import load_arch
from hwsim.engines import load_engine
from hwsim.engines.stonne.sigma.engine import SigmaEngine
from hwsim.errors import InputError
from hwsim.networks import Network
from hwsim.networks.arrays.options import FileOptions
from tests.studies.networks import tiny_network


def test_a_run_of_a_request_is_the_run_of_its_arguments(default_run):
    result = hwsim.run(Request(tiny_network(), overrides={"num_ms": 32}))
    pd.testing.assert_frame_equal(result.table, default_run.table)
    pd.testing.assert_frame_equal(result.layers, default_run.layers)


def test_a_sweep_of_a_request_sets_the_schemes():
    request = Request(tiny_network(), layers="block.*", schemes=["ternary"])
    result = hwsim.sweep(request, sparsity="0.5")
    again = hwsim.sweep(tiny_network(), sparsity="0.5", layers="block.*")
    pd.testing.assert_frame_equal(result.table, again.table)


def test_forms_of_one_thing_are_one_request():
    one = Request("a.npz", schemes="dense", layers="a.*,b", quantize_layers="all", input_size=8)
    other = Request(
        "a.npz", schemes=["dense", "dense"], layers=["a.*", "b"], quantize_layers=["all"]
    )
    assert replace(other, input_size=(8, 8)) == one
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schemes": []}, "no scheme to evaluate; give at least one, e.g. signed-binary"),
        ({"schemes": 5}, "schemes: expected a text or a list of texts. Got 5"),
        ({"schemes": [None]}, "schemes: expected a text or a list of texts. Got [None]"),
        ({"layers": []}, "no layer to evaluate; give at least one pattern, or None for all"),
        ({"layers": b"a"}, "layers: expected a text or a list of texts. Got b'a'"),
        ({"quantize_layers": 5}, "quantize_layers: expected a text or a list of texts. Got 5"),
        ({"skip": 5}, "skip: expected a text or a list of texts. Got 5"),
        (
            {"tokens": "a=0"},
            "tokens 'a=0': expected N or GLOB=N with N from 1 to 1,000,000, e.g. 128 or "
            "'lstm.*=160'",
        ),
        ({"arch": -1}, "arch: expected a name, a file or an architecture. Got -1"),
        ({"density": []}, "density: expected actual or statistical. Got []"),
        ({"timeout_s": 0}, "timeout 0: expected seconds, more than 0"),
        ({"timeout_s": float("nan")}, "timeout nan: expected seconds, more than 0"),
        (
            {"activation_density": "1"},
            "activation density '1': expected a share above 0, at most 1",
        ),
        ({"schemes": "dens"}, "unknown scheme 'dens'; did you mean 'dense'?"),
        (
            {"activation_density": 0},
            "activation density 0: expected a share above 0, at most 1",
        ),
        (
            {"input_size": (3, 0)},
            "input size: expected rows and columns from 1 to 1,000,000, such as 224 or "
            "(224, 224). Got (3, 0)",
        ),
    ],
)
def test_plain_fields_are_checked_at_once(arguments, message):
    with pytest.raises(InputError) as error:
        Request("none.npz", **arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"arch": "sgma"}, "unknown arch 'sgma'; did you mean 'sigma'?"),
        (
            {"overrides": ["num_ms=64"]},
            "overrides: expected a mapping like {'num_ms': 64}. Got ['num_ms=64']",
        ),
        ({"energy": "stone"}, "unknown energy table 'stone'; did you mean 'stonne'?"),
        ({"engine": "sgma"}, "unknown engine 'sgma'; did you mean 'sigma'?"),
        (
            {"program": "stonne"},
            "--program needs an engine that runs a program: --engine stonne or timeloop",
        ),
        (
            {"density": "statistical"},
            "density 'statistical': engine 'sigma' evaluates the very zeros of the weights; "
            "choose an architecture of the engine sparseloop",
        ),
    ],
)
def test_names_are_checked_before_the_weights_are_read(arguments, message):
    with pytest.raises(InputError) as error:
        hwsim.run(Request("none.npz", **arguments))
    assert str(error.value) == message


def test_no_model():
    with pytest.raises(InputError) as error:
        hwsim.run(Request())
    assert str(error.value) == "no model to evaluate; give a weight file or a network"


def test_an_argument_beside_a_request():
    with pytest.raises(InputError) as error:
        hwsim.run(Request("a.npz"), layers="fc")
    assert str(error.value) == (
        "a request says everything itself; layers stands beside it: change the request with "
        "dataclasses.replace"
    )


def test_a_request_travels_as_bytes(tmp_path):
    request = Request(
        tmp_path / "a.npz",
        *("sigma", ["dense", "signed-binary:p=0.25"]),
        layers="a.*,b",
        input_size=(8, 9),
        skip="a.*",
        take=["b.*", "c"],
        tokens=["3"],
        key="ema",
        layout="keras",
        energy=["stonne", tmp_path / "own.yaml"],
        overrides={"num_ms": 64, "node": "45 nm"},
        engine="stonne",
        docker="default",
        timeout_s=1.5,
    )
    assert Request.from_bytes(request.to_bytes()) == request
    assert request.file_options == FileOptions(
        ("a.*",), ("b.*", "c"), tokens=("3",), key="ema", layout="keras"
    )


def test_a_network_and_an_arch_travel_whole(default_run):
    request = Request(tiny_network(), hwsim.load_arch("sigma", {"num_ms": 32}))
    back = Request.from_bytes(request.to_bytes())
    assert back.arch == request.arch
    assert back.model.layers[0].padding == (1, 1)
    assert back.model.quantized_layers == ("block.conv1", "block.conv2")
    pd.testing.assert_frame_equal(hwsim.run(back).table, default_run.table)


def run_elsewhere(content):
    return hwsim.run(Request.from_bytes(content)).table


@pytest.mark.outside
def test_a_run_in_another_process(default_run):
    content = Request(tiny_network(), overrides={"num_ms": 32}).to_bytes()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        table = pool.submit(run_elsewhere, content).result(timeout=120)
    pd.testing.assert_frame_equal(table, default_run.table)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"engine": load_engine("sigma")},
            "engine: a SigmaEngine cannot travel with a request; give its name or file",
        ),
        (
            {"energy": [hwsim.load_energy_table("stonne")]},
            "energy: a EnergyTable cannot travel with a request; give its name or file",
        ),
    ],
)
def test_what_cannot_travel(arguments, message):
    with pytest.raises(InputError) as error:
        Request("a.npz", **arguments).to_bytes()
    assert str(error.value) == message


def test_other_bytes():
    with pytest.raises(InputError, match=r"^expected the bytes of a hwsim request 1\. Got b?'"):
        Request.from_bytes(b"hwsim workload 1")
    with pytest.raises(InputError, match=r"^expected the bytes of a hwsim network 3\. "):
        Network.from_bytes(Request("a.npz").to_bytes())


def test_a_request_of_no_model_at_all_is_refused():
    with pytest.raises(InputError) as error:
        Request(5)
    assert str(error.value) == "model: expected a weight file or a network. Got 5"


def test_a_network_travels_with_its_request_and_is_the_same():
    request = Request(tiny_network(), arch=hwsim.load_arch("sigma"))
    assert Request.from_bytes(request.to_bytes()) == request
    assert request != Request(tiny_network(quantized_layers=()), arch=hwsim.load_arch("sigma"))


def test_prices_that_are_none():
    with pytest.raises(InputError) as error:
        hwsim.run(Request(tiny_network(), energy=[None]))
    assert str(error.value) == "energy: expected names, files or energy models. Got None"


class Unpriced(SigmaEngine):
    """An engine whose actions no physical pricing knows."""

    name = "unpriced"


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["physical", "stonne"]),
        ({"engine": "stonne"}, ["physical", "stonne"]),
        ({"engine": SigmaEngine()}, ["physical", "stonne"]),
        ({"engine": Unpriced()}, ["stonne"]),
        ({"energy": "stonne"}, ["stonne"]),
        ({"arch": "simple"}, ["physical"]),
        ({"arch": replace(load_arch("sigma"), technology=None)}, ["stonne"]),
    ],
)
def test_a_run_has_physical_first_and_the_machines_own_table_beside_it(given, names):
    request = Request(**given)
    machine = request.load_arch()
    assert [each.name for each in request.load_run_prices(machine)] == names
    own = names[-1]
    assert [each.name for each in request.load_prices(machine)] == [own]
